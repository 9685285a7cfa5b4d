import { isRecordedInstant } from '@throughline/kernel';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';
import { COUNTRY_PATTERN, CURRENCY_PATTERN } from './codes.js';
import type { WayInFormatName } from './way-in-formats.js';

/** Named limits of every order and message; longer input is refused at the edge. */
export const LINES_MAX = 5_000;
export const QUANTITY_MAX = 1_000_000;
/** Most units of a movement, a share or a buffer; grams and millimetres end there too. */
export const UNITS_MAX = 1_000_000_000;
export const TEXT_MAX = 500;
export const ID_MAX = 100;

/** Deeper attributes serve nobody, and would exhaust the stack of whoever walks through them. */
export const ATTRIBUTES_DEPTH_MAX = 20;

/** Without NUL and half a surrogate pair: Postgres cannot read them back out of JSON. */
const STORABLE = /^[^\u0000\ud800-\udfff]*$/u;
const STORABLE_WORDS = 'must not hold NUL or half a surrogate pair';
const AMOUNT = /^-?\d{1,12}(\.\d{1,6})?$/;

/** What each pattern asks for, in words. */
const words = new Map<string, string>();

/** A text of this form. The words say of the field what it must be: `must be a time such as 09:30`. */
export const Pattern = (
  pattern: RegExp,
  inWords: string,
  options?: ValidationOptions,
): PropertyDecorator => {
  words.set(pattern.source, inWords);
  return Matches(pattern, options);
};

/** The words of a pattern; undefined where it was declared without any. */
export const wordsOfPattern = (source: string): string | undefined => words.get(source);

const all =
  (...decorators: PropertyDecorator[]): PropertyDecorator =>
  (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };

/**
 * A rule of ways in alone: a strict check makes it. Messages and class-validator itself know nothing of it.
 */
const AtWaysIn = (format: WayInFormatName, options?: { readonly each: true }): PropertyDecorator =>
  ValidateBy({ name: format, validator: { validate: () => true } }, options);

/** Words for labels, lists and logs: without control characters. */
export const Text = (max = TEXT_MAX): PropertyDecorator =>
  all(IsString(), MaxLength(max), Pattern(STORABLE, STORABLE_WORDS), AtWaysIn('plain-text'));
/** Words that a person wrote, in lines. */
export const Note = (max = TEXT_MAX, min = 0): PropertyDecorator =>
  all(
    IsString(),
    MinLength(min),
    MaxLength(max),
    Pattern(STORABLE, STORABLE_WORDS),
    AtWaysIn('note'),
  );
/** Names something, and may name something new: by the rule of ids (`isOrderlyId`). */
export const Id = (max = ID_MAX): PropertyDecorator => all(KnownId(max), AtWaysIn('orderly-id'));
/** Names what is there already, by whatever id it was given once: compared as it is. */
export const KnownId = (max = ID_MAX): PropertyDecorator =>
  all(IsString(), MinLength(1), MaxLength(max), Pattern(STORABLE, STORABLE_WORDS));
export const Ids = (max = LINES_MAX): PropertyDecorator =>
  all(
    IsArray(),
    ArrayMaxSize(max),
    IsString({ each: true }),
    MinLength(1, { each: true }),
    MaxLength(ID_MAX, { each: true }),
    Pattern(STORABLE, STORABLE_WORDS, { each: true }),
  );
/** Ids of a query, each in a value of its own or all in one with commas between. */
export const IdList = (max: number, min = 0): PropertyDecorator =>
  all(
    IsArray(),
    ArrayMinSize(min),
    ArrayMaxSize(max),
    IsString({ each: true }),
    MinLength(1, { each: true }),
    MaxLength(max * (ID_MAX + 1), { each: true }),
    Pattern(STORABLE, STORABLE_WORDS, { each: true }),
  );
/**
 * An ISO 8601 instant with its offset. A strict check, as every way in makes it, takes what `instantOf` reads; a message may
 * hold what earlier releases took.
 */
export const Time = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInstant',
    validator: { validate: (value) => typeof value === 'string' && isRecordedInstant(value) },
  });
/** A country of ISO 3166-1, by its two letters. */
export const Country = (): PropertyDecorator =>
  all(
    IsString(),
    Pattern(COUNTRY_PATTERN, 'must be a country of two capital letters, such as GB'),
    AtWaysIn('country'),
  );
/** A currency of ISO 4217. */
export const Currency = (): PropertyDecorator =>
  all(
    IsString(),
    Pattern(CURRENCY_PATTERN, 'must be a currency of three capital letters, such as GBP'),
    AtWaysIn('currency'),
  );
/** A decimal string; the number of decimals is checked against the currency by the order's own rules. */
export const Amount = (): PropertyDecorator =>
  all(
    IsString(),
    Pattern(AMOUNT, 'must be an amount such as 12.50, of up to 12 digits and 6 decimals'),
  );
/** Integer minor units of a currency. */
export const Minor = (): PropertyDecorator => IsInt();
/** At least one unit. */
export const Quantity = (): PropertyDecorator => all(IsInt(), Min(1), Max(QUANTITY_MAX));
/** Zero or more. What comes from outside needs a `max`; a message tells what was accepted, whatever the limit was. */
export const Count = (max?: number): PropertyDecorator =>
  max === undefined ? all(IsInt(), Min(0)) : Whole(0, max);
export const Whole = (min?: number, max?: number): PropertyDecorator =>
  min === undefined || max === undefined ? IsInt() : all(IsInt(), Min(min), Max(max));
export const Decimal = (min: number, max: number): PropertyDecorator =>
  all(IsNumber(), Min(min), Max(max));
export const Flag = (): PropertyDecorator => IsBoolean();
export const OneOf = (values: readonly string[]): PropertyDecorator => IsIn([...values]);
/** Whether a JSON value can be stored and read back, names and texts within it included. */
export const isStorable = (value: unknown, depth = 0): boolean => {
  if (typeof value === 'string') return STORABLE.test(value);
  // 1e999 is read as Infinity, which JSON cannot write.
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value !== 'object') return true;
  if (depth >= ATTRIBUTES_DEPTH_MAX) return false;
  return Object.entries(value).every(
    ([name, member]) => STORABLE.test(name) && isStorable(member, depth + 1),
  );
};

/** Any JSON object that can be stored. */
export const Attributes = (): PropertyDecorator =>
  all(
    IsObject(),
    ValidateBy({ name: 'isStorable', validator: { validate: (value) => isStorable(value) } }),
  );
/** May be left out or null. */
export const Optional = (): PropertyDecorator => IsOptional();
export const Nested = (type: () => new () => object): PropertyDecorator =>
  all(IsObject(), ValidateNested(), Type(type));
export const ListOf = (
  type: () => new () => object,
  { min = 0, max = LINES_MAX }: { min?: number; max?: number } = {},
): PropertyDecorator =>
  all(
    IsArray(),
    ArrayMinSize(min),
    ArrayMaxSize(max),
    IsObject({ each: true }),
    ValidateNested({ each: true }),
    Type(type),
  );
export const Texts = (max = 50): PropertyDecorator =>
  all(
    IsArray(),
    ArrayMaxSize(max),
    IsString({ each: true }),
    MaxLength(TEXT_MAX, { each: true }),
    Pattern(STORABLE, STORABLE_WORDS, { each: true }),
    AtWaysIn('plain-text', { each: true }),
  );

import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { DEFINITIONS, schemas, type JsonSchema, type Property } from './schema.js';
import type { FieldError } from './validator.js';
import { wayInFormat } from './way-in-formats.js';
import { inWords } from './words.js';

/** After so many faults a check looks no further. */
export const ERRORS_MAX = 50;
/** A name that no class knows can be as long as a body. */
const NAME_MAX = 100;
const NOT_TOLD = `more is wrong: only the first ${ERRORS_MAX} faults are told`;

/** A field that holds an object of a class, or a list. */
type Part = {
  readonly name: string;
  /** Of the class that it holds, where it holds one. */
  readonly of: string | undefined;
  /** Checks a single entry, where it is a list. */
  readonly entry: ValidateFunction | undefined;
  readonly entriesMax: number;
};
/** One class by itself, without the classes that it refers to. */
type Level = {
  readonly check: ValidateFunction;
  readonly names: ReadonlySet<string>;
  readonly parts: readonly Part[];
};
type Described = JsonSchema & { readonly properties?: Readonly<Record<string, Property>> };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const referenceOf = ({ $ref, anyOf = [] }: Property): string | undefined =>
  [{ $ref }, ...anyOf].find((one) => one.$ref)?.$ref?.slice(DEFINITIONS.length);

const alone = (property: Property): JsonSchema => {
  if (referenceOf(property)) return { type: 'object', nullable: property.anyOf !== undefined };
  return { ...property, items: undefined };
};

const codeOf = ({ keyword, params }: ErrorObject): string =>
  wayInFormat(params.format)?.code ??
  keyword.replace(/^x-/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const fieldOf = ({ instancePath, params, keyword }: ErrorObject): string =>
  keyword === 'required' ? params.missingProperty : instancePath.slice(1);

const shown = (name: string): string =>
  name.length <= NAME_MAX ? name : `${name.slice(0, NAME_MAX)}...`;

/**
 * Tells all that is wrong with values, level by level, and stops at `ERRORS_MAX` faults or where a list has more entries than it
 * may: what it costs follows from the size of a value alone, not from what is wrong with it.
 */
export class FaultFinder {
  readonly #levels = new Map<string | undefined, Level>();

  constructor(
    private readonly ajv: Ajv,
    /** Whether fields that a class does not have are faults. */
    private readonly strict: boolean,
  ) {}

  /** The faults of a value that is to be what the schema `name` says; a class without fields has none. */
  faultsOf(name: string | undefined, value: unknown): FieldError[] {
    const found = new Map<string, FieldError>();
    const note = (field: string, code: string, message: string): void => {
      if (found.size <= ERRORS_MAX) found.set(`${field} ${code}`, { field, code, message });
    };
    this.#look(this.#levelOf(name), value, '', note, () => found.size > ERRORS_MAX);
    const faults = [...found.values()];
    return faults.length <= ERRORS_MAX
      ? faults
      : [...faults.slice(0, ERRORS_MAX), { field: '', code: 'more', message: NOT_TOLD }];
  }

  #look(
    { check, names, parts }: Level,
    value: unknown,
    path: string,
    note: (field: string, code: string, message: string) => void,
    isFull: () => boolean,
  ): void {
    tell(check, value, path, note);
    if (!isObject(value)) return;
    const prefix = path === '' ? '' : `${path}.`;
    if (this.strict)
      for (const name in value) {
        if (names.has(name)) continue;
        if (isFull()) return;
        note(prefix + shown(name), 'unknown-field', unknownIn(names));
      }
    for (const { name, of, entry, entriesMax } of parts) {
      const member = value[name];
      if (!entry) {
        if (isObject(member)) this.#look(this.#levelOf(of), member, prefix + name, note, isFull);
        continue;
      }
      if (!Array.isArray(member) || member.length > entriesMax) continue;
      for (const [index, one] of member.entries()) {
        if (isFull()) return;
        const place = `${prefix}${name}[${index}]`;
        tell(entry, one, place, note);
        if (of && isObject(one)) this.#look(this.#levelOf(of), one, place, note, isFull);
      }
    }
  }

  #levelOf(name: string | undefined): Level {
    const known = this.#levels.get(name);
    if (known) return known;
    const described = (name === undefined ? { type: 'object' } : schemas()[name]) as Described;
    const properties = Object.entries(described.properties ?? {});
    const own = properties.map(([field, property]) => [field, alone(property)] as const);
    const level: Level = {
      check: this.ajv.compile({ ...described, properties: Object.fromEntries(own) }),
      names: new Set(properties.map(([field]) => field)),
      parts: properties.flatMap(([field, property]) => this.#partOf(field, property)),
    };
    this.#levels.set(name, level);
    return level;
  }

  #partOf(name: string, property: Property): readonly Part[] {
    const { items, maxItems: entriesMax = Number.POSITIVE_INFINITY } = property;
    if (items) {
      const entry = this.ajv.compile(alone(items));
      return [{ name, of: referenceOf(items), entry, entriesMax }];
    }
    const of = referenceOf(property);
    return of ? [{ name, of, entry: undefined, entriesMax }] : [];
  }
}

const unknownIn = (names: ReadonlySet<string>): string =>
  names.size === 0
    ? 'is not known: nothing is taken here'
    : `is not known; there are ${[...names].join(', ')}`;

const tell = (
  check: ValidateFunction,
  value: unknown,
  path: string,
  note: (field: string, code: string, message: string) => void,
): void => {
  if (check(value)) return;
  for (const error of check.errors!) {
    // What fits none of several alternatives is told by the alternative that is not null.
    if (error.keyword === 'anyOf' || error.params.type === 'null') continue;
    const field = [path, fieldOf(error)].filter(Boolean).join('.');
    note(field, codeOf(error), inWords(error) ?? 'breaks a rule');
  }
};

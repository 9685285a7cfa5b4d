import type { Dice } from '../dice.js';
import type { Known } from './known.js';
import type { Schema, Schemas } from './operations.js';

const KNOWN_SHARE = 0.75;
const OPTIONAL_SHARE = 0.25;
const DAY_MS = 86_400_000;
/** What patterns ask for; the first that fits is taken. */
const FORMS = ['x', 'GB', 'GBP', '12.50', '10:00'];

const TEXTS = [
  ...['', ' ', 'x', "'", '"', '\\', '\u0000', 'a\u0000b', '\ud800', '\udfff\ud800', '\ufeff'],
  ...['NaN', 'null', 'true', '-1', '0', '1e400', '9'.repeat(19), '9'.repeat(400), '{}', '[]'],
  ...['\r\n', '\t', '\u0007', '\u202e\u2066', 'e\u0301', '\u00e9', '\ufb01', '\u0130', '\u00df'],
  ...['\ud83e\udd56'.repeat(60), '\u0301'.repeat(90), '..', '../../etc', '%00', '%zz', '%', '+'],
  ...["' or 1=1 --", '$1', '${1}', '<script>', '=1+1', '__proto__', 'constructor', 'toString'],
  ...['65e49989-e771-587e-b880-93eccd7523b6', '00000000-0000-0000-0000-000000000000', 'GB', 'XX'],
];
const TIMES = [
  ...['0000-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'],
  ...['9999-12-31T23:59:59-14:00', '+010000-01-01T00:00:00Z', '2026-02-30T00:00:00Z'],
  ...['2026-12-31T23:59:60Z', '2026-11-01', '2026-11-01T09:30Z', '1', '1970-01-01T00:00:00Z'],
];
const NUMBERS = [
  ...[0, -0, 1, -1, 0.5, 1e-7, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 2 ** 53 + 2, 2 ** 63],
  ...[1e21, 1e300, -1e300, 1_000_000, 1_000_001, 1_000_000_000, 1_000_000_001],
];
/** Stands for a number that JSON can write and that is read as Infinity. */
const BEYOND = 'a number beyond all';

/** JSON of a value; what no value of ours can say is put in afterwards. */
export const jsonOf = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replaceAll(`"${BEYOND}"`, '1e400');

const nested = (levels: number, isList: boolean): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = isList ? [value] : { in: value };
  return value;
};

/** Values of an API's schemas: such as they take, and such as nobody would send. */
export class Values {
  constructor(
    private readonly schemas: Schemas,
    private readonly known: Known,
  ) {}

  /** A value that the schema takes, most of the time. */
  usual(schema: Schema, dice: Dice, name: string): unknown {
    const { $ref, anyOf, enum: choices, type } = schema;
    if ($ref) return this.#object(this.schemas[$ref.split('/').at(-1)!] ?? {}, dice);
    if (anyOf) return this.usual(anyOf[0]!, dice, name);
    if (choices) return dice.one(choices);
    switch (type) {
      case 'array': {
        const length = dice.between(Math.max(schema.minItems ?? 0, 1), 3);
        return Array.from({ length }, () => this.usual(schema.items ?? {}, dice, name));
      }
      case 'integer':
      case 'number': {
        const least = schema.minimum ?? 0;
        return dice.between(least, Math.min(schema.maximum ?? 100, least + 9));
      }
      case 'boolean':
        return dice.is(0.5);
      case 'string':
        return this.#text(schema, dice, name);
      case undefined:
        return dice.is(0.5) ? {} : { note: 'x' };
    }
  }

  /** A value at or beyond the edges of what the schema takes, or of another type. */
  odd({ maximum, minimum, maxLength, maxItems }: Schema, dice: Dice): unknown {
    return dice.one<() => unknown>([
      () => dice.one(TEXTS),
      () => dice.one(TEXTS),
      () => dice.one(TIMES),
      () => dice.one(NUMBERS),
      () => dice.one([null, true, false, [], {}, [null], [[]], BEYOND, { x: BEYOND }]),
      () => dice.one([maximum, minimum, (maximum ?? 0) + 1, (minimum ?? 0) - 1]),
      () => 'x'.repeat((maxLength ?? 500) + dice.between(0, 1)),
      () => Array((maxItems ?? 50) + dice.between(0, 1)).fill(dice.one([0, 'x', {}, null])),
      () => nested(dice.one([5, 21, 63, 64, 65, 3_000]), dice.is(0.5)),
    ])();
  }

  #object({ properties = {}, required = [] }: Schema, dice: Dice): Record<string, unknown> {
    const names = Object.keys(properties).filter(
      (name) => required.includes(name) || dice.is(OPTIONAL_SHARE),
    );
    return Object.fromEntries(
      names.map((name) => [name, this.usual(properties[name]!, dice, name)]),
    );
  }

  #text({ format, pattern }: Schema, dice: Dice, name: string): string {
    if (format) return new Date(Date.now() + dice.between(-30, 30) * DAY_MS).toISOString();
    const known = dice.is(KNOWN_SHARE) ? this.known.one(name, dice) : undefined;
    if (known !== undefined) return known;
    const fits = (text: string): boolean => !pattern || new RegExp(pattern, 'u').test(text);
    return FORMS.find(fits) ?? `x-${dice.between(1, 1_000)}`;
  }
}

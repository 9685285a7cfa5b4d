import { readFileSync } from 'node:fs';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import {
  ATTRIBUTES_DEPTH_MAX,
  CanonicalOrder,
  Contract,
  contractOf,
  contracts,
  ERRORS_MAX,
  Id,
  LINES_MAX,
  Quantity,
  schemaOf,
  validatorOf,
  type ContractClass,
  type FieldError,
} from './index.js';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const example = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`corpus/${name}.v1.json`, import.meta.url), 'utf8')) as Json;
const order = (): Record<string, Json> => example('CanonicalOrder') as Record<string, Json>;
const line = { lineId: '1', sku: 'a', quantity: 1, unitPrice: '1.00' };

const lax = validatorOf(CanonicalOrder);
const strict = validatorOf(CanonicalOrder, { strict: true });

/** What class-validator itself says of a value. */
const isValidByDecorators = (type: ContractClass, value: Json, isStrict: boolean): boolean => {
  const instance = plainToInstance(type, value);
  const options = { whitelist: isStrict, forbidNonWhitelisted: isStrict };
  return validateSync(instance, { ...options, forbidUnknownValues: true }).length === 0;
};

/** Every place in a value, as a path of names and indexes. */
const placesOf = (value: Json, path: (string | number)[] = []): (string | number)[][] => {
  if (value === null || typeof value !== 'object') return [path];
  const inner = Array.isArray(value)
    ? value.flatMap((member, index) => placesOf(member, [...path, index]))
    : Object.entries(value).flatMap(([name, member]) => placesOf(member, [...path, name]));
  return path.length === 0 ? inner : [path, ...inner];
};

const REMOVED = Symbol('removed');
const changed = (
  value: Json,
  path: readonly (string | number)[],
  to: Json | typeof REMOVED,
): Json => {
  const copy = structuredClone(value);
  let holder = copy as Record<string | number, Json>;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, Json>;
  const last = path.at(-1)!;
  if (to !== REMOVED) holder[last] = to;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
  return copy;
};

const replacement: fc.Arbitrary<Json | typeof REMOVED> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<typeof REMOVED>(REMOVED) },
  { weight: 3, arbitrary: fc.constant(null) },
  {
    weight: 12,
    arbitrary: fc.constantFrom<Json[]>(
      ...[
        '',
        ' ',
        'x',
        'GB',
        'gb',
        'GBP',
        '12.34',
        '-1.00',
        '1.',
        '1e3',
        '12.3456789',
        'ship',
        'card',
        'paid',
      ],
      ...[20, 21, 50, 51, 100, 101, 500, 501, 2_000, 2_001].map((length) => 'a'.repeat(length)),
      ...[
        '🫖'.repeat(100),
        '🫖'.repeat(101),
        'NUL \u0000',
        'half \ud83e',
        'half \udd56 pair',
        '\ud83e\udd56',
      ],
      ...[
        '2026-03-02T09:00:00Z',
        '2026-03-02T09:00:00.123456789+05:30',
        '2026-03-02T09:00Z',
        '2026-03-02',
      ],
      ...[
        '2026-02-30T09:00:00Z',
        '2026-03-02T24:00:00Z',
        '2026-03-02T09:00:60Z',
        '2026-03-02 09:00:00Z',
      ],
      ...[0, -0, 1, -1, 1.5, 0.1, 1_000_000, 1_000_001, 2 ** 53, 1e300, 90, 90.5, -180, 181],
      ...[true, false],
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Json[]>(
      ...[
        [],
        [[]],
        [null],
        ['x'],
        [1],
        {},
        { x: 1 },
        { '\u0000': 1 },
        { deep: { '\ud800': null } },
      ],
      ...[
        Array<Json>(51).fill('tag'),
        Array<Json>(50).fill('tag'),
        ['NUL \u0000'],
        [{ lineId: 'x' }],
      ],
    ),
  },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json> },
);

describe('the compiled check and class-validator itself', () => {
  const compiled = new Map<ContractClass, { isStrict: boolean; check: typeof lax }[]>();
  const checksOf = (type: ContractClass): { isStrict: boolean; check: typeof lax }[] => {
    const made =
      compiled.get(type) ??
      [false, true].map((isStrict) => ({
        isStrict,
        check: validatorOf(type, { strict: isStrict }),
      }));
    compiled.set(type, made);
    return made;
  };
  /** Rules of ways in alone, which decorators only name; `ways-in.spec.ts` holds them. */
  const WAY_IN_CODES = ['id', 'text', 'country', 'currency'];
  const agreeOn = (type: ContractClass, value: Json): void => {
    for (const { isStrict, check } of checksOf(type)) {
      const found = check(value);
      const errors = isStrict ? found.filter(({ code }) => !WAY_IN_CODES.includes(code)) : found;
      expect([errors.length === 0, isStrict, value, errors]).toEqual([
        isValidByDecorators(type, value, isStrict),
        isStrict,
        value,
        errors,
      ]);
    }
  };
  const checks = new Map<string, ContractClass>([
    ...contracts(),
    ['CanonicalOrder', CanonicalOrder],
  ]);

  it.each([...checks.keys()])('agree on what is wrong with %s', (name) => {
    const good = example(name);
    const type = checks.get(name)!;
    agreeOn(type, good);
    const place = fc.constantFrom(...placesOf(good));
    const numRuns = name === 'CanonicalOrder' ? 800 : 100;
    fc.assert(
      fc.property(place, replacement, (path, to) => agreeOn(type, changed(good, path, to))),
      { numRuns },
    );
  });

  it('agree on a field that nobody knows, wherever it is', () => {
    const good = order();
    const holders = placesOf(good)
      .map((path) => path.slice(0, -1))
      .filter((path) => !path.includes('attributes') && typeof path.at(-1) !== 'string');
    for (const path of [[], ...holders])
      agreeOn(CanonicalOrder, changed(good, [...path, 'surprise'], 1));
  });
});

const fieldsOf = (errors: readonly FieldError[]): string[] =>
  errors.map(({ field, code }) => `${field} ${code}`);

describe('what is wrong', () => {
  it.each<[string, Json, string[]]>([
    [
      'a quantity that is no whole number',
      { lines: [{ ...line, quantity: 1.5 }] },
      ['lines[0].quantity type'],
    ],
    ['a quantity of nothing', { lines: [{ ...line, quantity: 0 }] }, ['lines[0].quantity minimum']],
    [
      'a quantity that is a text',
      { lines: [{ ...line, quantity: '1' }] },
      ['lines[0].quantity type'],
    ],
    ['no lines', { lines: [] }, ['lines min-items']],
    ['lines that are not there', { lines: null }, ['lines type']],
    ['a line that is nothing', { lines: [line, null] }, ['lines[1] type']],
    ['NUL in a text', { notes: 'a\u0000b' }, ['notes pattern']],
    [
      'half a surrogate pair in a text',
      { lines: [{ ...line, sku: 'a\ud800' }] },
      ['lines[0].sku pattern'],
    ],
    ['NUL deep in attributes', { attributes: { a: [{ b: '\u0000' }] } }, ['attributes storable']],
    [
      'half a surrogate pair in a name of attributes',
      { attributes: { '\udfff': 1 } },
      ['attributes storable'],
    ],
    ['an amount that is a number', { total: 12.34 }, ['total type']],
    ['a time without an offset', { placedAt: '2026-03-02T09:00:00' }, ['placedAt format']],
    ['a day that no calendar has', { placedAt: '2026-02-30T09:00:00Z' }, ['placedAt format']],
    [
      'an unknown payment method',
      { payments: [{ method: 'shells', status: 'paid', amount: '1.00' }] },
      ['payments[0].method enum'],
    ],
    ['a nested thing that is a list', { customer: [] }, ['customer type']],
  ])('with %s is named', (_, change, errors) =>
    expect(fieldsOf(lax({ ...order(), ...(change as object) }))).toEqual(errors),
  );

  it('is said in words', () => {
    const [error] = lax({ ...order(), fulfillment: { method: 'teleport' } });
    expect(error).toEqual({
      field: 'fulfillment.method',
      code: 'enum',
      message: 'must be one of ship, pickup, counter',
    });
    const withoutTotal = order();
    delete withoutTotal.total;
    expect(lax(withoutTotal)).toEqual([
      { field: 'total', code: 'required', message: 'is required' },
    ]);
  });

  it('is never too long a list, and says where it ends', () => {
    const faults = lax({ ...order(), lines: Array<Json>(400).fill({}) });
    expect(faults.slice(0, 2)).toEqual([
      { field: 'lines[0].lineId', code: 'required', message: 'is required' },
      { field: 'lines[0].sku', code: 'required', message: 'is required' },
    ]);
    expect([faults.length, faults.at(-1)]).toEqual([
      ERRORS_MAX + 1,
      { field: '', code: 'more', message: 'more is wrong: only the first 50 faults are told' },
    ]);
  });

  it.each<[string, object, string]>([
    ['lines that are no lines', { lines: Array(900_000).fill(0) }, 'lines max-items'],
    ['empty lines', { lines: Array(LINES_MAX).fill({}) }, 'lines[0].lineId required'],
    ['tags', { tags: Array(500_000).fill('x') }, 'tags max-items'],
    [
      'fields that are not known',
      Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`f${index}`, 0])),
      'f0 unknown-field',
    ],
    [
      'fields of a line that are not known',
      {
        lines: [
          Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`f${index}`, 0])),
        ],
      },
      'lines[0].lineId required',
    ],
  ])('is found at little cost in a body full of %s', (_, junk, first) => {
    const body = { ...order(), ...junk };
    strict(body);
    const before = process.cpuUsage();
    const faults = strict(body);
    // The process's own time: a busy machine makes it no longer.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(400);
    expect([fieldsOf(faults)[0], faults.length <= ERRORS_MAX + 1]).toEqual([first, true]);
  });

  it('is shown in part where the name of a field is longer than any name', () => {
    const [fault] = strict({ ...order(), ['x'.repeat(1_000_000)]: 1 });
    expect([fault?.code, fault?.field.length]).toEqual(['unknown-field', 103]);
  });

  it.each([null, 'text', 7, [], [[]], true])('with %j instead of an order is found', (value) =>
    expect(lax(value).length).toBeGreaterThan(0),
  );
});

describe('an order', () => {
  it('may leave out what is optional, or say null', () => {
    const optional = Object.keys(order()).filter(
      (name) => !['channel', 'externalId', 'placedAt', 'currency', 'lines', 'total'].includes(name),
    );
    expect(optional).toHaveLength(12);
    const nothing = Object.fromEntries(optional.map((name) => [name, null]));
    expect(strict({ ...order(), ...nothing })).toEqual([]);
    const bare = Object.fromEntries(
      Object.entries(order()).filter(([name]) => !optional.includes(name)),
    );
    expect(strict(bare)).toEqual([]);
  });

  it('has as many lines as it may, and not one more', () => {
    const lines = (count: number) => ({ ...order(), lines: Array<Json>(count).fill(line) });
    expect(lax(lines(LINES_MAX))).toEqual([]);
    expect(fieldsOf(lax(lines(LINES_MAX + 1)))).toEqual(['lines max-items']);
  });

  it('has attributes as deep as they may be, and no deeper', () => {
    const deep = (levels: number): Json => (levels === 0 ? {} : { in: deep(levels - 1) });
    expect(lax({ ...order(), attributes: deep(ATTRIBUTES_DEPTH_MAX - 1) })).toEqual([]);
    expect(fieldsOf(lax({ ...order(), attributes: deep(ATTRIBUTES_DEPTH_MAX) }))).toEqual([
      'attributes storable',
    ]);
    expect(fieldsOf(lax({ ...order(), attributes: deep(4_000) }))).toEqual(['attributes storable']);
  });

  it('with an unknown field is refused as a body and read as a message', () => {
    const surprising = { ...order(), lines: [{ ...line, colour: 'red' }], surprise: 1 };
    expect(fieldsOf(strict(surprising))).toEqual([
      'surprise unknown-field',
      'lines[0].colour unknown-field',
    ]);
    expect(lax(surprising)).toEqual([]);
  });
});

describe('a class', () => {
  it('that was declared late has its check too', () => {
    class LateBody {
      @Id() name!: string;
      @Quantity() amount!: number;
    }
    expect(fieldsOf(validatorOf(LateBody)({ name: '' }))).toEqual([
      'amount required',
      'name min-length',
    ]);
  });

  it('without fields takes an empty body only', () => {
    class EmptyBody {}
    const check = validatorOf(EmptyBody, { strict: true });
    expect([check({}), fieldsOf(check({ a: 1 }))]).toEqual([[], ['a unknown-field']]);
    expect(schemaOf(EmptyBody)).toEqual({ type: 'object' });
  });

  it('that inherits everything has the check of what it inherits', () => {
    class Plain {
      @Id() name!: string;
    }
    class Heir extends Plain {}
    expect(fieldsOf(validatorOf(Heir)({}))).toEqual(['name required']);
  });

  it('is a contract only when it was declared as one, and once', () => {
    class Undeclared {}
    expect(() => contractOf(Undeclared)).toThrow('Undeclared is not declared with @Contract');
    expect(() => Contract('oms.order')(class OrderPlaced {})).toThrow(
      'Two contracts are named OrderPlaced',
    );
    expect(contractOf(contracts().get('OrderPlaced')!).topic).toBe('oms.order');
  });
});

import { schemaOf, type BodyClass } from '@throughline/contracts';
import { declaredRoutes, type Host } from '@throughline/service-kit';

type Json = ReturnType<typeof JSON.parse>;
/** The schemas of a class and of what it refers to, by name; its own stands first. */
type Schemas = Readonly<Record<string, Json>>;

/** Which part of a request it is. */
export type Source = 'body' | 'query' | 'path';
/** One checked input of one route. */
export type Input = {
  readonly method: string;
  /** As OpenAPI writes it: `/v1/orders/{id}`. */
  readonly path: string;
  readonly source: Source;
  readonly schemas: Schemas;
};

export const ODD_TIMES = [
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-14:00',
  '+010000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.000Z',
  '2026-02-30T00:00:00Z',
  '2026-12-31T23:59:60Z',
  '2026-11-01T24:00:00Z',
  '2026-11-01T09:30:00+99:99',
];
export const EDGE_TIMES = ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'];
export const UNSTORABLE = ['\u0000', 'x\u0000y', '\ud800'];
export const TEXTS = [
  ...['', 'x', "'", '"a\\,{}', 'NaN', '-1', `${2n ** 63n}`],
  ...['🫖'.repeat(100), 'x'.repeat(5_000)],
];
const NUMBERS = [
  ...[0, -1, 0.5, 2 ** 31, 2 ** 53, 2 ** 63, 1e300, 426_304_594_234, -(2 ** 31) - 1, -(2 ** 63)],
];
/** Stands for a number that JSON can write and that is read as Infinity. */
const BEYOND = 'a number beyond all';
export const jsonOf = (body: unknown): string =>
  JSON.stringify(body).replaceAll(JSON.stringify(BEYOND), '1e400');

const nameIn = (ref: string): string => ref.replace('#/$defs/', '');

const schemasOf = (type: BodyClass): Schemas => {
  const { $ref, $defs } = schemaOf(type, { strict: true }) as { $ref: string; $defs: Schemas };
  const found: Record<string, Json> = {};
  const include = (name: string): void => {
    if (found[name]) return;
    found[name] = $defs[name];
    for (const [, next] of JSON.stringify(found[name]).matchAll(/#\/\$defs\/(\w+)/g))
      include(next!);
  };
  include(nameIn($ref));
  return found;
};

/** Every checked input of every route. */
export const inputsOf = (app: Host['app']): readonly Input[] =>
  declaredRoutes(app).flatMap(({ method, path, inputs }) =>
    (['body', 'query', 'path'] as const).flatMap((source) => {
      const type = inputs[source];
      return type ? [{ method, path, source, schemas: schemasOf(type) }] : [];
    }),
  );

/** A value that a schema takes. */
const usual = (schema: Json, all: Schemas): unknown => {
  if (schema.$ref) return usualObject(all[nameIn(schema.$ref)], all);
  if (schema.anyOf) return usual(schema.anyOf[0], all);
  if (schema.enum) return schema.enum[0];
  if (schema.format === 'date-time') return '2026-11-01T09:30:00Z';
  if (schema.type === 'array') return [usual(schema.items, all)];
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum, 1);
  if (schema.type === 'boolean') return true;
  if (schema.type === 'object') return {};
  return ['x', 'GB', 'GBP', '1.00', '10:00'].find((text) =>
    new RegExp(schema.pattern ?? '', 'u').test(text),
  );
};

/** An object with everything that its schema requires. */
export const usualObject = (schema: Json, all: Schemas): Record<string, unknown> =>
  Object.fromEntries(
    (schema.required ?? []).map((name: string) => [name, usual(schema.properties[name], all)]),
  );

const oddValuesOf = ({ maximum, minimum }: Json): readonly unknown[] => [
  ...[...ODD_TIMES, ...EDGE_TIMES, ...TEXTS, ...UNSTORABLE, ...NUMBERS, BEYOND],
  ...[maximum, minimum].filter((edge) => edge !== undefined),
  ...[null, true, [], {}, { x: BEYOND }, { x: '\u0000' }],
];

/** The object as a schema takes it, but with one odd value in one of its fields, at whatever depth. */
export const oddObjects = (schema: Json, all: Schemas): Record<string, unknown>[] => {
  const whole = usualObject(schema, all);
  return Object.entries<Json>(schema.properties ?? {}).flatMap(([name, field]) => {
    const of = field.anyOf ? field.anyOf[0] : field;
    const isList = of.type === 'array';
    const { $ref } = isList ? of.items : of;
    const within = $ref ? oddObjects(all[nameIn($ref)], all) : isList ? oddValuesOf(of.items) : [];
    return [
      ...oddValuesOf(of).map((value) => ({ ...whole, [name]: value })),
      ...within.map((value) => ({ ...whole, [name]: isList ? [value] : value })),
    ];
  });
};

/** Park and Miller: a small seeded generator, so that a run can be repeated. */
const seeded = (seed: number) => (): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};
const PLACE_SEED = 9;
const PLACE_VALUES_MAX = 6;
const ORDER_ID = '65e49989-e771-587e-b880-93eccd7523b6';
const INSTANT = '2026-11-01T09:30:00.000Z';

/** What a cursor may hold that no page has answered: of any length and kinds, and nearly right for each list. */
export const oddPlaces = (): readonly unknown[] => {
  const values = [
    ...[...ODD_TIMES.slice(0, 5), ...UNSTORABLE, ...NUMBERS, '', 'x', 'rows', 'streams', '1'],
    ...[`${2n ** 63n}`, ORDER_ID, null, true, [], {}],
  ];
  const random = seeded(PLACE_SEED);
  const any = (): unknown => values[Math.floor(random() * values.length)];
  const listOf = (length: number, one: () => unknown) => Array.from({ length }, one);
  const lengths = listOf(PLACE_VALUES_MAX, () => 0).map((_, index) => index + 1);
  return [
    ...[...values, 'not base64 JSON', { 0: 'x' }],
    ...values.flatMap((value) => lengths.map((length) => listOf(length, () => value))),
    ...listOf(100, () => listOf(1 + Math.floor(random() * PLACE_VALUES_MAX), any)),
    ...values.flatMap((value) => [
      ['rows', value, 'x'],
      ['rows', 0, value],
      ['streams', value],
      [value, ORDER_ID],
      [INSTANT, value],
      [INSTANT, ORDER_ID, value],
      [value, 'x'],
      ['x', value],
      [value, 'x', 'x'],
      ['x', value, INSTANT, 'x', 'x'],
      ['x', 0, value, 'x', 'x'],
      ['x', value, 'x', 'x', 'x', 'x'],
    ]),
  ];
};

export const STOCK_COLUMNS = ['sku', 'locationId', 'quantity', 'condition', 'reason', 'reference'];
export const ITEM_COLUMNS = [
  ...['sku', 'name', 'weightGrams', 'barcodes', 'cost', 'currency'],
  ...['lengthMm', 'widthMm', 'heightMm'],
];
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** The lines of a CSV file, its header first: one odd value in each row. */
export const oddFile = (columns: readonly string[]): readonly string[] => {
  const cells: Record<string, string> = { sku: 'x', locationId: 'x', quantity: '1', name: 'x' };
  const values = [...ODD_TIMES, ...TEXTS, ...UNSTORABLE, '1e400', '9'.repeat(400), '-2147483649'];
  const rows = columns.flatMap((odd) =>
    values.map((value) =>
      columns.map((column) => quoted(column === odd ? value : (cells[column] ?? ''))).join(),
    ),
  );
  return [columns.join(), ...rows];
};

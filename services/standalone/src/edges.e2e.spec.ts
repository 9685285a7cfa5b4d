import { PATH_METADATA, METHOD_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { schemaOf, type BodyClass } from '@throughline/contracts';
import { createLogger, EVERY_ACTION, Host } from '@throughline/service-kit';
import { freshDatabaseUrl } from '@throughline/testing';
import { SERVICES } from './services.js';

type Schema = ReturnType<typeof JSON.parse>;
const ORDER_ID = '65e49989-e771-587e-b880-93eccd7523b6';

/** Park and Miller: a small seeded generator, so that a run can be repeated. */
const seeded = (seed: number) => (): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};

/** What Nest passes to a handler: where it comes from, and the class that checks it. */
type Source = 'body' | 'query' | 'path';
type Input = { readonly route: string; readonly source: Source; readonly type: BodyClass };

const SOURCES: Readonly<Record<string, Source>> = { 3: 'body', 4: 'query', 5: 'path' };

/** Every checked input of every route, as the decorators of the controllers say. */
const inputsOf = (app: Host['app']): Input[] => {
  const scanner = new MetadataScanner();
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  return controllers.flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    return scanner.getAllMethodNames(metatype.prototype).flatMap((name) => {
      const handler: () => unknown = metatype.prototype[name];
      const method: RequestMethod | undefined = Reflect.getMetadata(METHOD_METADATA, handler);
      if (method === undefined) return [];
      const paths = [PATH_METADATA].flatMap((key) => [
        Reflect.getMetadata(key, metatype),
        Reflect.getMetadata(key, handler),
      ]);
      const route = `${RequestMethod[method]} /${paths.join('/').replace(/\/+/g, '/').replace(/::/g, ':')}`;
      const given: Record<string, { index: number; data?: unknown; pipes: unknown[] }> =
        Reflect.getMetadata(ROUTE_ARGS_METADATA, metatype, name) ?? {};
      const types: BodyClass[] = Reflect.getMetadata('design:paramtypes', metatype.prototype, name);
      return Object.entries(given).flatMap(([key, { index, data }]) => {
        const source = SOURCES[key.split(':')[0]!];
        return source && data === undefined ? [{ route, source, type: types[index]! }] : [];
      });
    });
  });
};

let host: Host;
let inputs: Input[];
beforeAll(async () => {
  host = await Host.create({
    definitions: SERVICES,
    connectionString: await freshDatabaseUrl(),
    logger: createLogger(process.env.LOG_LEVEL ?? 'silent'),
    authenticate: async () => ({ id: 'tester', name: 'tester', actions: EVERY_ACTION }),
  });
  host.start();
  inputs = inputsOf(host.app);
  // What is asked for and changed must be there, so that values reach the store.
  const address = { lines: [], city: null, region: null, postalCode: null, country: 'GB' };
  for (const id of ['x', 'y'])
    await send('PUT', `/v1/inventory/locations/${id}`, { type: 'warehouse', name: id, address });
  await send('PUT', '/v1/inventory/items/x', { name: 'x' });
});
afterAll(() => host.stop());

const send = async (method: string, url: string, payload?: object, headers = {}) => {
  const answer = await host.app.inject({
    method: method as 'GET',
    url,
    headers: { authorization: 'Bearer x', ...headers },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.body };
};

const schemasOf = (type: BodyClass): Record<string, Schema> => {
  const { $ref, $defs } = schemaOf(type, { strict: true }) as { $ref: string; $defs: Schema };
  const found: Record<string, Schema> = {};
  const include = (name: string): void => {
    if (found[name]) return;
    found[name] = $defs[name];
    for (const [, next] of JSON.stringify(found[name]).matchAll(/#\/\$defs\/(\w+)/g))
      include(next!);
  };
  include($ref.replace('#/$defs/', ''));
  return found;
};

describe('every field of every route', () => {
  const faultsIn = (field: Schema): string[] => {
    if (field.anyOf) return field.anyOf.flatMap(faultsIn);
    if (field.enum) return [];
    if (field.type === 'array')
      return [...(field.maxItems ? [] : ['no most items']), ...faultsIn(field.items)];
    if (field.type === 'integer' || field.type === 'number')
      return field.maximum === undefined || field.minimum === undefined ? ['no limits'] : [];
    const isBounded = field.maxLength || field.format || !/[*+]/.test(field.pattern ?? '*');
    return field.type === 'string' && !isBounded ? ['no longest text'] : [];
  };

  it('has limits', () => {
    const faults = inputs.flatMap(({ route, type }) =>
      Object.entries(schemasOf(type)).flatMap(([name, { properties = {} }]) =>
        Object.entries<Schema>(properties).flatMap(([field, schema]) =>
          faultsIn(schema).map((fault) => `${route}: ${name}.${field} has ${fault}`),
        ),
      ),
    );
    expect(faults).toEqual([]);
    expect(inputs.length).toBeGreaterThan(100);
  });
});

const ODD_TIMES = [
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-14:00',
  '+275760-09-13T00:00:00.000Z',
  '2026-02-30T00:00:00Z',
  '2026-12-31T23:59:60Z',
  '2026-11-01T24:00:00Z',
  '2026-11-01T09:30:00+99:99',
];
const EDGE_TIMES = ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'];
const TEXTS = ['', 'x', "'", 'NaN', '-1', `${2n ** 63n}`, '🫖'.repeat(100), 'x'.repeat(5_000)];
const UNSTORABLE = ['\u0000', 'x\u0000y', '\ud800'];
const NUMBERS = [0, -1, 0.5, 2 ** 31, 2 ** 53, 2 ** 63, 1e300, 426_304_594_234, -(2 ** 63)];

/** A value that a schema takes. */
const usual = (schema: Schema, all: Record<string, Schema>): unknown => {
  if (schema.$ref) return usualObject(all[schema.$ref.replace('#/$defs/', '')]!, all);
  if (schema.anyOf) return usual(schema.anyOf[0], all);
  if (schema.enum) return schema.enum[0];
  if (schema.format) return '2026-11-01T09:30:00Z';
  if (schema.type === 'array') return [usual(schema.items, all)];
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum, 1);
  if (schema.type === 'boolean') return true;
  if (schema.type === 'object') return {};
  return ['GB', 'GBP', '1.00', '10:00', 'x'].find((text) =>
    new RegExp(schema.pattern ?? '', 'u').test(text),
  );
};
const usualObject = (schema: Schema, all: Record<string, Schema>): Record<string, unknown> =>
  Object.fromEntries(
    (schema.required ?? []).map((name: string) => [name, usual(schema.properties[name], all)]),
  );

const pathOf = (route: string): string =>
  route
    .replace(/^\w+ /, '')
    .replace(/\/+/g, '/')
    .replace(/(?<=.)\/$/, '')
    .replace(/\/:\w+/g, '/x');
const cursorOf = (values: unknown): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

const expectNoFault = async (
  calls: Iterable<readonly [string, string, object?]>,
): Promise<number> => {
  const faults = new Set<string>();
  let count = 0;
  for (const [method, url, body] of calls) {
    const { status } = await send(method, url, body);
    count += 1;
    if (status >= 500)
      faults.add(
        `${status} ${method} ${decodeURIComponent(url)} ${JSON.stringify(body ?? '').slice(0, 300)}`,
      );
  }
  expect([...faults]).toEqual([]);
  return count;
};

describe('no value is a fault of ours', () => {
  it('in a query', async () => {
    const calls = inputs
      .filter(({ source, route }) => source === 'query' && route.startsWith('GET'))
      .flatMap(({ route, type }) => {
        const all = schemasOf(type);
        const schema = Object.values(all)[0]!;
        return Object.keys(schema.properties).flatMap((name) =>
          [...ODD_TIMES, ...EDGE_TIMES, ...TEXTS, ...UNSTORABLE.slice(0, 2)].map((value) => {
            const query = { ...usualObject(schema, all), [name]: value };
            const asked = new URLSearchParams(query as Record<string, string>);
            return ['GET', `${pathOf(route)}?${asked.toString()}`] as const;
          }),
        );
      });
    expect(await expectNoFault(calls)).toBeGreaterThan(500);
  });

  it('in a cursor', async () => {
    const values = [
      ...ODD_TIMES.slice(0, 4),
      ...UNSTORABLE,
      ...NUMBERS,
      '',
      'x',
      'rows',
      'streams',
      '1',
      `${2n ** 63n}`,
      ORDER_ID,
      null,
      true,
      [],
      {},
    ];
    const random = seeded(9);
    const any = (): unknown => values[Math.floor(random() * values.length)];
    const uniform = values.flatMap((value) =>
      [1, 2, 3, 4, 5, 6].map((length) => Array.from({ length }, () => value)),
    );
    const mixed = Array.from({ length: 100 }, () =>
      Array.from({ length: 1 + Math.floor(random() * 6) }, any),
    );
    const places = [
      ...[...values, 'not base64 JSON', { 0: 'x' }],
      ...uniform,
      ...mixed,
      ...values.flatMap((value) => [
        ['rows', value, 'x'],
        ['rows', 0, value],
        ['streams', value],
        ['2026-11-01T09:30:00.000Z', value],
        ['2026-11-01T09:30:00.000Z', ORDER_ID, value],
        [value, ORDER_ID],
        [value, 'x'],
        ['x', value],
        [value, 'x', 'x'],
        ['x', value, '2026-11-01T09:30:00.000Z', 'x', 'x'],
        ['x', 0, value, 'x', 'x'],
        ['x', value, 'x', 'x', 'x', 'x'],
      ]),
    ];
    const lists = inputs.filter(
      ({ source, type, route }) =>
        source === 'query' &&
        Object.values(schemasOf(type))[0]!.properties.cursor &&
        !/^GET \/v1\/(?!order-capture)[\w-]+\/(dead-letters|consistency)/.test(route),
    );
    const calls = lists.flatMap(({ route }) =>
      places.map((place) => ['GET', `${pathOf(route)}?cursor=${cursorOf(place)}`] as const),
    );
    expect(await expectNoFault(calls)).toBeGreaterThan(4_000);
  }, 120_000);

  it('in a body', async () => {
    const calls = inputs
      .filter(({ source }) => source === 'body')
      .flatMap(({ route, type }) => {
        const all = schemasOf(type);
        const schema = Object.values(all)[0]!;
        const body = usualObject(schema, all);
        const send = (changed: object) => [route.split(' ')[0]!, pathOf(route), changed] as const;
        const variants = (of: Schema): unknown[] => {
          const edges = [of.maximum, of.minimum].filter((edge) => edge !== undefined);
          const odd = [...ODD_TIMES, ...EDGE_TIMES, ...TEXTS, ...UNSTORABLE, ...NUMBERS, ...edges];
          return [...odd, null, true, [], {}];
        };
        const inner = (of: Schema): Schema =>
          of.$ref ? all[of.$ref.replace('#/$defs/', '')]! : of;
        return Object.entries<Schema>(schema.properties).flatMap(([name, of]) => {
          const nested = inner(of.type === 'array' ? of.items : of).properties ?? {};
          const deep = Object.entries<Schema>(nested).flatMap(([member, within]) =>
            variants(within).map((value) => {
              const one = {
                ...usualObject(inner(of.type === 'array' ? of.items : of), all),
                [member]: value,
              };
              return send({ ...body, [name]: of.type === 'array' ? [one] : one });
            }),
          );
          return [...variants(of).map((value) => send({ ...body, [name]: value })), ...deep];
        });
      });
    expect(await expectNoFault(calls)).toBeGreaterThan(2_000);
  }, 120_000);

  it('in a path or a header', async () => {
    const paths = inputs.filter(({ source }) => source === 'path');
    const values = [
      '%00',
      '%ED%A0%80',
      '%',
      '%FF',
      'x'.repeat(300),
      '..',
      '%2F',
      '1e300',
      '🫖',
    ].map((value) => (value === '🫖' ? encodeURIComponent(value) : value));
    for (const { route } of paths)
      for (const value of values) {
        const url = route
          .replace(/^\w+ /, '')
          .replace(/(?<=.)\/$/, '')
          .replace(/:\w+/g, value);
        const { status } = await send(route.split(' ')[0]!, url, {});
        expect([route, value, status < 500]).toEqual([route, value, true]);
      }
    const headers = [
      { 'idempotency-key': 'x'.repeat(201) },
      { 'idempotency-key': '' },
      { 'idempotency-key': '\u00ff' },
      { 'consistency-token': 'order-capture:9999999999999999999' },
      { 'consistency-token': '__proto__:1' },
      { 'last-event-id': '9'.repeat(19) },
      { 'last-event-id': '-1' },
      { traceparent: 'x' },
    ];
    for (const header of headers) {
      const url = 'last-event-id' in header ? '/v1/orders/stream' : '/v1/orders';
      expect([header, (await send('GET', url, undefined, header)).status < 500]).toEqual([
        header,
        true,
      ]);
      if (url === '/v1/orders')
        expect([header, (await send('POST', url, {}, header)).status < 500]).toEqual([
          header,
          true,
        ]);
    }
  });
});

import { wordsOfPattern } from '@throughline/contracts';
import { declaredRoutes } from '@throughline/service-kit';
import { until } from '@throughline/testing';
import {
  EDGE_TIMES,
  inputsOf,
  ITEM_COLUMNS,
  jsonOf,
  ODD_TIMES,
  oddFile,
  oddObjects,
  oddPlaces,
  STOCK_COLUMNS,
  TEXTS,
  UNSTORABLE,
  usualObject,
  type Input,
} from './edges.fixtures.js';
import { testFields } from './fields.fixtures.js';
import { SERVICES } from './services.js';
import { TestSystem } from './system.fixtures.js';

type Json = ReturnType<typeof JSON.parse>;
type Method = 'GET';
type Call = readonly [method: string, url: string, body?: unknown];

let system: TestSystem;
let inputs: readonly Input[];
let paths: Record<string, Record<string, Json>>;
/** Ids of the orders that were taken. */
const taken = new Set<string>();
beforeAll(async () => {
  system = await TestSystem.start();
  inputs = inputsOf(system.host.app);
  ({ paths } = await system.ok('GET', '/openapi.json'));
  // What is asked for and changed must be there, so that values reach the store.
  const address = { lines: [], city: null, region: null, postalCode: null, country: 'GB' };
  for (const id of ['x', 'y'])
    await system.ok('PUT', `/v1/inventory/locations/${id}`, {
      type: 'warehouse',
      name: id,
      address,
    });
  await system.ok('PUT', '/v1/inventory/items/x', { name: 'x' });
});
afterAll(() => system.stop());

const schemaIn = ({ schemas }: Input): Json => Object.values(schemas)[0]!;
const urlOf = (path: string, value = 'x'): string => path.replace(/\{\w+\}/g, value);

/** No expression, and nothing that only its programmer would say. */
const isInWords = (message: string): boolean =>
  message !== '' && !/\\[dsuw]|\^|\[\^?\w-|must match|must NOT|breaks a rule/.test(message);

/** What is wrong with an answer: a fault of ours, or a refusal without field and rule. */
const faultOf = (status: number, type: string, body: string): string | undefined => {
  if (status >= 500) return 'a fault';
  if (status < 300) return undefined;
  if (!type.startsWith('application/problem+json')) return `no problem but ${type}`;
  const { code, errors } = JSON.parse(body);
  if (code !== 'invalid-request') return code ? undefined : 'a problem without code';
  const isNamed = (error: Json) =>
    [error.field, error.code, error.message].every((part) => typeof part === 'string') &&
    error.code !== '' &&
    isInWords(error.message);
  return errors?.length > 0 && errors.every(isNamed) ? undefined : 'no field or rule';
};

/** Makes all calls, and expects each to be done or to be refused in due form. Answers how many were done. */
const allAnswered = async (calls: readonly Call[], headers = {}): Promise<number> => {
  const faults = new Set<string>();
  let done = 0;
  for (const [method, url, body] of calls) {
    const answer = await system.host.app.inject({
      method: method as Method,
      url,
      headers: { authorization: 'Bearer x', 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { payload: jsonOf(body) }),
    });
    const { statusCode: status, body: text } = answer;
    const fault = faultOf(status, String(answer.headers['content-type']), text);
    if (fault) faults.add(`${fault}: ${status} ${method} ${url} ${jsonOf(body ?? '')}`);
    if (status < 300) done += 1;
    if (status === 201 && url === '/v1/orders') taken.add(answer.json().orderId);
    if (!/:batch$/.test(url) || status !== 200) continue;
    for (const item of answer.json().items) {
      if (item.status >= 500) faults.add(`a fault: ${item.status} ${url} ${jsonOf(body)}`);
      if (item.status === 201 && item.orderId) taken.add(item.orderId);
    }
  }
  expect([...faults].slice(0, 20).map((fault) => fault.slice(0, 400))).toEqual([]);
  return done;
};

/** All pages of a list. */
const all = async (path: string): Promise<Json[]> => {
  const found: Json[] = [];
  for (let cursor = ''; ;) {
    const page = await system.ok('GET', `${path}?limit=200${cursor && `&cursor=${cursor}`}`);
    found.push(...page.items);
    if (page.nextCursor === null) return found;
    cursor = page.nextCursor;
  }
};

describe('every field of a body', () =>
  testFields(
    () => system,
    () => inputs,
  ));

describe('every field of every route', () => {
  const faultsIn = (field: Json): string[] => {
    if (field.anyOf) return field.anyOf.flatMap(faultsIn);
    if (field.enum) return [];
    if (field.type === 'array')
      return [...(field.maxItems ? [] : ['no most items']), ...faultsIn(field.items)];
    if (field.type === 'integer' || field.type === 'number')
      return field.maximum === undefined || field.minimum === undefined ? ['no limits'] : [];
    const isBounded =
      field.maxLength || field.format === 'date-time' || !/[*+]/.test(field.pattern ?? '*');
    return field.type === 'string' && !isBounded ? ['no longest text'] : [];
  };

  it('has limits', () => {
    const faults = inputs.flatMap(({ method, path, schemas }) =>
      Object.entries(schemas).flatMap(([name, { properties = {} }]) =>
        Object.entries<Json>(properties).flatMap(([field, schema]) =>
          faultsIn(schema).map((fault) => `${method} ${path}: ${name}.${field} has ${fault}`),
        ),
      ),
    );
    expect(faults).toEqual([]);
  });

  it('says its rules in words', () => {
    const patternsIn = (value: Json): string[] =>
      value === null || typeof value !== 'object'
        ? []
        : Object.entries<Json>(value).flatMap(([name, member]) =>
            name === 'pattern' && typeof member === 'string' ? [member] : patternsIn(member),
          );
    const patterns = new Set(inputs.flatMap(({ schemas }) => patternsIn(schemas)));
    expect([...patterns].filter((pattern) => !isInWords(wordsOfPattern(pattern) ?? ''))).toEqual(
      [],
    );
    expect(patterns.size).toBeGreaterThan(5);
  });

  it('is known here: each body and each list of the description', () => {
    const known = new Set(inputs.map(({ method, path, source }) => `${source} ${method} ${path}`));
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { requestBody }]) =>
        requestBody?.content['application/json'] ? [`body ${method.toUpperCase()} ${path}`] : [],
      ),
    );
    expect(described.filter((one) => !known.has(one))).toEqual([]);
    expect(described.length).toBeGreaterThan(30);
    const lists = ['orders', 'exceptions', 'inventory/stock', 'inventory/supplies', 'returns'];
    expect(lists.filter((list) => !known.has(`query GET /v1/${list}`))).toEqual([]);
  });
});

describe('every route', () => {
  const ORDER_ID = '65e49989-e771-587e-b880-93eccd7523b6';
  const faultsOf = async (method: string, url: string, takesFile: boolean): Promise<Json[]> => {
    const answer = await system.host.app.inject({
      method: method as Method,
      url,
      headers: { authorization: 'Bearer x', 'content-type': takesFile ? 'text/csv' : undefined },
      ...(takesFile && { payload: 'sku' }),
    });
    return JSON.parse(answer.body).errors ?? [];
  };

  it('refuses a parameter that it does not know, and names those that it knows', async () => {
    const routes = declaredRoutes(system.host.app);
    const silent: string[] = [];
    for (const { method, path, inputs } of routes) {
      const { parameters = [] } = paths[path]?.[method.toLowerCase()] ?? {};
      const known = parameters.flatMap((one: Json) => (one.in === 'query' ? [one.name] : []));
      const url = `${urlOf(path, ORDER_ID)}?surprise=1`;
      const faults = await faultsOf(method, url, inputs.takesFile);
      const told = faults.find(({ field }) => field === 'surprise')?.message ?? '';
      const isTold = told !== '' && known.every((name: string) => told.includes(name));
      if (!isTold) silent.push(`${method} ${path}: ${JSON.stringify(faults)}`);
    }
    expect(silent).toEqual([]);
    expect(routes.length).toBeGreaterThan(100);
  });
});

describe('an odd value is taken or refused by field and rule', () => {
  it('in a query', async () => {
    const asked = inputs.filter(({ source, method }) => source === 'query' && method === 'GET');
    const values = [...ODD_TIMES, ...EDGE_TIMES, ...TEXTS, ...UNSTORABLE.slice(0, 2), '1e400'];
    const calls = asked.flatMap((input) => {
      const schema = schemaIn(input);
      return Object.keys(schema.properties).flatMap((name) =>
        values.map((value) => {
          const query = { ...usualObject(schema, input.schemas), [name]: value };
          const text = new URLSearchParams(query as Record<string, string>).toString();
          return ['GET', `${urlOf(input.path)}?${text}`] as const;
        }),
      );
    });
    expect(await allAnswered(calls)).toBeGreaterThan(200);
  }, 60_000);

  it('in a cursor', async () => {
    // One service's operating routes are every service's.
    const others = /^\/v1\/(?!order-capture)[\w-]+\/(dead-letters|consistency)/;
    const lists = inputs.filter(
      (input) =>
        input.source === 'query' && schemaIn(input).properties.cursor && !others.test(input.path),
    );
    const calls = lists.flatMap(({ path }) =>
      oddPlaces().map((place) => {
        const cursor = Buffer.from(JSON.stringify(place)).toString('base64url');
        return ['GET', `${urlOf(path)}?cursor=${cursor}`] as const;
      }),
    );
    expect(calls.length).toBeGreaterThan(8_000);
    await allAnswered(calls);
  }, 120_000);

  it('in a body', async () => {
    let count = 0;
    /** Another order each time: the same one again would be refused before its values are stored. */
    const another = (body: Json): Json => {
      if (Array.isArray(body?.orders)) return { ...body, orders: body.orders.map(another) };
      return body?.externalId === 'x' ? { ...body, externalId: String((count += 1)) } : body;
    };
    const calls = inputs
      .filter(({ source }) => source === 'body')
      .flatMap((input) =>
        oddObjects(schemaIn(input), input.schemas).map(
          (body) => [input.method, urlOf(input.path), another(body)] as const,
        ),
      );
    expect(calls.length).toBeGreaterThan(5_000);
    expect(await allAnswered(calls)).toBeGreaterThan(1_000);
    expect(taken.size).toBeGreaterThan(500);
  }, 240_000);

  it('in a path', async () => {
    const values = ['%00', '%ED%A0%80', '%', '%FF', 'x'.repeat(300), '..', '%2F', '1e300', '-1'];
    const oneOfEach = [...values, '9'.repeat(19), encodeURIComponent('🫖')];
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      !path.includes('{')
        ? []
        : Object.keys(methods).flatMap((method) =>
            oneOfEach.map(
              (value) =>
                [
                  method.toUpperCase(),
                  urlOf(path, value),
                  method === 'get' ? undefined : {},
                ] as const,
            ),
          ),
    );
    expect(calls.length).toBeGreaterThan(1_000);
    await allAnswered(calls);
  }, 60_000);

  it.each([
    ['imports?mode=add', STOCK_COLUMNS],
    ['imports/items', ITEM_COLUMNS],
  ])('in the file of %s, row by row', async (route, columns) => {
    const file = oddFile(columns);
    const answer = await system.host.app.inject({
      method: 'POST',
      url: `/v1/inventory/${route}`,
      headers: { authorization: 'Bearer x', 'content-type': 'text/csv' },
      payload: file.join('\n'),
    });
    expect(answer.statusCode).toBe(202);
    const job = `/v1/inventory/imports/${answer.json().importId}`;
    await until(async () => (await system.ok('GET', job)).state === 'done', { deadlineMs: 30_000 });
    const { applied, unchanged, rejected } = await system.ok('GET', job);
    expect(applied + unchanged + rejected).toBe(file.length - 1);
    const errors = await all(`${job}/errors`);
    expect(new Set(errors.map(({ row }) => row)).size).toBe(rejected);
    expect(errors.filter(({ field, code }) => !field || !code)).toEqual([]);
  });

  it.each([
    ['idempotency-key', 'too long', 'x'.repeat(201)],
    ['idempotency-key', 'empty', ''],
    ['idempotency-key', 'not ASCII', '\u00ff'],
    ['consistency-token', 'beyond 64 bits', `order-capture:${2n ** 63n}`],
    ['consistency-token', 'before the log', 'order-capture:-1'],
    ['consistency-token', 'without end', 'order-capture:1e400'],
    ['consistency-token', 'of no service', '__proto__:1'],
    ['consistency-token', 'of nothing', ':'],
    ['last-event-id', 'beyond 64 bits', '9'.repeat(19)],
    ['last-event-id', 'before the log', '-1'],
    ['last-event-id', 'without end', '1e400'],
    ['traceparent', 'of nothing', 'x'],
  ])('in the header %s, %s', async (name, _, value) => {
    const calls: readonly Call[] = [
      ['GET', name === 'last-event-id' ? '/v1/orders/stream' : '/v1/orders'],
      ['POST', '/v1/orders', {}],
    ];
    await allAnswered(calls, { [name]: value });
  });
});

describe('what was taken', () => {
  const orders = () => all('/v1/orders');
  const LISTS = [
    ...['orders', 'exceptions', 'fulfillments', 'shipments', 'returns', 'access/keys'],
    ...['stock', 'supplies', 'movements', 'items', 'locations', 'alerts', 'backorders'].map(
      (list) => `inventory/${list}`,
    ),
  ];
  const lists = async () =>
    Object.fromEntries(
      await Promise.all(LISTS.map(async (list) => [list, await all(`/v1/${list}`)])),
    );

  beforeAll(() => system.settled(), 120_000);

  it('is heard by every service: nothing is parked', async () => {
    for (const { name } of SERVICES) {
      const parked = await all(`/v1/${name}/dead-letters`);
      expect([name, parked.map(({ group, error }) => [group, error])]).toEqual([name, []]);
    }
  });

  it('is listed, and each order told', async () => {
    const listed = new Set((await orders()).map(({ orderId }) => orderId));
    expect([...taken].filter((orderId) => !listed.has(orderId))).toEqual([]);
    for (const orderId of taken) {
      await system.order(orderId);
      await system.ok('GET', `/v1/orders/${orderId}/events`);
    }
  });

  it('is rebuilt as it was', async () => {
    const before = await lists();
    for (const { name } of SERVICES) {
      const path = `/v1/${name}/projections`;
      for (const { name: projection } of await system.list(path))
        await system.operate('POST', `${path}/${projection}/rebuild`);
      const isRebuilt = async () =>
        (await system.list(path)).every(({ rebuild }) => rebuild.phase === 'done');
      await until(isRebuilt, { deadlineMs: 60_000 });
      expect([name, await all(`/v1/${name}/consistency`)]).toEqual([name, []]);
    }
    expect(await lists()).toEqual(before);
    expect(await system.list('/v1/inventory/checks')).toEqual([]);
  }, 120_000);
});

import type { AddressInfo } from 'node:net';
import { ACCESS_ROLES, ACTIONS, declaredRoutes, type Host } from '@throughline/service-kit';
import { WHO_MAY } from './access.fixtures.js';
import {
  callOf,
  CART,
  makeThings,
  marksOf,
  type Call,
  type Things,
} from './limited-callers.fixtures.js';
import { KNOWN_BY, LIMITS } from './limits.fixtures.js';
import { slowCrowd } from './crowd.fixtures.js';
import { SERVICES } from './services.js';
import { orderOf, TestSystem } from './system.fixtures.js';

type Route = { readonly method: string; readonly path: string };
type Answer = {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
};

const NAMES = SERVICES.map(({ name }) => name).join('|');
/** Every service has the same routes for its own operation; the table names them once. */
const OPERATION = new RegExp(
  `^/v1/(?:${NAMES})/(dead-letters|consumers|projections|streams-set-aside|relay|log|operations|consistency)`,
);
const nameOf = ({ method, path }: Route): string =>
  `${method} ${path.replace(OPERATION, '/v1/{service}/$1')}`;

const STARTED_WITHIN_MS = 60_000;
const isPublic = (name: string): boolean => WHO_MAY[name]?.includes('public') ?? false;

let system: TestSystem;
let host: Host;
let things: Things;
let routes: readonly Route[];
const keys: Record<string, string> = {};
let calls = 0;

beforeAll(async () => {
  system = await TestSystem.start({ realKeys: true });
  host = system.host;
  const make = async (name: string, grant: object): Promise<void> => {
    keys[name] = (
      await system.ok('POST', '/v1/access/keys', { name: `a key: ${name}`, ...grant })
    ).key;
  };
  for (const role of ACCESS_ROLES) await make(role, { roles: [role] });
  const roles = ['admin'];
  for (const channel of ['web', 'shop']) await make(channel, { roles, channels: [channel] });
  for (const location of ['london', 'leeds'])
    await make(location, { roles, locations: [location] });
  await make('both', { roles, locations: ['leeds', 'london'] });
  things = await makeThings(system);
  routes = declaredRoutes(host.app);
}, STARTED_WITHIN_MS);
afterAll(() => system.stop());

const send = async (method: string, { url, body }: Call, key?: string): Promise<Answer> => {
  calls += 1;
  const answer = await host.app.inject({
    method: method as 'GET',
    // Each from elsewhere: too many refusals of one address are answered otherwise.
    remoteAddress: `10.0.${calls >> 8}.${calls & 255}`,
    url,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      // The live stream would not end by itself.
      'last-event-id': 'none',
    },
    ...(method !== 'GET' && method !== 'DELETE' && { payload: body }),
  });
  const isProblem = String(answer.headers['content-type']).includes('problem+json');
  const code = isProblem ? answer.json().code : undefined;
  return { status: answer.statusCode, code, text: answer.body };
};

/** Calls a route about something that is not there, with an empty body: nothing changes, also where it is let in. */
const call = ({ method, path }: Route, key?: string): Promise<Answer> =>
  send(method, { url: path.replace(/\{\w+\}/g, 'none'), body: {} }, key);

/** What each route answers, by its name; those of every service's own operation must agree. */
const walk = async (
  key: string | undefined,
  wordOf: (answer: Answer) => string,
): Promise<Record<string, string>> => {
  const words: Record<string, string> = {};
  for (const route of routes) {
    const answer = await call(route, key);
    const name = nameOf(route);
    const word = answer.status >= 500 ? `${answer.status} of ${route.path}` : wordOf(answer);
    if (words[name] !== undefined && words[name] !== word)
      throw new Error(`${route.path} is not like those of the other services: ${word}`);
    words[name] = word;
  }
  return words;
};

it('an order of another channel neither takes a hold over nor has it given up', async () => {
  for (const [externalId, status] of [
    ['taken', 'authorized'],
    ['given-up', 'pending'],
  ]) {
    const order = orderOf(externalId!, { LAMP: 1 });
    const lines = order.lines.map((line) => ({ ...line, reservationId: CART }));
    const payments = order.payments.map((payment) => ({ ...payment, status }));
    const body = { ...order, channel: 'shop', lines, payments };
    const placed = await send('POST', { url: '/v1/orders', body }, keys.shop);
    expect(placed.status).toBe(201);
    await system.settled();
    const url = `/v1/orders/${JSON.parse(placed.text).orderId}/cancellations`;
    const cancelled = await send('POST', { url, body: { reason: 'no more' } }, keys.shop);
    expect([200, 202]).toContain(cancelled.status);
    await system.settled();
  }
  expect(await system.list(`/v1/inventory/reservations?orderId=${CART}`)).toMatchObject([
    { state: 'held', quantity: 1, released: 0 },
  ]);
});

it('whatever a key does is told by its id, with its name beside it', async () => {
  const { keyId, key } = await system.ok('POST', '/v1/access/keys', {
    name: 'night shift',
    roles: ['admin'],
  });
  const sku = 'NIGHT-LAMP';
  const place = { sku, locationId: 'leeds' };
  const lines = [{ lineId: '1', sku, quantity: 1 }];
  const supply = (expectedAt: string) => ({
    ...{ kind: 'purchase-order', locationId: 'leeds' },
    lines: lines.map((line) => ({ ...line, expectedAt })),
  });
  const supplyUrl = '/v1/inventory/supplies/night';
  const did: readonly [string, string, object][] = [
    ['PUT', `/v1/inventory/items/${sku}`, { name: sku }],
    ['POST', '/v1/inventory/movements', { type: 'receipt', ...place, quantity: 1, reason: 'x' }],
    ['PUT', `/v1/inventory/stock/${sku}/leeds`, { safetyStock: 1 }],
    ['PUT', supplyUrl, supply('2027-02-01T09:00:00Z')],
    ['PUT', supplyUrl, supply('2027-02-02T09:00:00Z')],
    ['POST', '/v1/orders', orderOf('by-night', { LAMP: 1 })],
    ['POST', '/v1/access/keys', { name: 'made by night', roles: ['viewer'] }],
  ];
  let last = '';
  for (const [method, url, body] of did) {
    const { status, text } = await send(method, { url, body }, key);
    expect([url, status < 300]).toEqual([url, true]);
    if (url === '/v1/orders') last = JSON.parse(text).orderId;
  }
  await system.settled();
  const told = [
    ...(await system.list(`/v1/inventory/movements?sku=${sku}`)),
    ...(await system.ok('GET', supplyUrl)).etaChanges.slice(-1),
    ...(await system.list(`/v1/orders/${last}/events`)).slice(0, 1),
    ...(await system.list(`/v1/access/audit?actor=${keyId}`)),
  ].map(({ actor, actorName }) => ({ actor, actorName }));
  // One movement, one date, one order; and in the audit trail the item, its safety stock and the key.
  expect(told).toEqual(Array(6).fill({ actor: keyId, actorName: 'night shift' }));
});

it('every route of the API is described with what it needs, and no other', async () => {
  const { paths } = (await host.app.inject({ url: '/openapi.json' })).json();
  const described = Object.entries<Record<string, { 'x-needs'?: string }>>(paths).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => `${method.toUpperCase()} ${path} ${operation['x-needs']}`,
      ),
  );
  const isOfApi = (line: string): boolean => line.includes(' /v1/');
  const known = declaredRoutes(host.app).map(
    ({ method, path, need }) => `${method} ${path} ${need}`,
  );
  expect(described.filter(isOfApi).sort()).toEqual(known.filter(isOfApi).sort());
});

it('every action is needed by some route', () => {
  const needs = new Set<string | undefined>(declaredRoutes(host.app).map(({ need }) => need));
  expect(ACTIONS.filter((action) => !needs.has(action))).toEqual([]);
});

it('every route lets in the roles of the table, and nobody without a key', async () => {
  const nobody = await walk(undefined, ({ status }) => (status === 401 ? 'closed' : 'open'));
  const marks = Object.fromEntries(Object.keys(nobody).map((name) => [name, '']));
  for (const role of ACCESS_ROLES) {
    const words = await walk(keys[role], ({ status, code }) => {
      if (status === 401) throw new Error(`The key of ${role} is not known`);
      return status === 403 ? `refused: ${code}` : 'in';
    });
    for (const [name, word] of Object.entries(words))
      marks[name] += { in: role[0], 'refused: forbidden': '-' }[word] ?? `(${role} ${word})`;
  }
  for (const [name, word] of Object.entries(nobody)) if (word === 'open') marks[name] += ' public';
  expect(marks).toEqual(WHO_MAY);
});

it('a wrong key opens nothing', async () => {
  const stranger = `tl_0123456789abcdef_${'A'.repeat(43)}`;
  const words = await walk(stranger, ({ status }) => (status === 401 ? 'closed' : 'open'));
  const open = Object.keys(words).filter((name) => words[name] === 'open');
  expect(open.filter((name) => !isPublic(name))).toEqual([]);
});

/** What the answer to a stranger says about the things, which their owner is let in to. */
const seen = (stranger: Answer, owner: Answer): string => {
  const { status, code, text } = stranger;
  if (code === 'channel-key' || code === 'location-key') return 'closed';
  if (owner.status === 403 || owner.status === 404) return `not for its owner: ${owner.status}`;
  const part = text.startsWith('{"items":[{"') ? JSON.parse(text).items[0].status : undefined;
  if (status === 404) return 'hidden';
  if (status === 403 || part === 403) return 'refused';
  if (status !== 200) return `let in: ${status}`;
  const marks = marksOf(things);
  if (marks.test(text)) return 'shown';
  return marks.test(owner.text) ? 'own' : 'same';
};

it.each([
  { of: 'channel', owner: 'web', stranger: 'shop', limits: { channels: ['web'] }, column: 1 },
  {
    of: 'location',
    owner: 'london',
    stranger: 'leeds',
    limits: { locations: ['london'] },
    column: 2,
  },
] as const)(
  'a key of another $of sees of each route what the table says',
  async ({ owner, stranger, limits, column }) => {
    const found: Record<string, string> = {};
    for (const route of routes.filter((one) => !isPublic(nameOf(one)))) {
      const wanted = callOf(route, things, limits);
      const name = nameOf(route);
      const foreign = await send(route.method, wanted, keys[stranger]);
      const word =
        foreign.code === 'channel-key' || foreign.code === 'location-key'
          ? 'closed'
          : seen(foreign, await send(route.method, wanted, keys[owner]));
      if (found[name] !== undefined && found[name] !== word)
        throw new Error(`${route.path} is not like those of the other services: ${word}`);
      found[name] = word;
    }
    const table = Object.entries(LIMITS).map(([name, row]) => [name, row[column]] as const);
    expect(found).toEqual(Object.fromEntries(table));
  },
);

it('a key of several locations sees what is at each, once', async () => {
  const lists = routes.filter((route) => LIMITS[nameOf(route)]?.[2] === 'own');
  expect(lists.length).toBeGreaterThan(8);
  for (const route of lists) {
    const { status, text } = await send(route.method, callOf(route, things, {}), keys.both);
    expect([route.path, status, marksOf(things).test(text)]).toEqual([route.path, 200, true]);
  }
  const { text } = await send('GET', { url: '/v1/orders', body: {} }, keys.both);
  const ids: string[] = JSON.parse(text).items.map(({ orderId }: { orderId: string }) => orderId);
  expect(ids).toEqual([...new Set(ids)]);
});

it('every kind of thing in the table has a route', () => {
  const kinds = new Set(Object.values(LIMITS).map(([kind]) => kind));
  expect([...kinds].sort()).toEqual(Object.keys(KNOWN_BY).sort());
});

it('slow connections of strangers and of a key take nothing from other keys', async () => {
  await host.listen(0, '127.0.0.1');
  const { port } = host.app.getHttpServer().address() as AddressInfo;
  const send = (path: string, role: string, type: string, body: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys[role]}`, 'content-type': type },
      body,
    });
  const crowd = await slowCrowd(port, {
    strangers: 300,
    key: keys.warehouse!,
    bodies: 30,
    files: 4,
    lists: 30,
  });
  try {
    const orders = Array.from({ length: 50 }, (_, index) =>
      send(
        '/v1/orders',
        'operator',
        'application/json',
        JSON.stringify(orderOf(`c-${index}`, { A: 1 })),
      ),
    );
    const file = 'sku,locationId,quantity\nA,leeds,1\n';
    const taken = await send('/v1/inventory/imports?mode=add', 'admin', 'text/csv', file);
    expect(taken.status).toBe(202);
    expect((await Promise.all(orders)).map(({ status }) => status)).toEqual(orders.map(() => 201));
  } finally {
    crowd.end();
  }
});

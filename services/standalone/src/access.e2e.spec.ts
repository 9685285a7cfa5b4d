import { ensureAdminKey } from '@throughline/access';
import {
  ACCESS_ROLES,
  ACTIONS,
  createLogger,
  declaredRoutes,
  Host,
} from '@throughline/service-kit';
import { freshDatabaseUrl } from '@throughline/testing';
import { CHANNEL_AWARE, WHO_MAY } from './access.fixtures.js';
import { SERVICES } from './services.js';

type Route = { readonly method: string; readonly path: string };
type Answer = { readonly status: number; readonly code: string | undefined };

const NAMES = SERVICES.map(({ name }) => name).join('|');
/** Every service has the same routes for its own operation; the table names them once. */
const OPERATION = new RegExp(
  `^/v1/(?:${NAMES})/(dead-letters|consumers|projections|streams-set-aside|relay|log|operations|consistency)`,
);
const nameOf = ({ method, path }: Route): string =>
  `${method} ${path.replace(OPERATION, '/v1/{service}/$1')}`;

const isPublic = (name: string): boolean => WHO_MAY[name]?.includes('public') ?? false;

let host: Host;
let routes: readonly Route[];
const keys: Record<string, string> = {};
let calls = 0;

beforeAll(async () => {
  host = await Host.create({
    definitions: SERVICES,
    connectionString: await freshDatabaseUrl(),
    logger: createLogger(process.env.LOG_LEVEL ?? 'silent'),
  });
  host.start();
  const admin = (await ensureAdminKey(host.services.get('access')!.runtime.database))!;
  const make = async (name: string, grant: object): Promise<void> => {
    const { body } = await host.app.inject({
      method: 'POST',
      url: '/v1/access/keys',
      headers: { authorization: `Bearer ${admin}` },
      payload: { name, ...grant },
    });
    keys[name] = JSON.parse(body).key;
  };
  for (const role of ACCESS_ROLES) await make(role, { roles: [role] });
  await make('of one channel', { roles: ['admin'], channels: ['web'] });
  routes = declaredRoutes(host.app);
});
afterAll(() => host.stop());

/** Calls a route about something that is not there, with an empty body: nothing changes, whoever is let in. */
const call = async ({ method, path }: Route, key?: string): Promise<Answer> => {
  calls += 1;
  const answer = await host.app.inject({
    method: method as 'GET',
    // Each from elsewhere: too many refusals of one address are answered otherwise.
    remoteAddress: `10.0.${calls >> 8}.${calls & 255}`,
    url: path.replace(/\{\w+\}/g, 'none'),
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      // The live stream would not end by itself.
      'last-event-id': 'none',
    },
    ...(method !== 'GET' && method !== 'DELETE' && { payload: {} }),
  });
  const isProblem = String(answer.headers['content-type']).includes('problem+json');
  return { status: answer.statusCode, code: isProblem ? answer.json().code : undefined };
};

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

it('a key of one channel reaches the routes alone that keep to its channel', async () => {
  const words = await walk(keys['of one channel'], ({ code }) =>
    code === 'channel-key' ? 'closed' : 'open',
  );
  const reached = Object.keys(words).filter((name) => words[name] === 'open' && !isPublic(name));
  expect(reached.sort()).toEqual([...CHANNEL_AWARE].sort());
});

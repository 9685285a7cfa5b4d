import { access, ensureAdminKey } from '@throughline/access';
import { orderCapture } from '@throughline/order-capture';
import {
  createLogger,
  Host,
  PRINCIPAL_FRESH_MS,
  remoteAuthenticate,
  type HostOptions,
} from '@throughline/service-kit';
import { freshDatabaseUrl } from '@throughline/testing';
import { orderOf } from './system.fixtures.js';

/** Two processes' worth of hosts: `access`, and a service that asks it who calls. */
let accessHost: Host;
let orders: Host;
let admin: string;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.now();
  const connectionString = await freshDatabaseUrl();
  const start = (options: Pick<HostOptions, 'definitions' | 'authenticate'>) =>
    Host.create({ connectionString, logger: createLogger('silent'), ...options });
  accessHost = await start({ definitions: [access] });
  await accessHost.listen(0, '127.0.0.1');
  const accessUrl = await accessHost.app.getUrl();
  orders = await start({
    definitions: [orderCapture],
    authenticate: remoteAuthenticate({ accessUrl, nowMs: () => nowMs }),
  });
  admin = (await ensureAdminKey(accessHost.services.get('access')!.runtime.database))!;
});
afterEach(() => Promise.all([orders.stop(), accessHost.stop()]));

type Method = 'GET' | 'POST' | 'DELETE';
const ask = async (host: Host, key: string, method: Method, url: string, payload?: object) => {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await host.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
};
const make = async (grant: object): Promise<{ keyId: string; key: string }> =>
  (await ask(accessHost, admin, 'POST', '/v1/access/keys', { name: 'shop', ...grant })).body;
const place = async (key: string, externalId: string): Promise<number> =>
  (await ask(orders, key, 'POST', '/v1/orders', orderOf(externalId, { A: 1 }))).status;

it('a key works in another process as access made it, until it is revoked there', async () => {
  const { keyId, key } = await make({ actions: ['orders:write'], channels: ['web'] });
  expect(await place(key, 'a-1')).toBe(201);
  expect(await ask(orders, key, 'GET', '/v1/orders')).toMatchObject({
    status: 403,
    body: { action: 'orders:read' },
  });
  const other = await make({ roles: ['operator'], channels: ['shop'] });
  expect(await place(other.key, 'a-2')).toBe(403);

  await ask(accessHost, admin, 'DELETE', `/v1/access/keys/${keyId}`);
  nowMs += PRINCIPAL_FRESH_MS;
  expect(await place(key, 'a-3')).toBe(401);
});

it('a live stream in another process ends with its key', async () => {
  await orders.listen(0, '127.0.0.1');
  const { keyId, key } = await make({ roles: ['viewer'] });
  const answer = await fetch(new URL('/v1/orders/stream', await orders.app.getUrl()), {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(answer.status).toBe(200);
  await ask(accessHost, admin, 'DELETE', `/v1/access/keys/${keyId}`);
  nowMs += PRINCIPAL_FRESH_MS;
  expect(await answer.text()).toBe(': connected\n\n');
});

it('keys in use go on working while access is away; keys that were never seen wait', async () => {
  const [known, unseen] = [
    await make({ roles: ['operator'] }),
    await make({ roles: ['operator'] }),
  ];
  expect(await place(known.key, 'b-1')).toBe(201);
  await accessHost.stop();
  nowMs += 60_000;
  expect(await place(known.key, 'b-2')).toBe(201);
  expect(await place(unseen.key, 'b-3')).toBe(503);
});

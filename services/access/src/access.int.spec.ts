import { actionsOf } from '@throughline/service-kit';
import { freshDatabase, startService, until, type ServiceHarness } from '@throughline/testing';
import { access } from './access.module.js';
import { ensureAdminKey } from './index.js';
import { keysIn } from './key/keys.js';

const AT = '2026-11-01T09:30:00.000Z';
const KEY = /^tl_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/;

describe('keys over HTTP', () => {
  let clock = AT;
  let service: ServiceHarness;
  beforeAll(async () => {
    service = await startService(access, { now: () => clock });
  });
  afterAll(() => service.stop());

  const create = (name: string, headers = {}) =>
    service.http('POST', '/v1/access/keys', { name, roles: ['operator'] }, headers);
  const keys = async () => (await service.http('GET', '/v1/access/keys')).body.items;
  const authenticate = (key: string) => access.build(service.runtime).authenticate!(key);

  it('are shown once and tell who holds them', async () => {
    const made = await create('shop');
    expect(made).toMatchObject({ status: 201, body: { key: expect.stringMatching(KEY) } });
    const { keyId, key } = made.body;
    expect(await authenticate(key)).toEqual({
      id: keyId,
      name: 'shop',
      actions: actionsOf(['operator']),
    });
    await until(async () => (await keys())[0].lastUsedAt !== null);
    expect(await keys()).toEqual([
      {
        keyId,
        name: 'shop',
        roles: ['operator'],
        actions: [],
        channels: null,
        ratePerSecond: null,
        expiresAt: null,
        lastUsedAt: AT,
        createdAt: AT,
        createdBy: 'tester',
        revokedAt: null,
        revokedBy: null,
      },
    ]);
  });

  it('are stored without their secret', async () => {
    const { key } = (await create('secret')).body;
    const [row] = await service.runtime.database.query<{ text: string }>(
      `select string_agg(k::text, ',') as text from keys k`,
    );
    expect(row?.text).not.toContain(key.slice(20));
  });

  it('stop working when they are revoked, as often as that is said', async () => {
    const { keyId, key } = (await create('old shop')).body;
    clock = '2026-11-01T10:00:00.000Z';
    expect((await service.http('DELETE', `/v1/access/keys/${keyId}`)).status).toBe(204);
    clock = '2026-11-01T11:00:00.000Z';
    expect((await service.http('DELETE', `/v1/access/keys/${keyId}`)).status).toBe(204);
    expect(await authenticate(key)).toBeUndefined();
    const { items } = (await service.http('GET', '/v1/access/keys')).body;
    expect(items.find((item: { keyId: string }) => item.keyId === keyId)).toMatchObject({
      revokedAt: '2026-11-01T10:00:00.000Z',
      revokedBy: 'tester',
    });
  });

  it('are made once per Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const first = await create('twice', headers);
    expect(first.status).toBe(201);
    expect(await create('twice', headers)).toMatchObject({
      status: 409,
      body: { code: 'key-shown-before', keyId: first.body.keyId },
    });
    expect(await authenticate(first.body.key)).toMatchObject({
      id: first.body.keyId,
      name: 'twice',
    });
  });

  it('are listed page by page', async () => {
    const all = (await service.http('GET', '/v1/access/keys')).body.items;
    const first = await service.http('GET', '/v1/access/keys?limit=2');
    const cursor = first.body.nextCursor;
    const rest = await service.http('GET', `/v1/access/keys?cursor=${cursor}`);
    expect([...first.body.items, ...rest.body.items]).toEqual(all);
  });

  it.each([
    ['POST', '/v1/access/keys', {}, 422, 'invalid-request'],
    ['POST', '/v1/access/keys', { name: 'x' }, 422, 'invalid-request'],
    ['POST', '/v1/access/keys', { name: '', roles: ['viewer'] }, 422, 'invalid-request'],
    [
      'POST',
      '/v1/access/keys',
      { name: 'x', roles: ['viewer'], admin: true },
      422,
      'invalid-request',
    ],
    ['DELETE', '/v1/access/keys/ffffffffffffffff', undefined, 404, 'not-found'],
    ['DELETE', '/v1/access/keys/%00', undefined, 400, 'nul-in-address'],
    ['GET', '/v1/access/keys?cursor=W10', undefined, 422, 'invalid-request'],
  ] as const)('refuse %s %s %j', async (method, url, body, status, code) =>
    expect(await service.http(method, url, body)).toMatchObject({ status, body: { code } }),
  );
});

describe('the first admin key', () => {
  const emptyDatabase = () =>
    freshDatabase({
      schema: access.schema,
      ...(access.migrations && { migrations: access.migrations }),
    });
  const idsOf = async (database: Awaited<ReturnType<typeof emptyDatabase>>) =>
    (await database.query<{ id: string }>('select id from keys order by id')).map(({ id }) => id);

  it('is made once, and shown once', async () => {
    const database = await emptyDatabase();
    const key = await ensureAdminKey(database);
    expect(key).toMatch(KEY);
    expect(await ensureAdminKey(database, { existing: key })).toBeUndefined();
    expect(await ensureAdminKey(database)).toBeUndefined();
    expect(await idsOf(database)).toEqual([key!.slice(3, 19)]);
    await database.stop();
  });

  it('is made once by hosts that start together', async () => {
    const database = await emptyDatabase();
    const made = await Promise.all([1, 2, 3].map(() => ensureAdminKey(database)));
    expect(made.filter((key) => key !== undefined)).toHaveLength(1);
    expect(await idsOf(database)).toHaveLength(1);
    await database.stop();
  });

  it('is the one that the host has kept when the database was reset', async () => {
    const [before, after] = [await emptyDatabase(), await emptyDatabase()];
    const existing = await ensureAdminKey(before);
    expect(await ensureAdminKey(after, { existing })).toBeUndefined();
    expect(await idsOf(after)).toEqual(await idsOf(before));
    await before.stop();
    await after.stop();
  });

  it('is a new one when the kept one was revoked or is no key', async () => {
    const database = await emptyDatabase();
    const existing = await ensureAdminKey(database);
    await keysIn(database).revoke(existing!.slice(3, 19), AT, 'tester');
    const second = await ensureAdminKey(database, { existing });
    expect(second).toMatch(KEY);
    expect(second).not.toBe(existing);
    await keysIn(database).revoke(second!.slice(3, 19), AT, 'tester');
    expect(await ensureAdminKey(database, { existing: 'garbled' })).toMatch(KEY);
    expect(await idsOf(database)).toHaveLength(3);
    await database.stop();
  });
});

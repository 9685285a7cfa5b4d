import {
  ItemChanged,
  LedgerRepaired,
  LocationChanged,
  SafetyStockChanged,
} from '@throughline/contracts';
import { ACTIONS, actionsOf, createLogger, EVERY_ACTION, Host } from '@throughline/service-kit';
import {
  freshDatabase,
  freshDatabaseUrl,
  startService,
  until,
  type ServiceHarness,
} from '@throughline/testing';
import { access } from './access.module.js';
import type { AuditAnswer } from './audit/audit.query.js';
import { ensureAdminKey, registerAdminKey } from './index.js';
import { keysIn } from './key/keys.js';

const AT = '2026-11-01T09:30:00.000Z';
const SOON = new Date(Date.now() + 3_600_000).toISOString();
const LATER = new Date(Date.now() + 7_200_000).toISOString();
const ID = '6f0d3c1e-8a4b-5e0f-9b7a-2d5c41e6a973';
const TESTER = { id: 't-1', name: 'tester', actions: EVERY_ACTION };
const KEY = /^tl_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/;

describe('keys over HTTP', () => {
  let clock = AT;
  let service: ServiceHarness;
  beforeAll(async () => {
    service = await startService(access, { now: () => clock, authenticate: async () => TESTER });
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
        locations: null,
        ratePerSecond: null,
        expiresAt: null,
        lastUsedAt: AT,
        createdAt: AT,
        createdBy: 't-1',
        createdByName: 'tester',
        revokedAt: null,
        revokedBy: null,
        revokedByName: null,
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
      revokedBy: 't-1',
      revokedByName: 'tester',
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
    // When a key was last used is noted a little later, maybe between two of these answers.
    const known = (items: object[]) => items.map((item) => ({ ...item, lastUsedAt: null }));
    expect(known([...first.body.items, ...rest.body.items])).toEqual(known(all));
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

describe('what a key allows', () => {
  let service: ServiceHarness;
  beforeAll(async () => {
    service = await startService(access, { now: () => AT });
  });
  afterAll(() => service.stop());
  const create = (body: object) => service.http('POST', '/v1/access/keys', { name: 'x', ...body });
  const principalOf = async (body: object) =>
    access.build(service.runtime).authenticate!((await create(body)).body.key);

  it('is what its roles and actions say, for so long and so often as it says', async () => {
    const limits = {
      channels: ['shop', 'web'],
      locations: ['leeds'],
      ratePerSecond: 7,
      expiresAt: '2026-11-02T00:00:00.000Z',
    };
    expect(
      await principalOf({
        ...limits,
        roles: ['warehouse', 'warehouse'],
        actions: ['orders:write'],
        channels: ['web', 'shop', 'web'],
        locations: ['leeds', 'leeds'],
        expiresAt: '2026-11-02T01:00:00+01:00',
      }),
    ).toMatchObject({ ...limits, actions: actionsOf(['warehouse'], ['orders:write']) });
  });

  it.each([
    [{ roles: [] }, 'roles'],
    [{ roles: ['king'] }, 'roles[0]'],
    [{ roles: 'admin' }, 'roles'],
    [{ actions: ['orders:read', 'moon:land'] }, 'actions[1]'],
    [{ roles: ['viewer'], channels: [] }, 'channels'],
    [{ roles: ['viewer'], channels: [''] }, 'channels[0]'],
    [{ roles: ['viewer'], locations: [] }, 'locations'],
    [{ roles: ['viewer'], locations: ['a', 7] }, 'locations[1]'],
    [{ name: 'admin', roles: ['viewer'] }, 'name'],
    [{ name: ' Ａdmin', roles: ['viewer'] }, 'name'],
    [{ name: 'system', roles: ['viewer'] }, 'name'],
    [{ name: '0123456789ABCDEF', roles: ['viewer'] }, 'name'],
    [{ roles: ['viewer'], expiresAt: AT }, 'expiresAt'],
    [{ roles: ['viewer'], expiresAt: 'tomorrow' }, 'expiresAt'],
    [{ roles: ['viewer'], ratePerSecond: 0 }, 'ratePerSecond'],
  ])('is refused where it is not sound, naming the field: %j', async (body, field) => {
    const answer = await create(body);
    expect([answer.status, answer.body.errors[0].field]).toEqual([422, field]);
  });
});

describe('rights over HTTP', () => {
  let host: Host;
  let admin: string;
  beforeAll(async () => {
    host = await Host.create({
      definitions: [access],
      connectionString: await freshDatabaseUrl(),
      logger: createLogger('silent'),
    });
    admin = (await ensureAdminKey(host.services.get('access')!.runtime.database))!;
  });
  afterAll(() => host.stop());
  const ask = async (
    key: string,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    payload?: object,
  ) => {
    const headers = { authorization: `Bearer ${key}` };
    const url = `/v1/access/${path}`;
    const answer = await host.app.inject({ method, url, headers, ...(payload && { payload }) });
    const body = answer.body === '' ? undefined : answer.json();
    return { status: answer.statusCode, body, headers: answer.headers };
  };
  const made = async (grant: object): Promise<string> =>
    (await ask(admin, 'POST', 'keys', { name: 'made', ...grant })).body.key;

  it('are told to their holder', async () => {
    const key = await made({ roles: ['finance'], channels: ['web'], ratePerSecond: 100 });
    expect(await ask(key, 'GET', 'principal')).toMatchObject({
      status: 200,
      body: {
        name: 'made',
        channels: ['web'],
        ratePerSecond: 100,
        actions: expect.arrayContaining(['payments:refund']),
      },
    });
    expect((await ask(admin, 'GET', 'principal')).body.actions).toEqual([...ACTIONS].sort());
  });

  it('are needed, and the answer names the one that is missing', async () => {
    const key = await made({ roles: ['operator'] });
    expect(await ask(key, 'GET', 'keys')).toMatchObject({
      status: 403,
      body: { code: 'forbidden', action: 'access:read', type: 'urn:oms:problem:forbidden' },
    });
  });

  it('are handed out by whoever has them, and no others', async () => {
    const keeper = await made({ roles: ['viewer'], actions: ['access:write'] });
    const refused = await ask(keeper, 'POST', 'keys', {
      name: 'y',
      roles: ['viewer', 'finance'],
      actions: ['inventory:move'],
    });
    expect(refused).toMatchObject({
      status: 403,
      body: {
        code: 'grants-too-much',
        errors: [
          { field: 'roles', message: expect.stringContaining('payments:refund') },
          { field: 'actions', message: expect.stringContaining('inventory:move') },
        ],
      },
    });
    expect((await ask(keeper, 'POST', 'keys', { name: 'y', roles: ['viewer'] })).status).toBe(201);
  });

  it.each<[string, object, object, object]>([
    ['channels', { channels: ['web'] }, { channels: ['web', 'shop'] }, { channels: ['web'] }],
    ['channels', { channels: ['web'] }, {}, { channels: ['web'] }],
    [
      'locations',
      { locations: ['leeds', 'york'] },
      { locations: ['bath'] },
      { locations: ['york'] },
    ],
    ['locations', { locations: ['leeds'] }, { channels: ['web'] }, { locations: ['leeds'] }],
    ['ratePerSecond', { ratePerSecond: 50 }, { ratePerSecond: 51 }, { ratePerSecond: 50 }],
    ['ratePerSecond', { ratePerSecond: 50 }, {}, { ratePerSecond: 1 }],
    ['expiresAt', { expiresAt: SOON }, { expiresAt: LATER }, { expiresAt: SOON }],
    ['expiresAt', { expiresAt: SOON }, {}, { expiresAt: SOON }],
  ])(
    'are handed out with no wider %s than their holder has: %j, not %j',
    async (field, ...keys) => {
      const [own, beyond, within] = keys;
      const maker = await made({ roles: ['admin'], ...own });
      const make = (grant: object) =>
        ask(maker, 'POST', 'keys', { name: 'y', roles: ['viewer'], ...grant });
      expect(await make(beyond)).toMatchObject({
        status: 403,
        body: { code: 'grants-too-much', errors: [{ field, code: 'beyond-own' }] },
      });
      expect((await make(within)).status).toBe(201);
    },
  );

  it('of single channels and locations reach the keys within these, and no others', async () => {
    const limits = { channels: ['web'], locations: ['leeds'] };
    const maker = await made({ roles: ['admin'], ...limits });
    const own = await ask(maker, 'POST', 'keys', { name: 'own', roles: ['viewer'], ...limits });
    const others: string[] = [];
    for (const other of [{}, { channels: ['web'] }, { ...limits, locations: ['york'] }])
      others.push((await made({ roles: ['viewer'], ...other })).slice(3, 19));
    const { items } = (await ask(maker, 'GET', 'keys?limit=200')).body;
    const listed = items.map(({ keyId }: { keyId: string }) => keyId);
    expect(listed).toEqual(expect.arrayContaining([own.body.keyId, maker.slice(3, 19)]));
    for (const other of others) {
      expect(listed).not.toContain(other);
      expect((await ask(maker, 'DELETE', `keys/${other}`)).status).toBe(404);
    }
    expect((await ask(maker, 'DELETE', `keys/${own.body.keyId}`)).status).toBe(204);
    expect((await ask(maker, 'GET', 'audit')).body.code).toBe('channel-key');
  });

  it('are used no oftener than the key may', async () => {
    const key = await made({ roles: ['viewer'], ratePerSecond: 1 });
    const answers = [];
    // Enough for the bucket to run dry however slowly they come.
    while (answers.at(-1)?.status !== 429 && answers.length < 500)
      answers.push(
        ...(await Promise.all(Array.from({ length: 20 }, () => ask(key, 'GET', 'principal')))),
      );
    expect(answers.find(({ status }) => status === 429)).toMatchObject({
      headers: { 'retry-after': '1' },
      body: { code: 'too-many-requests', retryAfterSeconds: 1 },
    });
    expect((await ask(admin, 'GET', 'principal')).status).toBe(200);
  });
});

describe('the audit trail', () => {
  let service: ServiceHarness;
  beforeAll(async () => {
    service = await startService(access, { now: () => AT, authenticate: async () => TESTER });
  });
  afterAll(() => service.stop());
  const trail = async (query = '') => (await service.http('GET', `/v1/access/audit${query}`)).body;

  it('tells who made and revoked keys, once, and never their secret', async () => {
    const { keyId } = (
      await service.http('POST', '/v1/access/keys', { name: 'a', roles: ['viewer'] })
    ).body;
    await service.http('DELETE', `/v1/access/keys/${keyId}`);
    await service.http('DELETE', `/v1/access/keys/${keyId}`);
    const entry = {
      at: AT,
      actor: 't-1',
      actorName: 'tester',
      service: 'access',
      subject: `key:${keyId}`,
      entryId: expect.any(String),
    };
    const details = {
      name: 'a',
      roles: ['viewer'],
      actions: [],
      channels: null,
      locations: null,
      ratePerSecond: null,
      expiresAt: null,
    };
    const { items } = await trail(`?subject=key:${keyId}`);
    expect(items).toHaveLength(2);
    expect(items).toEqual(
      expect.arrayContaining([
        { ...entry, change: 'created', details },
        { ...entry, change: 'revoked', details: {} },
      ]),
    );
  });

  it('tells of items, locations and safety stock, however often the message comes', async () => {
    const item = { sku: 'A', version: 2, name: 'Apple', weightGrams: null, changedBy: 'ann' };
    await service.deliver(ItemChanged, 'A', item, { id: ID });
    await service.deliver(ItemChanged, 'A', item, { id: ID });
    await service.deliver(SafetyStockChanged, 'A', {
      sku: 'A',
      locationId: 'L',
      safetyStock: 3,
      changedBy: 'ann',
      changedById: 'k-1',
    });
    await service.deliver(LocationChanged, 'L', {
      locationId: 'L',
      version: 1,
      locationType: 'store',
      name: 'Leeds',
      country: 'GB',
      postalCode: null,
      geo: null,
      active: true,
    });
    const { items } = await trail('?service=test');
    expect(
      items.map(({ actor, actorName, subject, change, details }: AuditAnswer) => [
        actor,
        actorName,
        subject,
        change,
        details,
      ]),
    ).toEqual(
      expect.arrayContaining([
        [null, 'ann', 'item:A', 'changed', { name: 'Apple', version: 2 }],
        ['k-1', 'ann', 'safety-stock:A@L', 'changed', { safetyStock: 3 }],
        [null, 'unknown', 'location:L', 'changed', { name: 'Leeds', active: true, version: 1 }],
      ]),
    );
    expect(items).toHaveLength(3);
    expect((await trail('?actor=ann')).items).toHaveLength(2);
    expect((await trail('?actor=k-1')).items).toHaveLength(1);
  });

  it('tells who put the ledger right, and why', async () => {
    const words = { explanation: '5 are reserved', proposal: 'Count 3', reason: 'restored' };
    const repaired = {
      name: 'reserved:A:1',
      check: 'reserved',
      sku: 'A',
      locationId: 'L',
      ...words,
    };
    const id = '0b1d3c1e-8a4b-5e0f-9b7a-2d5c41e6a974';
    for (const changedBy of ['ann', 'ann'])
      await service.deliver(LedgerRepaired, 'A', { ...repaired, changedBy }, { id });
    const { items } = await trail('?service=test');
    const found = items.filter(({ subject }: AuditAnswer) => subject === 'ledger:A');
    expect(found).toMatchObject([
      { actorName: 'ann', change: 'repaired', details: { name: 'reserved:A:1', ...words } },
    ]);
  });

  it('is read by time, page by page', async () => {
    const all = (await trail()).items;
    const first = await trail('?limit=2');
    const rest = await trail(`?cursor=${first.nextCursor}`);
    expect([...first.items, ...rest.items]).toEqual(all);
    expect(
      (await trail('?from=2026-11-01T10:30:00%2B01:00&to=2026-11-01T09:30:00Z')).items,
    ).toEqual(all);
    expect((await trail('?from=2026-11-01T09:30:00.001Z')).items).toEqual([]);
    for (const query of ['?from=yesterday', '?cursor=W10', '?when=now', '?limit=201'])
      expect((await service.http('GET', `/v1/access/audit${query}`)).status).toBe(422);
  });
});

describe('the first admin key', () => {
  const emptyDatabase = () =>
    freshDatabase({
      schema: access.schema,
      ...(access.migrations && { migrations: access.migrations }),
    });
  const idsOf = async (database: Awaited<ReturnType<typeof emptyDatabase>>) =>
    (await database.query<{ id: string }>('select id from keys order by id')).map(({ id }) => id);

  /** As an operator would in the database; over HTTP the last one stays. */
  const revokeAll = (database: Awaited<ReturnType<typeof emptyDatabase>>) =>
    database.query('update keys set revoked_at = $1', [AT]);

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

  it('may be one that somebody chose, beside others, as long as it is not revoked', async () => {
    const database = await emptyDatabase();
    await ensureAdminKey(database);
    const chosen = `tl_0123456789abcdef_${'A'.repeat(43)}`;
    expect(await registerAdminKey(database, chosen)).toBe(true);
    expect(await registerAdminKey(database, chosen)).toBe(true);
    expect(await idsOf(database)).toHaveLength(2);
    expect(await registerAdminKey(database, `${chosen.slice(0, -1)}B`)).toBe(false);
    expect(await registerAdminKey(database, 'secret')).toBe(false);
    await keysIn(database).revoke(chosen.slice(3, 19), AT, TESTER);
    expect(await registerAdminKey(database, chosen)).toBe(false);
    expect(await idsOf(database)).toHaveLength(2);
    await database.stop();
  });

  it('is a new one when the kept one was revoked or is no key', async () => {
    const database = await emptyDatabase();
    const existing = await ensureAdminKey(database);
    await revokeAll(database);
    const second = await ensureAdminKey(database, { existing });
    expect(second).toMatch(KEY);
    expect(second).not.toBe(existing);
    await revokeAll(database);
    expect(await ensureAdminKey(database, { existing: 'garbled' })).toMatch(KEY);
    expect(await idsOf(database)).toHaveLength(3);
    await database.stop();
  });
});

describe('the last admin key', () => {
  const NEVER = null;
  let service: ServiceHarness;
  beforeEach(async () => {
    service = await startService(access, { now: () => AT });
  });
  afterEach(() => service.stop());
  const make = async (expiresAt: string | null = NEVER, more: object = {}): Promise<string> => {
    const body = { name: 'a', roles: ['admin'], expiresAt, ...more };
    return (await service.http('POST', '/v1/access/keys', body)).body.keyId;
  };
  const revoke = async (keyId: string) =>
    (await service.http('DELETE', `/v1/access/keys/${keyId}`)).status;

  it('is not revoked, whatever other keys there are', async () => {
    const last = await make();
    await make(NEVER, { channels: ['web'] });
    await make(NEVER, { locations: ['leeds'] });
    await make(NEVER, { roles: ['viewer'], actions: ['access:write'] });
    const { status, body } = await service.http('DELETE', `/v1/access/keys/${last}`);
    expect([status, body.code, body.keyId]).toEqual([409, 'last-admin', last]);
    const other = await make();
    expect([await revoke(last), await revoke(last), await revoke(other)]).toEqual([204, 204, 409]);
  });

  it('is the one that lasts the longest, so that none is left that runs out', async () => {
    const day = (date: string): Promise<string> => make(`2026-11-${date}T00:00:00.000Z`);
    const last = await make();
    const [second, fifth, other] = [await day('02'), await day('05'), await day('05')];
    expect(await revoke(last)).toBe(409);
    expect(await revoke(second)).toBe(204);
    expect(await revoke(fifth)).toBe(204);
    await make();
    expect(await revoke(last)).toBe(204);
    expect(await revoke(other)).toBe(204);
  });

  it('is left by admins that revoke each other at the same time', async () => {
    const keys = [await make(), await make(), await make()];
    const answers = await Promise.all(keys.map(revoke));
    expect(answers.sort()).toEqual([204, 204, 409]);
  });
});

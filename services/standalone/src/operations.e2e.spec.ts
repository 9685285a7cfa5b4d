import { declaredRoutes } from '@throughline/service-kit';
import { until } from '@throughline/testing';
import { SERVICES } from './services.js';
import { TestSystem } from './system.fixtures.js';

type Json = ReturnType<typeof JSON.parse>;

let system: TestSystem;
let orderId: string;
beforeAll(async () => {
  system = await TestSystem.start();
  await system.stock('LON', 'SW1Y 4JH', { A: 20 });
  orderId = await system.place('1', { A: 2 });
  await system.place('2', { A: 3 });
  await system.settled();
  await system.shipAll(orderId);
  await system.track(orderId, 'delivered');
});
afterAll(() => system.stop());

/** Goes through a service's whole store. */
const checked = async (service: string): Promise<{ items: Json[]; count: number }> => {
  const items: Json[] = [];
  let [count, cursor] = [0, ''];
  for (;;) {
    const page: Json = await system.ok('GET', `/v1/${service}/consistency${cursor}`);
    items.push(...page.items);
    count += page.checked;
    if (page.nextCursor === null) return { items, count };
    cursor = `?cursor=${page.nextCursor}`;
  }
};
const databaseOf = (service: string) => system.host.services.get(service)!.runtime.database;
const statusOf = async (path: string): Promise<Json> => (await system.list(path))[0];

describe('consistency', () => {
  it.each(SERVICES.map(({ name }) => name))('of %s: nothing contradicts itself', async (name) => {
    const { items, count } = await checked(name);
    expect(items).toEqual([]);
    const hasStreams = ['order-capture', 'payments', 'fulfillment', 'shipping', 'returns'];
    expect(count > 0).toBe(hasStreams.includes(name));
  });

  it('finds a row that is not what its events say', async () => {
    const database = databaseOf('order-capture');
    const change = (status: string) =>
      database.query('update order_states set status = $2 where order_id = $1', [orderId, status]);
    const [before] = await database.query<{ status: string }>(
      'select status from order_states where order_id = $1',
      [orderId],
    );
    await change('placed');
    const { items } = await checked('order-capture');
    expect(items.map(({ check, subject }) => [check, subject])).toEqual([
      ['I5', orderId],
      ['I5', orderId],
    ]);
    await change(before!.status);
    expect((await checked('order-capture')).items).toEqual([]);
  });

  it('refuses a cursor that it did not give', async () => {
    const { status } = await system.http('GET', '/v1/payments/consistency?cursor=bm8');
    expect(status).toBe(422);
  });
});

describe('read models', () => {
  it('are rebuilt while they serve, rolled back and dropped', async () => {
    const path = '/v1/fulfillment/projections';
    const before = await system.list('/v1/fulfillments');
    await system.operate('POST', `${path}/fulfillments/rebuild`);
    await until(async () => (await statusOf(path)).rebuild.phase === 'done', {
      deadlineMs: 60_000,
    });
    expect(await system.list('/v1/fulfillments')).toEqual(before);
    expect(await statusOf(path)).toEqual(
      expect.objectContaining({ name: 'fulfillments', retired: expect.anything() }),
    );
    await system.operate('POST', `${path}/fulfillments/rollback`);
    const again = await system.http('POST', `${path}/fulfillments/rollback`, {
      confirm: 'fulfillment/fulfillments',
      reason: 'once more',
    });
    expect([again.status, again.body.code]).toEqual([409, 'nothing-kept']);
    await system.settled();
    expect(await system.list('/v1/fulfillments')).toEqual(before);
    await system.operate('DELETE', `${path}/fulfillments/retired`);
    await system.operate('DELETE', `${path}/fulfillments/rebuild`);
    expect((await checked('fulfillment')).items).toEqual([]);
  });

  it('that are not there are not found', async () => {
    const path = '/v1/returns/projections/nothing/rebuild';
    expect((await system.http('POST', path)).status).toBe(404);
    expect((await system.http('GET', path)).status).toBe(404);
  });
});

describe('readers', () => {
  it('are shown with how far they are, all at the end', async () => {
    const readers = await system.list('/v1/routing/consumers');
    expect(readers.map(({ group }) => group)).toContain('routing.oms.order');
    expect(readers.every(({ lagMessages }) => lagMessages === 0)).toBe(true);
  });

  it('that begin anew change nothing that was done', async () => {
    const path = '/v1/fulfillment/consumers/fulfillment.oms.sourcing/reset';
    const before = [await system.order(orderId), await system.list('/v1/fulfillments')];
    const tried = await system.ok('POST', path, { to: 'start', dryRun: true });
    expect(tried.moves).toEqual([
      expect.objectContaining({ to: '0', from: expect.not.stringMatching(/^0$/) }),
    ]);
    await system.operate('POST', path, { to: 'start' });
    await system.settled();
    expect([await system.order(orderId), await system.list('/v1/fulfillments')]).toEqual(before);
    expect(await system.list('/v1/fulfillment/dead-letters')).toEqual([]);
  });

  it.each([
    ['/v1/routing/consumers/nobody/reset', { to: 'start' }, 404],
    ['/v1/routing/consumers/routing.oms.order/reset', { to: 'yesterday' }, 422],
    ['/v1/routing/relay/republish', { topic: 'oms.order', group: 'x' }, 422],
    ['/v1/routing/relay/republish', { topic: 'oms.sourcing', group: 'x', from: '-1' }, 422],
    ['/v1/routing/relay/republish', { topic: 'oms.sourcing', group: 'x' }, 409],
  ])('%s refuses %j', async (path, body, status) => {
    expect((await system.http('POST', path, body)).status).toBe(status);
  });
});

describe('a log', () => {
  const EPOCHS = '/v1/returns/log/epochs';
  const readiness = async () => {
    const { status, body } = await system.http('GET', '/health/ready');
    return [status, body.parts['returns projections']];
  };
  const isReady = async () => (await system.http('GET', '/health/ready')).status === 200;

  it('begins no epoch unless that is meant, says why, and is undone by the epoch before', async () => {
    expect(await readiness()).toEqual([200, 'up']);
    const bare = await system.http('POST', EPOCHS);
    expect([bare.status, bare.body.errors.map(({ field }: Json) => field)]).toEqual([
      422,
      ['confirm', 'reason'],
    ]);
    expect(bare.body.plan.effects[0]).toContain('the read model returns/return-list');
    expect(await readiness()).toEqual([200, 'up']);

    const { epoch, before } = await system.operate('POST', EPOCHS);
    expect(await readiness()).toEqual([503, expect.stringContaining('return-list')]);
    // A repeat of what was meant for the epoch before does nothing.
    const repeat = { confirm: before, reason: 'sent twice' };
    expect((await system.http('POST', EPOCHS, repeat)).status).toBe(422);

    await system.operate('POST', EPOCHS, { epoch: before });
    await until(isReady, { deadlineMs: 60_000 });
    await system.settled();
    const [back, begun] = await system.list('/v1/returns/operations');
    expect([begun, back].map((one) => [one.operation, one.subject, one.reason])).toEqual([
      ['begin-epoch', before, 'the test says so'],
      ['return-to-epoch', epoch, 'the test says so'],
    ]);
    expect(begun).toMatchObject({
      actor: 'tester',
      actorName: 'tester',
      result: { epoch, before },
    });
  });

  it('that begins an epoch is left by whoever has read the one before, until that is rebuilt', async () => {
    await system.operate('POST', EPOCHS);
    await until(async () => (await readiness())[0] === 503);
    await system.operate('POST', '/v1/returns/projections/return-list/rebuild');
    await until(isReady, { deadlineMs: 60_000 });
  });
});

/** Every route that operates on a service, as one would call it; `{}` stands for what it needs besides. */
const DESTRUCTIVE = [
  ['POST', '/v1/payments/consumers/payments.oms.order/reset', { to: 'end' }],
  ['POST', '/v1/payments/log/epochs', {}],
  ['POST', '/v1/shipping/projections/shipments/rebuild', {}],
  ['DELETE', '/v1/shipping/projections/shipments/rebuild', {}],
  ['POST', '/v1/shipping/projections/shipments/rollback', {}],
  ['DELETE', '/v1/shipping/projections/shipments/retired', {}],
] as const;

/** Trying again loses nothing. The others need a broker, or a parked message, and have specs of their own. */
const ELSEWHERE = [
  'POST streams-set-aside/retry',
  'POST dead-letters/{parkedId}/replay',
  'POST dead-letters/{parkedId}/restore',
  'POST dead-letters/{parkedId}/discard',
  'POST relay/republish',
];

it('every operating route that writes is looked at here', () => {
  const named = DESTRUCTIVE.map(([method, path]) =>
    `${method} ${path.split('/').slice(3).join('/')}`
      .replace('payments.oms.order', '{group}')
      .replace('shipments', '{name}'),
  );
  const declared = declaredRoutes(system.host.app)
    .filter(({ method, path }) => method !== 'GET' && path.startsWith('/v1/shipping/'))
    .map(({ method, path }) => `${method} ${path.slice('/v1/shipping/'.length)}`);
  expect(declared.sort()).toEqual([...named, ...ELSEWHERE].sort());
});

describe.each(DESTRUCTIVE)('%s %s', (method, path, body) => {
  const send = (more: Record<string, string>) =>
    method === 'DELETE'
      ? system.http(method, `${path}?${new URLSearchParams(more).toString()}`)
      : system.http(method, path, { ...body, ...more });

  it('changes nothing unless it is confirmed by name and with a reason', async () => {
    const service = path.split('/')[2]!;
    const plan = await system.plan(method, path, body);
    expect(plan).toMatchObject({
      dryRun: true,
      effects: [expect.any(String)],
      wayBack: expect.any(String),
    });
    for (const more of [{}, { confirm: plan.subject }, { confirm: 'x', reason: 'why' }]) {
      const { status, body: problem } = await send(more as Record<string, string>);
      expect([status, problem.code, problem.plan.subject]).toEqual([
        422,
        'invalid-request',
        plan.subject,
      ]);
    }
    expect(await system.list(`/v1/${service}/operations`)).toEqual([]);
  });
});

describe('readiness', () => {
  it('is down, with the words for it, when a read model is of a log that is no longer there', async () => {
    const database = databaseOf('shipping');
    const move = (by: number) =>
      database.query('update projection_positions set position = position + $1', [by]);
    expect((await system.http('GET', '/health/ready')).status).toBe(200);
    await move(1_000_000);
    const { status, body } = await system.http('GET', '/health/ready');
    expect([status, body.parts['shipping projections']]).toEqual([
      503,
      expect.stringContaining('docs/operations/restore.md'),
    ]);
    await move(-1_000_000);
    expect((await system.http('GET', '/health/ready')).status).toBe(200);
  });
});

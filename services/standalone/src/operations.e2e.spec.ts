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
    expect((await system.http('POST', `${path}/fulfillments/rebuild`)).status).toBe(202);
    await until(async () => (await statusOf(path)).rebuild.phase === 'done', {
      deadlineMs: 60_000,
    });
    expect(await system.list('/v1/fulfillments')).toEqual(before);
    expect(await statusOf(path)).toEqual(
      expect.objectContaining({ name: 'fulfillments', retired: expect.anything() }),
    );
    await system.ok('POST', `${path}/fulfillments/rollback`);
    const again = await system.http('POST', `${path}/fulfillments/rollback`);
    expect([again.status, again.body.code]).toEqual([409, 'nothing-kept']);
    await system.settled();
    expect(await system.list('/v1/fulfillments')).toEqual(before);
    await system.ok('DELETE', `${path}/fulfillments/retired`);
    await system.ok('DELETE', `${path}/fulfillments/rebuild`);
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
    await system.ok('POST', path, { to: 'start' });
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
  it('that begins an epoch is left by whoever has read the one before', async () => {
    const before = await system.http('GET', '/health/ready');
    expect(before.status).toBe(200);
    expect((await system.http('POST', '/v1/returns/log/epochs')).status).toBe(201);
    const { status, body } = await system.http('GET', '/health/ready');
    expect([status, body.parts['returns projections']]).toEqual([
      503,
      expect.stringContaining('return-list'),
    ]);
    await system.ok('POST', '/v1/returns/projections/return-list/rebuild');
    const ready = async () => (await system.http('GET', '/health/ready')).status === 200;
    await until(ready, { deadlineMs: 60_000 });
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

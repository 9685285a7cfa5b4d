import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { listSetAside, retrySetAside } from '@throughline/cli';
import { NO_STREAM } from '@throughline/event-store';
import { until } from '@throughline/testing';
import { TestSystem } from './system.fixtures.js';

type Json = ReturnType<typeof JSON.parse>;

const DEADLINE = { deadlineMs: 60_000 };
const LIST = '/v1/order-capture/projections/order-list/rebuild';

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start();
  await system.stock('LON', 'SW1Y 4JH', { A: 20 });
  await system.host.listen(0, '127.0.0.1');
});
afterAll(() => system.stop());

const runtime = () => system.host.services.get('order-capture')!.runtime;
/** Writes the first event of an order into the log as a faulty release would; answers how to mend it. */
const write = async (orderId: string, data: Json, damaged: Json): Promise<() => Promise<Json>> => {
  const { store, database } = runtime();
  const stream = `order-${orderId}`;
  const metadata = { at: '2026-11-01T09:30:00.000Z', causationId: orderId, correlationId: orderId };
  const event = { id: randomUUID(), type: 'OrderPlaced', version: 1, data: damaged, metadata };
  await store.append(stream, [event], NO_STREAM);
  return () =>
    database.query('update log_events set data = $2 where stream = $1', [
      stream,
      JSON.stringify(data),
    ]);
};
const listed = async (): Promise<string[]> =>
  (await system.list('/v1/orders')).map(({ orderId }) => orderId);
const troubles = async (orderId: string): Promise<string[]> =>
  (await system.list(`/v1/exceptions?orderId=${orderId}`)).map(({ exceptionId }) => exceptionId);
const rebuilt = async (): Promise<void> => {
  await system.operate('POST', LIST);
  await until(async () => (await system.ok('GET', LIST)).rebuild.phase === 'done', DEADLINE);
};

/** What an operator types, and what is said to it. */
const ops = async (command: typeof retrySetAside, stream?: string) => {
  const { port } = system.host.app.getHttpServer().address() as AddressInfo;
  const said: string[] = [];
  const isFine = await command('order-capture/order-list', stream, {
    url: `http://127.0.0.1:${port}`,
    key: 'test',
    dataDir: '.',
    connections: 1,
    service: 'order-capture',
    say: (line: string) => void said.push(line),
  });
  return { isFine, said: said.join('\n') };
};
const opsList = () => ops((_, __, options) => listSetAside(options));

it.each<[string, (data: Json) => Json]>([
  ['decoded', () => null],
  ['projected', (data) => ({ ...data, placedAt: 'long ago' })],
])('an order that cannot be %s stops no other, is seen, and comes back', async (kind, damaged) => {
  const model = await system.place(`model-${kind}`, { A: 1 });
  const [placed] = await runtime().store.read(`order-${model}`);
  const bad = randomUUID();
  const stream = `order-${bad}`;
  const data = { ...(placed!.data as Json), orderId: bad, externalId: `bad-${kind}` };
  const mend = await write(bad, data, damaged(data));

  // Everything else goes on from order to delivery.
  const good = await system.place(`good-${kind}`, { A: 2 });
  await system.settled();
  await system.shipAll(good);
  await system.track(good, 'delivered');
  expect((await system.order(good)).status).toBe('delivered');
  expect(await listed()).toContain(good);
  expect(await listed()).not.toContain(bad);

  expect(await troubles(bad)).toContain(`${bad}.set-aside-order-list`);
  const { items } = await system.ok('GET', '/v1/order-capture/consistency');
  expect(items).toContainEqual(expect.objectContaining({ check: 'set-aside', subject: stream }));
  expect((await opsList()).said).toContain(stream);
  const early = await ops(retrySetAside, stream);
  expect([early.isFine, early.said]).toEqual([
    false,
    expect.stringContaining('failed again and stays set aside'),
  ]);

  await rebuilt();
  expect(await listed()).not.toContain(bad);
  expect(await troubles(bad)).toContain(`${bad}.set-aside-order-list`);

  await mend();
  expect(await ops(retrySetAside, stream)).toEqual({
    isFine: true,
    said: `order-capture/order-list ${stream}: is in the rows`,
  });
  expect(await listed()).toEqual(expect.arrayContaining([good, bad]));
  expect(await troubles(bad)).toEqual([]);
  expect((await opsList()).said).not.toContain(stream);
});

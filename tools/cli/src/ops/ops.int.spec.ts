import { testServer, type Call, type Reply, type TestServer } from '../api/server.fixtures.js';
import { listed } from '../reconcile/order.fixtures.js';
import { check } from './check.js';
import { beginEpoch, listConsumers, republish, resetConsumer } from './consumers.js';
import {
  discardDeadLetter,
  listDeadLetters,
  replayDeadLetters,
  type DeadLetterOptions,
} from './dead-letters.js';
import { listSetAside, retrySetAside } from './set-aside.js';
import type { OpsOptions } from './fleet.js';
import type { Confirmed } from './operate.js';
import { listProjections, rebuildProjection, rollBack } from './projections.js';
import { repair, type RepairOptions } from './repair.js';

const items = (...found: object[]): Reply => ({
  status: 200,
  body: { items: found, checked: found.length, nextCursor: null },
});

/** Answers by `METHOD /path`, the next one each time it is asked; lists are empty where nothing is said. */
const serving = (script: Record<string, Reply | readonly Reply[]>): Promise<TestServer> => {
  const asked = new Map<string, number>();
  return testServer(({ method, url }) => {
    const name = `${method} ${url.pathname}`;
    const index = asked.get(name) ?? 0;
    asked.set(name, index + 1);
    const said = script[name];
    if (said === undefined) return method === 'GET' ? items() : { status: 404 };
    const replies: readonly Reply[] = Array.isArray(said) ? said : [said as Reply];
    return replies[Math.min(index, replies.length - 1)]!;
  });
};

/** Runs a command and answers whether it was content, and what it said. */
const run = async <Options extends OpsOptions>(
  server: TestServer,
  command: (options: Options) => Promise<boolean>,
  more: Partial<Options> = {},
): Promise<{ isFine: boolean; said: string }> => {
  const said: string[] = [];
  const options = {
    url: server.url,
    key: 'k',
    dataDir: '.',
    connections: 2,
    show: 20,
    limit: 200,
    say: (line: string) => void said.push(line),
    ...more,
  } as unknown as Options;
  const isFine = await command(options);
  return { isFine, said: said.join('\n') };
};
const callsOf = (server: TestServer, method: Call['method']): (readonly [string, unknown])[] =>
  server.calls
    .filter((call) => call.method === method)
    .map(({ url, body }) => [url.pathname, body] as const);

const parked = (parkedId: number, key: string, holdsKey = true) => ({
  parkedId,
  group: 'returns.oms.shipment',
  topic: 'oms.shipment',
  key,
  error: 'unknown order',
  holdsKey,
  parkedAt: '2026-11-01T10:00:00.000Z',
  message: { type: 'ShipmentDelivered' },
});
const reader = (group: string, lagMessages: number) => ({
  group,
  topic: 'oms.order',
  position: '5',
  head: '7',
  lagMessages,
  lagSeconds: 61,
});

/** An operation as a service plans it, or has done it. */
const planned = (subject: string, more: object = {}): Reply => ({
  status: 200,
  body: { subject, effects: ['something ends'], wayBack: 'none', ...more },
});
const meant = (confirm: string): Confirmed => ({ confirm, reason: 'because' });

describe('dead letters', () => {
  it('of all services stand in one table; a service that does not answer is named', async () => {
    await using server = await serving({
      'GET /v1/returns/dead-letters': items(parked(3, 'o-1')),
      'GET /v1/routing/dead-letters': { status: 404, body: { title: 'Nothing here' } },
    });
    const { isFine, said } = await run(server, listDeadLetters, { group: 'g' });
    expect(isFine).toBe(false);
    expect(said).toContain('routing does not answer');
    expect(said).toMatch(/returns\/3 +returns\.oms\.shipment +ShipmentDelivered +o-1 +held/);
    const [{ url }] = server.calls.filter((call) => call.url.pathname.includes('returns')) as [
      Call,
    ];
    expect(url.searchParams.get('group')).toBe('g');
  });

  it('are replayed key by key, and what fails again is told with its reason', async () => {
    await using server = await serving({
      'GET /v1/returns/dead-letters': items(
        parked(1, 'a'),
        parked(2, 'a'),
        parked(3, 'b'),
        parked(4, 'b', false),
      ),
      'POST /v1/returns/dead-letters/1/replay': { status: 200, body: { replayed: 2 } },
      'POST /v1/returns/dead-letters/3/replay': {
        status: 409,
        body: { title: 'A message failed again', detail: 'unknown order' },
      },
      'POST /v1/returns/dead-letters/4/replay': { status: 202, body: { replayed: 0 } },
    });
    const replay = (options: DeadLetterOptions) => replayDeadLetters([], { ...options, all: true });
    const { isFine, said } = await run(server, replay, { service: 'returns' });
    expect(isFine).toBe(false);
    expect(said.split('\n')).toEqual([
      'returns/1: handled, 2 of its key in all',
      'returns/3: 409 A message failed again: unknown order',
      'returns/4: asked for; no process has taken it up yet',
    ]);
  });

  it('are discarded only when that is confirmed', async () => {
    const path = '/v1/returns/dead-letters/1/discard';
    await using server = await serving({ [`POST ${path}`]: planned('returns/1') });
    const discard = (confirmed: Confirmed) => (options: OpsOptions) =>
      discardDeadLetter('returns/1', { ...options, ...confirmed });
    const { said } = await run(server, discard({}));
    expect(said).toContain('something ends');
    expect(said).toContain("--confirm 'returns/1'");
    expect((await run(server, discard(meant('returns/1')))).said).toContain('discarded');
    expect(callsOf(server, 'POST')).toEqual([
      [path, { dryRun: true }],
      [path, meant('returns/1')],
    ]);
  });

  it.each(['12', 'nobody/12', 'returns/', 'returns/1/2'])('%s names none', async (address) => {
    await using server = await serving({});
    const replay = (options: DeadLetterOptions) => replayDeadLetters([address], options);
    await expect(run(server, replay)).rejects.toThrow('is not <service>/<name>');
  });
});

describe('streams set aside', () => {
  const aside = (stream: string) => ({
    projection: 'order-list',
    stream,
    error: 'TypeError: lines is not iterable',
    revision: 4,
    since: '2026-11-01T10:00:00.000Z',
    tries: 2,
  });
  const script = {
    'GET /v1/order-capture/streams-set-aside': items(aside('order-a'), aside('order-b')),
    'POST /v1/order-capture/streams-set-aside/retry': [
      { status: 200, body: { retried: 1, requested: 1 } },
      { status: 409, body: { title: 'order-b failed again', detail: 'lines is not iterable' } },
    ],
  };

  it('of all services stand in one table', async () => {
    await using server = await serving(script);
    const { said } = await run(server, listSetAside);
    expect(said).toMatch(/order-capture\/order-list +order-a +4 .* 2 +TypeError: lines/);
  });

  it('are tried again one by one, and what fails again is told with its reason', async () => {
    await using server = await serving(script);
    const retry = (options: OpsOptions) =>
      retrySetAside(undefined, undefined, { ...options, all: true });
    const { isFine, said } = await run(server, retry);
    expect(isFine).toBe(false);
    expect(said.split('\n')).toEqual([
      'order-capture/order-list order-a: is in the rows',
      'order-capture/order-list order-b: 409 order-b failed again: lines is not iterable',
    ]);
    expect(callsOf(server, 'POST').map(([, body]) => body)).toEqual([
      { projection: 'order-list', stream: 'order-a' },
      { projection: 'order-list', stream: 'order-b' },
    ]);
  });

  it('are tried again only when it is said which', async () => {
    await using server = await serving(script);
    const retry = (options: OpsOptions) => retrySetAside(undefined, undefined, options);
    await expect(run(server, retry)).rejects.toThrow('--all');
    expect(callsOf(server, 'POST')).toEqual([]);
  });
});

describe('consumers', () => {
  const consumers = { 'GET /v1/payments/consumers': items(reader('payments.oms.order', 2)) };

  it('are shown with how far behind they are', async () => {
    await using server = await serving(consumers);
    const { said } = await run(server, listConsumers);
    expect(said).toMatch(/payments +payments\.oms\.order +5 +7 +2 +1 min 1 s/);
  });

  it('are shown as they were known last while Kafka is away, and as not known where nothing was', async () => {
    const unknown = { lagMessages: null, lagSeconds: null, problem: 'Kafka: no answer in time' };
    const last = { group: 'payments.oms.order', topic: 'oms.order', position: '5', head: '7' };
    const never = { group: 'routing.oms.order', topic: 'oms.order', position: null, head: null };
    await using server = await serving({
      'GET /v1/payments/consumers': items({ ...last, ...unknown }),
      'GET /v1/routing/consumers': items({ ...never, ...unknown }),
    });
    const { said, isFine } = await run(server, listConsumers);
    expect(isFine).toBe(false);
    expect(said).toMatch(/payments +payments\.oms\.order +5 +7 +\? +\?/);
    expect(said).toMatch(/routing +routing\.oms\.order +\? +\? +\? +\?/);
    expect(said).toContain('not known now, payments: Kafka: no answer in time');
  });

  it.each([
    [{}, { dryRun: true }, 'Nothing was changed'],
    [meant('payments.oms.order'), meant('payments.oms.order'), 'goes on there'],
  ])('are moved when that is confirmed (%j)', async (confirmed, sent, words) => {
    const path = '/v1/payments/consumers/payments.oms.order/reset';
    await using server = await serving({
      ...consumers,
      [`POST ${path}`]: planned('payments.oms.order'),
    });
    const { said } = await run(server, (options: OpsOptions) =>
      resetConsumer('payments.oms.order', { ...options, to: 'start', ...confirmed }),
    );
    expect(callsOf(server, 'POST')).toEqual([[path, { to: 'start', ...sent }]]);
    expect(said).toContain(words);
  });

  it('stop when an epoch begins, and go on when the one before is brought back', async () => {
    const path = '/v1/returns/log/epochs';
    await using server = await serving({ [`POST ${path}`]: planned('one', { epoch: 'two' }) });
    const begin = (more: Confirmed & { epoch?: string }) =>
      run(server, (options: OpsOptions) => beginEpoch('returns', { ...options, ...more }));
    expect((await begin({})).said).toContain('Nothing was changed');
    expect((await begin(meant('one'))).said).toContain('returns: epoch two begins');
    await begin({ ...meant('two'), epoch: 'one' });
    expect(callsOf(server, 'POST')).toEqual([
      [path, { dryRun: true }],
      [path, meant('one')],
      [path, { epoch: 'one', ...meant('two') }],
    ]);
  });

  it('that are not there are answered with those that are', async () => {
    await using server = await serving(consumers);
    const reset = (options: OpsOptions) => resetConsumer('nobody', { ...options, to: 'end' });
    await expect(run(server, reset)).rejects.toThrow('there are payments.oms.order');
  });

  it('get messages again, request by request, until all are there', async () => {
    const path = '/v1/order-capture/relay/republish';
    const part = (position: string): Reply =>
      planned('g', { from: '0', to: '9', position, published: 4 });
    await using server = await serving({ [`POST ${path}`]: [part('5'), part('9')] });
    const wanted = { topic: 'oms.order', group: 'g' };
    const again = { service: 'order-capture', ...wanted, ...meant('g') };
    const { isFine, said } = await run(server, republish, again);
    expect([isFine, said.split('\n').at(-1)]).toEqual([
      true,
      '8 messages of oms.order for g, up to 9',
    ]);
    expect(callsOf(server, 'POST')).toEqual([
      [path, { ...wanted, ...meant('g') }],
      [path, { ...wanted, from: '5', to: '9', ...meant('g') }],
    ]);
  });
});

describe('projections', () => {
  const MEANT = meant('returns/return-list');
  const projection = (phase: string) => ({
    name: 'return-list',
    version: 2,
    builtVersion: 1,
    position: '5',
    head: '7',
    rebuild: { phase, position: '3', events: 3, eventsPerSecond: 1_500, error: null },
    retired: { version: 1 },
  });

  it('are shown with their rebuilds', async () => {
    await using server = await serving({
      'GET /v1/returns/projections': items(projection('building')),
    });
    const { said } = await run(server, listProjections);
    expect(said).toMatch(/returns\/return-list +1 +5 +7 +at 3, 1,500\/s +version 1/);
  });

  it('are rebuilt, and followed until that is done', async () => {
    const path = '/v1/returns/projections/return-list/rebuild';
    await using server = await serving({
      [`POST ${path}`]: planned('returns/return-list', projection('waiting')),
      [`GET ${path}`]: ['building', 'done'].map((phase) => ({
        status: 200,
        body: projection(phase),
      })),
    });
    const { isFine, said } = await run(server, (options: OpsOptions) =>
      rebuildProjection('returns/return-list', { ...options, ...MEANT, wait: true }),
    );
    expect(isFine).toBe(true);
    expect(said.split('\n').slice(-2)).toEqual(['at 3, 1,500/s of 7', 'done of 7']);
  });

  it('say why they are not rolled back', async () => {
    await using server = await serving({
      'POST /v1/returns/projections/return-list/rollback': {
        status: 409,
        body: { title: 'There are no rows of before' },
      },
    });
    const back = (options: OpsOptions) => rollBack('returns/return-list', { ...options, ...MEANT });
    await expect(run(server, back)).rejects.toThrow('409 There are no rows of before');
  });
});

describe('the check of everything', () => {
  const orders = { 'GET /v1/orders': items(listed('1', { A: { delivered: 2 } })) };

  it('is content where nothing is found', async () => {
    await using server = await serving(orders);
    const { isFine, said } = await run(server, check);
    expect([isFine, said]).toEqual([true, expect.stringContaining('Nothing contradicts itself')]);
  });

  it('goes through all pages of all services, and names what it finds', async () => {
    const path = 'GET /v1/payments/consistency';
    const page = (subject: string, nextCursor: string | null): Reply => ({
      status: 200,
      body: { items: [{ check: 'I4', subject, detail: 'odd' }], checked: 1, nextCursor },
    });
    await using server = await serving({
      ...orders,
      [path]: [page('payment-1', 'c'), page('payment-2', null)],
      'GET /v1/inventory/checks': items({ check: 'reserved-is-what-is-held', sku: 'A' }),
    });
    const { isFine, said } = await run(server, check);
    expect(isFine).toBe(false);
    expect(said).toMatch(/payments +I4 +payment-1 +odd/);
    expect(said).toMatch(/payments +I4 +payment-2 +odd/);
    expect(said).toMatch(/inventory +I3 reserved-is-what-is-held +A/);
  });

  it('finds work on orders that nobody has, and stock held for orders that are done', async () => {
    await using server = await serving({
      'GET /v1/orders': items({ ...listed('1', { A: { delivered: 2 } }), orderId: 'o-1' }),
      'GET /v1/shipments': items({ orderId: 'o-1' }, { orderId: 'o-2' }),
      'GET /v1/inventory/reservations': items({ orderId: 'o-1', lineId: '1', sku: 'A' }),
    });
    const { isFine, said } = await run(server, check);
    expect(isFine).toBe(false);
    expect(said).toMatch(/order-unknown +o-2 +\/v1\/shipments/);
    expect(said).toMatch(/reservation-idle +o-1 +line 1 holds A/);
  });

  it('compares services with each other only at rest', async () => {
    const stock = { 'GET /v1/inventory/stock': items({ sku: 'A', reserved: 3 }) };
    await using resting = await serving({ ...orders, ...stock });
    const found = await run(resting, check);
    expect([found.isFine, found.said]).toEqual([false, expect.stringContaining('across services')]);
    await using busy = await serving({
      ...orders,
      ...stock,
      'GET /v1/payments/consumers': items(reader('payments.oms.order', 2)),
    });
    const { isFine, said } = await run(busy, check);
    expect([isFine, said]).toEqual([true, expect.stringContaining('Work is on its way')]);
  });
});

describe('the repair of the ledger', () => {
  const proposal = {
    name: 'reserved-is-what-is-held:A:0c5ad2f1',
    check: 'reserved-is-what-is-held',
    sku: 'A',
    locationId: 'leeds',
    orderId: null,
    lineId: null,
    expected: 3,
    actual: 5,
    explanation: '5 units are counted as reserved',
    proposal: 'Count 3 as reserved',
  };
  const PATH = '/v1/inventory/repairs';
  const listed = { [`GET ${PATH}`]: items(proposal) };
  const answering = (applied: object[], refused: string[] = []) => ({
    ...listed,
    [`POST ${PATH}`]: { status: 200, body: { applied, refused } },
  });

  it('is content where nothing contradicts itself', async () => {
    await using server = await serving({});
    const { isFine, said } = await run(server, repair);
    expect([isFine, said]).toEqual([true, 'Nothing in the ledger contradicts itself.']);
  });

  it('explains each difference with its proposal, changes nothing, and is not content', async () => {
    await using server = await serving(listed);
    const { isFine, said } = await run(server, repair);
    expect(isFine).toBe(false);
    expect(said).toMatch(/reserved-is-what-is-held +A +leeds +3 +5/);
    expect(said).toContain(proposal.name);
    expect(said).toContain('5 units are counted as reserved.');
    expect(said).toContain('Count 3 as reserved.');
    expect(callsOf(server, 'POST')).toEqual([]);
  });

  it('carries out what is named, and says why', async () => {
    await using server = await serving(answering([proposal]));
    const reason = 'after the restore';
    const named: Partial<RepairOptions> = { apply: [proposal.name], reason };
    const one = await run(server, repair, named);
    expect(one.isFine).toBe(true);
    expect(one.said).toBe(`done  ${proposal.name}: Count 3 as reserved.`);
    expect(callsOf(server, 'POST')).toEqual([[PATH, { names: [proposal.name], reason }]]);
  });

  it('is not content where something is not there any more as it was seen', async () => {
    await using server = await serving(answering([], [proposal.name]));
    const { isFine, said } = await run(server, repair, { apply: [proposal.name], reason: 'r' });
    expect([isFine, said]).toEqual([false, expect.stringContaining(`left  ${proposal.name}`)]);
  });

  it('does nothing without a reason', async () => {
    await using server = await serving(listed);
    expect(() => repair({ apply: ['x'] } as unknown as RepairOptions)).toThrow('--reason');
    expect(server.calls).toEqual([]);
  });
});

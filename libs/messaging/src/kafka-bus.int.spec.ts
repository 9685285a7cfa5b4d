import { OrderConfirmed, type ContractMessage } from '@throughline/contracts';
import { describeWithKafka, until } from '@throughline/testing';
import { registry } from '@throughline/telemetry';
import {
  confirmed,
  kafkaWorld,
  numberOf,
  silent,
  type KafkaProcess,
  type KafkaWorld,
} from './bus-worlds.fixtures.js';
import { KafkaBus } from './kafka-bus.js';
import { recordOf } from './kafka-messages.js';
import { consumer, on, UnknownGroupError, type Consumer } from './message-bus.js';

/** A process that died is noticed within seconds, and a loaded machine is slow. */
const patiently = { deadlineMs: 60_000 };
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

await describeWithKafka('a bus on a real broker', (brokers) => {
  let world: KafkaWorld;
  let ends: (() => Promise<void>)[];
  const begin = async (options?: Parameters<typeof kafkaWorld>[1]): Promise<void> => {
    world = await kafkaWorld(brokers, options);
  };
  beforeEach(() => {
    ends = [];
  });
  afterEach(async () => {
    await Promise.all(ends.map((end) => end()));
    await world.stop();
  });

  type Handle = (message: ContractMessage<OrderConfirmed>) => Promise<void>;
  const reader = (handle: Handle): Consumer =>
    consumer({ group: 'readers', topic: 'oms.order', handlers: [on(OrderConfirmed, handle)] });
  const subscribe = ({ bus }: KafkaProcess, handle: Handle): void => {
    const subscription = bus.subscribe(reader(handle));
    ends.push(() => subscription.stop());
  };
  const into =
    (seen: string[]): Handle =>
    async (message) =>
      void seen.push(`${message.key} ${numberOf(message)}`);
  const caughtUp = (process: KafkaProcess) =>
    until(() => process.isCaughtUp(), { ...patiently, what: 'caught up' });
  /** First sightings of each message of a key, in order. */
  const firsts = (seen: readonly string[], key: string): number[] =>
    [...new Set(seen.filter((text) => text.startsWith(`${key} `)))].map((text) =>
      Number(text.split(' ')[1]),
    );

  it('is shared by processes, and one takes over what another leaves when it dies', async () => {
    await begin({ sessionTimeoutMs: 3_000 });
    const [one, two] = [await world.open(), await world.open()];
    const [seenByOne, seenByTwo, seen]: string[][] = [[], [], []];
    const bad = { key: '' };
    const failing =
      (own: string[]): Handle =>
      async (message) => {
        if (message.key === bad.key) throw new Error('no');
        await into(own)(message);
        await into(seen!)(message);
      };
    subscribe(one, failing(seenByOne!));
    subscribe(two, failing(seenByTwo!));
    const keys = range(1, 24).map((number) => `order-${number}`);
    const round = (number: number) => world.produce(...keys.map((key) => confirmed(key, number)));
    let number = 0;
    // Until both have partitions: whoever comes first has all of them for a moment.
    await until(async () => {
      number += 1;
      await round(number);
      return seenByOne!.length > 0 && seenByTwo!.length > 0;
    }, patiently);
    await caughtUp(two);
    // A key of the one that will die is parked there, long after the other has looked which keys are held.
    bad.key = seenByOne!.at(-1)!.split(' ')[0]!;
    await world.produce(confirmed(bad.key, number + 1));
    const parked = () => two.deadLetters.list(1_000);
    await until(async () => (await parked()).length === 1, patiently);
    // It is committed too: the other one gets only what comes after it.
    await caughtUp(two);
    one.freeze();
    await round(number + 2);
    await caughtUp(two);
    expect((await parked()).map(({ key, error }) => [key, error])).toEqual([
      [bad.key, 'Error: no'],
      [bad.key, 'An earlier message of this key is parked'],
    ]);
    for (const key of keys.filter((candidate) => candidate !== bad.key))
      expect(firsts(seen!, key)).toEqual([...range(1, number), number + 2]);
    one.comeBack();
  });

  it('loses nothing and keeps each key in order while processes come and go', async () => {
    await begin();
    const seen: string[] = [];
    const slow: Handle = async (message) => {
      await new Promise<void>((resolve) => setImmediate(resolve));
      await into(seen)(message);
    };
    const keys = range(1, 12).map((number) => `order-${number}`);
    const rounds = 30;
    let produced = 0;
    const producing = (async () => {
      for (; produced < rounds; produced += 1)
        await world.produce(...keys.map((key) => confirmed(key, produced + 1)));
    })();
    const stayer = await world.open();
    subscribe(stayer, slow);
    for (let comer = 0; comer < 3; comer += 1) {
      const { bus } = await world.open();
      const before = seen.length;
      const subscription = bus.subscribe(reader(slow));
      await until(() => seen.length > before || produced === rounds, patiently);
      await subscription.stop();
    }
    await producing;
    await caughtUp(stayer);
    for (const key of keys) expect(firsts(seen, key)).toEqual(range(1, rounds));
  });

  it('reads what is between when it is handed a batch that lies behind its commits', async () => {
    await begin();
    const here = await world.open();
    const seen: string[] = [];
    subscribe(here, into(seen));
    await world.produce(confirmed('a', 1));
    await caughtUp(here);
    await Promise.all(ends.splice(0).map((end) => end()));
    await world.produce(...range(2, 6).map((number) => confirmed('a', number)));
    await until(() => world.relay.isCaughtUp(), patiently);
    // The first batch that the next process is handed lacks its first messages, as after a rebalance of kafkajs.
    const { kafka } = await world.open();
    const make = kafka.consumer.bind(kafka);
    let isCut = false;
    kafka.consumer = (...parts) => {
      const client = make(...parts);
      const { run } = client;
      client.run = (config) =>
        run({
          ...config,
          eachBatch: async (payload) => {
            const { batch } = payload;
            if (!isCut && batch.messages.length > 2) {
              isCut = true;
              batch.messages.splice(0, 2);
            }
            await config?.eachBatch?.(payload);
          },
        });
      return client;
    };
    const bus = new KafkaBus({
      service: 'test',
      kafka,
      database: world.database,
      consumers: [],
      logger: silent,
    });
    const subscription = bus.subscribe(reader(into(seen)));
    ends.push(
      () => subscription.stop(),
      () => bus.stop(),
    );
    await until(() => bus.isCaughtUp(), patiently);
    expect([isCut, seen]).toEqual([true, range(1, 6).map((number) => `a ${number}`)]);
  });

  it('goes on after the broker was away, with every message and each key in order', async () => {
    await begin({ sessionTimeoutMs: 3_000 });
    const here = await world.open();
    const seen: string[] = [];
    subscribe(here, into(seen));
    await world.produce(confirmed('a', 1), confirmed('b', 1));
    await caughtUp(here);
    expect(await here.bus.readers()).toMatchObject([{ position: '2', lagMessages: 0 }]);
    here.broker.refuse();
    await world.produce(...range(2, 40).flatMap((at) => [confirmed('a', at), confirmed('b', at)]));
    await until(() => world.relay.isCaughtUp(), patiently);
    await expect(here.bus.isCaughtUp()).rejects.toThrow();
    const askedMs = performance.now();
    const unknown = { lagMessages: null, lagSeconds: null, problem: expect.any(String) };
    expect(await here.bus.readers()).toEqual([
      { group: 'readers', topic: 'oms.order', position: '2', head: '2', ...unknown },
    ]);
    expect(performance.now() - askedMs).toBeLessThan(10_000);
    here.broker.heal();
    await until(() => here.isCaughtUp().catch(() => false), patiently);
    for (const key of ['a', 'b']) expect(firsts(seen, key)).toEqual(range(1, 40));
  });

  it('parks what it cannot read, with its place and its bytes; other keys flow on', async () => {
    await begin({ isRelaying: false });
    const here = await world.open({ messageBytesMax: 2_000 });
    const producer = world.kafka.producer();
    await producer.connect();
    const message: ContractMessage = {
      id: '9ac70171-d803-5b91-b4db-420d41a35144',
      type: 'OrderConfirmed',
      topic: 'oms.order',
      source: 'order-capture',
      key: 'good',
      time: '2026-01-01T00:00:00.000Z',
      data: confirmed('good', 1).data,
      correlationId: 'c',
      causationId: 'c',
      stream: 's-1',
      streamRevision: 0,
    };
    const id = (last: number): string => message.id.slice(0, -1) + last;
    const good = (number: number, key = 'good') =>
      recordOf({ ...message, id: id(number), key, data: confirmed(key, number).data });
    await producer.send({
      topic: world.kafka.named('oms.order'),
      messages: [
        { key: 'broken', value: '{"half":', headers: good(2, 'broken').headers },
        { key: 'bare', value: '{}' },
        recordOf({ ...message, id: id(1), source: 'payments', streamRevision: 9_000 }),
        { key: null, value: Buffer.from([0, 255]) },
        recordOf({ ...message, id: id(3), key: 'large', data: { note: 'x'.repeat(3_000) } }),
        recordOf({ ...message, id: id(4), key: 'new', type: 'OrderTeleported' }),
        good(5, 'broken'),
        good(6, 'new'),
        good(7),
      ],
    });
    await producer.disconnect();
    const seen: string[] = [];
    subscribe(here, into(seen));
    await until(() => here.bus.isCaughtUp(), patiently);
    expect(seen.toSorted()).toEqual(['good 7', 'new 6']);
    const parked = await here.deadLetters.list(10);
    const byKey = parked
      .map(({ key, error, holdsKey }) => `${key || '-'}: ${error} (${holdsKey ? 'held' : 'free'})`)
      .toSorted();
    expect(byKey).toEqual([
      '-: It has no header ce_specversion (free)',
      '-: Its source is payments, and oms.order is written by order-capture alone (free)',
      'bare: It has no header ce_specversion (held)',
      'broken: An earlier message of this key is parked (held)',
      expect.stringMatching(/^broken: It is not JSON: .* \(held\)$/),
      'large: It has 3011 bytes, more than 2000 (held)',
      'new: Unknown message type OrderTeleported (free)',
    ]);
    const { parkedId } = parked.find(({ key, error }) => key === '' && /no header/.test(error))!;
    expect((await here.deadLetters.get(parkedId))?.raw).toMatchObject({
      topic: world.kafka.named('oms.order'),
      partition: expect.any(Number),
      offset: expect.stringMatching(/^\d+$/),
      bytes: 2,
      value: 'AP8=',
    });
    const broken = parked.find(({ key }) => key === 'broken')!;
    const again = await here.deadLetters.requestReplay(broken.parkedId, patiently.deadlineMs);
    expect(again).toMatchObject({ outcome: 'failed', error: expect.stringMatching(/not JSON/) });
    await here.deadLetters.discard(broken.parkedId);
    const [rest] = await here.deadLetters.list(1, 0, { key: 'broken' });
    await here.deadLetters.requestReplay(rest!.parkedId, patiently.deadlineMs);
    expect(seen.toSorted()).toEqual(['broken 5', 'good 7', 'new 6']);
  });

  it('tells how far its readers are, and moves them, also from a process that runs none', async () => {
    await begin();
    const consumers = [reader(async () => undefined)];
    const [here, asked] = [await world.open({ consumers }), await world.open({ consumers })];
    await world.produce(...range(1, 30).map((number) => confirmed(`order-${number % 5}`, number)));
    await until(() => world.relay.isCaughtUp(), patiently);
    expect(await asked.bus.readers()).toEqual([
      {
        group: 'readers',
        topic: 'oms.order',
        position: '0',
        head: '30',
        lagMessages: 30,
        lagSeconds: expect.any(Number),
      },
    ]);
    const seen: string[] = [];
    subscribe(here, into(seen));
    await caughtUp(asked);
    expect(await asked.bus.readers()).toMatchObject([
      { position: '30', lagMessages: 0, lagSeconds: 0 },
    ]);
    const messages = (moves: readonly { readonly messages: number | null }[]) =>
      moves.reduce((sum, move) => sum + (move.messages ?? Number.NaN), 0);
    const again = await asked.bus.move({ group: 'readers', to: 'start', dryRun: true });
    expect([again.length, messages(again), seen.length]).toEqual([3, 30, 30]);
    expect(messages(await asked.bus.move({ group: 'readers', to: 'start' }))).toBe(30);
    await until(() => seen.length === 60, patiently);
    for (const key of range(0, 4))
      expect(seen.slice(30).filter((text) => text.startsWith(`order-${key} `))).toEqual(
        seen.slice(0, 30).filter((text) => text.startsWith(`order-${key} `)),
      );
    await caughtUp(asked);
    const never = { time: '2025-12-31T23:59:59.000Z' };
    const later = { time: '2026-01-01T00:00:00.001Z' };
    const dry = (to: object) =>
      asked.bus.move({ group: 'readers', to: to as typeof never, dryRun: true });
    expect([messages(await dry(never)), messages(await dry(later))]).toEqual([30, 0]);
    await expect(asked.bus.move({ group: 'nobody', to: 'end' })).rejects.toThrow(UnknownGroupError);
  });

  it('skips to the end, for a group whose readers come later too', async () => {
    await begin();
    const consumers = [reader(async () => undefined)];
    const here = await world.open({ consumers });
    await world.produce(confirmed('a', 1), confirmed('b', 2), confirmed('c', 3));
    await until(() => world.relay.isCaughtUp(), patiently);
    await here.bus.move({ group: 'readers', to: 'end' });
    const seen: string[] = [];
    // Held back until the move has been made: before that, messages may be handled.
    const { promise: moved, resolve } = Promise.withResolvers<void>();
    subscribe(here, async (message) => {
      await moved;
      await into(seen)(message);
    });
    const left = () => world.database.query('select 1 from bus_moves');
    await until(async () => (await left()).length === 0, patiently);
    resolve();
    await world.produce(confirmed('a', 4));
    await caughtUp(here);
    expect(seen).toContain('a 4');
    expect((await here.bus.readers())[0]).toMatchObject({ position: '4', head: '4' });
  });

  it('measures what its readers do', async () => {
    await begin();
    const here = await world.open();
    subscribe(here, async ({ key }) => {
      if (key === 'bad') throw new Error('no');
    });
    await world.produce(confirmed('a', 1), confirmed('bad', 1));
    await caughtUp(here);
    const line = (text: string) =>
      until(async () => (await registry.metrics()).split('\n').includes(text), patiently);
    await line('oms_consumer_lag_messages{group="readers",topic="oms.order"} 0');
    await line('oms_parked_messages{service="test",group="readers"} 1');
    const printed = await registry.metrics();
    for (const name of [
      'oms_consumer_messages_total{group="readers",topic="oms.order",outcome="handled"}',
      'oms_consumer_messages_total{group="readers",topic="oms.order",outcome="parked"}',
      'oms_consumer_messages_total{group="readers",topic="oms.order",outcome="retried"}',
      'oms_consumer_handle_seconds_count{group="readers",topic="oms.order"}',
      'oms_consumer_lag_seconds{group="readers",topic="oms.order"}',
      'oms_consumer_rebalances_total{group="readers"}',
      'oms_parked_oldest_seconds{service="test"}',
      'oms_relay_messages_total{service="test",topic="oms.order"}',
      'oms_relay_age_seconds{service="test"}',
      'oms_relay_leader{service="test"} 1',
    ])
      expect(printed).toContain(name);
  });
});

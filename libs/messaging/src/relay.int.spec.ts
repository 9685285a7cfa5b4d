import { OrderConfirmed } from '@throughline/contracts';
import type { RecordedEvent } from '@throughline/event-store';
import { Database } from '@throughline/postgres';
import { describeWithKafka, faultyNetwork, until } from '@throughline/testing';
import {
  confirmed,
  kafkaWorld,
  numberOf,
  say,
  saying,
  type KafkaWorld,
} from './bus-worlds.fixtures.js';
import { DeadLetters } from './dead-letters.js';
import { consumer, on } from './message-bus.js';
import type { Relay } from './relay.js';

const patiently = { deadlineMs: 60_000 };
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const large = (key: string, bytes: number) => ({
  topic: 'oms.order' as const,
  type: 'OrderConfirmed',
  key,
  data: { ...confirmed(key, 0).data, note: 'x'.repeat(bytes) },
});

await describeWithKafka('a relay on a real broker', (brokers) => {
  let world: KafkaWorld;
  let ends: (() => Promise<unknown>)[];
  /** `<key> <number>` as the group that each is named after got them. */
  let seen: Record<'readers' | 'others', string[]>;

  beforeEach(async () => {
    ends = [];
    seen = { readers: [], others: [] };
    world = await kafkaWorld(brokers, { isRelaying: false });
  });
  afterEach(async () => {
    await Promise.all(ends.map((end) => end()));
    await world.stop();
  });

  const run = (relay: Relay): (() => Promise<void>) => {
    const stopping = new AbortController();
    const running = relay.run(stopping.signal);
    const stop = async (): Promise<void> => {
      stopping.abort();
      await running;
    };
    ends.push(stop);
    return stop;
  };
  const listen = async (...groups: ('readers' | 'others')[]): Promise<() => Promise<boolean>> => {
    const { bus } = await world.open();
    for (const group of groups) {
      const handle = on(OrderConfirmed, async (message) => {
        seen[group].push(`${message.key} ${numberOf(message)}`);
      });
      const subscription = bus.subscribe(
        consumer({ group, topic: 'oms.order', handlers: [handle] }),
      );
      ends.unshift(() => subscription.stop());
    }
    return () => bus.isCaughtUp().catch(() => false);
  };
  /** What lies on the topic: the last offsets of its partitions together. */
  const published = async (): Promise<number> => {
    const ends = await world.kafka.ask((admin) =>
      admin.fetchTopicOffsets(world.kafka.named('oms.order')),
    );
    return ends.reduce((sum, { high }) => sum + Number(high), 0);
  };
  const one = (key: string, numbers: readonly number[]) =>
    say(
      world.log,
      numbers.map((number) => confirmed(key, number)),
      { stream: `said-${key}` },
    );

  it('does no harm when another one overlaps with it', async () => {
    const keys = range(1, 6).map((number) => `order-${number}`);
    for (const key of keys) await one(key, range(1, 25));
    // Small requests, so that the two are at it at the same time.
    const relays = [1, 2].map(() => world.makeRelay({ requestBytesMax: 4_000 }));
    relays.forEach(run);
    const isRead = await listen('readers');
    for (const relay of relays) await until(() => relay.isCaughtUp(), patiently);
    await until(async () => (await published()) === 300, patiently);
    await until(isRead, patiently);
    for (const key of keys)
      expect(seen.readers.filter((text) => text.startsWith(`${key} `))).toEqual(
        range(1, 25).map((number) => `${key} ${number}`),
      );
  });

  it('publishes again what it had sent and not noted when it was killed', async () => {
    const network = await faultyNetwork(world.database.options.connectionString);
    const { connectionString } = network;
    const database = new Database({ ...world.database.options, connectionString });
    await one('a', range(1, 5));
    const first = world.makeRelay({ database });
    const stop = run(first);
    await until(() => first.isCaughtUp(), patiently);
    await until(
      async () => (await world.database.query('select 1 from bus_positions')).length > 0,
      patiently,
    );
    network.freeze();
    await one('a', range(6, 9));
    await until(async () => (await published()) === 9, patiently);
    // As if killed: it notes nothing more.
    network.refuse();
    await stop();
    const isRead = await listen('readers');
    await one('a', [10]);
    const second = world.makeRelay();
    run(second);
    await until(() => second.isCaughtUp(), patiently);
    expect(await published()).toBe(14);
    await until(isRead, patiently);
    expect(seen.readers).toEqual(range(1, 10).map((number) => `a ${number}`));
    await database.stop();
    await network.stop();
  });

  it('waits while the brokers are away, and then goes on in order', async () => {
    const here = await world.open();
    const relay = world.makeRelay({ kafka: here.kafka });
    run(relay);
    await one('a', range(1, 3));
    await until(() => relay.isCaughtUp(), patiently);
    here.broker.freeze();
    await one('a', range(4, 8));
    here.broker.refuse();
    await one('a', range(9, 20));
    expect(await relay.isCaughtUp()).toBe(false);
    here.broker.heal();
    await until(() => relay.isCaughtUp(), patiently);
    const isRead = await listen('readers');
    await until(isRead, patiently);
    expect([...new Set(seen.readers)]).toEqual(range(1, 20).map((number) => `a ${number}`));
  });

  it('parks what is too large, and what follows of its key, until an operator sees to it', async () => {
    const deadLetters = new DeadLetters(world.database);
    const narrow = world.makeRelay({ messageBytesMax: 3_000, deadLetters });
    const stop = run(narrow);
    await one('bad', [1]);
    await say(world.log, [large('bad', 5_000)], { stream: 'said-bad' });
    await one('bad', [2]);
    await one('good', [3]);
    await until(() => narrow.isCaughtUp(), patiently);
    const isRead = await listen('readers');
    await until(isRead, patiently);
    expect(seen.readers.toSorted()).toEqual(['bad 1', 'good 3']);
    const parked = await deadLetters.list(10);
    expect(parked.map(({ group, key, error }) => ({ group, key, error }))).toEqual([
      {
        group: 'test.relay',
        key: 'bad',
        error: expect.stringMatching(/^It has \d+ bytes, more than 3000$/),
      },
      { group: 'test.relay', key: 'bad', error: 'An earlier message of this key is parked' },
    ]);
    const [{ parkedId }] = parked as [(typeof parked)[0]];
    expect(await deadLetters.requestReplay(parkedId, patiently.deadlineMs)).toMatchObject({
      outcome: 'failed',
      replayed: 0,
      error: expect.stringMatching(/more than 3000/),
    });
    await stop();
    const wide = world.makeRelay({ deadLetters });
    run(wide);
    expect(await deadLetters.requestReplay(parkedId, patiently.deadlineMs)).toEqual({
      outcome: 'replayed',
      replayed: 2,
    });
    await one('bad', [4]);
    await until(() => wide.isCaughtUp(), patiently);
    await until(isRead, patiently);
    expect(seen.readers.filter((text) => text.startsWith('bad'))).toEqual([
      'bad 1',
      'bad 0',
      'bad 2',
      'bad 4',
    ]);
  });

  it('parks what the brokers refuse, and sends the rest of its batch', async () => {
    // The topic takes 4 MiB; this relay does not know.
    const relay = world.makeRelay({
      messageBytesMax: 64 * 1024 * 1024,
      requestBytesMax: 64 * 1024 * 1024,
    });
    await one('good', [1]);
    await say(world.log, [large('bad', 5 * 1024 * 1024)], { stream: 'said-bad' });
    await one('bad', [2]);
    await one('good', [3]);
    run(relay);
    await until(() => relay.isCaughtUp(), patiently);
    const isRead = await listen('readers');
    await until(isRead, patiently);
    expect(seen.readers.filter((text) => text.startsWith('good'))).toEqual(['good 1', 'good 3']);
    const parked = await new DeadLetters(world.database).list(10);
    expect(parked.map(({ key, error }) => `${key}: ${error.split(':', 2).join(':')}`)).toEqual([
      expect.stringMatching(/^bad: MESSAGE_TOO_LARGE: /),
      'bad: An earlier message of this key is parked',
    ]);
  });

  it('sets a stream aside whose events it cannot map, and sends it in order once it can', async () => {
    let isBroken = true;
    const publishers = saying.map((one) => ({
      ...one,
      map: (event: RecordedEvent) => {
        if (isBroken && event.stream === 'said-bad') throw new TypeError('no such line');
        return one.map(event);
      },
    }));
    const deadLetters = new DeadLetters(world.database);
    const relay = world.makeRelay({ publishers, deadLetters });
    run(relay);
    await one('bad', [1]);
    await one('bad', [2]);
    await one('good', [3]);
    await until(() => relay.isCaughtUp(), patiently);
    const isRead = await listen('readers');
    await until(isRead, patiently);
    expect(seen.readers).toEqual(['good 3']);
    const parked = await deadLetters.list(10);
    expect(new Set(parked.map(({ group, key }) => `${group} ${key}`))).toEqual(
      new Set(['test.relay stream/said-bad']),
    );
    const again = { topic: 'oms.order', group: 'readers' } as const;
    expect(await relay.republish(again)).toMatchObject({ published: 1, unreadable: 2 });
    isBroken = false;
    const first = parked.find(({ topic }) => topic === 'oms.order')!;
    expect(await deadLetters.requestReplay(first.parkedId, patiently.deadlineMs)).toEqual({
      outcome: 'replayed',
      replayed: 2,
    });
    await one('bad', [4]);
    await until(() => relay.isCaughtUp(), patiently);
    await until(isRead, patiently);
    expect(seen.readers.filter((text) => text.startsWith('bad'))).toEqual([
      'bad 1',
      'bad 2',
      'bad 4',
    ]);
  });

  it('publishes again for one group alone, as much as is asked for', async () => {
    run(world.relay);
    await one('a', range(1, 6));
    await until(() => world.relay.isCaughtUp(), patiently);
    const isRead = await listen('readers', 'others');
    await until(isRead, patiently);
    expect([seen.readers.length, seen.others.length]).toEqual([6, 6]);
    const elsewhere = world.makeRelay();
    const request = { topic: 'oms.order', group: 'others' } as const;
    expect(await elsewhere.republish({ ...request, from: '2', to: '4' })).toEqual({
      from: '2',
      to: '4',
      position: '4',
      published: 2,
      tooLarge: 0,
      unreadable: 0,
    });
    expect(await elsewhere.republish(request)).toMatchObject({ position: '6', published: 6 });
    await until(isRead, patiently);
    expect(seen.readers).toHaveLength(6);
    expect(seen.others.slice(6)).toEqual([3, 4, ...range(1, 6)].map((number) => `a ${number}`));
    await expect(elsewhere.republish({ ...request, group: 'nobody' })).rejects.toThrow(/no topic/);
  });
});

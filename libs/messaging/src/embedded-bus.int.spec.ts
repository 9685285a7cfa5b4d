import { randomUUID } from 'node:crypto';
import { OrderConfirmed } from '@throughline/contracts';
import { ASIDE_MAX, NewerEventError, NO_STREAM, PostgresLog } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import { freshDatabase, until } from '@throughline/testing';
import { pino } from 'pino';
import { DeadLetters } from './dead-letters.js';
import { EmbeddedBus } from './embedded-bus.js';
import {
  consumer,
  on,
  UnknownGroupError,
  type Publisher,
  type ReaderTarget,
  type TopicSource,
} from './message-bus.js';

let database: Database;
let log: PostgresLog;
/** What the bus has logged. */
let words: string[];
let ends: (() => Promise<void>)[];

beforeEach(async () => {
  database = await freshDatabase({ schema: 'reader' });
  log = new PostgresLog(database);
  words = [];
  ends = [];
});
afterEach(async () => {
  await Promise.all(ends.map((end) => end()));
  await database.stop();
});

const confirming: Publisher = {
  topic: 'oms.order',
  category: 'order',
  map: ({ id, type, stream, revision, metadata }) => {
    if (type === 'Poisoned') throw new NewerEventError('Unknown event type Poisoned');
    if (type === 'Broken') throw new TypeError('lines is not iterable');
    return [
      {
        id,
        type: 'OrderConfirmed',
        topic: 'oms.order',
        source: 'test',
        key: stream,
        time: metadata.at,
        data: { orderId: stream, confirmedAt: metadata.at },
        correlationId: 'c',
        causationId: 'c',
        stream,
        streamRevision: revision,
      },
    ];
  },
};
const write = (
  stream: string,
  type = 'Confirmed',
  expected = NO_STREAM,
  at = '2026-01-01T00:00:00.000Z',
) =>
  log.append(
    stream,
    [
      {
        id: randomUUID(),
        type,
        version: 1,
        data: {},
        metadata: { at, causationId: 'c', correlationId: 'c' },
      },
    ],
    expected,
  );
const open = (source: Partial<TopicSource> = {}) => {
  const bus = new EmbeddedBus({
    service: 'test',
    database,
    sources: new Map([['oms.order', { store: log, publishers: [confirming], ...source }]]),
    logger: pino({ level: 'warn' }, { write: (line: string) => void words.push(line) }),
  });
  ends.push(() => bus.stop());
  return bus;
};
const read = (bus: EmbeddedBus, keys: string[]): void => {
  const handle = on(OrderConfirmed, async ({ key }) => void keys.push(key));
  const reader = bus.subscribe(consumer({ group: 'g', topic: 'oms.order', handlers: [handle] }));
  ends.push(() => reader.stop());
};

describe('an embedded bus', () => {
  it('refuses to read a log that is behind its reader, and says so', async () => {
    await write('order-1');
    await database.query(
      `insert into bus_positions (group_name, topic, position) values ('g', 'oms.order', 40)`,
    );
    const keys: string[] = [];
    const bus = open();
    read(bus, keys);
    await until(() =>
      words.some((line) =>
        line.includes('Reader g of oms.order has read a log that is no longer there'),
      ),
    );
    expect([keys, await bus.isCaughtUp()]).toEqual([[], false]);
  });

  it('stops before an event of a newer release, and goes on once it can read it', async () => {
    await write('order-1');
    await write('order-1', 'Poisoned', 0);
    await write('order-2');
    const keys: string[] = [];
    read(open(), keys);
    await until(() => words.some((line) => line.includes('Unknown event type Poisoned')));
    expect(keys).not.toContain('order-2');
    await Promise.all(ends.splice(0).map((end) => end()));
    const fixed: Publisher = {
      ...confirming,
      map: (event) => confirming.map({ ...event, type: 'Confirmed' }),
    };
    const bus = open({ publishers: [fixed] });
    keys.length = 0;
    read(bus, keys);
    await until(() => bus.isCaughtUp());
    expect(keys).toEqual(['order-1', 'order-2']);
  });

  describe('with a stream whose events cannot be published', () => {
    const parked = async (): Promise<string[]> =>
      (await new DeadLetters(database).list(100)).map(
        ({ key, raw }) => `${key}@${raw?.headers.revision}`,
      );
    const broken = async (bus: EmbeddedBus, keys: string[]): Promise<void> => {
      await write('order-1', 'Broken');
      await write('order-1', 'Confirmed', 0);
      await write('order-2');
      read(bus, keys);
      await until(() => bus.isCaughtUp());
    };

    it('goes on with the others, and keeps that stream whole and in order', async () => {
      const keys: string[] = [];
      await broken(open(), keys);
      expect(keys).toEqual(['order-2']);
      expect(await parked()).toEqual(['stream/order-1@0', 'stream/order-1@1']);
      const [first] = await new DeadLetters(database).list(1);
      expect(first).toMatchObject({ error: 'TypeError: lines is not iterable', message: null });
    });

    it('handles it once it is asked for and can be read, before what comes later', async () => {
      const keys: string[] = [];
      const bus = open();
      await broken(bus, keys);
      const [first] = await bus.deadLetters.list(1);
      expect(await bus.deadLetters.requestReplay(first!.parkedId)).toMatchObject({
        outcome: 'failed',
        replayed: 0,
      });
      await database.query(`update log_events set type = 'Confirmed' where type = 'Broken'`);
      expect(await bus.deadLetters.requestReplay(first!.parkedId)).toEqual({
        outcome: 'replayed',
        replayed: 2,
      });
      await write('order-1', 'Confirmed', 1);
      await until(() => bus.isCaughtUp());
      expect(keys).toEqual(['order-2', 'order-1', 'order-1', 'order-1']);
      expect(await parked()).toEqual([]);
    });

    it('parks the message itself when it cannot be handled either', async () => {
      const bus = open();
      await write('order-1', 'Broken');
      const handle = on(OrderConfirmed, () => Promise.reject(new Error('no such order')));
      const reader = bus.subscribe(
        consumer({ group: 'g', topic: 'oms.order', handlers: [handle] }),
      );
      ends.push(() => reader.stop());
      await until(async () => (await parked()).length === 1);
      await database.query(`update log_events set type = 'Confirmed' where type = 'Broken'`);
      const [first] = await bus.deadLetters.list(1);
      await bus.deadLetters.requestReplay(first!.parkedId);
      await until(async () => (await parked())[0] === 'order-1@undefined');
      expect(await bus.deadLetters.list(9)).toMatchObject([{ error: 'Error: no such order' }]);
    });

    it('tries it again by itself with the next release', async () => {
      await broken(open(), []);
      await Promise.all(ends.splice(0).map((end) => end()));
      const map: Publisher['map'] = (event) => confirming.map({ ...event, type: 'Confirmed' });
      const keys: string[] = [];
      read(open({ publishers: [{ ...confirming, map }] }), keys);
      await until(async () => (await parked()).length === 0, { deadlineMs: 20_000 });
      expect(keys).toEqual(['order-1', 'order-1']);
    });

    it('stops when there are many of them: the fault is ours', async () => {
      for (let number = 0; number <= ASIDE_MAX; number += 1)
        await write(`order-${number}`, 'Broken');
      await write('order-fine');
      const keys: string[] = [];
      const bus = open();
      read(bus, keys);
      await until(() => words.some((line) => line.includes('more than 20 streams within 60 s')));
      expect(await parked()).toHaveLength(ASIDE_MAX);
      expect(keys).toEqual([]);
      expect(await bus.isCaughtUp()).toBe(false);
    });
  });

  it('reads a topic from the categories of its publishers alone', async () => {
    await write('order-1');
    await write('orders-1');
    await write('payment-1');
    const keys: string[] = [];
    const bus = open();
    read(bus, keys);
    await until(() => bus.isCaughtUp());
    expect(keys).toEqual(['order-1']);
  });

  it('reads from elsewhere when it is told to, and says so before', async () => {
    for (const [index, day] of ['01', '02', '03', '04'].entries())
      await write(`order-${index}`, 'Confirmed', NO_STREAM, `2026-01-${day}T00:00:00.000Z`);
    await write('payment-1');
    const keys: string[] = [];
    const bus = open();
    read(bus, keys);
    await until(() => bus.isCaughtUp());
    const move = (to: ReaderTarget, dryRun = false) => bus.move({ group: 'g', to, dryRun });
    const status = { group: 'g', topic: 'oms.order', position: '5', head: '5' };
    expect(await bus.readers()).toEqual([{ ...status, lagMessages: 0, lagSeconds: 0 }]);
    expect(await move('start', true)).toEqual([
      { topic: 'oms.order', partition: null, from: '5', to: '0', messages: null },
    ]);
    expect(keys).toHaveLength(4);
    await move({ time: '2026-01-02T12:00:00.000Z' });
    await until(() => bus.isCaughtUp());
    expect(keys.slice(4)).toEqual(['order-2', 'order-3']);
    await move('start');
    await until(() => bus.isCaughtUp());
    expect(keys.slice(6)).toEqual(['order-0', 'order-1', 'order-2', 'order-3']);
    expect(await move({ time: '2025-01-01T00:00:00.000Z' }, true)).toMatchObject([{ to: '0' }]);
    expect(await move({ time: '2027-01-01T00:00:00.000Z' }, true)).toMatchObject([{ to: '4' }]);
    expect(await move('end')).toMatchObject([{ to: '5' }]);
    await expect(bus.move({ group: 'nobody', to: 'end' })).rejects.toThrow(UnknownGroupError);
  });

  it('has no reader for a topic that nobody publishes', () =>
    expect(() =>
      open().subscribe(consumer({ group: 'g', topic: 'oms.return', handlers: [] })),
    ).toThrow('Nobody publishes oms.return'));
});

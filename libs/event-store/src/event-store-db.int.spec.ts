import { randomUUID } from 'node:crypto';
import { TransientError } from '@throughline/kernel';
import { startDouble, until, type EventStoreDouble } from '@throughline/testing';
import { EventStoreDb } from './event-store-db.js';
import {
  NO_STREAM,
  openEventStoreDb,
  ReplacedLogError,
  sameLog,
  START,
  type EventPage,
  type NewEvent,
  type Position,
  type RecordedEvent,
} from './index.js';

const DEADLINE = { deadlineMs: 30_000 };
const event = (data: unknown = {}): NewEvent => ({
  id: randomUUID(),
  type: 'Happened',
  version: 1,
  data,
  metadata: { at: '2026-01-01T00:00:00.000Z', causationId: randomUUID(), correlationId: 'c' },
});
const newStream = (): string => `thing-${randomUUID()}`;

let double: EventStoreDouble;
let store: EventStoreDb;
const errors: unknown[] = [];
beforeEach(async () => {
  errors.length = 0;
  double = await startDouble();
  store = await openEventStoreDb(double.connectionString, (error) => errors.push(error));
});
afterEach(async () => {
  // Also when a test failed: nobody may go on reading.
  for (const abort of reading.splice(0)) abort.abort();
  await store.stop();
  await double.stop();
});

const reading: AbortController[] = [];
const newReading = (): AbortController => {
  const abort = new AbortController();
  reading.push(abort);
  return abort;
};

/** Reads along until `stop`. */
const follow = (from: Position) => {
  const abort = newReading();
  const seen: RecordedEvent[] = [];
  const done = (async () => {
    for await (const { events } of store.subscribe(['thing'], from, abort.signal))
      seen.push(...events);
  })();
  done.catch(() => undefined);
  return {
    seen,
    done,
    stop: async () => {
      abort.abort();
      await done;
    },
  };
};

it('refuses an address that is not of an EventStoreDB', () => {
  expect(() => new EventStoreDb('postgres://localhost/oms')).toThrow('esdb://');
});

describe('the append call', () => {
  it('is the plain one, whatever the server offers', async () => {
    await store.append(newStream(), [event(), event()], NO_STREAM);
    expect(double.service.calls).toMatchObject({ append: 1, batchAppend: 0 });
  });

  it('names cause and story as EventStoreDB does, and ids of its own', async () => {
    const written = event();
    await store.append(newStream(), [written], NO_STREAM);
    const stored = double.log.events.at(-1)!;
    const { at, causationId, correlationId } = written.metadata;
    expect(JSON.parse(Buffer.from(stored.metadata).toString())).toEqual({
      id: written.id,
      version: 1,
      at,
      $causationId: causationId,
      $correlationId: correlationId,
    });
    expect(stored.id).not.toBe(written.id);
  });

  it('believes the stream, not a conflict that was none', async () => {
    double.faults.falseConflicts = 1;
    const stream = newStream();
    expect(await store.append(stream, [event(), event()], NO_STREAM)).toMatchObject({
      revision: 1,
      repeated: true,
    });
    expect(await store.read(stream)).toHaveLength(2);
  });

  it('of more than the server takes is a fault, which would only come again', async () => {
    const tooMuch = store.append(newStream(), [event('x'.repeat(1_100_000))], NO_STREAM);
    await expect(tooMuch).rejects.toThrow('Maximum append size exceeded');
    await expect(tooMuch).rejects.not.toBeInstanceOf(TransientError);
  });

  it.each([[() => undefined], [Symbol('none')]])('refuses %p, which is no JSON', async (data) => {
    await expect(store.append(newStream(), [event(data)], NO_STREAM)).rejects.toThrow('no JSON');
  });

  it('works again after a network that lost everything for a while, without being cut off', async () => {
    await store.append(newStream(), [event()], NO_STREAM);
    double.freeze();
    const before = double.made();
    await expect(store.head()).rejects.toBeInstanceOf(TransientError);
    // The next one does not wait for the old connection to be given up.
    const next = store.head();
    next.catch(() => undefined);
    await until(() => double.made() > before, DEADLINE);
    double.heal();
    await until(
      () => store.append(newStream(), [event()], NO_STREAM).catch(() => undefined),
      DEADLINE,
    );
  });
});

describe('two clients of one process', () => {
  it('do not share their fate: the lost connection of one fails its own appends alone', async () => {
    const other = new EventStoreDb(double.directString);
    const { promise, resolve: release } = Promise.withResolvers<void>();
    double.faults.held = promise;
    const mine = store.append(newStream(), [event()], NO_STREAM);
    const theirs = other.append(newStream(), [event()], NO_STREAM);
    mine.catch(() => undefined);
    await until(() => double.service.calls.append === 2, DEADLINE);
    double.cut();
    await expect(mine).rejects.toBeInstanceOf(TransientError);
    release();
    expect(await theirs).toMatchObject({ revision: 0, repeated: false });
    await other.stop();
  });
});

describe('a subscription', () => {
  it('gives an event once that the server sends twice', async () => {
    double.faults.isDuplicating = true;
    const reader = follow(START);
    const stream = newStream();
    await store.append(stream, [event(1), event(2)], NO_STREAM);
    await store.append(stream, [event(3)], 1);
    await until(() => reader.seen.length >= 3 && double.service.sent >= 6, DEADLINE);
    await reader.stop();
    expect(reader.seen.map(({ data }) => data)).toEqual([1, 2, 3]);
  });

  it('that has gone silent is noticed, and made anew', async () => {
    const reader = follow(START);
    await until(() => double.service.calls.subscribe === 1, DEADLINE);
    double.faults.isSilent = true;
    await store.append(newStream(), [event('unheard')], NO_STREAM);
    await until(() => reader.seen.length === 1 && double.service.calls.subscribe === 2, DEADLINE);
    expect(errors).toEqual([
      expect.objectContaining({ message: 'The subscription has gone silent' }),
    ]);
    double.faults.isSilent = false;
    await store.append(newStream(), [event('heard')], NO_STREAM);
    await until(() => reader.seen.length === 2, DEADLINE);
    await reader.stop();
  });

  it('loses nothing when the store fails just as a page with an epoch has come', async () => {
    await store.append(newStream(), [event(1)], NO_STREAM);
    const abort = newReading();
    const pages = store.subscribe(['thing'], START, abort.signal)[Symbol.asyncIterator]();
    const seen: unknown[] = [];
    const take = async (): Promise<void> => {
      const page = (await pages.next()).value as EventPage;
      seen.push(...page.events.map(({ data }) => data));
    };
    while (seen.length < 1) await take();
    await store.append(newStream(), [event(2)], NO_STREAM);
    const epoch = double.log.stream('throughline-epoch')!.at(-1)!;
    // As if it came just now: an epoch that has begun, and is the one that this reader knows.
    double.log.append('throughline-epoch', [epoch], 'any');
    await store.append(newStream(), [event(3)], NO_STREAM);
    await until(() => double.service.sent === 5, DEADLINE);
    await store.head();
    double.faults.failingReads = 1;
    while (seen.length < 3) await take();
    expect(seen).toEqual([1, 2, 3]);
    expect(errors).toHaveLength(1);
    abort.abort();
    await pages.next();
  });

  it('is sent no more than its reader has room for', async () => {
    const abort = newReading();
    const pages = store.subscribe(['thing'], START, abort.signal)[Symbol.asyncIterator]();
    const large = 'x'.repeat(2_000);
    const write = () =>
      store.append(
        newStream(),
        Array.from({ length: 400 }, () => event(large)),
        NO_STREAM,
      );
    await write();
    await pages.next();
    for (let count = 1; count < 10; count += 1) await write();
    // What is on its way comes to rest, far from the 4,000 that there are.
    let before = -1;
    await until(async () => {
      const isAtRest = double.service.sent === before;
      before = double.service.sent;
      await store.head();
      return isAtRest;
    }, DEADLINE);
    expect(double.service.sent).toBeLessThan(2_000);
    abort.abort();
    await pages.next();
  });

  it('leaves nothing open', async () => {
    const readers = [follow(START), follow(START)];
    await until(() => double.service.open === 2, DEADLINE);
    for (const reader of readers) await reader.stop();
    await until(() => double.service.open === 0, DEADLINE);
    expect(errors).toEqual([]);
  });
});

describe('a log that was restored', () => {
  const restoreOlder = async () => {
    const { position: old } = await store.append(newStream(), [event('old')], NO_STREAM);
    const epoch = await store.epoch();
    const reader = follow(START);
    const { position } = await store.append(newStream(), [event('lost')], NO_STREAM);
    await until(() => reader.seen.length === 2, DEADLINE);
    double.refuse();
    double.log.restoreTo(Number(old));
    return { reader, kept: { position, epoch } };
  };

  it('stops a reader that is ahead of it', async () => {
    const { reader, kept } = await restoreOlder();
    double.heal();
    await expect(reader.done).rejects.toBeInstanceOf(ReplacedLogError);
    await expect(sameLog(store, 'reader', kept)).rejects.toThrow('docs/operations/restore.md');
  });

  it('and has grown since stops it too, by its new epoch', async () => {
    const { reader, kept } = await restoreOlder();
    // Someone who reaches the server while the reader does not.
    const operator = new EventStoreDb(double.directString);
    await operator.beginEpoch();
    for (let count = 0; count < 5; count += 1)
      await operator.append(newStream(), [event('new')], NO_STREAM);
    expect(await operator.head()).toBeGreaterThan(kept.position);
    double.heal();
    await expect(reader.done).rejects.toBeInstanceOf(ReplacedLogError);
    expect(reader.seen.map(({ data }) => data)).toEqual(['old', 'lost']);
    await expect(sameLog(store, 'reader', kept)).rejects.toBeInstanceOf(ReplacedLogError);
    await operator.stop();
  });
});

import { randomUUID } from 'node:crypto';
import type { Database } from '@throughline/postgres';
import { freshDatabase, until } from '@throughline/testing';
import {
  appendInTransaction,
  ConflictError,
  NO_STREAM,
  PostgresLog,
  START,
  type NewEvent,
  type RecordedEvent,
} from './index.js';

let database: Database;
let log: PostgresLog;

beforeAll(async () => {
  database = await freshDatabase({ schema: 'log' });
  log = new PostgresLog(database);
});
afterAll(() => database.stop());

const event = (data: unknown = {}): NewEvent => ({
  id: randomUUID(),
  type: 'Happened',
  version: 1,
  data,
  metadata: { at: '2026-01-01T00:00:00.000Z', causationId: randomUUID(), correlationId: 'c' },
});
const newStream = (): string => `thing-${randomUUID()}`;

describe('appending', () => {
  it('refuses an append at another revision, whoever shares its batch', async () => {
    const [first, second] = [newStream(), newStream()];
    await log.append(first, [event()], NO_STREAM);
    const results = await Promise.allSettled([
      log.append(first, [event()], NO_STREAM),
      log.append(second, [event()], NO_STREAM),
      log.append(first, [event()], 5),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    expect((results[0] as PromiseRejectedResult).reason).toBeInstanceOf(ConflictError);
  });

  it('lets a bad value fail alone', async () => {
    const results = await Promise.allSettled([
      log.append(newStream(), [{ ...event(), id: 'no uuid' }], NO_STREAM),
      log.append(newStream(), [event()], NO_STREAM),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});

describe('subscribing', () => {
  const readAll = async (store: PostgresLog, until: bigint): Promise<bigint[]> => {
    const positions: bigint[] = [];
    const reading = new AbortController();
    for await (const page of store.subscribe(['thing', 'ledger'], START, reading.signal)) {
      positions.push(...page.events.map(({ position }) => position));
      if (page.position >= until) break;
    }
    return positions;
  };

  it('sees every event once and in commit order, with two writers and ledger transactions at work', async () => {
    const other = new PostgresLog(database);
    const before = await log.head();
    const live = (async () => {
      const seen: bigint[] = [];
      const reading = new AbortController();
      for await (const page of log.subscribe(['thing', 'ledger'], before, reading.signal)) {
        seen.push(...page.events.map(({ position }) => position));
        if (seen.length >= 900) break;
      }
      return seen;
    })();
    const writers = Array.from({ length: 300 }, (_, index) => [
      log.append(newStream(), [event(index)], NO_STREAM),
      other.append(newStream(), [event(index)], NO_STREAM),
    ]);
    const ledger = async (): Promise<void> => {
      for (let index = 0; index < 75; index += 1)
        await database.transaction((tx) =>
          appendInTransaction(tx, [{ stream: 'ledger-all', events: [event(index)] }]),
        );
    };
    await Promise.all([...writers.flat(), ledger(), ledger(), ledger(), ledger()]);
    const expected = Array.from({ length: 900 }, (_, index) => before + BigInt(index + 1));
    expect(await live).toEqual(expected);
    expect((await readAll(new PostgresLog(database), await log.head())).slice(-900)).toEqual(
      expected,
    );
  });
});

/** Reads along until `stop`. */
const follow = (store: PostgresLog, from: bigint) => {
  const reading = new AbortController();
  const seen: RecordedEvent[] = [];
  const done = (async () => {
    for await (const { events } of store.subscribe(['thing', 'ledger'], from, reading.signal))
      seen.push(...events);
  })();
  return {
    seen,
    stop: async () => {
      reading.abort();
      await done;
    },
  };
};

describe('what a process reads of its own writes', () => {
  it('is what stands in the log', async () => {
    const own = new PostgresLog(database);
    const before = await own.head();
    const reader = follow(own, before);
    await Promise.all(
      [3, 1, 2].map((count) =>
        own.append(
          newStream(),
          Array.from({ length: count }, () => event({ count })),
          NO_STREAM,
        ),
      ),
    );
    await until(() => reader.seen.length === 6);
    await reader.stop();
    const stored = follow(new PostgresLog(database), before);
    await until(() => stored.seen.length === 6);
    await stored.stop();
    expect(reader.seen).toEqual(stored.seen);
  });

  it('comes whole when one append is larger than a batch', async () => {
    const stream = newStream();
    const events = Array.from({ length: 450 }, (_, at) => event(at));
    const reader = follow(log, await log.head());
    expect(await log.append(stream, events, NO_STREAM)).toMatchObject({ revision: 449 });
    await until(() => reader.seen.length === 450);
    await reader.stop();
    expect(reader.seen.map(({ data }) => data)).toEqual([...Array(450).keys()]);
    expect((await log.read(stream, 448)).map(({ revision }) => revision)).toEqual([448, 449]);
  });
});

describe('a ledger transaction', () => {
  it('writes at the end of its streams, in order', async () => {
    const [one, other] = [newStream(), newStream()];
    await log.append(one, [event('a')], NO_STREAM);
    const position = await database.transaction((tx) =>
      appendInTransaction(tx, [
        { stream: one, events: [event('b')] },
        { stream: other, events: [event('c')] },
        { stream: one, events: [event('d')] },
      ]),
    );
    expect((await log.read(one)).map(({ data }) => data)).toEqual(['a', 'b', 'd']);
    expect((await log.read(other)).map(({ data }) => data)).toEqual(['c']);
    expect(position).toBe(await log.head());
  });

  it('that is rolled back leaves no event and no gap', async () => {
    const stream = newStream();
    const before = await log.head();
    const work = database.transaction(async (tx) => {
      await appendInTransaction(tx, [{ stream, events: [event(), event()] }]);
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    const { position } = await log.append(stream, [event()], NO_STREAM);
    expect(position).toBe(before + 1n);
  });

  it('is seen at once when the process says so', async () => {
    const reader = follow(log, await log.head());
    await database.transaction((tx) =>
      appendInTransaction(tx, [{ stream: 'ledger-1', events: [event('moved')] }]),
    );
    log.signal();
    await until(() => reader.seen.length === 1);
    await reader.stop();
  });
});

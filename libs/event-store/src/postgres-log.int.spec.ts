import { randomUUID } from 'node:crypto';
import type { Database } from '@throughline/postgres';
import {
  appendInTransaction,
  ConflictError,
  NO_STREAM,
  PostgresLog,
  START,
  type NewEvent,
} from './index.js';
import { freshDatabase } from '@throughline/testing';

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
  it('numbers a stream from 0 and reads it back as written', async () => {
    const stream = newStream();
    const events = [event({ a: 1 }), event({ text: 'ä\n"\\' })];
    expect(await log.append(stream, events, NO_STREAM)).toMatchObject({
      revision: 1,
      repeated: false,
    });
    const read = await log.read(stream);
    expect(read.map(({ revision, data, id }) => ({ revision, data, id }))).toEqual([
      { revision: 0, data: { a: 1 }, id: events[0]!.id },
      { revision: 1, data: { text: 'ä\n"\\' }, id: events[1]!.id },
    ]);
  });

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

  it('takes the same events at the same place as success', async () => {
    const stream = newStream();
    const events = [event(), event()];
    const { position } = await log.append(stream, events, NO_STREAM);
    await log.append(stream, [event()], 1);
    expect(await log.append(stream, events, NO_STREAM)).toEqual({
      revision: 1,
      position,
      repeated: true,
    });
  });

  it('lets a bad value fail alone', async () => {
    const results = await Promise.allSettled([
      log.append(newStream(), [{ ...event(), id: 'no uuid' }], NO_STREAM),
      log.append(newStream(), [event()], NO_STREAM),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('lets exactly one of many racing writers win each revision', async () => {
    const stream = newStream();
    const other = new PostgresLog(database);
    for (let expected = NO_STREAM; expected < 10; expected += 1) {
      const racers = [log, other, log, other].map((store) =>
        store.append(stream, [event()], expected),
      );
      const won = (await Promise.allSettled(racers)).filter(({ status }) => status === 'fulfilled');
      expect(won).toHaveLength(1);
    }
    expect((await log.read(stream)).map(({ revision }) => revision)).toEqual([...Array(11).keys()]);
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
    await Promise.all(
      Array.from({ length: 300 }, (_, index) => [
        log.append(newStream(), [event(index)], NO_STREAM),
        other.append(newStream(), [event(index)], NO_STREAM),
        database.transaction((tx) =>
          appendInTransaction(tx, [{ stream: 'ledger-all', events: [event(index)] }]),
        ),
      ]).flat(),
    );
    const expected = Array.from({ length: 900 }, (_, index) => before + BigInt(index + 1));
    expect(await live).toEqual(expected);
    expect((await readAll(new PostgresLog(database), await log.head())).slice(-900)).toEqual(
      expected,
    );
  });

  it('skips other categories but says how far it has read', async () => {
    await log.append(newStream(), [event()], NO_STREAM);
    const head = await log.head();
    for await (const page of log.subscribe(['absent'], head - 1n, new AbortController().signal)) {
      expect(page).toEqual({ events: [], position: head });
      break;
    }
  });
});

import { randomUUID } from 'node:crypto';
import {
  NO_STREAM,
  PostgresLog,
  type EventStore,
  type RecordedEvent,
} from '@throughline/event-store';
import { Database } from '@throughline/postgres';
import { faultyNetwork, freshDatabase, until } from '@throughline/testing';
import { pino } from 'pino';
import { ProjectionRunner } from './projection-runner.js';
import type { Projection } from './projection.js';

let database: Database;
let log: PostgresLog;
let words: string[];
let runners: ProjectionRunner[];

beforeEach(async () => {
  database = await freshDatabase({ schema: 'tally', connectionsMax: 6 });
  log = new PostgresLog(database);
  words = [];
  runners = [];
  await database.query(`
    create table tally (stream text primary key, total integer not null, revision integer not null);
    create table journal (
      entry integer generated always as identity primary key, stream text not null, position bigint not null)`);
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
  await database.stop();
});

const idOf = ({ stream }: RecordedEvent): string => stream.slice(stream.indexOf('-') + 1);

/**
 * The total per stream, guarded by revision, and a journal without a guard: it would show an event that
 * was applied twice.
 */
const tally = (options: Partial<Projection> = {}): Projection => ({
  name: 'tally',
  version: 1,
  categories: ['count'],
  tables: { tally: 'stream', journal: 'stream' },
  apply: async (tx, events) => {
    await tx.query(
      `insert into tally as t (stream, total, revision)
       select stream, sum(by), max(revision)
       from unnest($1::text[], $2::integer[], $3::integer[]) as e(stream, by, revision) group by stream
       on conflict (stream) do update set total = t.total + excluded.total, revision = excluded.revision
       where excluded.revision > t.revision`,
      [
        events.map(idOf),
        events.map(({ data }) => (data as { by: number }).by),
        events.map(({ revision }) => revision),
      ],
    );
    await tx.query(
      `insert into journal (stream, position)
       select s, p from unnest($1::text[], $2::bigint[]) with ordinality as u(s, p, n) order by n`,
      [events.map(idOf), events.map(({ position }) => position.toString())],
    );
  },
  ...options,
});

const start = (
  projection = tally(),
  { store = log as EventStore, own = database } = {},
): ProjectionRunner => {
  const logger = pino({ level: 'warn' }, { write: (line: string) => void words.push(line) });
  const runner = new ProjectionRunner(projection, store, own, logger);
  runners.push(runner);
  runner.start();
  return runner;
};

/** Appends to streams `<category>-0` and on, `count` events in all. */
const write = async (count: number, { category = 'count', streams = 7 } = {}): Promise<void> => {
  await Promise.all(
    Array.from({ length: streams }, async (_, index) => {
      const stream = `${category}-${index}`;
      const own = Math.floor(count / streams) + (index < count % streams ? 1 : 0);
      if (own === 0) return;
      const events = Array.from({ length: own }, (__, at) => ({
        id: randomUUID(),
        type: 'Counted',
        version: 1,
        data: { by: at + 1 },
        metadata: { at: '2026-01-01T00:00:00.000Z', causationId: 'c', correlationId: 'c' },
      }));
      const last = (await log.read(stream)).at(-1)?.revision ?? NO_STREAM;
      await log.append(stream, events, last);
    }),
  );
};

const journal = async (): Promise<number[]> => {
  const rows = await database.query<{ position: number }>(
    'select position from journal order by entry',
  );
  return rows.map(({ position }) => position);
};
const rowsOf = (): Promise<object[]> => database.query('select * from tally order by stream');
const storedPosition = async (): Promise<{ version: number } | undefined> =>
  (
    await database.query<{ version: number }>('select version, position from projection_positions')
  )[0];
const range = (to: number): number[] => Array.from({ length: to }, (_, at) => at + 1);
const caughtUp = async (runner: ProjectionRunner): Promise<void> =>
  expect(await runner.caughtUp(await log.head(), 10_000)).toBe(true);

describe('a projection', () => {
  it('is fed every event once, in order, over many pages', async () => {
    await write(1_300);
    const runner = start();
    await caughtUp(runner);
    await write(40);
    await caughtUp(runner);
    expect(await journal()).toEqual(range(1_340));
    expect(await rowsOf()).toHaveLength(7);
    expect(await storedPosition()).toEqual({ version: 1, position: 1_340 });
  });

  it('goes on where it stopped', async () => {
    await write(30);
    const first = start();
    await caughtUp(first);
    await first.stop();
    await write(30);
    await caughtUp(start());
    expect(await journal()).toEqual(range(60));
  });

  it('sees no other category, and says that it is current all the same', async () => {
    const runner = start();
    await write(5, { category: 'other' });
    await caughtUp(runner);
    await write(1);
    await caughtUp(runner);
    expect(await journal()).toEqual([6]);
  });

  it('made anew by a new version has the same rows', async () => {
    await write(200);
    const first = start();
    await caughtUp(first);
    await first.stop();
    const before = await rowsOf();
    await database.query(`insert into tally values ('count-old', 1, 1)`);
    await caughtUp(start(tally({ version: 2 })));
    await until(async () => (await storedPosition())?.version === 2);
    expect(await rowsOf()).toEqual(before);
    expect(await journal()).toEqual(range(200));
    expect(await storedPosition()).toEqual({ version: 2, position: 200 });
  });

  it('is left alone by an older release', async () => {
    await write(10);
    await caughtUp(start(tally({ version: 2 })));
    const older = start();
    await until(() => words.some((line) => line.includes('at version 2 by a newer release')));
    expect(await older.caughtUp(1n, 0)).toBe(false);
    expect([await journal(), await storedPosition()]).toEqual([
      range(10),
      { version: 2, position: 10 },
    ]);
  });
});

describe('several workers of one projection', () => {
  it('start together without a double effect', async () => {
    await write(900);
    const workers = [start(), start(), start()];
    await Promise.all(workers.map(caughtUp));
    expect(await journal()).toEqual(range(900));
  });

  it('work together without a double effect', async () => {
    const workers = [start(), start()];
    for (let round = 0; round < 8; round += 1) await write(35);
    await Promise.all(workers.map(caughtUp));
    expect(await journal()).toEqual(range(280));
  });

  it('cannot write late, however long one of them was held up', async () => {
    let letGo = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let isHeldUp = false;
    const late: EventStore = {
      append: (stream, events, expected) => log.append(stream, events, expected),
      read: (stream, from) => log.read(stream, from),
      head: () => log.head(),
      subscribe: async function* (categories, from, signal) {
        for await (const page of log.subscribe(categories, from, signal)) {
          isHeldUp = true;
          await released;
          yield page;
        }
      },
    };
    await write(20);
    const slow = start(tally(), { store: late });
    await until(() => isHeldUp);
    const other = start();
    await caughtUp(other);
    await write(20);
    await caughtUp(other);
    letGo();
    await caughtUp(slow);
    expect(await journal()).toEqual(range(40));
  });
});

describe('a worker that fails', () => {
  const failingOnce = (when: (events: readonly RecordedEvent[]) => boolean): Projection => {
    let isBroken = true;
    const whole = tally();
    return tally({
      apply: async (tx, events) => {
        await whole.apply(tx, events);
        if (!isBroken || !when(events)) return;
        isBroken = false;
        throw new Error('struck by lightning');
      },
    });
  };

  it('between two pages goes on with the second', async () => {
    const runner = start(failingOnce((events) => events[0]!.position > 400n));
    await caughtUp(runner);
    // Written by this process and so handed over as one piece, which is applied in several.
    await write(1_200, { streams: 1 });
    await caughtUp(runner);
    expect(words.filter((line) => line.includes('struck by lightning'))).toHaveLength(1);
    expect(await journal()).toEqual(range(1_200));
  });

  it('within a page leaves neither rows nor a position behind', async () => {
    await write(10);
    const never = new ProjectionRunner(
      tally({
        apply: async (tx, events) => {
          await tally().apply(tx, events);
          throw new Error('always');
        },
      }),
      log,
      database,
      pino({ level: 'warn' }, { write: (line: string) => void words.push(line) }),
    );
    runners.push(never);
    never.start();
    await until(() => words.length > 0);
    expect(await never.caughtUp(1n, 0)).toBe(false);
    await never.stop();
    expect([await journal(), await storedPosition()]).toEqual([[], { version: 1, position: 0 }]);
    await caughtUp(start());
    expect(await journal()).toEqual(range(10));
  });

  it('because the database is away goes on when it is back', async () => {
    const network = await faultyNetwork(database.options.connectionString);
    const { connectionString } = network;
    const own = new Database({ ...database.options, connectionString });
    const runner = start(tally(), { store: new PostgresLog(own), own });
    await write(10);
    await caughtUp(runner);
    network.refuse();
    await write(10);
    await write(10);
    expect(await runner.caughtUp(await log.head(), 50)).toBe(false);
    network.heal();
    await caughtUp(runner);
    expect(await journal()).toEqual(range(30));
    await runner.stop();
    await own.stop();
    await network.stop();
  });

  it('because its log is older than its rows refuses to go on, and says so', async () => {
    await database.query(`insert into projection_positions values ('tally', 1, 40)`);
    await write(10);
    const runner = start();
    await until(() => words.some((line) => line.includes('tally is ahead of its log')));
    expect(await runner.caughtUp(1n, 0)).toBe(false);
    expect(await journal()).toEqual([]);
  });
});

describe('waiting for a projection', () => {
  it('ends when it has caught up, or when time is up', async () => {
    const runner = start();
    expect(await runner.caughtUp(0n, 0)).toBe(true);
    expect(await runner.caughtUp(3n, 20)).toBe(false);
    const waiting = [1n, 2n, 3n].map((position) => runner.caughtUp(position, 10_000));
    await write(3);
    expect(await Promise.all(waiting)).toEqual([true, true, true]);
    expect(await journal()).toEqual([1, 2, 3]);
  });

  it('means that the rows are there', async () => {
    const runner = start();
    for (let round = 1; round <= 5; round += 1) {
      await write(7);
      await caughtUp(runner);
      expect(await journal()).toHaveLength(7 * round);
    }
  });
});

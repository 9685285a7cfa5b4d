import { PostgresLog, type EventStore, type RecordedEvent } from '@throughline/event-store';
import { Database } from '@throughline/postgres';
import { faultyNetwork, until } from '@throughline/testing';
import { pino } from 'pino';
import { ProjectionRunner } from './projection-runner.js';
import type { Projection } from './projection.js';
import { tally, tallyWorld, type TallyWorld } from './tally.fixtures.js';

let world: TallyWorld;
let database: Database;
let log: PostgresLog;
let words: string[];
let runners: ProjectionRunner[];

beforeEach(async () => {
  world = await tallyWorld();
  ({ database, log } = world);
  words = [];
  runners = [];
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
  await database.stop();
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

const range = (to: number): number[] => Array.from({ length: to }, (_, at) => at + 1);
const caughtUp = async (runner: ProjectionRunner): Promise<void> =>
  expect(await runner.caughtUp(await log.head(), 10_000)).toBe(true);

describe('a projection', () => {
  it('is fed every event once, in order, over many pages', async () => {
    await world.write(1_300);
    const runner = start();
    await caughtUp(runner);
    await world.write(40);
    await caughtUp(runner);
    expect(await world.journal()).toEqual(range(1_340));
    expect(await world.rows()).toHaveLength(7);
    expect(await world.stored()).toEqual({ version: 1, position: 1_340 });
  });

  it('goes on where it stopped', async () => {
    await world.write(30);
    const first = start();
    await caughtUp(first);
    await first.stop();
    await world.write(30);
    await caughtUp(start());
    expect(await world.journal()).toEqual(range(60));
  });

  it('sees no other category, and says that it is current all the same', async () => {
    const runner = start();
    await world.write(5, { category: 'other' });
    await caughtUp(runner);
    await world.write(1);
    await caughtUp(runner);
    expect(await world.journal()).toEqual([6]);
  });

  it('made anew by a new version has the same rows', async () => {
    await world.write(200);
    const first = start();
    await caughtUp(first);
    await first.stop();
    const before = await world.rows();
    await database.query(`insert into tally values ('count-old', 1, 1)`);
    await caughtUp(start(tally({ version: 2 })));
    await until(async () => (await world.stored())?.version === 2, { deadlineMs: 60_000 });
    expect(await world.rows()).toEqual(before);
    expect(await world.journal()).toEqual(range(200));
    expect(await world.stored()).toEqual({ version: 2, position: 200 });
  });

  it('is left alone by an older release', async () => {
    await world.write(10);
    await caughtUp(start(tally({ version: 2 })));
    const older = start();
    await until(() => words.some((line) => line.includes('at version 2 by a newer release')));
    expect(await older.caughtUp(1n, 0)).toBe(false);
    expect([await world.journal(), await world.stored()]).toEqual([
      range(10),
      { version: 2, position: 10 },
    ]);
  });
});

describe('several workers of one projection', () => {
  it('start together without a double effect', async () => {
    await world.write(900);
    const workers = [start(), start(), start()];
    await Promise.all(workers.map(caughtUp));
    expect(await world.journal()).toEqual(range(900));
  });

  it('work together without a double effect', async () => {
    const workers = [start(), start()];
    for (let round = 0; round < 8; round += 1) await world.write(35);
    await Promise.all(workers.map(caughtUp));
    expect(await world.journal()).toEqual(range(280));
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
      epoch: () => log.epoch(),
      subscribe: async function* (categories, from, signal) {
        for await (const page of log.subscribe(categories, from, signal)) {
          isHeldUp = true;
          await released;
          yield page;
        }
      },
    };
    await world.write(20);
    const slow = start(tally(), { store: late });
    await until(() => isHeldUp);
    const other = start();
    await caughtUp(other);
    await world.write(20);
    await caughtUp(other);
    letGo();
    await caughtUp(slow);
    expect(await world.journal()).toEqual(range(40));
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
    await world.write(1_200, { streams: 1 });
    await caughtUp(runner);
    expect(words.filter((line) => line.includes('struck by lightning'))).toHaveLength(1);
    expect(await world.journal()).toEqual(range(1_200));
  });

  it('within a page leaves neither rows nor a position behind', async () => {
    await world.write(10);
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
    expect([await world.journal(), await world.stored()]).toEqual([
      [],
      { version: 1, position: 0 },
    ]);
    await caughtUp(start());
    expect(await world.journal()).toEqual(range(10));
  });

  it('because the database is away goes on when it is back', async () => {
    const network = await faultyNetwork(database.options.connectionString);
    const { connectionString } = network;
    const own = new Database({ ...database.options, connectionString });
    const runner = start(tally(), { store: new PostgresLog(own), own });
    await world.write(10);
    await caughtUp(runner);
    network.refuse();
    await world.write(10);
    await world.write(10);
    expect(await runner.caughtUp(await log.head(), 50)).toBe(false);
    network.heal();
    await caughtUp(runner);
    expect(await world.journal()).toEqual(range(30));
    await runner.stop();
    await own.stop();
    await network.stop();
  });

  it('because its log is older than its rows refuses to go on, and says so', async () => {
    await database.query(`insert into projection_positions values ('tally', 1, 40)`);
    await world.write(10);
    const runner = start();
    await until(() =>
      words.some((line) =>
        line.includes('Projection tally has read a log that is no longer there'),
      ),
    );
    expect(await runner.caughtUp(1n, 0)).toBe(false);
    expect(await world.journal()).toEqual([]);
  });
});

describe('waiting for a projection', () => {
  it('ends when it has caught up, or when time is up', async () => {
    const runner = start();
    expect(await runner.caughtUp(0n, 0)).toBe(true);
    expect(await runner.caughtUp(3n, 20)).toBe(false);
    const waiting = [1n, 2n, 3n].map((position) => runner.caughtUp(position, 10_000));
    await world.write(3);
    expect(await Promise.all(waiting)).toEqual([true, true, true]);
    expect(await world.journal()).toEqual([1, 2, 3]);
  });

  it('means that the rows are there', async () => {
    const runner = start();
    for (let round = 1; round <= 5; round += 1) {
      await world.write(7);
      await caughtUp(runner);
      expect(await world.journal()).toHaveLength(7 * round);
    }
  });
});

import { until } from '@throughline/testing';
import { pino } from 'pino';
import { projectionFaults } from './projection-positions.js';
import { ProjectionRunner } from './projection-runner.js';
import { requestRebuild } from './rebuild-requests.js';
import { tally, tallyWorld, type TallyWorld } from './tally.fixtures.js';

const NOTICED = 'Projection tally has read a log that is no longer there';
const PATIENTLY = { deadlineMs: 60_000 };

let world: TallyWorld;
let words: string[];
let runners: ProjectionRunner[];

beforeEach(async () => {
  world = await tallyWorld();
  words = [];
  runners = [];
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
  await world.database.stop();
});

const start = (): ProjectionRunner => {
  const logger = pino({ level: 'debug' }, { write: (line: string) => void words.push(line) });
  const runner = new ProjectionRunner(tally(), world.log, world.database, logger);
  runners.push(runner);
  runner.start();
  return runner;
};
const caughtUp = async (runner: ProjectionRunner): Promise<void> =>
  expect(await runner.caughtUp(await world.log.head(), 20_000)).toBe(true);
const faults = (): Promise<readonly string[]> => projectionFaults(world.database, world.log);

/** Backs the log up at 20 events, lets the projection see 30, and puts the backup back. */
const restoreOlderLog = async (): Promise<void> => {
  await world.write(20);
  await world.database.query('create table dump as select * from log_events');
  const runner = start();
  await world.write(10);
  await caughtUp(runner);
  await runner.stop();
  await world.database.query(`
    truncate log_events;
    insert into log_events select * from dump;
    update log_head set position = 20`);
};

describe('a log that was restored from before its readers', () => {
  it('is noticed: rows of events that never happened do not go on', async () => {
    await restoreOlderLog();
    const runner = start();
    const tries = () => words.filter((line) => line.includes(NOTICED));
    await until(() => tries().length >= 3, PATIENTLY);
    expect(tries().filter((line) => JSON.parse(line).level >= 50)).toHaveLength(1);
    expect(await faults()).toEqual([expect.stringContaining('docs/operations/restore.md')]);
    expect(await runner.caughtUp(1n, 0)).toBe(false);
    expect(await world.stored()).toEqual(expect.objectContaining({ position: 30 }));
  });

  it('is noticed when it has grown past them again, by the epoch that the restore began', async () => {
    await restoreOlderLog();
    await world.log.beginEpoch();
    await world.write(20);
    start();
    await until(() => words.some((line) => line.includes(NOTICED)), PATIENTLY);
    expect(await faults()).toHaveLength(1);
    expect(await world.journal()).toHaveLength(30);
  });

  it('is healed by a rebuild, after which nothing of the lost events is left', async () => {
    await restoreOlderLog();
    await world.log.beginEpoch();
    const runner = start();
    await until(() => words.some((line) => line.includes(NOTICED)), PATIENTLY);
    await requestRebuild(world.database, 'tally');
    await until(async () => (await faults()).length === 0, PATIENTLY);
    await world.write(5);
    await until(() => runner.caughtUp(25n, 100), PATIENTLY);
    expect(await world.journal()).toEqual(Array.from({ length: 25 }, (_, at) => at + 1));
    const kept = await world.database.query(
      'select retired_version from projection_positions where retired_version is not null',
    );
    expect(kept).toEqual([]);
  });

  it('is nothing to worry about when it was not restored', async () => {
    await world.write(5);
    await caughtUp(start());
    expect(await faults()).toEqual([]);
  });
});

import { openEventStoreDb } from '@throughline/event-store';
import { startDouble, until as untilSoon } from '@throughline/testing';
import { pino } from 'pino';
import { Consistency, FIRST_PLACE, type Place } from './consistency.js';
import { projectionFaults } from './projection-positions.js';
import { ProjectionRunner } from './projection-runner.js';
import { requestRebuild } from './rebuild-requests.js';
import { tally, tallyWorld } from './tally.fixtures.js';

const until = (condition: () => Promise<boolean>) => untilSoon(condition, { deadlineMs: 60_000 });

it('a read model is kept, rebuilt and checked on EventStoreDB, where positions have gaps', async () => {
  const double = await startDouble();
  const store = await openEventStoreDb(double.connectionString);
  const world = await tallyWorld();
  const { database } = world;
  const runner = new ProjectionRunner(tally(), store, database, pino({ level: 'silent' }));
  try {
    await world.write(700, { store });
    runner.start();
    await world.write(40, { store, category: 'other' });
    await until(() => runner.isCaughtUp());
    const rows = await world.rows();
    await requestRebuild(database, 'tally');
    await until(async () => {
      const found = await database.query(`select from projection_rebuilds where phase = 'done'`);
      return found.length > 0;
    });
    expect(await world.rows()).toEqual(rows);
    await world.write(70, { store });
    await until(() => runner.isCaughtUp());
    expect(await world.journal()).toHaveLength(770);

    const consistency = new Consistency({ database, store, projections: [tally()], checks: [] });
    let checked = 0;
    for (let place: Place | null = FIRST_PLACE; place !== null;) {
      const page = await consistency.page(place);
      expect(page.findings).toEqual([]);
      checked += page.checked;
      place = page.next;
    }
    // Streams, and the ids in the one table that has an index on them.
    expect(checked).toBe(14);

    await store.beginEpoch();
    expect(await projectionFaults(database, store)).toHaveLength(1);
    await requestRebuild(database, 'tally');
    await until(async () => (await projectionFaults(database, store)).length === 0);
    await until(() => runner.isCaughtUp());
    expect(await world.journal()).toHaveLength(770);
  } finally {
    await runner.stop();
    await store.stop();
    await double.stop();
    await database.stop();
  }
});

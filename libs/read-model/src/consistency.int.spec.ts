import { Consistency, FIRST_PLACE, type Place, type StreamCheck } from './consistency.js';
import type { Finding } from './comparison.js';
import { ProjectionRunner } from './projection-runner.js';
import { tally, tallyWorld, type TallyWorld } from './tally.fixtures.js';
import { pino } from 'pino';

let world: TallyWorld;
let runner: ProjectionRunner;
beforeEach(async () => {
  world = await tallyWorld();
  runner = new ProjectionRunner(tally(), world.log, world.database, pino({ level: 'silent' }));
  runner.start();
});
afterEach(async () => {
  await runner.stop();
  await world.database.stop();
});

const even: StreamCheck = {
  name: 'I1',
  category: 'count',
  check: (events) => (events.length % 2 === 0 ? [] : [`has ${events.length} events`]),
};

/** Goes through all pages. */
const findings = async (checks: readonly StreamCheck[] = []): Promise<Finding[]> => {
  const { database, log: store } = world;
  const consistency = new Consistency({ database, store, projections: [tally()], checks });
  const found: Finding[] = [];
  let place: Place | null = FIRST_PLACE;
  for (let page = 0; place !== null; page += 1) {
    if (page > 100) throw new Error('It does not end');
    const checked = await consistency.page(place);
    found.push(...checked.findings);
    place = checked.next;
  }
  return found;
};
const caughtUp = async (): Promise<boolean> => runner.caughtUp(await world.log.head(), 20_000);

describe('the check of a whole store', () => {
  it('finds nothing where all is well, over many pages and kinds of streams', async () => {
    await world.write(400, { streams: 120 });
    await world.write(5, { category: 'other' });
    await caughtUp();
    expect(await findings()).toEqual([]);
  });

  it('finds nothing while events come in', async () => {
    let isOver = false;
    const writing = (async () => {
      while (!isOver) await world.write(60, { streams: 60 });
    })();
    for (let round = 0; round < 3; round += 1) expect(await findings()).toEqual([]);
    isOver = true;
    await writing;
  });

  it('finds streams that break a rule', async () => {
    await world.write(7, { streams: 3 });
    await caughtUp();
    expect(await findings([even])).toEqual([
      { check: 'I1', subject: 'count-0', detail: 'has 3 events' },
    ]);
  });

  it.each([
    ['differ', `update tally set total = 99 where stream = '1'`, ['1', '1']],
    ['are missing', `delete from journal where stream = '2'`, ['2', '2', '2']],
    [
      'are there twice',
      `insert into journal (stream, position) select stream, position from journal where stream = '0' limit 1`,
      ['0'],
    ],
    ['are of no stream', `insert into tally values ('nobody', 1, 1)`, ['nobody']],
  ])('finds rows that %s', async (_, damage, subjects) => {
    await world.write(9, { streams: 3 });
    await caughtUp();
    await world.database.query(damage);
    const found = await findings();
    expect(found.map(({ check, subject }) => [check, subject])).toEqual(
      subjects.map((subject) => ['I5', subject]),
    );
  });

  it('ends at once where there is nothing to check', async () => {
    const { database, log: store } = world;
    const consistency = new Consistency({ database, store, projections: [], checks: [] });
    expect(await consistency.page(FIRST_PLACE)).toEqual({ findings: [], checked: 0, next: null });
  });
});

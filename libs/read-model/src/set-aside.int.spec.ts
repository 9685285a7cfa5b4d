import { randomUUID } from 'node:crypto';
import {
  ASIDE_MAX,
  NewerEventError,
  NO_STREAM,
  type EventStore,
  type RecordedEvent,
} from '@throughline/event-store';
import { Pace } from '@throughline/kernel';
import { until as untilSoon } from '@throughline/testing';
import { pino } from 'pino';
import { requestRetry, retryStream, streamsAside } from './asides.js';
import { Consistency, FIRST_PLACE } from './consistency.js';
import { projectionFaults, projectionsStopped } from './projection-positions.js';
import { ProjectionRunner } from './projection-runner.js';
import type { Projection } from './projection.js';
import { Rebuild } from './rebuild.js';
import { dropRetired, projectionStatuses, requestRebuild, rollBack } from './rebuild-requests.js';
import { tally, tallyWorld, type TallyWorld } from './tally.fixtures.js';

const until = <Answer>(condition: () => Answer | Promise<Answer>) =>
  untilSoon(condition, { deadlineMs: 60_000 });

let world: TallyWorld;
let words: string[];
let runners: ProjectionRunner[];
beforeEach(async () => {
  world = await tallyWorld(16);
  words = [];
  runners = [];
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
  await world.database.stop();
});

const NOTHING = Symbol('no data');

/** Appends one event; `by` below zero breaks the table's check. */
const write = async (stream: string, by: unknown = 1, type = 'Counted'): Promise<void> => {
  const last = (await world.log.read(stream)).at(-1)?.revision ?? NO_STREAM;
  const metadata = { at: '2026-01-01T00:00:00.000Z', causationId: 'c', correlationId: 'c' };
  const event = {
    id: randomUUID(),
    type,
    version: 1,
    data: by === NOTHING ? null : { by },
    metadata,
  };
  await world.log.append(stream, [event], last);
};
const mend = (stream: string): Promise<unknown> =>
  world.database.query(`update log_events set data = '{"by": 5}' where stream = $1`, [stream]);

const start = (
  projection: Projection = tally(),
  store: EventStore = world.log,
): ProjectionRunner => {
  const logger = pino({ level: 'debug' }, { write: (line: string) => void words.push(line) });
  const runner = new ProjectionRunner(projection, store, world.database, logger);
  runners.push(runner);
  runner.start();
  return runner;
};
const caughtUp = async (runner: ProjectionRunner): Promise<void> =>
  expect(await runner.caughtUp(await world.log.head(), 20_000)).toBe(true);
const totals = async (): Promise<string[]> => {
  const rows = await world.database.query<{ stream: string; total: number }>(
    'select stream, total from tally order by stream',
  );
  return rows.map(({ stream, total }) => `${stream}=${total}`);
};
const aside = async (): Promise<string[]> =>
  (await streamsAside(world.database)).map(({ stream, revision }) => `${stream}@${revision}`);

describe('a stream that cannot be applied', () => {
  it.each([
    ['its data break a constraint', -9],
    ['its data are no value of the column', 'many'],
    ['its data are not there', NOTHING],
  ])('because %s is set aside, and the others go on', async (_, by) => {
    await write('count-a');
    const runner = start();
    await caughtUp(runner);
    await write('count-bad', by);
    await write('count-b');
    await write('count-bad');
    await write('count-a', 2);
    await caughtUp(runner);
    expect(await totals()).toEqual(['a=3', 'b=1']);
    expect(await aside()).toEqual(['count-bad@0']);
    expect(await projectionsStopped(world.database)).toEqual([]);
    const [status] = await projectionStatuses(world.database, world.log, [tally()]);
    expect(status).toMatchObject({ setAside: 1, fault: null });
    await write('count-bad');
    await write('count-b');
    await caughtUp(runner);
    expect(await totals()).toEqual(['a=3', 'b=2']);
    expect(await aside()).toEqual(['count-bad@0']);
  });

  it('keeps the rows of before, and names the first event that is missing', async () => {
    await write('count-bad', 4);
    await write('count-bad', -90);
    await write('count-a');
    await caughtUp(start());
    // The page as a whole breaks the table's check, so nothing of the stream is in the rows.
    expect(await aside()).toEqual(['count-bad@0']);
    await write('count-late', 4);
    await caughtUp(runners[0]!);
    await write('count-late', 'x');
    await caughtUp(runners[0]!);
    expect(await aside()).toEqual(['count-bad@0', 'count-late@1']);
    expect(await totals()).toEqual(['a=1', 'late=4']);
  });

  it('waits for the code when its type is newer, and the projection says that it stands still', async () => {
    const whole = tally();
    const older = tally({
      apply: async (tx, events) => {
        const unknown = events.find(({ type }) => type === 'Multiplied');
        if (unknown) throw new NewerEventError(`Unknown event type in ${unknown.stream}`);
        await whole.apply(tx, events);
      },
    });
    const runner = start(older);
    await write('count-new', 2, 'Multiplied');
    await write('count-a');
    const faults = await until(async () => {
      const found = await projectionsStopped(world.database);
      return found.length > 0 && found;
    });
    expect(faults).toEqual([
      'Projection tally stands still: NewerEventError: Unknown event type in count-new',
    ]);
    expect([await aside(), await totals()]).toEqual([[], []]);
    expect(await projectionFaults(world.database, world.log)).toEqual([]);
    await runner.stop();
    await caughtUp(start());
    expect(await totals()).toEqual(['a=1', 'new=2']);
    expect(await projectionsStopped(world.database)).toEqual([]);
  });

  it('is not blamed for a table that is not there', async () => {
    await write('count-a');
    const runner = start();
    await caughtUp(runner);
    await world.database.query('alter table journal rename to elsewhere');
    await write('count-a');
    await until(async () => (await projectionsStopped(world.database)).length > 0);
    expect(await aside()).toEqual([]);
    await world.database.query('alter table elsewhere rename to journal');
    await caughtUp(runner);
    expect(await totals()).toEqual(['a=2']);
  });
});

describe('a stream that was set aside', () => {
  const broken = async (projection = tally()): Promise<ProjectionRunner> => {
    await write('count-bad', 'x');
    await write('count-bad', 3);
    await write('count-a');
    const runner = start(projection);
    await caughtUp(runner);
    expect(await aside()).toEqual(['count-bad@0']);
    return runner;
  };

  it('is taken up again, whole, when it is asked for and its data are good', async () => {
    const runner = await broken();
    const failed = await retryStream(world.database, 'tally', 'count-bad', 20_000);
    expect(failed).toMatchObject({ outcome: 'failed' });
    expect(await streamsAside(world.database)).toMatchObject([{ tries: 1, version: 1 }]);
    await mend('count-bad');
    expect(await retryStream(world.database, 'tally', 'count-bad', 20_000)).toEqual({
      outcome: 'retried',
    });
    await write('count-bad', 7);
    await caughtUp(runner);
    expect(await totals()).toEqual(['a=1', 'bad=17']);
    expect((await world.journal()).sort((one, other) => one - other)).toEqual([1, 2, 3, 4]);
  });

  it('is taken up again while its events go on coming, and none is lost', async () => {
    const runner = await broken();
    await mend('count-bad');
    const writing = (async () => {
      for (let at = 0; at < 60; at += 1) await write('count-bad', 1);
    })();
    await retryStream(world.database, 'tally', 'count-bad', 20_000);
    await writing;
    await caughtUp(runner);
    expect(await totals()).toEqual(['a=1', 'bad=70']);
    expect(await aside()).toEqual([]);
  });

  it('stays set aside when the worker is killed within the retry', async () => {
    const runner = await broken();
    await runner.stop();
    await mend('count-bad');
    const struck: EventStore = Object.assign(Object.create(world.log) as EventStore, {
      append: world.log.append.bind(world.log),
      head: world.log.head.bind(world.log),
      epoch: world.log.epoch.bind(world.log),
      subscribe: world.log.subscribe.bind(world.log),
      // Between the deletion of the old rows and the new ones the connection dies.
      read: async (stream: string) => {
        await world.database.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and state = 'idle in transaction'`,
        );
        words.push('struck');
        return world.log.read(stream);
      },
    });
    const again = start(tally(), struck);
    await until(() => words.includes('struck'));
    await again.stop();
    expect(await aside()).toEqual(['count-bad@0']);
    expect(await totals()).toEqual(['a=1']);
    await caughtUp(start());
    await until(async () => (await aside()).length === 0);
    expect(await totals()).toEqual(['a=1', 'bad=10']);
  });

  it('is tried again by the worker of the next release', async () => {
    const unable = tally({ apply: refusing(({ stream }) => stream === 'count-bad') });
    await write('count-bad', 2);
    await write('count-a');
    const first = start(unable);
    await caughtUp(first);
    expect(await aside()).toEqual(['count-bad@0']);
    await first.stop();
    await caughtUp(start());
    await until(async () => (await aside()).length === 0);
    expect(await totals()).toEqual(['a=1', 'bad=2']);
  });

  it('is tried again by a new version of the projection', async () => {
    const unable = tally({ apply: refusing(({ stream }) => stream === 'count-bad') });
    const first = start(unable);
    await write('count-bad', 2);
    await write('count-a');
    await caughtUp(first);
    await first.stop();
    await caughtUp(start(tally({ version: 2 })));
    await until(async () => (await world.stored())?.version === 2);
    await until(async () => (await aside()).length === 0);
    expect(await totals()).toEqual(['a=1', 'bad=2']);
  });

  it('is named by the check of the store, which goes on', async () => {
    await broken();
    const found = await new Consistency({
      database: world.database,
      store: world.log,
      projections: [tally()],
      checks: [
        {
          name: 'I1',
          category: 'count',
          check: (events) => {
            for (const { data } of events)
              if (typeof (data as { by: unknown }).by !== 'number') throw new Error('no number');
            return ['looked at'];
          },
        },
      ],
    }).page(FIRST_PLACE);
    expect(found.findings.map(({ check, subject }) => `${check} ${subject}`)).toEqual([
      'unreadable count-bad',
      'I1 count-a',
      'set-aside count-bad',
    ]);
  });

  it('is found by the check also before the projection has met it', async () => {
    await write('count-a');
    const runner = start();
    await caughtUp(runner);
    await write('count-a', 2);
    await caughtUp(runner);
    await world.database.query(
      `update log_events set data = '{"by": "x"}' where stream = 'count-a' and revision = 1`,
    );
    const { findings } = await new Consistency({
      database: world.database,
      store: world.log,
      projections: [tally()],
      checks: [],
    }).page(FIRST_PLACE);
    expect(findings.map(({ check, subject }) => `${check} ${subject}`)).toEqual([
      'unreadable count-a',
    ]);
  });
});

const refusing =
  (isRefused: (event: RecordedEvent) => boolean): Projection['apply'] =>
  async (tx, events) => {
    const refused = events.find(isRefused);
    if (refused) throw new TypeError(`no way to read ${refused.stream}`);
    await tally().apply(tx, events);
  };

describe('many streams that cannot be applied', () => {
  it('are a fault of ours: nothing further is set aside, and the projection says so', async () => {
    await write('count-a');
    const runner = start(tally({ apply: refusing(({ stream }) => stream !== 'count-a') }));
    await caughtUp(runner);
    for (let at = 0; at <= ASIDE_MAX; at += 1) await write(`count-${at}`);
    const [fault] = await until(async () => {
      const found = await projectionsStopped(world.database);
      return found.some((text) => text.includes('more than 20 streams within 60 s')) && found;
    });
    expect(fault).toContain('no way to read count-');
    const before = await aside();
    expect(before.length).toBeLessThanOrEqual(ASIDE_MAX);
    const tries = () => words.filter((line) => line.includes('starts again')).length;
    const tried = tries();
    await until(() => tries() > tried + 3);
    expect(await aside()).toEqual(before);
    expect(await runner.caughtUp(await world.log.head(), 0)).toBe(false);
    await runner.stop();
    await caughtUp(start());
    await until(async () => (await aside()).length === 0);
    expect(await totals()).toHaveLength(ASIDE_MAX + 2);
    expect(await projectionsStopped(world.database)).toEqual([]);
  });
});

describe('a rebuild', () => {
  it('leaves out what cannot be applied, and a rollback brings back what was missing before', async () => {
    const runner = start();
    for (const stream of ['count-a', 'count-bad', 'count-b']) await write(stream, 2);
    await caughtUp(runner);
    await world.database.query(
      `update log_events set data = '{"by": "x"}' where stream = 'count-bad'`,
    );
    await requestRebuild(world.database, 'tally');
    await until(async () => (await status()).rebuild?.phase === 'done');
    expect([await aside(), await totals()]).toEqual([['count-bad@0'], ['a=2', 'b=2']]);
    await write('count-bad', 1);
    await write('count-a', 1);
    await caughtUp(runner);
    expect(await totals()).toEqual(['a=3', 'b=2']);
    await mend('count-bad');
    expect(await rollBack(world.database, tally())).toBe('rolled-back');
    expect(await aside()).toEqual([]);
    await until(async () => (await totals()).includes('bad=7'));
    expect(await totals()).toEqual(['a=3', 'b=2', 'bad=7']);
    await dropRetired(world.database, tally());
    expect(await world.database.query('select from projection_asides')).toEqual([]);
  });

  it('stops when many streams fail that serve now', async () => {
    for (let at = 0; at <= ASIDE_MAX; at += 1) await write(`count-${at}`);
    await caughtUp(start());
    await runners[0]!.stop();
    await requestRebuild(world.database, 'tally');
    const { database, log: store } = world;
    const projection = tally({ apply: refusing(() => true) });
    const rebuild = new Rebuild({ projection, store, database, pace: new Pace() });
    await expect(rebuild.run(new AbortController().signal)).rejects.toThrow('stands still');
    expect(await world.database.query('select from projection_asides')).toEqual([]);
    expect(await totals()).toHaveLength(ASIDE_MAX + 1);
  });

  it('is not stopped by streams that are missing already', async () => {
    const runner = start();
    for (let at = 0; at < ASIDE_MAX; at += 1) await write(`count-bad${at}`, 'x');
    await write('count-a');
    await caughtUp(runner);
    await runner.stop();
    const again = start();
    for (let at = 0; at < 5; at += 1) await write(`count-worse${at}`, 'x');
    await caughtUp(again);
    await requestRebuild(world.database, 'tally');
    await until(async () => (await status()).rebuild?.phase === 'done');
    expect(await aside()).toHaveLength(ASIDE_MAX + 5);
    expect(await requestRetry(world.database, 'tally')).toBe(ASIDE_MAX + 5);
  });

  const status = async () => (await projectionStatuses(world.database, world.log, [tally()]))[0]!;
});

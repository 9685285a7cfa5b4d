import { NewerEventError, type EventStore } from '@throughline/event-store';
import { Pace } from '@throughline/kernel';
import { until as untilSoon } from '@throughline/testing';
import { pino } from 'pino';
import { ProjectionRunner } from './projection-runner.js';
import type { Projection } from './projection.js';
import { Rebuild } from './rebuild.js';
import type { RebuildStep } from './rebuild-site.js';
import {
  cancelRebuild,
  dropRetired,
  projectionStatuses,
  requestRebuild,
  rollBack,
} from './rebuild-requests.js';
import { tally, tallyWorld, type TallyWorld } from './tally.fixtures.js';

/** A rebuild begins within a second or so; on a machine that is busy with other things, later. */
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

const runnerOf = (projection: Projection, store: EventStore = world.log): ProjectionRunner => {
  const logger = pino({ level: 'warn' }, { write: (line: string) => void words.push(line) });
  const runner = new ProjectionRunner(projection, store, world.database, logger);
  runners.push(runner);
  return runner;
};
const start = (projection = tally(), store: EventStore = world.log): ProjectionRunner => {
  const runner = runnerOf(projection, store);
  runner.start();
  return runner;
};
const caughtUp = async (runner: ProjectionRunner): Promise<void> =>
  expect(await runner.caughtUp(await world.log.head(), 20_000)).toBe(true);
const range = (to: number): number[] => Array.from({ length: to }, (_, at) => at + 1);
const status = async (projection = tally()) =>
  (await projectionStatuses(world.database, world.log, [projection]))[0]!;
const rebuilt = (): Promise<true> => until(async () => (await status()).rebuild?.phase === 'done');
const schemas = async (): Promise<string[]> => {
  const rows = await world.database.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname like 'tally%' order by 1`,
  );
  return rows.map(({ name }) => name);
};

/** Everything that the catalog says about the tables that serve. */
const shape = (): Promise<object[]> =>
  world.database.query(`
    select c.relname, c.relkind, c.reloptions, pg_get_indexdef(c.oid) as definition,
      (select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity)
         order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0) as columns,
      (select json_agg(json_build_array(k.conname, pg_get_constraintdef(k.oid)) order by k.conname)
         from pg_constraint k where k.conrelid = c.oid) as constraints
    from pg_class c where c.relnamespace = 'tally'::regnamespace
      and c.relname ~ '^(tally|journal)' order by c.relname`);

/** Holds pages back until it is let go. */
const heldUp = (log: EventStore) => {
  let letGo = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const seen = { page: false };
  const subscribe: EventStore['subscribe'] = async function* (categories, from, signal) {
    for await (const page of log.subscribe(categories, from, signal)) {
      seen.page = true;
      await released;
      yield page;
    }
  };
  const store = new Proxy(log, {
    get: (target, name) => {
      if (name === 'subscribe') return subscribe;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { store, seen, letGo };
};

describe('a rebuild', () => {
  it('ends in tables that are the same in every respect, made of every event once', async () => {
    await world.write(1_300);
    await caughtUp(start());
    const before = { shape: await shape(), rows: await world.rows() };
    await requestRebuild(world.database, 'tally');
    await rebuilt();
    expect({ shape: await shape(), rows: await world.rows() }).toEqual(before);
    await world.write(40);
    await caughtUp(runners[0]!);
    expect(await world.journal()).toEqual(range(1_340));
    expect(await schemas()).toEqual(['tally', 'tally_retired_tally']);
    expect((await status()).rebuild).toEqual(
      expect.objectContaining({ phase: 'done', version: 1, position: '1300', events: 1_300 }),
    );
  });

  it('of an empty log is done at once', async () => {
    start();
    await requestRebuild(world.database, 'tally');
    await rebuilt();
    await world.write(3);
    await caughtUp(runners[0]!);
    expect(await world.journal()).toEqual(range(3));
  });

  it('goes unnoticed by those who read and write meanwhile', async () => {
    await world.write(3_000);
    await caughtUp(start());
    let isOver = false;
    // A prepared statement over both tables, on every connection of the pool.
    const read = async (): Promise<void> => {
      const newest = new Map<string, number>();
      while (!isOver) {
        const rows = await world.database.query<{ stream: string; revision: number; n: number }>(
          `select t.stream, t.revision, (select count(*) from journal j where j.stream = t.stream) as n
           from tally t order by t.stream`,
          [],
          'read-both',
        );
        expect(rows).toHaveLength(7);
        for (const { stream, revision, n } of rows) {
          expect(n).toBe(revision + 1);
          expect(revision).toBeGreaterThanOrEqual(newest.get(stream) ?? 0);
          newest.set(stream, revision);
        }
      }
    };
    const writeOn = async (): Promise<void> => {
      while (!isOver) {
        await world.write(7);
        const position = await world.log.head();
        expect(await runners[0]!.caughtUp(position, 20_000)).toBe(true);
        const [row] = await world.database.query<{ seen: number }>(
          'select max(position) as seen from journal',
          [],
          'read-newest',
        );
        expect(BigInt(row!.seen)).toBeGreaterThanOrEqual(position);
      }
    };
    const load = Promise.all([read(), read(), read(), writeOn()]);
    for (let round = 0; round < 2; round += 1) {
      await requestRebuild(world.database, 'tally');
      await Promise.race([rebuilt(), load]);
    }
    isOver = true;
    await load;
    await caughtUp(runners[0]!);
    expect(await world.journal()).toEqual(range(Number(await world.log.head())));
    expect(words).toEqual([]);
  });

  it.each<RebuildStep>(['copied', 'fed', 'analyzed', 'closed', 'moved', 'changed'])(
    'that is killed when it has %s goes on where it was',
    async (step) => {
      await world.write(1_200);
      const live = start();
      await caughtUp(live);
      const before = await world.rows();
      await requestRebuild(world.database, 'tally', undefined);
      await live.stop();
      let steps = 0;
      const killed = new Rebuild({
        projection: tally(),
        store: world.log,
        database: world.database,
        pace: new Pace(),
        onStep: async (reached) => {
          steps += reached === step ? 1 : 0;
          // With a page of progress before, where there can be one.
          if (reached !== step || (step === 'fed' && steps < 2)) return;
          await world.database.query(`
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name = 'test rebuild'`);
          throw new Error('killed');
        },
      });
      await expect(killed.run(new AbortController().signal)).rejects.toThrow();
      expect(steps).toBeGreaterThan(0);
      expect(await world.rows()).toEqual(before);
      await world.write(10);
      await caughtUp(start());
      await rebuilt();
      await caughtUp(runners.at(-1)!);
      expect(await world.journal()).toEqual(range(1_210));
      expect(await schemas()).toEqual(['tally', 'tally_retired_tally']);
    },
  );

  it('that is cancelled leaves the rows as they are, and nothing behind', async () => {
    await world.write(50);
    const first = start();
    await caughtUp(first);
    await first.stop();
    const stuck = tally({
      version: 2,
      apply: async (tx, events) => {
        const { rows } = await tx.query<{ path: string }>(
          `select current_setting('search_path') as path`,
        );
        if (rows[0]!.path.includes('rebuild')) throw new NewerEventError('cannot be built');
        await tally().apply(tx, events);
      },
    });
    const runner = start(stuck);
    await until(async () => (await status(stuck)).rebuild?.error === 'cannot be built');
    // The rows that there are stay current meanwhile.
    await world.write(5);
    await caughtUp(runner);
    expect(await cancelRebuild(world.database, stuck)).toBe(true);
    expect(await cancelRebuild(world.database, stuck)).toBe(false);
    await runner.stop();
    const again = start(stuck);
    await world.write(5);
    await caughtUp(again);
    expect(await world.journal()).toEqual(range(60));
    expect((await status(stuck)).rebuild?.phase).toBe('cancelled');
    expect(await schemas()).toEqual(['tally']);
  });

  it('does not go on once it was cancelled', async () => {
    await world.write(20);
    const live = start();
    await caughtUp(live);
    await requestRebuild(world.database, 'tally');
    await live.stop();
    const running = new Rebuild({
      projection: tally(),
      store: world.log,
      database: world.database,
      pace: new Pace(),
      onStep: async (step) => {
        if (step === 'analyzed') await cancelRebuild(world.database, tally());
      },
    });
    await expect(running.run(new AbortController().signal)).rejects.toThrow('was cancelled');
    expect(await world.journal()).toEqual(range(20));
    expect(await schemas()).toEqual(['tally']);
  });

  it('of tables that it cannot copy says why', async () => {
    await world.database.query('create table counted (n serial)');
    for (const [tables, why] of [
      [{ tally: 'stream', counted: 'n' }, 'generated as identity'],
      [{ tally: 'stream', nowhere: 'n' }, 'No such table in tally: nowhere'],
    ] as const) {
      await requestRebuild(world.database, 'tally');
      const runner = start(tally({ tables: tables as Projection['tables'] }));
      await until(() => words.some((line) => line.includes(why)));
      await runner.stop();
      await world.database.query('drop table if exists counted');
    }
  });
});

describe('a new version', () => {
  it('cannot be written to by a worker of the old one that was held up', async () => {
    await world.write(20);
    const { store, seen, letGo } = heldUp(world.log);
    const old = start(tally(), store);
    await until(() => seen.page);
    const other = start();
    await caughtUp(other);
    await other.stop();
    const newer = tally({ version: 2 });
    const runner = start(newer);
    await until(async () => (await status(newer)).builtVersion === 2);
    letGo();
    await until(() => words.some((line) => line.includes('at version 2 by a newer release')));
    await world.write(20);
    await caughtUp(runner);
    expect(await world.journal()).toEqual(range(40));
    await old.stop();
  });

  it('can be rolled back: the rows of before go on, and the new one keeps off', async () => {
    await world.write(30);
    const first = start();
    await caughtUp(first);
    await first.stop();
    const newer = tally({
      version: 2,
      apply: async (tx, events) => {
        await tally().apply(tx, events);
        await tx.query(`update tally set total = 0`);
      },
    });
    expect(await rollBack(world.database, newer)).toBe('nothing-kept');
    const second = start(newer);
    await until(async () => (await status(newer)).builtVersion === 2);
    await world.write(5);
    await caughtUp(second);
    expect((await status(newer)).retired).toEqual({ version: 1, position: '30' });

    expect(await rollBack(world.database, newer)).toBe('rolled-back');
    expect(await rollBack(world.database, newer)).toBe('nothing-kept');
    await until(() => words.some((line) => line.includes('was rolled back from version 2 to 1')));
    expect(await world.journal()).toEqual(range(30));
    expect(await second.caughtUp(35n, 0)).toBe(false);
    await second.stop();
    await caughtUp(start());
    expect(await world.journal()).toEqual(range(35));
    const totals = await world.database.query<{ total: number }>('select total from tally');
    expect(totals.every(({ total }) => total > 0)).toBe(true);
    expect(await schemas()).toEqual(['tally']);
  });

  it('keeps the rows of before until they are dropped', async () => {
    await world.write(3);
    await caughtUp(start());
    await requestRebuild(world.database, 'tally');
    await rebuilt();
    expect(await dropRetired(world.database, tally())).toBe(true);
    expect(await dropRetired(world.database, tally())).toBe(false);
    expect(await rollBack(world.database, tally())).toBe('nothing-kept');
    expect(await schemas()).toEqual(['tally']);
  });
});

describe('a process that does not keep the projection', () => {
  it('waits for the one that does', async () => {
    const idle = runnerOf(tally());
    expect(await idle.caughtUp(1n, 0)).toBe(false);
    const waiting = idle.caughtUp(5n, 20_000);
    start();
    await world.write(5);
    expect(await waiting).toBe(true);
    expect(await world.journal()).toEqual(range(5));
  });

  it('hears of events of others too, after a moment', async () => {
    const idle = runnerOf(tally());
    start();
    await world.write(1);
    await world.write(3, { category: 'other' });
    expect(await idle.caughtUp(4n, 20_000)).toBe(true);
  });

  it('takes over when its turn comes, as often as it comes', async () => {
    const runner = runnerOf(tally());
    for (const count of [10, 20, 30]) {
      const term = new AbortController();
      const running = runner.run(term.signal);
      await world.write(10);
      await caughtUp(runner);
      expect(await world.journal()).toEqual(range(count));
      term.abort();
      await running;
    }
  });
});

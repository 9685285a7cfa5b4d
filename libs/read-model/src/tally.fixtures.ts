import { randomUUID } from 'node:crypto';
import {
  NO_STREAM,
  PostgresLog,
  type EventStore,
  type RecordedEvent,
} from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import { freshDatabase } from '@throughline/testing';
import type { Projection } from './projection.js';

const idOf = ({ stream }: RecordedEvent): string => stream.slice(stream.indexOf('-') + 1);

/**
 * The total per stream, guarded by revision, and a journal without a guard: it would show an event that
 * was applied twice.
 */
export const tally = (options: Partial<Projection> = {}): Projection => ({
  name: 'tally',
  version: 1,
  categories: ['count'],
  tables: { tally: 'stream', journal: 'stream' },
  apply: async (tx, events) => {
    await tx.query({
      name: 'tally-write',
      text: `insert into tally as t (stream, total, revision)
       select stream, sum(by), max(revision)
       from unnest($1::text[], $2::integer[], $3::integer[]) as e(stream, by, revision) group by stream
       on conflict (stream) do update set total = t.total + excluded.total, revision = excluded.revision
       where excluded.revision > t.revision`,
      values: [
        events.map(idOf),
        events.map(({ data }) => (data as { by: number }).by),
        events.map(({ revision }) => revision),
      ],
    });
    await tx.query(
      `insert into journal (stream, position)
       select s, p from unnest($1::text[], $2::bigint[]) with ordinality as u(s, p, n) order by n`,
      [events.map(idOf), events.map(({ position }) => position.toString())],
    );
  },
  ...options,
});

/** A log and the tables of `tally`, on a database of their own. */
export type TallyWorld = {
  readonly database: Database;
  readonly log: PostgresLog;
  /** Appends to streams `<category>-0` and on, `count` events in all. */
  write(
    count: number,
    options?: { category?: string; streams?: number; store?: EventStore },
  ): Promise<void>;
  /** Positions of the events that were applied, in the order in which they were. */
  journal(): Promise<number[]>;
  rows(): Promise<object[]>;
  stored(): Promise<{ version: number; position: number } | undefined>;
};

export const tallyWorld = async (connectionsMax = 6): Promise<TallyWorld> => {
  const database = await freshDatabase({ schema: 'tally', connectionsMax });
  const log = new PostgresLog(database);
  await database.query(`
    create table tally (
      stream text primary key, total integer not null constraint counts_up check (total >= 0),
      revision integer not null) with (fillfactor = 80);
    create index tally_by_total on tally (total desc) where total > 1;
    create table journal (
      entry integer generated always as identity primary key, stream text not null,
      position bigint not null, constraint journal_once unique (position, entry))`);
  const write: TallyWorld['write'] = async (
    count,
    { category = 'count', streams = 7, store = log } = {},
  ) => {
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
        const last = (await store.read(stream)).at(-1)?.revision ?? NO_STREAM;
        await store.append(stream, events, last);
      }),
    );
  };
  return {
    database,
    log,
    write,
    journal: async () => {
      const rows = await database.query<{ position: number }>(
        'select position from journal order by entry',
      );
      return rows.map(({ position }) => position);
    },
    rows: () => database.query('select * from tally order by stream'),
    stored: async () =>
      (
        await database.query<{ version: number; position: number }>(
          'select version, position from projection_positions',
        )
      )[0],
  };
};

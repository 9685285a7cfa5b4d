import {
  errorText,
  NewerEventError,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import { Database } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import { idOf } from './aside-retry.js';
import { without } from './asides.js';
import { applyOneByOne, isOfStream } from './one-by-one.js';
import { NEVER_BUILT } from './projection-positions.js';
import { piecesOf, quoted, type Projection } from './projection.js';

/** Rows that differ are named one by one only up to here. */
const SHOWN_MAX = 50;
const DETAIL_MAX = 300;

/** One thing that contradicts an invariant. */
export type Finding = {
  /** `I1`, `I4`, `I5`: see docs/invariants.md; `set-aside`, `unreadable`: a stream that could not be looked at. */
  readonly check: string;
  /** The stream that it is about. */
  readonly subject: string;
  readonly detail: string;
};

/** The events of a stream, or what keeps them from being read, after which a check goes on. Throws `TransientError`. */
export const readFor = async (
  store: EventStore,
  subject: string,
): Promise<{
  readonly events: readonly RecordedEvent[];
  readonly findings: readonly Finding[];
}> => {
  try {
    return { events: await store.read(subject), findings: [] };
  } catch (error) {
    if (error instanceof TransientError) throw error;
    return { events: [], findings: [{ check: 'unreadable', subject, detail: errorText(error) }] };
  }
};

type Different = { readonly kind: string; readonly id: string; readonly row: object };

/** What is left of a row without the numbers that a table gives out by itself. */
const COUNTED = `
  select array_agg(attname::text) as names from pg_attribute
  where attrelid = $1::regclass and attnum > 0 and attidentity <> ''`;

const differencesIn = async (
  tx: PoolClient,
  live: string,
  [table, column]: readonly [string, string],
  ids: readonly string[],
): Promise<readonly Different[]> => {
  const kept = `${quoted(live)}.${quoted(table)}`;
  const { rows: counted } = await tx.query<{ names: string[] | null }>(COUNTED, [kept]);
  const type = await tx.query<{ type: string }>(
    `select format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = $1::regclass and attname = $2`,
    [kept, column],
  );
  const id = quoted(column);
  const { rows } = await tx.query<Different>(
    `with made as (
       select ${id}::text as id, to_jsonb(t) - $2::text[] as row from pg_temp.${quoted(table)} t
     ), kept as (
       select ${id}::text as id, to_jsonb(t) - $2::text[] as row from ${kept} t
       where ${id} = any($1::${type.rows[0]!.type}[])
     )
     select 'lacks' as kind, * from (select * from made except all select * from kept) as missing
     union all
     select 'has' as kind, * from (select * from kept except all select * from made) as surplus
     order by id, kind limit ${SHOWN_MAX}`,
    [ids, counted[0]?.names ?? []],
  );
  return rows;
};

/** A check goes on whatever one stream holds, also events of a newer release. */
const isTolerable = (error: unknown): boolean =>
  error instanceof NewerEventError || isOfStream(error);

const copyEmpty = async (
  tx: PoolClient,
  live: string,
  tables: readonly string[],
): Promise<void> => {
  for (const table of tables)
    await tx.query(
      `create temp table ${quoted(table)} (like ${quoted(live)}.${quoted(table)} including all) on commit drop`,
    );
};

/**
 * Compares a projection's rows of some streams with what their events give: the projection itself is fed with
 * them in temporary tables. Rows and position are of one moment, and events up to that position are read after it,
 * so what is applied meanwhile makes no difference. Writes nothing and locks nothing that anybody uses.
 */
export const compareRows = async (
  { database, store }: { readonly database: Database; readonly store: EventStore },
  projection: Projection,
  streams: readonly string[],
): Promise<readonly Finding[]> => {
  const live = database.options.schema;
  const scratch = new Database({
    ...database.options,
    // Nothing but the temporary tables can be meant.
    schema: 'pg_temp',
    applicationName: `${database.options.applicationName} check`,
    connectionsMax: 1,
  });
  try {
    return await scratch.transaction(async (tx) => {
      await tx.query('set transaction isolation level repeatable read');
      const { rows } = await tx.query<{ version: number; position: number }>(
        `select version, position from ${quoted(live)}.projection_positions where name = $1`,
        [projection.name],
      );
      // Rows of another version are about to be replaced, and of course differ.
      if (!rows[0] || rows[0].version === NEVER_BUILT || rows[0].version !== projection.version)
        return [];
      const missing = await setAsideOf(tx, live, projection, streams);
      const found: Finding[] = [...missing].map(([subject, error]) => ({
        check: 'set-aside',
        subject,
        detail: `missing from ${projection.name}: ${error}`,
      }));
      const present = streams.filter((stream) => !missing.has(stream));
      const read = await Promise.all(present.map((stream) => readFor(store, stream)));
      const events = read.flatMap((one) => one.events);
      const unreadable = read.flatMap((one) => one.findings);
      found.push(...unreadable);
      await copyEmpty(tx, live, Object.keys(projection.tables));
      const broken = new Set(unreadable.map(({ subject }) => subject));
      for (const piece of piecesOf(inOrder(events, BigInt(rows[0].position))))
        for (const { stream, error } of await applyOneByOne(
          projection,
          tx,
          without(broken, piece),
          { isTolerable },
        )) {
          broken.add(stream);
          const detail = `cannot be applied by ${projection.name}: ${errorText(error)}`;
          found.push({ check: 'unreadable', subject: stream, detail });
        }
      const ids = present.filter((stream) => !broken.has(stream)).map(idOf);
      for (const table of Object.entries(projection.tables))
        for (const { kind, id, row } of await differencesIn(tx, live, table, ids))
          found.push({
            check: 'I5',
            subject: id,
            detail: `${table[0]} ${kind} ${JSON.stringify(row).slice(0, DETAIL_MAX)}`,
          });
      return found;
    });
  } finally {
    await scratch.stop();
  }
};

/** Which of these streams are missing from the rows, and why. */
const setAsideOf = async (
  tx: PoolClient,
  live: string,
  { name }: Projection,
  streams: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await tx.query<{ stream: string; error: string }>(
    `select stream, error from ${quoted(live)}.projection_asides
     where projection = $1 and place = 'live' and stream = any($2)`,
    [name, streams],
  );
  return new Map(rows.map(({ stream, error }) => [stream, error]));
};

const inOrder = (events: readonly RecordedEvent[], to: Position): readonly RecordedEvent[] =>
  events
    .filter(({ position }) => position <= to)
    .sort((one, other) => (one.position < other.position ? -1 : 1));

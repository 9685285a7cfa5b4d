import type { EventStore } from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import { forgetAside, moveAside } from './asides.js';
import { quoted, type Projection } from './projection.js';
import { closeTables, dropTables, restoreTables, placesOf } from './shadow-tables.js';

/** How long readers may wait while tables are exchanged; below the server's deadlock timeout of 1 s. */
const CLOSE_WAIT_MS = 300;
const CLOSE_ATTEMPTS = 5;

export type RebuildPhase = 'waiting' | 'building' | 'done' | 'cancelled';

export type RebuildStatus = {
  /** `waiting` until a worker takes it up, then `building` until the tables are changed over. */
  readonly phase: RebuildPhase;
  readonly version: number | null;
  readonly position: string;
  /** Events applied so far, and per second. */
  readonly events: number;
  readonly eventsPerSecond: number | null;
  /** Why it does not get on; null when it does. */
  readonly error: string | null;
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly changedAt: string;
};

export type ProjectionStatus = {
  readonly name: string;
  /** Of the release that answers. */
  readonly version: number;
  /** Of the rows; null before they are first built. */
  readonly builtVersion: number | null;
  readonly position: string;
  readonly head: string;
  readonly rebuild: RebuildStatus | null;
  /** The rows of before the last rebuild, which a rollback brings back. */
  readonly retired: { readonly version: number; readonly position: string } | null;
  /** Streams that are missing from the rows, because they could not be applied. */
  readonly setAside: number;
  /** Why it stands still; null while it moves. */
  readonly fault: string | null;
};

type Row = {
  name: string;
  version: number;
  position: number;
  retired_version: number | null;
  retired_position: number | null;
  fault: string | null;
  set_aside: number;
};
type RebuildRow = {
  name: string;
  version: number | null;
  phase: RebuildPhase;
  position: number;
  events: number;
  per_second: number | null;
  error: string | null;
  requested_at: Date;
  started_at: Date | null;
  changed_at: Date;
};

const rebuildOf = (row: RebuildRow): RebuildStatus => ({
  phase: row.phase,
  version: row.version,
  position: String(row.position),
  events: row.events,
  eventsPerSecond: row.per_second,
  error: row.error,
  requestedAt: row.requested_at.toISOString(),
  startedAt: row.started_at?.toISOString() ?? null,
  changedAt: row.changed_at.toISOString(),
});

/**
 * Asks for a rebuild of a projection; whichever process keeps it takes that up within a second or so. One that is
 * under way goes on. With `automaticFor` a rebuild to that version that was cancelled is not asked for again.
 */
export const requestRebuild = async (
  database: Database,
  name: string,
  automaticFor?: number,
): Promise<void> => {
  await database.transaction(async (tx) => {
    await tx.query(
      `insert into projection_rebuilds as r (name, phase) values ($1, 'waiting')
       on conflict (name) do update set phase = 'waiting', version = null, position = 0, events = 0,
         error = null, requested_at = now(), started_at = null, changed_at = now()
       where r.phase = 'done' or (r.phase = 'cancelled' and r.version is distinct from $2)`,
      [name, automaticFor ?? null],
    );
    if (automaticFor === undefined)
      await tx.query('update projection_positions set refused = null where name = $1', [name]);
  });
};

/** Gives a rebuild up and drops what it has built; answers whether there was one. */
export const cancelRebuild = (
  database: Database,
  { name, version }: Projection,
): Promise<boolean> =>
  database.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `update projection_rebuilds
       set phase = 'cancelled', version = coalesce(version, $2), changed_at = now()
       where name = $1 and phase in ('waiting', 'building')`,
      [name, version],
    );
    if (rowCount !== 1) return false;
    const { live, building } = placesOf(database.options.schema, name);
    await forgetAside(tx, quoted(live), name, ['building']);
    await dropTables(tx, building);
    return true;
  });

/** Notes why a rebuild does not get on. */
export const noteRebuildError = async (
  database: Database,
  name: string,
  words: string,
): Promise<void> => {
  await database.query(
    `update projection_rebuilds set error = $2, changed_at = now() where name = $1 and phase = 'building'`,
    [name, words],
  );
};

/** Whether a worker of this version has a rebuild to carry out. */
export const isRebuildWanted = async (
  database: Database,
  { name, version }: Pick<Projection, 'name' | 'version'>,
): Promise<boolean> => {
  const rows = await database.query(
    `select from projection_rebuilds
     where name = $1 and phase in ('waiting', 'building') and coalesce(version, $2) <= $2`,
    [name, version],
    'rebuild-wanted',
  );
  return rows.length > 0;
};

export type RollbackOutcome = 'rolled-back' | 'nothing-kept' | 'rebuilding';

/**
 * Puts the rows of before the last rebuild in the place of the live ones, which are dropped; they catch up from
 * where they stood. A version that is rolled back leaves the rows to the release before it. Throws
 * `TransientError` when readers do not leave the tables for long enough.
 */
export const rollBack = async (
  database: Database,
  projection: Projection,
): Promise<RollbackOutcome> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction((tx) => bringBack(tx, database.options.schema, projection));
    } catch (error) {
      if (!(error instanceof TransientError) || attempt >= CLOSE_ATTEMPTS) throw error;
    }
  }
};

const bringBack = async (
  tx: PoolClient,
  schema: string,
  { name, tables }: Projection,
): Promise<RollbackOutcome> => {
  const running = await tx.query(
    `select from projection_rebuilds where name = $1 and phase in ('waiting', 'building') for update`,
    [name],
  );
  if (running.rows.length > 0) return 'rebuilding';
  const { rows } = await tx.query<Row>(
    'select * from projection_positions where name = $1 for update',
    [name],
  );
  const row = rows[0];
  if (!row || row.retired_version === null) return 'nothing-kept';
  await closeTables(tx, schema, Object.keys(tables), CLOSE_WAIT_MS);
  await restoreTables(tx, placesOf(schema, name), Object.keys(tables));
  await moveAside(tx, quoted(schema), name, 'retired', 'live');
  await tx.query(
    `update projection_positions
     set fault = null, asides = asides + 1, version = retired_version, keeper = retired_version, position = retired_position,
         refused = $2, retired_version = null, retired_position = null where name = $1`,
    [name, row.version > row.retired_version ? row.version : null],
  );
  return 'rolled-back';
};

/** Drops the rows of before the last rebuild; answers whether there were any. */
export const dropRetired = (database: Database, { name }: Projection): Promise<boolean> =>
  database.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `update projection_positions set retired_version = null, retired_position = null
       where name = $1 and retired_version is not null`,
      [name],
    );
    const { live, retired } = placesOf(database.options.schema, name);
    await forgetAside(tx, quoted(live), name, ['retired']);
    await dropTables(tx, retired);
    return rowCount === 1;
  });

const retiredOf = (row: Row | undefined): ProjectionStatus['retired'] =>
  row === undefined || row.retired_version === null
    ? null
    : { version: row.retired_version, position: String(row.retired_position) };

/** How each projection of a service stands. */
export const projectionStatuses = async (
  database: Database,
  store: EventStore,
  projections: readonly Projection[],
): Promise<readonly ProjectionStatus[]> => {
  const head = (await store.head()).toString();
  const rows = await database.query<Row>(
    `select *, (select count(*) from projection_asides where projection = name and place = 'live') as set_aside
     from projection_positions`,
  );
  const rebuilds = await database.query<RebuildRow>(
    `select *, round(events / nullif(extract(epoch from changed_at - started_at), 0))::float8 as per_second
     from projection_rebuilds`,
  );
  return projections.map(({ name, version }) => {
    const row = rows.find((one) => one.name === name);
    const rebuild = rebuilds.find((one) => one.name === name);
    return {
      name,
      version,
      builtVersion: row && row.version >= 0 ? row.version : null,
      position: String(row?.position ?? 0),
      head,
      rebuild: rebuild ? rebuildOf(rebuild) : null,
      retired: retiredOf(row),
      setAside: row?.set_aside ?? 0,
      fault: row?.fault ?? null,
    };
  });
};

import type { EventStore, Position } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import { emptyTables, type Projection } from './projection.js';

/** Version of a projection that no worker has built yet. */
export const NEVER_BUILT = -1;
const LOOK_EVERY_MS = 25;

/** Another worker moved the projection: this one starts again from the stored position. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

/** The rows hold events that the log does not have: it was restored from an older backup. */
export class AheadOfLogError extends Error {
  override readonly name = 'AheadOfLogError';
}

export type StoredPosition = {
  readonly version: number;
  readonly position: Position;
  readonly keeper: number;
  readonly refused: number | null;
};
type Row = {
  version: number;
  position: number;
  keeper: number;
  refused: number | null;
};

const COLUMNS = 'version, position, keeper, refused';
const storedOf = (row: Row): StoredPosition => ({
  ...row,
  position: BigInt(row.position),
  // Rows of a release that knew no keeper.
  keeper: Math.max(row.keeper, row.version),
});

/** Where a projection stands; undefined before its first worker. */
export const storedPosition = async (
  database: Database,
  name: string,
): Promise<StoredPosition | undefined> => {
  const [row] = await database.query<Row>(
    `select ${COLUMNS} from projection_positions where name = $1`,
    [name],
    'projection-position',
  );
  return row && storedOf(row);
};

/** The same, locked until the transaction ends: meanwhile no worker moves it. */
export const lockedPosition = async (
  tx: PoolClient,
  schema: string,
  name: string,
): Promise<StoredPosition | undefined> => {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from ${schema}.projection_positions where name = $1 for update`,
    [name],
  );
  return rows[0] && storedOf(rows[0]);
};

/**
 * Takes a projection over for a release that has it at `version`. The first one starts with empty tables.
 * Throws when the rows are a newer release's, or when this version was rolled back.
 */
export const takeOver = (
  database: Database,
  projection: Pick<Projection, 'name' | 'version' | 'tables'>,
): Promise<StoredPosition> =>
  database.transaction(async (tx) => {
    const { name, version } = projection;
    // The row is there before it is locked, so that of two first workers one waits for the other.
    await tx.query(
      `insert into projection_positions (name, version, position) values ($1, $2, 0)
       on conflict (name) do nothing`,
      [name, NEVER_BUILT],
    );
    const { rows } = await tx.query<Row>(
      `select ${COLUMNS} from projection_positions where name = $1 for update`,
      [name],
    );
    const stored = storedOf(rows[0]!);
    // While releases change, the older one must not touch what the newer one keeps.
    if (stored.keeper > version)
      throw new Error(`Projection ${name} is kept at version ${stored.keeper} by a newer release`);
    if (stored.version !== version && (stored.refused ?? NEVER_BUILT) >= version)
      throw new Error(
        `Projection ${name} was rolled back from version ${stored.refused} to ${stored.version}: ` +
          'run the release that has that version, or ask for a rebuild',
      );
    if (stored.version !== NEVER_BUILT && stored.keeper === version) return stored;
    const built = stored.version === NEVER_BUILT ? version : stored.version;
    if (stored.version === NEVER_BUILT) await emptyTables(tx, projection);
    await tx.query('update projection_positions set version = $2, keeper = $3 where name = $1', [
      name,
      built,
      version,
    ]);
    return { ...stored, version: built, keeper: version };
  });

/** Moves a projection on, with the rows of the same transaction. Throws `OvertakenError` when another worker has. */
export const moveOn = async (
  tx: PoolClient,
  { name, version }: Pick<Projection, 'name' | 'version'>,
  from: Position,
  to: Position,
): Promise<void> => {
  // Rows and position are lost together or not at all, so this need not wait for the disk.
  await tx.query('set local synchronous_commit = off');
  const { rowCount } = await tx.query({
    name: 'projection-advance',
    text: `update projection_positions set position = $1
           where name = $2 and keeper = $3 and position = $4`,
    values: [to.toString(), name, version, from.toString()],
  });
  if (rowCount !== 1) throw new OvertakenError(`Projection ${name} was moved by another worker`);
};

/**
 * Waits until a projection that another process keeps holds everything up to `position`; false when that takes
 * longer than `timeoutMs`, or when the database is away.
 */
export const waitForProjection = async (
  database: Database,
  name: string,
  position: Position,
  timeoutMs: number,
): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const stored = await storedPosition(database, name).catch(() => undefined);
    if (stored && stored.position >= position) return true;
    if (performance.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
};

/** Throws `AheadOfLogError` when a projection's position cannot be one of this log. */
export const refuseForeignLog = async (
  store: EventStore,
  name: string,
  position: Position,
): Promise<void> => {
  const head = await store.head();
  if (position > head)
    throw new AheadOfLogError(
      `Projection ${name} is ahead of its log (at ${position}, the log ends at ${head}): an older log ` +
        'was restored. See docs/operations/restore.md',
    );
};

/** What keeps projections of a service from being right, in sentences; none when all is well. */
export const projectionFaults = async (
  database: Database,
  store: EventStore,
): Promise<readonly string[]> => {
  const rows = await database.query<{ name: string; position: number }>(
    'select name, position from projection_positions order by name',
    [],
    'projection-faults',
  );
  const faults: string[] = [];
  for (const { name, position } of rows)
    await refuseForeignLog(store, name, BigInt(position)).catch((error: unknown) => {
      if (!(error instanceof AheadOfLogError)) throw error;
      faults.push(error.message);
    });
  return faults;
};

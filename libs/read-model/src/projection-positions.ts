import {
  ReplacedLogError,
  sameLog,
  type EventStore,
  type Position,
} from '@throughline/event-store';
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

export type StoredPosition = {
  readonly version: number;
  readonly position: Position;
  readonly keeper: number;
  readonly refused: number | null;
  /** The log that the rows are made from; null before the first look at it. */
  readonly epoch: string | null;
  /** Changes to the streams that are set aside which a worker may not know of. */
  readonly asides: number;
};
type Row = {
  version: number;
  position: number;
  keeper: number;
  refused: number | null;
  epoch: string | null;
  asides: number;
};

const COLUMNS = 'version, position, keeper, refused, epoch, asides';
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

/** Where a worker believes that its projection stands. */
export type Known = { readonly position: Position; readonly asides: number };

/** Moves a projection on, with the rows of the same transaction. Throws `OvertakenError` when another worker has. */
export const moveOn = async (
  tx: PoolClient,
  { name, version }: Pick<Projection, 'name' | 'version'>,
  { position: from, asides }: Known,
  to: Position,
): Promise<void> => {
  // Rows and position are lost together or not at all, so this need not wait for the disk.
  await tx.query('set local synchronous_commit = off');
  const { rowCount } = await tx.query({
    name: 'projection-advance',
    text: `update projection_positions set position = $1, fault = null
           where name = $2 and keeper = $3 and position = $4 and asides = $5`,
    values: [to.toString(), name, version, from.toString(), asides],
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

/**
 * Makes sure that a projection goes on in the log that its rows are made from, and notes which one that is. Throws
 * `ReplacedLogError` when an older log was restored, or another one stands in its place.
 */
export const refuseForeignLog = async (
  database: Database,
  store: EventStore,
  name: string,
  { position, epoch }: StoredPosition,
): Promise<void> => {
  const kept = { position, epoch: epoch ?? undefined };
  const current = await sameLog(store, `Projection ${name}`, kept);
  if (epoch === null)
    await database.query(
      'update projection_positions set epoch = $2 where name = $1 and epoch is null',
      [name, current],
    );
};

/** Whether a position is one of this log. */
export const isOfLog = async (
  store: EventStore,
  { position, epoch }: Pick<StoredPosition, 'position' | 'epoch'>,
): Promise<boolean> => {
  try {
    await sameLog(store, 'A projection', { position, epoch: epoch ?? undefined });
    return true;
  } catch (error) {
    if (error instanceof ReplacedLogError) return false;
    throw error;
  }
};

/** Notes why a projection stands still, until it moves; null when it stands still no more. */
export const noteFault = async (
  database: Database,
  { name, version }: Pick<Projection, 'name' | 'version'>,
  fault: string | null,
): Promise<void> => {
  await database.query(
    'update projection_positions set fault = $3 where name = $1 and keeper = $2',
    [name, version, fault],
  );
};

/** Projections that stand still, in sentences: their rows are right, and grow old. */
export const projectionsStopped = async (database: Database): Promise<readonly string[]> => {
  const rows = await database.query<{ name: string; fault: string }>(
    'select name, fault from projection_positions where fault is not null order by name',
    [],
    'projections-stopped',
  );
  return rows.map(({ name, fault }) => `Projection ${name} stands still: ${fault}`);
};

/** What keeps projections of a service from being right, in sentences; none when all is well. */
export const projectionFaults = async (
  database: Database,
  store: EventStore,
): Promise<readonly string[]> => {
  const rows = await database.query<{ name: string; position: number; epoch: string | null }>(
    'select name, position, epoch from projection_positions order by name',
    [],
    'projection-faults',
  );
  if (rows.length === 0) return [];
  const [epoch, head] = await Promise.all([store.epoch(), store.head()]);
  return rows
    .filter((row) => BigInt(row.position) > head || (row.epoch ?? epoch) !== epoch)
    .map(({ name }) => new ReplacedLogError(`Projection ${name}`).message);
};

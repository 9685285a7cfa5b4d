import { errorText, type EventStore, type Position } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import { isOfStream } from './one-by-one.js';
import { lockedPosition, OvertakenError } from './projection-positions.js';
import { piecesOf, quoted, type Projection } from './projection.js';

type Options = {
  readonly projection: Projection;
  readonly store: EventStore;
  readonly database: Database;
};

/** What a stream is called within its category. */
export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);

/** Tries the streams again that a retry was asked for; answers those that are in the rows now. */
export const takeUpRequested = async (options: Options): Promise<readonly string[]> => {
  const taken: string[] = [];
  for (const stream of await requested(options.database, options.projection))
    if (await takeUpAgain(options, stream)) taken.push(stream);
  return taken;
};

const requested = async (
  database: Database,
  { name }: Pick<Projection, 'name'>,
): Promise<readonly string[]> => {
  const rows = await database.query<{ stream: string }>(
    `select stream from projection_asides
     where projection = $1 and place = 'live' and retry_requested_at is not null order by since, stream`,
    [name],
    'aside-retries',
  );
  return rows.map(({ stream }) => stream);
};

/**
 * Makes the rows of one stream again from all its events, up to where the projection stands, and takes it off the list; in one
 * transaction, so a kill leaves it set aside. Answers whether that went through; notes why where it did not.
 */
const takeUpAgain = async (options: Options, stream: string): Promise<boolean> => {
  const { projection, database } = options;
  try {
    await database.transaction((tx) => replay(options, tx, stream));
    return true;
  } catch (error) {
    if (!isOfStream(error)) throw error;
    await database.query(
      `update projection_asides set error = $3, version = $4, tries = tries + 1, tried_at = now(),
         retry_requested_at = null
       where projection = $1 and place = 'live' and stream = $2`,
      [projection.name, stream, errorText(error), projection.version],
    );
    return false;
  }
};

const replay = async (
  { projection, store, database }: Options,
  tx: PoolClient,
  stream: string,
): Promise<void> => {
  const { name, version, categories } = projection;
  const stored = await lockedPosition(tx, quoted(database.options.schema), name);
  if (stored?.keeper !== version)
    throw new OvertakenError(`Projection ${name} is kept by another release`);
  await tx.query(
    `delete from projection_asides where projection = $1 and place = 'live' and stream = $2`,
    [name, stream],
  );
  // A worker that has not heard of it would go on leaving its events out.
  await tx.query('update projection_positions set asides = asides + 1 where name = $1', [name]);
  const own = categories.map((category) => `${category}-${idOf(stream)}`);
  const { rows: others } = await tx.query<{ stream: string }>(
    `select stream from projection_asides where projection = $1 and place = 'live' and stream = any($2)`,
    [name, own],
  );
  const whole = own.filter((one) => !others.some((other) => other.stream === one));
  await deleteRows(tx, projection, idOf(stream));
  for (const piece of piecesOf(await eventsOf(store, whole, stored.position)))
    await projection.apply(tx, piece);
};

const deleteRows = async (tx: PoolClient, { tables }: Projection, id: string): Promise<void> => {
  for (const [table, column] of Object.entries(tables)) {
    const { rows } = await tx.query<{ type: string }>(
      `select format_type(atttypid, atttypmod) as type from pg_attribute
       where attrelid = $1::regclass and attname = $2`,
      [quoted(table), column],
    );
    const type = rows[0]!.type;
    await tx.query(`delete from ${quoted(table)} where ${quoted(column)} = $1::${type}`, [id]);
  }
};

const eventsOf = async (store: EventStore, streams: readonly string[], to: Position) => {
  const read = await Promise.all(streams.map((stream) => store.read(stream)));
  return read
    .flat()
    .filter(({ position }) => position <= to)
    .sort((one, other) => (one.position < other.position ? -1 : 1));
};

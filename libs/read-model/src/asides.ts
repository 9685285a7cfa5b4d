import { errorText, type RecordedEvent } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import type { Broken } from './one-by-one.js';
import type { Projection } from './projection.js';

/** Which rows of a projection a stream is missing from. */
export type AsidePlace = 'live' | 'building' | 'retired';

/** A stream that a projection could not apply, and that waits to be tried again. */
export type SetAside = {
  readonly projection: string;
  readonly stream: string;
  readonly error: string;
  /** Of the first event that is not in the rows. */
  readonly revision: number;
  readonly since: string;
  /** How often it was tried again. */
  readonly tries: number;
  readonly triedAt: string | null;
  /** Of the projection that tried it last. */
  readonly version: number;
  readonly retryRequestedAt: string | null;
};

type Row = {
  projection: string;
  stream: string;
  error: string;
  revision: number;
  since: Date;
  tries: number;
  tried_at: Date | null;
  version: number;
  retry_requested_at: Date | null;
};

type Asking = Pick<PoolClient, 'query'>;

/** Leaves out the events of streams that are set aside; almost always there are none. */
export const without = (
  aside: ReadonlySet<string>,
  events: readonly RecordedEvent[],
): readonly RecordedEvent[] =>
  aside.size === 0 ? events : events.filter(({ stream }) => !aside.has(stream));

/** The streams that are missing from some rows of a projection. */
export const asideOf = async (
  tx: Asking,
  schema: string,
  name: string,
  place: AsidePlace,
): Promise<Set<string>> => {
  const { rows } = await tx.query<{ stream: string }>(
    `select stream from ${schema}.projection_asides where projection = $1 and place = $2`,
    [name, place],
  );
  return new Set(rows.map(({ stream }) => stream));
};

/** Sets streams aside, in the transaction that moves the projection past their events. */
export const setAside = async (
  tx: Asking,
  schema: string,
  { name, version }: Pick<Projection, 'name' | 'version'>,
  place: AsidePlace,
  broken: readonly Broken[],
): Promise<void> => {
  if (broken.length === 0) return;
  await tx.query(
    `insert into ${schema}.projection_asides (projection, place, version, stream, revision, error)
     select $1, $2, $3, * from unnest($4::text[], $5::integer[], $6::text[])`,
    [
      name,
      place,
      version,
      broken.map(({ stream }) => stream),
      broken.map(({ revision }) => revision),
      broken.map(({ error }) => errorText(error)),
    ],
  );
};

/** Forgets which streams are missing from rows that are dropped. */
export const forgetAside = async (
  tx: Asking,
  schema: string,
  name: string,
  places: readonly AsidePlace[],
): Promise<void> => {
  await tx.query(
    `delete from ${schema}.projection_asides where projection = $1 and place = any($2)`,
    [name, places],
  );
};

/** What is missing from rows goes with them to another place, where nothing is left of what was there. */
export const moveAside = async (
  tx: Asking,
  schema: string,
  name: string,
  from: AsidePlace,
  to: AsidePlace,
): Promise<void> => {
  await forgetAside(tx, schema, name, [to]);
  await tx.query(
    `update ${schema}.projection_asides set place = $3 where projection = $1 and place = $2`,
    [name, from, to],
  );
};

/** The streams that are missing from a service's read models, the longest first. */
export const streamsAside = async (
  database: Database,
  filter: { readonly projection?: string; readonly stream?: string } = {},
): Promise<readonly SetAside[]> => {
  const rows = await database.query<Row>(
    `select projection, stream, error, revision, since, tries, tried_at, version, retry_requested_at
     from projection_asides where place = 'live'
       and ($1::text is null or projection = $1) and ($2::text is null or stream = $2)
     order by since, projection, stream`,
    [filter.projection ?? null, filter.stream ?? null],
    'projection-asides',
  );
  return rows.map(({ since, tried_at: triedAt, retry_requested_at: requestedAt, ...row }) => ({
    ...row,
    since: since.toISOString(),
    triedAt: triedAt?.toISOString() ?? null,
    retryRequestedAt: requestedAt?.toISOString() ?? null,
  }));
};

/**
 * Asks that streams are taken up again: those of one projection, or one of them. The worker that keeps the projection tries
 * within a second or so. Answers how many were asked for.
 */
export const requestRetry = async (
  database: Database,
  projection: string,
  stream?: string,
): Promise<number> => {
  const rows = await database.query(
    `update projection_asides set retry_requested_at = coalesce(retry_requested_at, now())
     where projection = $1 and place = 'live' and ($2::text is null or stream = $2) returning 1`,
    [projection, stream ?? null],
  );
  return rows.length;
};

/** What became of a retry: the stream is in the rows, it failed again, or no worker has taken it up yet. */
export type RetryOutcome =
  | { readonly outcome: 'retried' }
  | { readonly outcome: 'failed'; readonly error: string }
  | { readonly outcome: 'pending' };

const OUTCOME_WAIT_MS = 4_000;
const LOOK_EVERY_MS = 50;

/** Asks for one stream to be taken up again and waits a while for the outcome. */
export const retryStream = async (
  database: Database,
  projection: string,
  stream: string,
  waitMs = OUTCOME_WAIT_MS,
): Promise<RetryOutcome> => {
  await requestRetry(database, projection, stream);
  const deadline = performance.now() + waitMs;
  for (;;) {
    const [row] = await streamsAside(database, { projection, stream });
    if (!row) return { outcome: 'retried' };
    if (row.retryRequestedAt === null) return { outcome: 'failed', error: row.error };
    if (performance.now() > deadline) return { outcome: 'pending' };
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
};

import type { AsideLimit, EventStore, Position, RecordedEvent } from '@throughline/event-store';
import type { Pace } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import { asideOf, setAside, without } from './asides.js';
import { applyWithin, type Broken } from './one-by-one.js';
import { OvertakenError } from './projection-positions.js';
import { quoted, type Projection } from './projection.js';
import type { Places } from './shadow-tables.js';

/** Where a test may interrupt: after the step, where `copied`, `fed`, `closed` and `moved` are inside of their transaction. */
export type RebuildStep = 'copied' | 'fed' | 'analyzed' | 'closed' | 'moved' | 'changed';

export type RebuildOptions = {
  readonly projection: Projection;
  readonly store: EventStore;
  /** The service's own; the rebuild uses connections of its own beside it. */
  readonly database: Database;
  readonly pace: Pace;
  /** How many streams may be left out; outlives one attempt where it is given. */
  readonly limit?: AsideLimit;
  readonly onStep?: (step: RebuildStep) => Promise<void>;
};

/** What the steps of a rebuild work on. */
export type Site = RebuildOptions & {
  readonly places: Places;
  readonly tables: readonly string[];
  /** Connections on which names mean the copies and nothing else. */
  readonly building: Database;
  readonly limit: AsideLimit;
  /** Streams that are missing from the copies. */
  readonly aside: Set<string>;
};

type Span = { readonly from: Position; readonly to: Position };

/**
 * Applies events to the copies and moves the rebuild on, in one transaction. Throws `OvertakenError` when it was
 * cancelled or another worker has moved it.
 */
export const feed = async (
  site: Site,
  tx: PoolClient,
  events: readonly RecordedEvent[],
  span: Span,
): Promise<void> => {
  await moveBuilding(site, tx, events, span);
  const own = without(site.aside, events);
  if (own.length > 0) await site.projection.apply(tx, own);
};

/** The same without the streams that cannot be applied, which are set aside; answers them. */
export const feedWithout = async (
  site: Site,
  tx: PoolClient,
  events: readonly RecordedEvent[],
  span: Span,
): Promise<readonly Broken[]> => {
  const { projection, places, aside, limit } = site;
  await moveBuilding(site, tx, events, span);
  const live = quoted(places.live);
  const known = await asideOf(tx, live, projection.name, 'live');
  const broken = await applyWithin(limit, projection, tx, without(aside, events), known);
  await setAside(tx, live, projection, 'building', broken);
  limit.took(broken.filter(({ stream }) => !known.has(stream)).length);
  return broken;
};

const moveBuilding = async (
  { projection, places }: Site,
  tx: PoolClient,
  events: readonly RecordedEvent[],
  { from, to }: Span,
): Promise<void> => {
  const { rowCount } = await tx.query(
    `update ${quoted(places.live)}.projection_rebuilds
     set position = $1, events = events + $2, error = null, changed_at = clock_timestamp()
     where name = $3 and version = $4 and phase = 'building' and position = $5`,
    [to.toString(), events.length, projection.name, projection.version, from.toString()],
  );
  if (rowCount !== 1)
    throw new OvertakenError(`The rebuild of ${projection.name} was cancelled or taken over`);
};

export const rest = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

import type { EventStore, Position, RecordedEvent } from '@throughline/event-store';
import type { Pace } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import type { PoolClient } from 'pg';
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
  readonly onStep?: (step: RebuildStep) => Promise<void>;
};

/** What the steps of a rebuild work on. */
export type Site = RebuildOptions & {
  readonly places: Places;
  readonly tables: readonly string[];
  /** Connections on which names mean the copies and nothing else. */
  readonly building: Database;
};

/**
 * Applies events to the copies and moves the rebuild on, in one transaction. Throws `OvertakenError` when it was
 * cancelled or another worker has moved it.
 */
export const feed = async (
  { projection, places }: Site,
  tx: PoolClient,
  events: readonly RecordedEvent[],
  { from, to }: { readonly from: Position; readonly to: Position },
): Promise<void> => {
  const { rowCount } = await tx.query(
    `update ${quoted(places.live)}.projection_rebuilds
     set position = $1, events = events + $2, error = null, changed_at = clock_timestamp()
     where name = $3 and version = $4 and phase = 'building' and position = $5`,
    [to.toString(), events.length, projection.name, projection.version, from.toString()],
  );
  if (rowCount !== 1)
    throw new OvertakenError(`The rebuild of ${projection.name} was cancelled or taken over`);
  if (events.length > 0) await projection.apply(tx, events);
};

export const rest = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

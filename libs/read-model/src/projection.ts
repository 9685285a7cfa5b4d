import type { RecordedEvent } from '@throughline/event-store';
import type { PoolClient } from 'pg';

/**
 * A read model kept from events. Rows and position change in one transaction. `apply` gets a page of
 * events in commit order and must guard every write by stream revision (or by a version), so that a
 * page may come twice. Bump `version` when its rows must be made anew from the beginning.
 */
export type Projection = {
  readonly name: string;
  readonly version: number;
  readonly categories: readonly string[];
  /** Empties the projection's tables, before a rebuild. */
  reset(tx: PoolClient): Promise<void>;
  apply(tx: PoolClient, events: readonly RecordedEvent[]): Promise<void>;
};

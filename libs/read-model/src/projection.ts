import type { RecordedEvent } from '@throughline/event-store';
import type { PoolClient } from 'pg';

/**
 * A read model kept from events. Rows and position change in one transaction. `apply` gets a page of
 * events in commit order and must guard every write by stream revision (or by a version), so that a
 * page may come twice. Bump `version` when its rows must be made anew: they are built beside the old ones.
 */
export type Projection = {
  readonly name: string;
  readonly version: number;
  readonly categories: readonly string[];
  /**
   * Every table that `apply` touches, without schema, and in each the column with the id of the stream
   * (`<category>-<id>`) that a row was made from.
   */
  readonly tables: Readonly<Record<string, string>>;
  apply(tx: PoolClient, events: readonly RecordedEvent[]): Promise<void>;
};

/** Events applied in one transaction; more would keep rows locked for too long. */
const APPLY_EVENTS_MAX = 500;

/** Cuts a page into pieces that one transaction can apply; the last one ends at the page's position. */
export const piecesOf = <Event>(events: readonly Event[]): (readonly Event[])[] => {
  const pieces: (readonly Event[])[] = [];
  for (let start = 0; start < events.length; start += APPLY_EVENTS_MAX)
    pieces.push(events.slice(start, start + APPLY_EVENTS_MAX));
  return pieces;
};

/** A name as SQL writes it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Empties the projection's tables. */
export const emptyTables = async (
  tx: PoolClient,
  { tables }: Pick<Projection, 'tables'>,
): Promise<void> => {
  const names = Object.keys(tables).map(quoted);
  if (names.length > 0) await tx.query(`truncate ${names.join(', ')}`);
};

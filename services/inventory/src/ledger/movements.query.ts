import {
  sortValues,
  pageOf,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { conditionsOf, nameOf, whereOf, type OneOrMore } from '../listing.js';
import type { Condition, MovementType } from './domain/ledger.js';

export type RecordedMovement = {
  /** As it was given; the place in the ledger where nobody gave one. */
  readonly movementId: string;
  readonly type: MovementType;
  readonly sku: string;
  readonly locationId: string;
  readonly condition: Condition;
  /** The change of what is on hand. */
  readonly quantity: number;
  readonly before: number;
  readonly after: number;
  readonly reason: string | null;
  readonly reference: string | null;
  readonly cause: string;
  /** Who asked: the id of a key or of a token's holder, and its name; of old movements the name alone is known. */
  readonly actor: string | null;
  readonly actorName: string | null;
  readonly at: string;
};

/** A page of movements, newest first. */
export type MovementsQuery = (
  filter: { readonly sku?: string | null; readonly locationId?: OneOrMore | null },
  page: PageRequest,
) => Promise<Page<RecordedMovement>>;

type Row = Omit<RecordedMovement, 'locationId' | 'movementId' | 'at' | 'actorName'> & {
  actor_id: string | null;
  sequence: number;
  movement_id: string | null;
  location_id: string;
  at: Date;
};

const COLUMNS = { sku: 'sku', locationId: 'location_id' } as const;

export const movementsQuery =
  (database: Database): MovementsQuery =>
  async (filter, { limit, after }) => {
    const conditions = conditionsOf(COLUMNS, filter);
    const { sql, values } = conditions;
    if (after) {
      values.push(...sortValues(after, ['int8']));
      sql.push(`sequence < $${values.length}`);
    }
    values.push(limit + 1);
    const text = `select sequence, movement_id, type, sku, location_id, condition, quantity, before,
      after,
      reason, reference, cause, actor, actor_id, at
      from movements ${whereOf(conditions)} order by sequence desc limit $${values.length}`;
    const rows = await database.query<Row>(text, values, nameOf('movements', conditions, after));
    return pageOf(
      rows,
      limit,
      ({ sequence }) => [sequence],
      ({ movement_id: movementId, location_id: locationId, at, ...row }) => ({
        movementId: movementId ?? String(row.sequence),
        type: row.type,
        sku: row.sku,
        locationId,
        condition: row.condition,
        quantity: row.quantity,
        before: row.before,
        after: row.after,
        reason: row.reason,
        reference: row.reference,
        cause: row.cause,
        actor: row.actor_id,
        actorName: row.actor,
        at: at.toISOString(),
      }),
    );
  };

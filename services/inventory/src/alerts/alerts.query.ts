import {
  sortValues,
  pageOf,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { conditionsOf, nameOf, whereOf, type OneOrMore } from '../listing.js';

/** A shelf that promises nothing because what is free has fallen to its safety stock. */
export type BufferAlert = {
  readonly sku: string;
  readonly locationId: string;
  /** On hand and not reserved. */
  readonly free: number;
  readonly safetyStock: number;
  /** When it fell to it. */
  readonly since: string;
};

export type AlertsQuery = {
  /** Those that are open, the oldest first. */
  list(
    filter: { readonly sku?: string | null; readonly locationId?: OneOrMore | null },
    page: PageRequest,
  ): Promise<Page<BufferAlert>>;
  count(): Promise<number>;
};

type Row = {
  sku: string;
  location_id: string;
  free: number;
  safety_stock: number;
  since: Date;
};

const COLUMNS = { sku: 'sku', locationId: 'location_id' } as const;
const TURN = 'below_buffer_since, sku, location_id';
const COUNT = 'select count(*) as open from balances where below_buffer_since is not null';

const alertOf = (row: Row): BufferAlert => ({
  sku: row.sku,
  locationId: row.location_id,
  free: row.free,
  safetyStock: row.safety_stock,
  since: row.since.toISOString(),
});

/** Buffer alerts as the ledger has them now. */
export const alertsQuery = (database: Database): AlertsQuery => ({
  list: async (filter, { limit, after }) => {
    const conditions = conditionsOf(COLUMNS, filter, [limit + 1]);
    const { sql, values } = conditions;
    sql.push('below_buffer_since is not null');
    if (after) {
      const first = values.length + 1;
      values.push(...sortValues(after, ['instant', 'text', 'text']));
      sql.push(`(${TURN}) > ($${first}::timestamptz, $${first + 1}, $${first + 2})`);
    }
    const text = `select sku, location_id, on_hand - reserved as free, safety_stock,
      below_buffer_since as since
      from balances ${whereOf(conditions)} order by ${TURN} limit $1`;
    const rows = await database.query<Row>(text, values, nameOf('alerts', conditions, after));
    const turnOf = ({ since, sku, location_id: id }: Row) => [since.toISOString(), sku, id];
    return pageOf(rows, limit, turnOf, alertOf);
  },

  count: async () => {
    const [row] = await database.query<{ open: number }>(COUNT, [], 'alerts-count');
    return row!.open;
  },
});

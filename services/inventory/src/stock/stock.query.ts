import { pageOf, type Database, type Page, type PageRequest } from '@throughline/service-kit';
import { conditionsOf, nameOf, valuesOf, whereOf } from '../listing.js';

export type Stock = {
  readonly sku: string;
  readonly locationId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly safetyStock: number;
  /** Nothing is known yet of goods that are on their way. */
  readonly inbound: number;
  readonly available: number;
};
export type Availability = {
  readonly sku: string;
  readonly available: number;
  readonly locations: readonly { readonly locationId: string; readonly available: number }[];
};

export type StockQuery = {
  /** A page of shelves, by SKU and location. */
  list(
    filter: { readonly sku?: string | null; readonly locationId?: string | null },
    page: PageRequest,
  ): Promise<Page<Stock>>;
  one(sku: string, locationId: string): Promise<Stock | undefined>;
  /** What each SKU can promise at active locations, in the order asked. */
  availability(skus: readonly string[]): Promise<readonly Availability[]>;
};

type Row = {
  sku: string;
  location_id: string;
  on_hand: number;
  reserved: number;
  safety_stock: number;
  available: number;
};

const COLUMNS = { sku: 'sku', locationId: 'location_id' } as const;
const SELECT = 'select sku, location_id, on_hand, reserved, safety_stock, available from balances';
const AVAILABILITY = `
  select b.sku, b.location_id, b.available from balances b join locations l using (location_id)
  where b.sku = any($1) and b.available > 0 and l.active
  order by b.sku, b.location_id`;

const stockOf = (row: Row): Stock => ({
  sku: row.sku,
  locationId: row.location_id,
  onHand: row.on_hand,
  reserved: row.reserved,
  safetyStock: row.safety_stock,
  inbound: 0,
  available: row.available,
});

/** Stock as the ledger has it at this moment. */
export const stockQuery = (database: Database): StockQuery => ({
  list: async (filter, { limit, after }) => {
    const conditions = conditionsOf(COLUMNS, filter);
    const { sql, values } = conditions;
    if (after) {
      values.push(...valuesOf(after, ['text', 'text']));
      sql.push(`(sku, location_id) > ($${values.length - 1}, $${values.length})`);
    }
    values.push(limit + 1);
    const text = `${SELECT} ${whereOf(conditions)} order by sku, location_id limit $${values.length}`;
    const rows = await database.query<Row>(text, values, nameOf('stock', conditions, after));
    return pageOf(rows, limit, ({ sku, location_id: id }) => [sku, id], stockOf);
  },

  one: async (sku, locationId) => {
    const text = `${SELECT} where sku = $1 and location_id = $2`;
    const [row] = await database.query<Row>(text, [sku, locationId], 'stock-one');
    return row && stockOf(row);
  },

  availability: async (skus) => {
    const rows = await database.query<Row>(AVAILABILITY, [skus], 'availability');
    return skus.map((sku) => {
      const locations = rows
        .filter((row) => row.sku === sku)
        .map(({ location_id: locationId, available }) => ({ locationId, available }));
      return {
        sku,
        available: locations.reduce((sum, { available }) => sum + available, 0),
        locations,
      };
    });
  },
});

import {
  sortValues,
  pageOf,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { conditionsOf, nameOf, whereOf, type OneOrMore } from '../listing.js';

/** Units by how many whole days ago they came in: up to so many days, and over a year. */
export const AGE_BUCKETS = ['0-30', '31-90', '91-180', '181-365', 'over-365'] as const;
export type AgeBucket = (typeof AGE_BUCKETS)[number];

export type ShelfAge = {
  readonly sku: string;
  readonly locationId: string;
  readonly onHand: number;
  readonly units: Readonly<Record<AgeBucket, number>>;
  /** When the oldest of them came in. */
  readonly oldest: string;
};

/** A page of shelves that have goods, by SKU and location. */
export type AgeingQuery = (
  filter: { readonly sku?: string | null; readonly locationId?: OneOrMore | null },
  at: string,
  page: PageRequest,
) => Promise<Page<ShelfAge>>;

type Row = {
  sku: string;
  location_id: string;
  on_hand: number;
  up_to_30: number;
  up_to_90: number;
  up_to_180: number;
  up_to_365: number;
  older: number;
  oldest: Date;
};

const COLUMNS = { sku: 'sku', locationId: 'location_id' } as const;

/**
 * First in, first out: what lies there now is what came in last. Of each movement that brought goods in, newest first,
 * as much is left as those after it do not make up.
 */
const agesOf = (where: string): string => `
  select s.sku, s.location_id, s.on_hand,
    coalesce(sum(units) filter (where days <= 30), 0)::bigint as up_to_30,
    coalesce(sum(units) filter (where days > 30 and days <= 90), 0)::bigint as up_to_90,
    coalesce(sum(units) filter (where days > 90 and days <= 180), 0)::bigint as up_to_180,
    coalesce(sum(units) filter (where days > 180 and days <= 365), 0)::bigint as up_to_365,
    coalesce(sum(units) filter (where days > 365), 0)::bigint as older,
    min(at) as oldest
  from (
    select sku, location_id, on_hand from balances ${where} order by sku, location_id limit $1
  ) as s
  cross join lateral (
    select least(quantity, s.on_hand - later) as units, at,
      floor(extract(epoch from $2::timestamptz - at) / 86400) as days
    from (
      select m.quantity, m.at, coalesce(
        sum(m.quantity) over (
          order by m.sequence desc rows between unbounded preceding and 1 preceding
        ), 0) as later
      from movements m
      where m.sku = s.sku and m.location_id = s.location_id and m.condition = 'sellable'
        and m.quantity > 0
    ) as came_in
    where later < s.on_hand
  ) as layer
  group by s.sku, s.location_id, s.on_hand
  order by s.sku, s.location_id`;

const ageOf = (row: Row): ShelfAge => ({
  sku: row.sku,
  locationId: row.location_id,
  onHand: row.on_hand,
  units: {
    '0-30': row.up_to_30,
    '31-90': row.up_to_90,
    '91-180': row.up_to_180,
    '181-365': row.up_to_365,
    'over-365': row.older,
  },
  oldest: row.oldest.toISOString(),
});

/** How long goods have been lying on shelves. */
export const ageingQuery =
  (database: Database): AgeingQuery =>
  async (filter, at, { limit, after }) => {
    const conditions = conditionsOf(COLUMNS, filter, [limit + 1, at]);
    const { sql, values } = conditions;
    sql.push('on_hand > 0');
    if (after) {
      values.push(...sortValues(after, ['text', 'text']));
      sql.push(`(sku, location_id) > ($${values.length - 1}, $${values.length})`);
    }
    const text = agesOf(whereOf(conditions));
    const rows = await database.query<Row>(text, values, nameOf('ageing', conditions, after));
    return pageOf(rows, limit, ({ sku, location_id: id }) => [sku, id], ageOf);
  };

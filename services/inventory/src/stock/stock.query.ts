import {
  sortValues,
  pageOf,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { CONDITIONS, type Condition, type Shelf } from '../ledger/domain/ledger.js';
import { UNCOUNTED_UNITS } from '../ledger/domain/books.js';
import { conditionsOf, nameOf, whereOf, type OneOrMore } from '../listing.js';

export type Stock = {
  readonly sku: string;
  readonly locationId: string;
  /** Sellable goods. */
  readonly onHand: number;
  readonly reserved: number;
  readonly safetyStock: number;
  /** Expected from suppliers and other locations. */
  readonly inbound: number;
  readonly available: number;
  /** Nobody counts its goods: they come `leadTimeDays` after they are ordered. */
  readonly uncounted: boolean;
  readonly leadTimeDays: number | null;
  /** Goods in every other condition, where there are any. */
  readonly setAside: Readonly<Partial<Record<Condition, number>>>;
};
export type StockQuery = {
  /** A page of shelves, by SKU and location. */
  list(
    filter: { readonly sku?: OneOrMore | null; readonly locationId?: OneOrMore | null },
    asOf: string | null,
    page: PageRequest,
  ): Promise<Page<Stock>>;
  one(sku: string, locationId: string): Promise<Stock | undefined>;
};

type Row = {
  sku: string;
  location_id: string;
  on_hand: number;
  reserved: number;
  safety_stock: number;
  available: number;
  uncounted: boolean;
  lead_time_days: number | null;
  inbound: number;
  set_aside: Partial<Record<Condition, number>> | null;
};

const COLUMNS = { sku: 'sku', locationId: 'location_id' } as const;

/** Where there is or was something, or something is or was expected, a page of it; `$1`: how many. */
const keysOf = (where: string, expected: Expected, inbound: string): string => `
  select sku, location_id from (
    (select sku, location_id from balances ${where} order by 1, 2 limit $1)
    union
    (select sku, location_id from set_aside ${where} order by 1, 2 limit $1)
    union
    (select distinct sku, location_id from ${expected} ${inbound} order by 1, 2 limit $1)
  ) as key order by 1, 2 limit $1`;

/**
 * What can be had of a shelf at once, as `promiseOf` tells it: goods that nobody counts are endless, but where they take days
 * only after these, and until then there is what lies there.
 */
const availableAtOnce = (shelf: 'b' | 'h'): string => `
    case when ${shelf}.uncounted and coalesce(b.lead_time_days, 0) = 0 then ${UNCOUNTED_UNITS}
      else greatest(0, coalesce(${shelf}.on_hand - ${shelf}.reserved - ${shelf}.safety_stock, 0)) end`;

type Expected = 'inbound_supply' | 'inbound_history';

const nowAt = (keys: string): string => `
  select sku, location_id, coalesce(b.on_hand, 0) as on_hand, coalesce(b.reserved, 0) as reserved,
    coalesce(b.safety_stock, 0) as safety_stock, ${availableAtOnce('b')} as available,
    coalesce(b.uncounted, false) as uncounted, b.lead_time_days,
    coalesce((select sum(units) from inbound_supply i
      where i.sku = key.sku and i.location_id = key.location_id), 0)::bigint as inbound,
    (select jsonb_object_agg(condition, quantity) from set_aside s
     where s.sku = key.sku and s.location_id = key.location_id and s.quantity > 0) as set_aside
  from (${keys}) as key left join balances b using (sku, location_id)
  order by sku, location_id`;

/** As it was at `$2`: the last state of the shelf and of each line of supply before, and the last movement of each pile. */
const thenAt = (keys: string): string => `
  select key.sku, key.location_id, coalesce(h.on_hand, 0) as on_hand, coalesce(h.reserved, 0) as reserved,
    coalesce(h.safety_stock, 0) as safety_stock,
    ${availableAtOnce('h')} as available,
    coalesce(h.uncounted, false) as uncounted, null as lead_time_days,
    coalesce((select sum(units) from (
      select distinct on (supply_id, line_id) i.location_id, i.units from inbound_history i
      where i.sku = key.sku and i.at <= $2
      order by supply_id, line_id, i.at desc, i.sequence desc
    ) as expected where expected.location_id = key.location_id), 0)::bigint as inbound,
    (select jsonb_object_agg(pile.condition, after) from unnest($3::text[]) as pile (condition)
     cross join lateral (
       select after from movements m
       where m.sku = key.sku and m.location_id = key.location_id and m.condition = pile.condition
         and m.at <= $2
       order by m.sequence desc limit 1
     ) as last where after > 0) as set_aside
  from (${keys}) as key
  left join lateral (
    select * from shelf_history h
    where h.sku = key.sku and h.location_id = key.location_id and h.at <= $2
    order by h.at desc, h.version desc limit 1
  ) as h on true
  left join balances b on b.sku = key.sku and b.location_id = key.location_id
  order by key.sku, key.location_id`;

const stockOf = (row: Row): Stock => ({
  sku: row.sku,
  locationId: row.location_id,
  onHand: row.on_hand,
  reserved: row.reserved,
  safetyStock: row.safety_stock,
  inbound: row.inbound,
  available: row.available,
  uncounted: row.uncounted,
  leadTimeDays: row.lead_time_days,
  setAside: row.set_aside ?? {},
});

/** A shelf that never held anything. */
export const emptyShelf = ({ sku, locationId }: Shelf): Stock => ({
  sku,
  locationId,
  onHand: 0,
  reserved: 0,
  safetyStock: 0,
  inbound: 0,
  available: 0,
  uncounted: false,
  leadTimeDays: null,
  setAside: {},
});

const NOT_SELLABLE = CONDITIONS.filter((condition) => condition !== 'sellable');

/** Stock as the ledger has it at this moment, or had it then. */
export const stockQuery = (database: Database): StockQuery => ({
  list: async (filter, asOf, { limit, after }) => {
    const first = asOf === null ? [limit + 1] : [limit + 1, asOf, NOT_SELLABLE];
    const conditions = conditionsOf(COLUMNS, filter, first);
    const { sql, values } = conditions;
    const expected = [...sql];
    if (after) {
      values.push(...sortValues(after, ['text', 'text']));
      const place = `(sku, location_id) > ($${values.length - 1}, $${values.length})`;
      sql.push(place);
      // The SKU alone lets the index of the lines begin there; the location stands in another table.
      expected.push(place, `sku >= $${values.length - 1}`);
    }
    const keys = keysOf(
      whereOf(conditions),
      asOf === null ? 'inbound_supply' : 'inbound_history',
      whereOf({ ...conditions, sql: expected }),
    );
    const text = asOf === null ? nowAt(keys) : thenAt(keys);
    const name = nameOf(asOf === null ? 'stock' : 'stock-then', conditions, after);
    const rows = await database.query<Row>(text, values, name);
    return pageOf(rows, limit, ({ sku, location_id: id }) => [sku, id], stockOf);
  },

  one: async (sku, locationId) => {
    const keys = 'select $1::text as sku, $2::text as location_id';
    const [row] = await database.query<Row>(nowAt(keys), [sku, locationId], 'stock-one');
    return row && stockOf(row);
  },
});

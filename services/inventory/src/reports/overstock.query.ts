import {
  pageOf,
  sortValues,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';

/** How much stock is too much: more than `daysOfCover` days of what was issued on average in the last `days`. */
export type CoverLimit = { readonly daysOfCover: number; readonly days: number };

export type Overstock = {
  readonly sku: string;
  readonly name: string;
  /** At all locations. */
  readonly onHand: number;
  /** Units that left with orders within the days looked at. */
  readonly issued: number;
  /** For how many days the stock lasts, to a tenth; null where nothing was issued, so that it lasts for ever. */
  readonly daysOfCover: number | null;
  /** What lies there beyond the limit. */
  readonly unitsOver: number;
};

export type OverstockQuery = {
  /** A page of SKUs, those with the most units over the limit first. */
  page(limit: CoverLimit, at: string, page: PageRequest): Promise<Page<Overstock>>;
  all(limit: CoverLimit, at: string): Promise<readonly Overstock[]>;
};

type Row = { sku: string; name: string; on_hand: number; issued: number };

/** SKUs in one statement, so that none comes near its deadline. */
const SKUS_PER_READ = 1_000;
const DAY_MS = 86_400_000;

const COVER = `
  select s.sku, i.document ->> 'name' as name, s.on_hand, left_with_orders.units as issued
  from (
    select sku, sum(on_hand)::bigint as on_hand from balances where sku > $1
    group by sku order by sku limit ${SKUS_PER_READ}
  ) as s
  join items i using (sku)
  cross join lateral (
    select coalesce(-sum(m.quantity), 0)::bigint as units from movements m
    where m.sku = s.sku and m.type = 'issue' and m.at > $2 and m.at <= $3
  ) as left_with_orders
  order by s.sku`;

const overstockOf = (row: Row, { daysOfCover, days }: CoverLimit): Overstock[] => {
  const { sku, name, on_hand: onHand, issued } = row;
  if (onHand * days <= daysOfCover * issued) return [];
  const unitsOver = onHand - Math.floor((daysOfCover * issued) / days);
  const cover = issued === 0 ? null : Math.round((onHand * days * 10) / issued) / 10;
  return [{ sku, name, onHand, issued, daysOfCover: cover, unitsOver }];
};

const byUnitsOver = (a: Overstock, b: Overstock): number =>
  b.unitsOver - a.unitsOver || (a.sku < b.sku ? -1 : 1);

/** What lies there in excess of what leaves. Each request looks at every SKU, since any may come first. */
export const overstockQuery = (database: Database): OverstockQuery => {
  const all = async (limit: CoverLimit, at: string): Promise<Overstock[]> => {
    const from = new Date(Date.parse(at) - limit.days * DAY_MS).toISOString();
    const found: Overstock[] = [];
    let after = '';
    for (;;) {
      const rows = await database.query<Row>(COVER, [after, from, at], 'overstock');
      found.push(...rows.flatMap((row) => overstockOf(row, limit)));
      if (rows.length < SKUS_PER_READ) return found.sort(byUnitsOver);
      after = rows.at(-1)!.sku;
    }
  };
  return {
    all,
    page: async (limit, at, { limit: pageMax, after }) => {
      const rows = await all(limit, at);
      const [units, sku] = after ? sortValues(after, ['int8', 'text']) : [];
      const isLater = (row: Overstock): boolean =>
        row.unitsOver < units! || (row.unitsOver === units && row.sku > sku!);
      const rest = units === undefined ? rows : rows.filter(isLater);
      return pageOf(
        rest.slice(0, pageMax + 1),
        pageMax,
        (row) => [row.unitsOver, row.sku],
        (row) => row,
      );
    },
  };
};

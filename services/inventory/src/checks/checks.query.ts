import type { Database } from '@throughline/service-kit';

/** Something in the ledger that contradicts itself. */
export type Difference = {
  readonly check:
    | 'on-hand-is-the-sum-of-movements'
    | 'set-aside-is-the-sum-of-movements'
    | 'reserved-is-what-is-held'
    | 'offered-is-what-offers-hold'
    | 'taken-covers-what-is-held';
  readonly sku: string;
  readonly locationId: string | null;
  readonly orderId: string | null;
  readonly lineId: string | null;
  readonly expected: number;
  readonly actual: number;
};

const SKUS_PER_PAGE = 200;

// One statement, so one moment: batches that commit meanwhile cannot make a difference.
const DIFFERENCES = `
  with moved as (
    select sku, location_id, sum(quantity)::bigint as units
    from movements where sku > $1 and sku <= $2 and condition = 'sellable' group by sku, location_id
  ), moved_aside as (
    select sku, location_id, condition, sum(quantity)::bigint as units
    from movements where sku > $1 and sku <= $2 and condition <> 'sellable'
    group by sku, location_id, condition
  ), aside as (
    select * from set_aside where sku > $1 and sku <= $2
  ), held as (
    select sku, location_id, sum(units)::bigint as units from (
      select sku, location_id, quantity - consumed - released as units
      from reservations where sku > $1 and sku <= $2 and consumed + released < quantity
      union all
      select l.sku, o.location_id, l.quantity
      from offers o join offer_lines l using (offer_id)
      where o.state = 'open' and l.sku > $1 and l.sku <= $2
    ) as claims group by sku, location_id
  ), earmarked as (
    select order_id, line_id, sku, sum(units)::bigint as units from (
      -- The parts of a kit say the same: how many kits there are.
      select o.offer_id, o.order_id, l.line_id, coalesce(l.kit_sku, l.sku) as sku,
        max(l.quantity / coalesce(l.per_kit, 1)) as units
      from offers o join offer_lines l using (offer_id)
      where o.state = 'open' and coalesce(l.kit_sku, l.sku) > $1 and coalesce(l.kit_sku, l.sku) <= $2
      group by 1, 2, 3, 4
    ) as lines group by order_id, line_id, sku having sum(units) > 0
  ), claimed as (
    select channel, sku, sum(units)::bigint as units from (
      select a.channel, coalesce(r.kit_sku, r.sku) as sku, r.attempt_id, r.line_id, r.location_id,
        max((r.quantity - r.consumed - r.released) / coalesce(r.per_kit, 1)) as units
      from reservations r join attempts a using (attempt_id)
      where r.consumed + r.released < r.quantity
        and coalesce(r.kit_sku, r.sku) > $1 and coalesce(r.kit_sku, r.sku) <= $2
      group by 1, 2, 3, 4, 5
    ) as lines group by channel, sku
  ), stood as (
    select * from balances where sku > $1 and sku <= $2
  ), waiting as (
    select * from backorders where sku > $1 and sku <= $2
  )
  select 'on-hand-is-the-sum-of-movements' as check, sku, location_id as "locationId",
    null as "orderId", null as "lineId", coalesce(units, 0) as expected, coalesce(on_hand, 0) as actual
  from stood full join moved using (sku, location_id)
  where coalesce(units, 0) <> coalesce(on_hand, 0)
  union all
  select 'set-aside-is-the-sum-of-movements', sku, location_id, null, null,
    coalesce(units, 0), coalesce(quantity, 0)
  from aside full join moved_aside using (sku, location_id, condition)
  where coalesce(units, 0) <> coalesce(quantity, 0)
  union all
  select 'taken-covers-what-is-held', s.sku, s.channel, null, null, c.units, s.taken
  from listings s join claimed c using (channel, sku) where s.taken < c.units
  union all
  select 'reserved-is-what-is-held', sku, location_id, null, null,
    coalesce(units, 0), coalesce(reserved, 0)
  from stood full join held using (sku, location_id)
  where coalesce(units, 0) <> coalesce(reserved, 0)
  union all
  select 'offered-is-what-offers-hold', sku, null, order_id, line_id,
    coalesce(units, 0), coalesce(offered, 0)
  from waiting full join earmarked using (order_id, line_id, sku)
  where coalesce(units, 0) <> coalesce(offered, 0)
  order by 2, 3, 4, 5`;

const LAST = `
  select max(sku) as last, count(*) as found from (
    select sku from items where sku > $1 order by sku limit ${SKUS_PER_PAGE}
  ) as page`;

export type CheckedPage = {
  readonly differences: readonly Difference[];
  /** The last SKU that was looked at; null when there are no more. */
  readonly last: string | null;
};

/** Looks through the next SKUs after one ('' to begin) for what contradicts itself. */
export const checkSkus = async (database: Database, after: string): Promise<CheckedPage> => {
  const [page] = await database.query<{ last: string | null; found: number }>(LAST, [after]);
  if (!page?.last) return { differences: [], last: null };
  const differences = await database.query<Difference>(
    DIFFERENCES,
    [after, page.last],
    'ledger-check',
  );
  return { differences, last: page.found < SKUS_PER_PAGE ? null : page.last };
};

/** Everything in the ledger that contradicts itself; nothing when all is well. */
export const checkLedger = async (database: Database): Promise<readonly Difference[]> => {
  const found: Difference[] = [];
  let after: string | null = '';
  while (after !== null) {
    const page: CheckedPage = await checkSkus(database, after);
    found.push(...page.differences);
    after = page.last;
  }
  return found;
};

import { within, type Check } from './check.js';
import { OVERDUE } from './claim-checks.query.js';

/** Open offers of the SKUs by their lines; the parts of a kit say the same: how many kits there are. */
const OFFERED = `
  select offer_id, order_id, location_id, expires_at, line_id, sku, max(units) as units from (
    select o.*, l.line_id, l.sku, l.quantity as units
    from offers o join offer_lines l using (offer_id)
    where o.state = 'open' and l.kit_sku is null and ${within('l.sku')}
    union all
    select o.*, l.line_id, l.kit_sku, l.quantity / l.per_kit
    from offers o join offer_lines l using (offer_id)
    where o.state = 'open' and ${within('l.kit_sku')}
  ) as lines where units > 0 group by 1, 2, 3, 4, 5, 6`;

const OF_LINE = `sku, null as "locationId", order_id as "orderId", line_id as "lineId"`;

const offered: Check = {
  name: 'offered-is-what-offers-hold',
  sql: `
    with earmarked as (
      select order_id, line_id, sku, sum(units)::bigint as units from (${OFFERED}) as lines
      group by 1, 2, 3
    ), waiting as (
      select * from backorders where ${within('sku')}
    )
    select ${OF_LINE}, coalesce(units, 0) as expected, coalesce(offered, 0) as actual,
      jsonb_build_object('waits', quantity) as facts
    from waiting full join earmarked using (order_id, line_id, sku)
    where coalesce(units, 0) <> coalesce(offered, 0)`,
};

const place: Check = {
  name: 'queue-place-adds-up',
  sql: `
    select ${OF_LINE}, quantity as expected, offered as actual,
      jsonb_build_object('waits', quantity) as facts
    from backorders
    where ${within('sku')} and (quantity < 1 or offered < 0 or offered > quantity)`,
};

const once: Check = {
  name: 'one-place-per-line',
  sql: `
    select ${OF_LINE}, 1 as expected, count(*) as actual, '{}'::jsonb as facts
    from backorders where ${within('sku')}
    group by sku, order_id, line_id having count(*) > 1`,
};

const ends: Check = {
  name: 'every-offer-ends',
  sql: `
    select sku, location_id as "locationId", order_id as "orderId", line_id as "lineId",
      0 as expected, units as actual,
      jsonb_build_object('offerId', offer_id, 'expiresAt', expires_at) as facts
    from (${OFFERED}) as lines
    where expires_at < $3::timestamptz - ${OVERDUE}`,
};

export const QUEUE_CHECKS: readonly Check[] = [offered, place, once, ends];

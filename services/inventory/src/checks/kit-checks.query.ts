import { NO_FACTS, within, type Check } from './check.js';

const catalogue: Check = {
  name: 'kit-is-as-in-the-catalogue',
  sql: `
    with stated as (
      select i.sku, part ->> 'sku' as part, sum((part ->> 'quantity')::bigint)::bigint as quantity
      from items i
      cross join lateral jsonb_array_elements(coalesce(i.document -> 'components', '[]')) as part
      where ${within('i.sku')} group by 1, 2
    ), kept as (
      select kit_sku as sku, sku as part, quantity from kit_components where ${within('kit_sku')}
    )
    select sku, null as "locationId", null as "orderId", null as "lineId",
      sum(coalesce(s.quantity, 0))::bigint as expected,
      sum(coalesce(k.quantity, 0))::bigint as actual, ${NO_FACTS}
    from stated s full join kept k using (sku, part)
    group by sku having bool_or(s.quantity is distinct from k.quantity)`,
};

const issued: Check = {
  name: 'issued-kit-adds-up',
  sql: `
    select sku, null as "locationId", order_id as "orderId", line_id as "lineId",
      quantity as expected, returned as actual, jsonb_build_object('issueId', issue_id) as facts
    from issued_kits
    where ${within('sku')} and (quantity < 1 or returned < 0 or returned > quantity)`,
};

/** What left of a reservation of kits is kept with its parts; what left beyond it is kept too. */
const covered: Check = {
  name: 'issued-kits-cover-what-left',
  sql: `
    with gone as (
      select attempt_id, line_id, location_id, kit_sku as sku, min(consumed / per_kit) as units
      from reservations where ${within('kit_sku')} and consumed > 0 group by 1, 2, 3, 4
    ), lines as (
      select order_id, line_id, sku, sum(units)::bigint as units, max(attempt_id) as attempt_id
      from gone join attempts using (attempt_id) where owner = 'order' group by 1, 2, 3
    ), kept as (
      select lines.*, coalesce((
        select sum(i.quantity) from issued_kits i
        where i.order_id = lines.order_id and i.line_id = lines.line_id and i.sku = lines.sku
      ), 0)::bigint as issued
      from lines
    )
    select sku, null as "locationId", order_id as "orderId", line_id as "lineId",
      units as expected, issued as actual, jsonb_build_object('attemptId', attempt_id) as facts
    from kept where issued < units`,
};

export const KIT_CHECKS: readonly Check[] = [catalogue, issued, covered];

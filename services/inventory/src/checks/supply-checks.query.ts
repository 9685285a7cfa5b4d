import { within, type Check } from './check.js';

const OF_SUPPLY = `sku, s.location_id as "locationId", null as "orderId", null as "lineId"`;

const addsUp: Check = {
  name: 'supply-line-adds-up',
  sql: `
    select l.sku, s.location_id as "locationId", null as "orderId", l.line_id as "lineId",
      l.ordered as expected, l.received + l.lost + l.cancelled as actual,
      jsonb_build_object('supplyId', l.supply_id, 'dispatched', l.dispatched, 'received', l.received,
        'surplus', l.surplus, 'lost', l.lost, 'cancelled', l.cancelled) as facts
    from supply_lines l join supplies s using (supply_id)
    where ${within('l.sku')} and (
      l.received + l.lost + l.cancelled > l.ordered
      or least(l.dispatched, l.received, l.surplus, l.lost, l.cancelled) < 0
      or (l.is_transfer and l.received + l.surplus > l.dispatched)
    )`,
};

/** Movements of a supply carry its id and its kind; what several of its lines brought of a SKU counts together. */
const brought: Check = {
  name: 'supply-is-what-movements-brought',
  sql: `
    with lines as (
      select supply_id, sku, sum(received + surplus)::bigint as received,
        sum(dispatched)::bigint as dispatched
      from supply_lines where ${within('sku')} group by 1, 2
    ), moved as (
      select m.reference as supply_id, m.sku,
        coalesce(sum(m.quantity) filter (
          where m.quantity > 0 and m.type in ('receipt', 'transfer-in')
        ), 0)::bigint as received,
        coalesce(-sum(m.quantity) filter (
          where m.quantity < 0 and m.type = 'transfer-out'
        ), 0)::bigint as dispatched
      from movements m join supplies s on s.supply_id = m.reference and s.kind = m.reason
      where ${within('m.sku')} and m.type in ('receipt', 'transfer-in', 'transfer-out')
      group by 1, 2
    ), steps as (
      select supply_id, sku, step, expected, actual
      from lines l left join moved m using (supply_id, sku)
      cross join lateral (values
        ('received', coalesce(m.received, 0), l.received),
        ('dispatched', coalesce(m.dispatched, 0), l.dispatched)
      ) as told (step, expected, actual)
    )
    select ${OF_SUPPLY}, expected, actual,
      jsonb_build_object('supplyId', supply_id, 'step', step) as facts
    from steps join supplies s using (supply_id) where expected <> actual`,
};

/** A supply is open while something is expected, and only then. */
const state: Check = {
  name: 'supply-state-fits-its-lines',
  sql: `
    select ${OF_SUPPLY}, case when s.state = 'open' then 1 else 0 end as expected, units as actual,
      jsonb_build_object('supplyId', s.supply_id, 'state', s.state) as facts
    from (
      select supply_id, min(sku collate "C") as sku,
        sum(greatest(0, ordered - received - lost - cancelled))::bigint as units
      from supply_lines
      where supply_id in (select supply_id from supply_lines where ${within('sku')})
      group by 1
    ) as expected join supplies s using (supply_id)
    where ${within('expected.sku')} and (s.state = 'open') <> (units > 0)`,
};

export const SUPPLY_CHECKS: readonly Check[] = [addsUp, brought, state];

import { NO_FACTS, OF_SHELF, within, type Check } from './check.js';

/** What claims hold of each shelf: reservations and holds by their rows, offers by theirs. */
const HELD = `
  select sku, location_id, sum(units)::bigint as units from (
    select sku, location_id, quantity - consumed - released as units
    from reservations where ${within('sku')} and consumed + released < quantity
    union all
    select l.sku, o.location_id, l.quantity
    from offers o join offer_lines l using (offer_id)
    where o.state = 'open' and ${within('l.sku')}
  ) as claims group by sku, location_id`;

/**
 * `believed`: where the last movement left what stands there, one of the movements before it is missing or was
 * changed, and the pile is right; else the pile was changed without a movement.
 */
const believed = (stands: string, units: string): string => `
  jsonb_build_object('believed', case
    when ${units} < 0 or (${stands} >= 0 and ${stands} = (
      select m.after from movements m
      where m.sku = pile.sku and m.location_id = pile.location_id and m.condition = pile.condition
      order by m.sequence desc limit 1
    )) then 'pile' else 'movements' end, 'condition', pile.condition) as facts`;

const onHand: Check = {
  name: 'on-hand-is-the-sum-of-movements',
  sql: `
    with moved as (
      select sku, location_id, sum(quantity)::bigint as units
      from movements where ${within('sku')} and condition = 'sellable' group by 1, 2
    ), pile as (
      select sku, location_id, 'sellable' as condition, coalesce(units, 0) as units,
        coalesce(on_hand, 0) as stands
      from (select * from balances where ${within('sku')}) as stood
      full join moved using (sku, location_id)
      where coalesce(units, 0) <> coalesce(on_hand, 0)
    )
    select ${OF_SHELF}, units as expected, stands as actual, ${believed('stands', 'units')}
    from pile`,
};

const setAside: Check = {
  name: 'set-aside-is-the-sum-of-movements',
  sql: `
    with moved as (
      select sku, location_id, condition, sum(quantity)::bigint as units
      from movements where ${within('sku')} and condition <> 'sellable' group by 1, 2, 3
    ), pile as (
      select sku, location_id, condition, coalesce(units, 0) as units,
        coalesce(quantity, 0) as stands
      from (select * from set_aside where ${within('sku')}) as stood
      full join moved using (sku, location_id, condition)
      where coalesce(units, 0) <> coalesce(quantity, 0)
    )
    select ${OF_SHELF}, units as expected, stands as actual, ${believed('stands', 'units')}
    from pile`,
};

const reserved: Check = {
  name: 'reserved-is-what-is-held',
  sql: `
    with held as (${HELD})
    select ${OF_SHELF}, coalesce(units, 0) as expected, coalesce(reserved, 0) as actual, ${NO_FACTS}
    from (select * from balances where ${within('sku')}) as stood
    full join held using (sku, location_id)
    where coalesce(units, 0) <> coalesce(reserved, 0)`,
};

const promised: Check = {
  name: 'promised-is-on-hand',
  sql: `
    select ${OF_SHELF}, on_hand as expected, reserved as actual, ${NO_FACTS}
    from balances where ${within('sku')} and reserved > on_hand and not uncounted`,
};

/** Clocks of several processes differ a little, so the newest state may not be the one written last. */
const HISTORY_ROWS = 200;

const history: Check = {
  name: 'history-ends-where-the-shelf-stands',
  sql: `
    select ${OF_SHELF}, b.version as expected, coalesce((
        select h.version from shelf_history h where h.sku = b.sku and h.location_id = b.location_id
        order by h.at desc, h.version desc limit 1
      ), 0) as actual, ${NO_FACTS}
    from balances b
    where ${within('b.sku')} and not exists (
      select from (
        select * from shelf_history h where h.sku = b.sku and h.location_id = b.location_id
        order by h.at desc, h.version desc limit ${HISTORY_ROWS}
      ) as h
      where h.version = b.version and h.on_hand = b.on_hand and h.reserved = b.reserved
        and h.safety_stock = b.safety_stock and h.uncounted = b.uncounted
    )`,
};

const alert: Check = {
  name: 'alert-is-as-the-shelf-stands',
  sql: `
    select ${OF_SHELF}, is_below::integer as expected, (not is_below)::integer as actual, ${NO_FACTS}
    from (
      select *, not uncounted and safety_stock > 0 and on_hand - reserved <= safety_stock as is_below
      from balances where ${within('sku')}
    ) as shelf
    where is_below <> (below_buffer_since is not null)`,
};

export const SHELF_CHECKS: readonly Check[] = [
  onHand,
  setAside,
  reserved,
  promised,
  history,
  alert,
];

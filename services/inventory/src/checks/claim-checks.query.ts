import { HOLD_SECONDS_MAX } from '../holds/hold-body.js';
import { within, type Check } from './check.js';

/** What is not ended so long after its time will not end by itself: no outage of a process lasts so long. */
export const OVERDUE = `interval '1 hour'`;

/** Open claims of the SKUs; of a kit, one for all its parts. */
const OPEN = `
  select attempt_id, line_id, location_id, sku, max(units) as units from (
    select attempt_id, line_id, location_id, sku, quantity - consumed - released as units
    from reservations
    where kit_sku is null and ${within('sku')} and consumed + released < quantity
    union all
    select attempt_id, line_id, location_id, kit_sku,
      (quantity - consumed - released + per_kit - 1) / per_kit
    from reservations where ${within('kit_sku')} and consumed + released < quantity
  ) as claims group by 1, 2, 3, 4`;

const OF_CLAIM = `sku, location_id as "locationId", order_id as "orderId", line_id as "lineId"`;

const addsUp: Check = {
  name: 'claim-adds-up',
  sql: `
    select r.sku, r.location_id as "locationId", a.order_id as "orderId", r.line_id as "lineId",
      r.quantity as expected, r.consumed + r.released as actual,
      jsonb_build_object('attemptId', r.attempt_id, 'consumed', r.consumed, 'released', r.released)
        as facts
    from reservations r left join attempts a using (attempt_id)
    where ${within('r.sku')} and (
      r.consumed + r.released > r.quantity or r.consumed < 0 or r.released < 0 or r.quantity < 1
    )`,
};

/** A kit is reserved, issued and given back whole, so all its parts tell the same number of kits. */
const parts: Check = {
  name: 'parts-of-a-kit-agree',
  sql: `
    with kits as (
      select distinct attempt_id, line_id, location_id, kit_sku from reservations
      where ${within('kit_sku')} and consumed + released < quantity
    ), claims as (
      select attempt_id, line_id, location_id, kit_sku as sku,
        min((quantity - consumed - released)::numeric / per_kit) as fewest,
        max((quantity - consumed - released)::numeric / per_kit) as most,
        bool_or((consumed % per_kit, released % per_kit) <> (0, 0)) as is_broken
      from kits join reservations r using (attempt_id, line_id, location_id, kit_sku)
      group by 1, 2, 3, 4
    )
    select c.sku, location_id as "locationId", order_id as "orderId", line_id as "lineId",
      greatest(0, floor(fewest))::bigint as expected, ceil(most)::bigint as actual,
      jsonb_build_object('attemptId', attempt_id) as facts
    from claims c left join attempts using (attempt_id)
    where fewest <> most or is_broken`,
};

const hasAttempt: Check = {
  name: 'claim-has-an-attempt',
  sql: `
    with open as (${OPEN})
    select ${OF_CLAIM}, 0 as expected, units as actual,
      jsonb_build_object('attemptId', open.attempt_id) as facts
    from open left join attempts a using (attempt_id) where a.attempt_id is null`,
};

const ended: Check = {
  name: 'ended-attempt-holds-nothing',
  sql: `
    with open as (${OPEN})
    select ${OF_CLAIM}, 0 as expected, units as actual,
      jsonb_build_object('attemptId', attempt_id, 'outcome', outcome) as facts
    from open join attempts using (attempt_id) where outcome <> 'reserved'`,
};

const hold: Check = {
  name: 'every-hold-ends',
  sql: `
    with open as (${OPEN})
    select ${OF_CLAIM}, 0 as expected, units as actual,
      jsonb_build_object('attemptId', attempt_id, 'expiresAt', expires_at) as facts
    from open join attempts using (attempt_id)
    where owner = 'checkout' and outcome = 'reserved' and (
      expires_at is null or expires_at < $3::timestamptz - ${OVERDUE}
      or expires_at > $3::timestamptz + interval '${HOLD_SECONDS_MAX} seconds' + ${OVERDUE}
    )`,
};

/** Beside what claims hold, offers to those who wait for the channel count for it too. */
const taken: Check = {
  name: 'taken-covers-what-is-held',
  sql: `
    with open as (${OPEN}), claimed as (
      select channel, sku, sum(units)::bigint as units
      from open join attempts using (attempt_id) group by 1, 2
    )
    select sku, null as "locationId", null as "orderId", null as "lineId", c.units as expected,
      s.taken as actual, jsonb_build_object('channel', channel, 'offered', coalesce((
        select sum(offered) from backorders b where b.sku = s.sku and b.channel = s.channel
      ), 0)::bigint) as facts
    from listings s join claimed c using (channel, sku) where s.taken < c.units`,
};

const share: Check = {
  name: 'taken-is-within-the-share',
  sql: `
    select sku, null as "locationId", null as "orderId", null as "lineId",
      greatest(quota, ceiling) as expected, taken as actual,
      jsonb_build_object('channel', channel) as facts
    from listings where ${within('sku')} and quota is not null and taken > greatest(quota, ceiling)`,
};

export const CLAIM_CHECKS: readonly Check[] = [
  addsUp,
  parts,
  hasAttempt,
  ended,
  hold,
  taken,
  share,
];

import type { PoolClient } from 'pg';
import { arrayLiteral } from '../ledger/array-literal.js';
import { ask } from '../ledger/ask.js';
import { keyOf, shelfKey } from '../ledger/domain/books.js';
import type { Shelf } from '../ledger/domain/ledger.js';
import type { Balance, LedgerRows } from '../ledger/domain/rows.js';
import {
  backorderOf,
  offersOfLines,
  reservationsOf,
  type AttemptIds,
  type BackorderRow,
  type ClaimRow,
  type OfferRow,
} from '../ledger/ledger-rows.js';

/** A SKU, of a kit its parts, and all kits that these are in with their parts: what may go when claims go. */
const RELATED = `
  with pairs as (
    select kit_sku, sku from kit_components
    union
    select kit_sku, sku from reservations where kit_sku is not null and consumed + released < quantity
    union
    select l.kit_sku, l.sku from offers o join offer_lines l using (offer_id)
    where o.state = 'open' and l.kit_sku is not null
  ), touched as (
    select $1::text as sku
    union
    select sku from pairs where kit_sku = $1
  ), kits as (
    select kit_sku from pairs where sku in (select sku from touched)
  )
  select sku from touched
  union
  select sku from pairs where kit_sku in (select kit_sku from kits)
  union
  select kit_sku from kits
  order by 1`;

const LOCK_SKUS = 'select from items where sku = any($1) order by sku for no key update';
const LOCK_SHELVES = `
  select from balances where sku = any($1) order by sku, location_id for update`;
const LOCK_ASIDE = `
  select from set_aside where sku = any($1) order by sku, location_id, condition for update`;
const LOCK_LISTINGS = `
  select from listings where sku = any($1) order by channel, sku for update`;

// A shelf that is missing is made, empty, to be filled as every other.
const MAKE = `
  insert into balances (sku, location_id, on_hand, reserved, version)
  select *, 0, 0, 1 from unnest($1::text[], $2::text[]) on conflict do nothing`;

const PARTS_BESIDE = `
  select distinct other.sku, other.location_id as "locationId"
  from unnest($1::text[], $2::text[]) as shelf (sku, location_id)
  join reservations r on r.sku = shelf.sku and r.location_id = shelf.location_id
    and r.kit_sku is not null and r.consumed + r.released < r.quantity
  join reservations other on other.attempt_id = r.attempt_id and other.line_id = r.line_id
    and other.location_id = r.location_id and other.kit_sku = r.kit_sku
  union
  select distinct other.sku, o.location_id
  from unnest($1::text[], $2::text[]) as shelf (sku, location_id)
  join offer_lines l on l.sku = shelf.sku and l.kit_sku is not null
  join offers o on o.offer_id = l.offer_id and o.location_id = shelf.location_id and o.state = 'open'
  join offer_lines other on other.offer_id = l.offer_id and other.line_id = l.line_id
    and other.kit_sku = l.kit_sku`;

/** `version`: the highest that was ever told, so that the next one is newer. `held`: what claims hold. */
const SHELVES = `
  select b.sku, b.location_id as "locationId", b.on_hand as "onHand", b.reserved,
    b.safety_stock as "safetyStock", b.uncounted, b.lead_time_days as "leadTimeDays",
    b.below_buffer_since is not null as "belowBuffer",
    greatest(b.version, (
      select coalesce(max(h.version), 0) from shelf_history h
      where h.sku = b.sku and h.location_id = b.location_id
    )) as version,
    (
      select coalesce(sum(r.quantity - r.consumed - r.released), 0) from reservations r
      where r.sku = b.sku and r.location_id = b.location_id and r.consumed + r.released < r.quantity
    )::bigint + (
      select coalesce(sum(l.quantity), 0) from offers o join offer_lines l using (offer_id)
      where o.state = 'open' and l.sku = b.sku and o.location_id = b.location_id
    )::bigint as held
  from unnest($1::text[], $2::text[]) as shelf (sku, location_id)
  join balances b using (sku, location_id)
  order by 1, 2`;

const CLAIMS = `
  select r.*, a.order_id, a.attempt, a.priority, a.accepted_at, a.correlation_id, a.channel, a.owner
  from (
    select distinct r.attempt_id, r.line_id, r.location_id, coalesce(r.kit_sku, r.sku) as claimed
    from unnest($1::text[], $2::text[]) as shelf (sku, location_id)
    join reservations r using (sku, location_id) where r.consumed + r.released < r.quantity
  ) as claim
  join reservations r on r.attempt_id = claim.attempt_id and r.line_id = claim.line_id
    and r.location_id = claim.location_id and coalesce(r.kit_sku, r.sku) = claim.claimed
  join attempts a on a.attempt_id = r.attempt_id
  order by r.attempt_id, r.line_id, r.location_id, r.kit_sku, r.sku`;

const OFFERS = `
  select o.offer_id, o.order_id, o.location_id, o.state, o.expires_at, l.line_id, l.sku, l.quantity,
    l.kit_sku, l.per_kit
  from offers o join offer_lines l using (offer_id)
  where o.state = 'open' and o.offer_id in (
    select l.offer_id from unnest($1::text[], $2::text[]) as shelf (sku, location_id)
    join offer_lines l on l.sku = shelf.sku
    join offers o on o.offer_id = l.offer_id and o.location_id = shelf.location_id
  )
  order by o.made_at, o.offer_id, l.line_id, l.kit_sku, l.sku`;
const LISTINGS = `
  select channel, sku, quota, taken, buffer from listings where sku = any($1) order by 1, 2`;

const columns = (shelves: readonly Shelf[]): readonly [string, string] => [
  arrayLiteral(shelves.map(({ sku }) => sku)),
  arrayLiteral(shelves.map(({ locationId }) => locationId)),
];

/**
 * Locks all that may have to change with a SKU, in the order of the ledger. False where more came to be related
 * to it before the locks were held: begin again.
 */
export const lockRelated = async (tx: PoolClient, sku: string): Promise<boolean> => {
  const related = async (): Promise<string[]> =>
    (await tx.query<{ sku: string }>(RELATED, [sku])).rows.map((row) => row.sku);
  const skus = await related();
  for (const lock of [LOCK_SKUS, LOCK_SHELVES, LOCK_ASIDE, LOCK_LISTINGS])
    await tx.query(lock, [skus]);
  const now = await related();
  return now.every((one) => skus.includes(one));
};

export type Standing = Balance & { readonly held: number };

/** The shelves as they stand, and those of kits' parts that may go with theirs. */
export const standingOf = async (
  tx: PoolClient,
  touched: readonly Shelf[],
): Promise<Standing[]> => {
  await tx.query(MAKE, [...columns(touched)]);
  const beside = (await tx.query<Shelf>(PARTS_BESIDE, [...columns(touched)])).rows;
  const all = new Map([...touched, ...beside].map((shelf) => [shelfKey(shelf), shelf]));
  return (await tx.query<Standing>(SHELVES, [...columns([...all.values()])])).rows;
};

/** The claims on shelves, with all that the rules need to take some of them back. */
export const claimsOn = async (
  tx: PoolClient,
  balances: readonly Balance[],
  mayRevoke: (shelf: Shelf) => boolean,
): Promise<{ readonly rows: LedgerRows; readonly attemptIds: AttemptIds }> => {
  const shelves = columns(balances.filter(mayRevoke));
  const claims = (await tx.query<ClaimRow>(CLAIMS, [...shelves])).rows;
  const reservations = reservationsOf(claims, (row) => row);
  const offers = offersOfLines((await tx.query<OfferRow>(OFFERS, [...shelves])).rows);
  const orders = [...new Set(offers.map(({ orderId }) => orderId))];
  const waiting = 'select * from backorders where order_id = any($1)';
  const backorders = await ask<BackorderRow>(tx, 'repair-waiting', waiting, [orders]);
  const skus = [...reservations, ...offers.flatMap(({ lines }) => lines)].map(({ sku }) => sku);
  const rows: LedgerRows = {
    balances,
    kits: [],
    listings: (await tx.query(LISTINGS, [[...new Set(skus)]])).rows,
    skus: [],
    locations: [],
    attempts: [],
    reservations,
    backorders: backorders.map(backorderOf),
    longQueues: [],
    offers,
    issuedKits: [],
    heldKits: [],
    setAside: [],
    movements: [],
    handled: [],
  };
  const attemptIds = new Map(
    claims.map((row) => [keyOf(row.order_id, row.attempt), row.attempt_id]),
  );
  return { rows, attemptIds };
};

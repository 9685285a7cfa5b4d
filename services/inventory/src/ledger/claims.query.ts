import type { PoolClient } from 'pg';
import { ask } from './ask.js';
import { keyOf, shelfKey } from './domain/books.js';
import type { Footprint, ShelfUse } from './domain/footprint.js';
import type { Shelf } from './domain/ledger.js';
import type { Balance, Offer, Reservation } from './domain/rows.js';
import {
  offersOfLines,
  reservationsOf,
  type AttemptRow,
  type ClaimRow,
  type OfferRow,
  type ReservationRow,
} from './ledger-rows.js';

const ATTEMPT = `attempt_id, order_id, attempt, outcome, priority, accepted_at, correlation_id, channel,
  owner, expires_at, request_id, content_hash`;

const ATTEMPTS = `
  select ${ATTEMPT} from unnest($1::text[], $2::integer[]) as asked (order_id, attempt)
  join attempts a using (order_id, attempt)`;

// The newest of each hold, and what the requests made before.
const HOLDS = `
  select ${ATTEMPT} from (
    select distinct on (order_id) * from attempts
    where order_id = any($1) and owner = 'checkout' order by order_id, abs(attempt) desc
  ) as newest
  union
  select ${ATTEMPT} from attempts where request_id = any($2)`;

const RESERVATIONS = `
  select * from reservations where attempt_id = any($1) order by attempt_id, line_id, location_id, sku`;

// Checkouts before orders, lowest priority and youngest first: those that go when there is too little. Attempts
// that were read already (`$4`) do not count: what this batch uses up of them may not take the place of others.
const CLAIMS = `
  select r.* from unnest($1::text[], $2::text[], $3::bigint[]) as shelf (sku, location_id, rows_max)
  cross join lateral (
    select r.*, a.order_id, a.attempt, a.priority, a.accepted_at, a.correlation_id, a.channel, a.owner
    from reservations r join attempts a using (attempt_id)
    where r.sku = shelf.sku and r.location_id = shelf.location_id
      and r.consumed + r.released < r.quantity and not r.attempt_id = any($4)
    order by a.owner, a.priority, a.accepted_at desc, a.order_id desc, a.attempt desc, r.line_id desc
    limit shelf.rows_max
  ) as r`;

// The other parts of kits of which one part lies on the shelf.
const WHOLE_KITS = `
  select r.*, a.order_id, a.attempt, a.priority, a.accepted_at, a.correlation_id, a.channel, a.owner
  from (
    select distinct * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
      as kit (attempt_id, line_id, location_id, kit_sku)
  ) as kit
  join reservations r using (attempt_id, line_id, location_id, kit_sku)
  join attempts a using (attempt_id)
  order by r.attempt_id, r.line_id, r.location_id, r.sku`;

const OFFERS = `
  select o.offer_id, o.order_id, o.location_id, o.state, o.expires_at, l.line_id, l.sku, l.quantity,
    l.kit_sku, l.per_kit
  from offers o join offer_lines l using (offer_id)
  where o.offer_id = any($1) or (o.state = 'open' and (o.order_id = any($2) or o.offer_id in (
    select held.offer_id from unnest($3::text[], $4::text[]) as shelf (sku, location_id)
    join offer_lines held on held.sku = shelf.sku
    join offers at on at.offer_id = held.offer_id and at.location_id = shelf.location_id
      and at.state = 'open')))
  order by o.made_at, o.offer_id, l.line_id, l.kit_sku, l.sku`;

/** Attempts that are named, and the newest of holds that are. */
export const attemptsOf = async (
  tx: PoolClient,
  { attempts, reservations, holdIds, requestIds }: Footprint,
): Promise<AttemptRow[]> => {
  const keys = [...new Map([...attempts, ...reservations]).values()];
  const named = await ask<AttemptRow>(tx, 'ledger-attempts', ATTEMPTS, [
    keys.map(({ orderId }) => orderId),
    keys.map(({ attempt }) => attempt),
  ]);
  if (holdIds.size === 0) return named;
  const holds = await ask<AttemptRow>(tx, 'ledger-holds', HOLDS, [[...holdIds], [...requestIds]]);
  return [...named, ...holds];
};

export type Named = {
  readonly attemptIds: ReadonlySet<number>;
  readonly reservations: readonly Reservation[];
};

/** Reservations of the attempts that may change, all of them. */
export const namedReservations = async (
  tx: PoolClient,
  { reservations }: Footprint,
  attempts: readonly AttemptRow[],
): Promise<Named> => {
  const named = attempts.filter(
    (row) => row.owner === 'checkout' || reservations.has(keyOf(row.order_id, row.attempt)),
  );
  const byId = new Map(named.map((row) => [row.attempt_id, row]));
  const rows = await ask<ReservationRow>(tx, 'ledger-reservations', RESERVATIONS, [
    [...byId.keys()],
  ]);
  return {
    attemptIds: new Set(byId.keys()),
    reservations: reservationsOf(rows, (row) => byId.get(row.attempt_id)!),
  };
};

/** How many claims on a shelf may have to go, each of them being one unit at least. */
const surplusMax = (
  { raised, lowered, countedAt }: ShelfUse,
  { onHand, reserved, uncounted }: Balance,
): number => {
  if (lowered === undefined) return 0;
  const left = Math.max(0, Math.min(onHand - lowered, countedAt ?? onHand));
  return Math.max(0, (uncounted ? Math.max(onHand, reserved) : onHand) + raised - left);
};

export type Claims = {
  readonly shelves: readonly Shelf[];
  readonly reservations: readonly Reservation[];
  readonly rows: readonly ClaimRow[];
};

/** The claims that may have to go beside those of the attempts `read` already, kits whole. */
export const claimsOf = async (
  tx: PoolClient,
  footprint: Footprint,
  balances: readonly Balance[],
  read: ReadonlySet<number>,
): Promise<Claims> => {
  const short = balances.flatMap((balance) => {
    const use = footprint.shelves.get(shelfKey(balance));
    const rowsMax = use ? surplusMax(use, balance) : 0;
    return rowsMax > 0 && balance.reserved > 0 ? [{ ...balance, rowsMax }] : [];
  });
  if (short.length === 0) return { shelves: [], reservations: [], rows: [] };
  const claims = await ask<ClaimRow>(tx, 'ledger-claims', CLAIMS, [
    short.map(({ sku }) => sku),
    short.map(({ locationId }) => locationId),
    short.map(({ rowsMax }) => rowsMax),
    [...read],
  ]);
  const ofKits = claims.filter((row) => row.kit_sku !== null);
  const whole = await ask<ClaimRow>(tx, 'ledger-whole-kits', WHOLE_KITS, [
    ofKits.map((row) => row.attempt_id),
    ofKits.map((row) => row.line_id),
    ofKits.map((row) => row.location_id),
    ofKits.map((row) => row.kit_sku),
  ]);
  const rows = [...claims.filter((row) => row.kit_sku === null), ...whole];
  return { shelves: short, rows, reservations: reservationsOf(rows, (row) => row) };
};

/** Offers that are named, those of orders that are, and those that hold stock of shelves that may be short. */
export const offersOf = async (
  tx: PoolClient,
  { offerIds, offersOf: orders }: Footprint,
  short: readonly Shelf[],
): Promise<Offer[]> => {
  const rows = await ask<OfferRow>(tx, 'ledger-offers', OFFERS, [
    [...offerIds],
    [...orders],
    short.map(({ sku }) => sku),
    short.map(({ locationId }) => locationId),
  ]);
  return offersOfLines(rows);
};

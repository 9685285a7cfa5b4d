import type { PoolClient } from 'pg';
import { ask } from './ask.js';
import { attemptsOf, claimsOf, namedReservations, offersOf } from './claims.query.js';
import { keyOf, openOf, partsOf, reservationKey, shelfKey } from './domain/books.js';
import { footprintOf, lower, useListing, type Footprint } from './domain/footprint.js';
import type { LedgerRequest, Shelf } from './domain/ledger.js';
import type {
  Backorder,
  Balance,
  Kit,
  LedgerRows,
  Listing,
  Location,
  Reservation,
  SetAside,
} from './domain/rows.js';
import { issuedKitsOf } from './issued-kits.query.js';
import { attemptOf, knownMovementOf, type AttemptIds, type MovementRow } from './ledger-rows.js';
import { lockLedger, lockShelves, lockSkus } from './locks.query.js';
import { ofOrders, waitingOf } from './waiting.query.js';

const MOVEMENTS = `
  select movement_id, request_id, content_hash, answer from movements
  where answer is not null and (movement_id = any($1) or request_id = any($2))`;

const SET_ASIDE = `
  select s.sku, s.location_id as "locationId", s.condition, s.quantity, s.version
  from unnest($1::text[], $2::text[]) as shelf (sku, location_id)
  join set_aside s using (sku, location_id)
  order by s.sku, s.location_id, s.condition for update of s`;

const LISTINGS = `
  select l.channel, l.sku, l.quota, l.taken, l.buffer
  from unnest($1::text[], $2::text[]) as asked (channel, sku) join listings l using (channel, sku)
  order by l.channel, l.sku for update of l`;

const LOCATIONS = `
  select location_id as "locationId", active, document ->> 'type' as type
  from locations where location_id = any($1)`;

/**
 * Goods that left without a reservation may leave others without goods: then their SKU's queue may change too.
 * Rare, and locked late: where that meets another batch head-on, one of the two is tried again.
 */
const lockForUnreserved = async (
  tx: PoolClient,
  requests: readonly LedgerRequest[],
  footprint: Footprint,
  reservations: readonly Reservation[],
  { kits, balances }: { readonly kits: readonly Kit[]; readonly balances: readonly Balance[] },
): Promise<{ readonly skus: string[]; readonly balances: Balance[] }> => {
  const late = new Set<string>();
  const shelves: Shelf[] = [];
  for (const { units, ...line } of unreservedOf(requests, reservations)) {
    const parts = line.row ? line.row.parts : kits.find(({ sku }) => sku === line.sku)?.parts;
    for (const { sku, perKit } of partsOf({ sku: line.sku, parts: parts ?? null })) {
      if (!footprint.queueSkus.has(sku)) late.add(sku);
      const { locationId } = line;
      shelves.push({ sku, locationId });
      lower(footprint, { sku, locationId }, units * perKit);
    }
  }
  if (late.size === 0) return { skus: [], balances: [] };
  const skus = await lockSkus(tx, [...late]);
  const locked = new Set(balances.map(shelfKey));
  const unlocked = shelves.filter((shelf) => !locked.has(shelfKey(shelf)));
  return { skus, balances: await lockShelves(tx, footprint, unlocked, skus) };
};

type Unreserved = Shelf & { readonly units: number; readonly row: Reservation | undefined };

/** Lines that leave, with what of them their reservation may not cover when their turn comes. */
const unreservedOf = (
  requests: readonly LedgerRequest[],
  reservations: readonly Reservation[],
): Unreserved[] => {
  const rows = new Map(reservations.map((row) => [reservationKey(row), row]));
  const open = new Map(reservations.map((row) => [reservationKey(row), openOf(row)]));
  const released = new Set(
    requests.flatMap(({ command: { type, data } }) =>
      type === 'ReleaseSourcing' ? [data.orderId] : [],
    ),
  );
  return requests.flatMap(({ command: { type, data } }) => {
    if (type !== 'HandOverGoods') return [];
    const { orderId, locationId } = data;
    return data.lines.flatMap((line): Unreserved[] => {
      const key = reservationKey({ ...data, ...line });
      // What this very batch gives back may be gone before.
      const covered = released.has(orderId) ? 0 : (open.get(key) ?? 0);
      open.set(key, Math.max(0, covered - line.quantity));
      const units = line.quantity - covered;
      return units > 0 ? [{ sku: line.sku, locationId, units, row: rows.get(key) }] : [];
    });
  });
};

/** The parts of kits that have to go with one of them may lie on shelves that are not locked yet. */
const lockForKits = async (
  tx: PoolClient,
  footprint: Footprint,
  claims: readonly Reservation[],
  known: readonly Balance[],
): Promise<Balance[]> => {
  const locked = new Set(known.map(shelfKey));
  const shelves = claims
    .flatMap((row) => partsOf(row).map(({ sku }) => ({ sku, locationId: row.locationId })))
    .filter((shelf) => !locked.has(shelfKey(shelf)));
  if (shelves.length === 0) return [];
  await lockSkus(tx, [...new Set(shelves.map(({ sku }) => sku))]);
  return lockShelves(tx, footprint, shelves, []);
};

/**
 * Locks and reads all rows that the requests may touch: a constant number of statements, whatever the number
 * of requests and lines.
 */
export const readBooks = async (
  tx: PoolClient,
  requests: readonly LedgerRequest[],
): Promise<{ readonly rows: LedgerRows; readonly attemptIds: AttemptIds }> => {
  const footprint = footprintOf(requests);
  const issued = await issuedKitsOf(tx, footprint);
  const locked = await lockLedger(tx, footprint);
  const { kits } = locked;
  const attempts = await attemptsOf(tx, footprint);
  const named = await namedReservations(tx, footprint, attempts);
  const late = await lockForUnreserved(tx, requests, footprint, named.reservations, locked);
  const balances = [...locked.balances, ...late.balances];
  const claims = await claimsOf(tx, footprint, balances, named.attemptIds);
  balances.push(...(await lockForKits(tx, footprint, claims.reservations, balances)));
  const offers = await offersOf(tx, footprint, claims.shelves);
  const reservations = [...named.reservations, ...claims.reservations];
  const orders = new Set([...footprint.orders, ...offers.map(({ orderId }) => orderId)]);
  const backorders = await ofOrders(tx, orders);
  const channels = new Set(
    [...reservations, ...backorders].flatMap(({ channel }) => channel ?? []),
  );
  const waiting = await waitingOf(tx, footprint, balances, kits, channels);
  backorders.push(...waiting.rows);
  const rows = {
    balances,
    kits,
    skus: [...locked.skus, ...late.skus],
    attempts: attempts.map(attemptOf),
    reservations,
    backorders,
    longQueues: waiting.longQueues,
    offers,
    ...issued,
    setAside: await setAsideOf(tx, footprint),
    locations: await locationsOf(tx, footprint),
    movements: await movementsOf(tx, footprint),
    handled: await handledOf(tx, footprint),
    // Last of all that is locked, and always in the same order.
    listings: await listingsOf(tx, footprint, reservations, backorders),
  };
  const attemptIds = new Map(
    [...attempts, ...claims.rows].map((row) => [keyOf(row.order_id, row.attempt), row.attempt_id]),
  );
  return { rows, attemptIds };
};

const setAsideOf = (tx: PoolClient, { asideOf }: Footprint): Promise<SetAside[]> => {
  const shelves = [...asideOf.values()];
  return ask<SetAside>(tx, 'ledger-set-aside', SET_ASIDE, [
    shelves.map(({ sku }) => sku),
    shelves.map(({ locationId }) => locationId),
  ]);
};

const movementsOf = async (
  tx: PoolClient,
  { movementIds, requestIds }: Footprint,
): Promise<LedgerRows['movements']> => {
  if (movementIds.size === 0) return [];
  const values = [[...movementIds], [...requestIds]];
  return (await ask<MovementRow>(tx, 'ledger-movements', MOVEMENTS, values)).map(knownMovementOf);
};

const handledOf = async (tx: PoolClient, { causes }: Footprint): Promise<string[]> => {
  const text = 'select cause from handled where cause = any($1)';
  const rows = await ask<{ cause: string }>(tx, 'ledger-handled', text, [[...causes]]);
  return rows.map(({ cause }) => cause);
};

/** Shares that what is asked for, and what may be given back or offered, counts for. */
const listingsOf = (
  tx: PoolClient,
  footprint: Footprint,
  reservations: readonly Reservation[],
  backorders: readonly Backorder[],
): Promise<Listing[]> => {
  for (const row of [...reservations, ...backorders]) useListing(footprint, row);
  const keys = [...footprint.listings.values()];
  return ask<Listing>(tx, 'ledger-listings', LISTINGS, [
    keys.map(({ channel }) => channel),
    keys.map(({ sku }) => sku),
  ]);
};

/** Only where stock may come free or go on a shelf for the first time does it matter what a location is. */
const locationsOf = (tx: PoolClient, { shelves, queueSkus }: Footprint): Promise<Location[]> => {
  const uses = [...shelves.values()].filter(({ sku }) => queueSkus.has(sku));
  const ids = new Set(uses.map(({ locationId }) => locationId));
  return ask<Location>(tx, 'ledger-locations', LOCATIONS, [[...ids]]);
};

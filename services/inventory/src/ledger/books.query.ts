import type { PoolClient, QueryResultRow } from 'pg';
import { arrayLiteral } from './array-literal.js';
import { keyOf, openOf, reservationKey, shelfKey } from './domain/books.js';
import type {
  Backorder,
  Balance,
  LedgerRows,
  Location,
  Offer,
  Reservation,
} from './domain/rows.js';
import { footprintOf, lower, type Footprint, type ShelfUse } from './domain/footprint.js';
import type { LedgerRequest, Shelf } from './domain/ledger.js';
import {
  attemptOf,
  backorderOf,
  knownMovementOf,
  offersOfLines,
  reservationOf,
  type AttemptIds,
  type AttemptRow,
  type BackorderRow,
  type ClaimRow,
  type MovementRow,
  type OfferRow,
  type ReservationRow,
} from './ledger-rows.js';
import { lockLedger, lockShelves, lockSkus } from './locks.query.js';

/** Places in the queue that one batch reads, and so offers that it makes; a task goes on with the rest. */
const QUEUE_ROWS_MAX = 4_000;

const ATTEMPTS = `
  select a.* from unnest($1::text[], $2::integer[]) as asked (order_id, attempt)
  join attempts a using (order_id, attempt)`;

const RESERVATIONS = `select * from reservations where attempt_id = any($1)`;

// Lowest priority and youngest first: those that go when there is too little.
const CLAIMS = `
  select r.* from unnest($1::text[], $2::text[], $3::bigint[]) as shelf (sku, location_id, rows_max)
  cross join lateral (
    select r.*, a.order_id, a.attempt, a.priority, a.accepted_at, a.correlation_id
    from reservations r join attempts a using (attempt_id)
    where r.sku = shelf.sku and r.location_id = shelf.location_id
      and r.consumed + r.released < r.quantity
    order by a.priority, a.accepted_at desc, a.order_id desc, a.attempt desc, r.line_id desc
    limit shelf.rows_max
  ) as r`;

const OFFERS = `
  select o.offer_id, o.order_id, o.location_id, o.state, o.expires_at, l.line_id, l.sku, l.quantity
  from offers o join offer_lines l using (offer_id)
  where o.offer_id = any($1) or (o.state = 'open' and (o.order_id = any($2) or o.offer_id in (
    select held.offer_id from unnest($3::text[], $4::text[]) as shelf (sku, location_id)
    join offer_lines held on held.sku = shelf.sku
    join offers at on at.offer_id = held.offer_id and at.location_id = shelf.location_id
      and at.state = 'open')))
  order by o.made_at, o.offer_id, l.line_id`;

const OF_ORDERS = `select * from backorders where order_id = any($1)`;

const WAITING = `
  select b.*, shelf.location_id
  from unnest($1::text[], $2::text[], $3::bigint[]) as shelf (sku, location_id, rows_max)
  cross join lateral (
    select b.* from backorders b
    where b.sku = shelf.sku and b.offered < b.quantity
      and (b.only_location_id is null or b.only_location_id = shelf.location_id)
      and not shelf.location_id = any(b.declined)
    order by -b.priority, b.since, b.order_id, b.line_id
    limit shelf.rows_max
  ) as b`;

const MOVEMENTS = `
  select movement_id, request_id, content_hash, answer from movements
  where answer is not null and (movement_id = any($1) or request_id = any($2))`;

/** Asks once for all; nothing when there is nothing to ask for. */
const ask = async <Row extends QueryResultRow>(
  tx: PoolClient,
  name: string,
  text: string,
  values: readonly (readonly unknown[])[],
): Promise<Row[]> => {
  if (values.every((list) => list.length === 0)) return [];
  return (await tx.query<Row>({ name, text, values: values.map(arrayLiteral) })).rows;
};

const attemptsOf = async (
  tx: PoolClient,
  { attempts, reservations }: Footprint,
): Promise<AttemptRow[]> => {
  const keys = [...new Map([...attempts, ...reservations]).values()];
  return ask<AttemptRow>(tx, 'ledger-attempts', ATTEMPTS, [
    keys.map(({ orderId }) => orderId),
    keys.map(({ attempt }) => attempt),
  ]);
};

const namedReservations = async (
  tx: PoolClient,
  { reservations }: Footprint,
  attempts: readonly AttemptRow[],
): Promise<Reservation[]> => {
  const named = attempts.filter((row) => reservations.has(keyOf(row.order_id, row.attempt)));
  const byId = new Map(named.map((row) => [row.attempt_id, row]));
  const rows = await ask<ReservationRow>(tx, 'ledger-reservations', RESERVATIONS, [
    [...byId.keys()],
  ]);
  return rows.map((row) => reservationOf(row, byId.get(row.attempt_id)!));
};

/** How many claims on a shelf may have to go, each of them being one unit at least. */
const surplusMax = ({ raised, lowered, countedAt }: ShelfUse, onHand: number): number => {
  if (lowered === undefined) return 0;
  const left = Math.max(0, Math.min(onHand - lowered, countedAt ?? onHand));
  return Math.max(0, onHand + raised - left);
};

const claimsOf = async (
  tx: PoolClient,
  footprint: Footprint,
  balances: readonly Balance[],
): Promise<{ readonly shelves: Shelf[]; readonly rows: readonly ClaimRow[] }> => {
  const short = balances.flatMap((balance) => {
    const use = footprint.shelves.get(shelfKey(balance));
    const rowsMax = use ? surplusMax(use, balance.onHand) : 0;
    return rowsMax > 0 && balance.reserved > 0 ? [{ ...balance, rowsMax }] : [];
  });
  const rows = await ask<ClaimRow>(tx, 'ledger-claims', CLAIMS, [
    short.map(({ sku }) => sku),
    short.map(({ locationId }) => locationId),
    short.map(({ rowsMax }) => rowsMax),
  ]);
  return { shelves: short, rows };
};

const offersOf = async (
  tx: PoolClient,
  { offerIds, offersOf }: Footprint,
  short: readonly Shelf[],
): Promise<Offer[]> => {
  const rows = await ask<OfferRow>(tx, 'ledger-offers', OFFERS, [
    [...offerIds],
    [...offersOf],
    short.map(({ sku }) => sku),
    short.map(({ locationId }) => locationId),
  ]);
  return offersOfLines(rows);
};

/** Whoever waits first for each shelf: as many as it may come to serve, or one, to know that it is owed. */
const waitingOf = async (
  tx: PoolClient,
  { shelves, queueSkus }: Footprint,
  balances: readonly Balance[],
): Promise<{ readonly rows: Backorder[]; readonly longQueues: Shelf[] }> => {
  const promised = new Map(balances.map((row) => [shelfKey(row), row.onHand - row.reserved]));
  const wanted = [...shelves.values()].map((use) => {
    const units = use.raised + Math.max(0, promised.get(shelfKey(use)) ?? 0);
    return { ...use, rowsMax: queueSkus.has(use.sku) ? units + 1 : 1 };
  });
  const total = wanted.reduce((sum, { rowsMax }) => sum + rowsMax, 0);
  const perShelfMax =
    total <= QUEUE_ROWS_MAX ? total : Math.max(1, Math.floor(QUEUE_ROWS_MAX / wanted.length));
  const asked = wanted.map((use) => ({ ...use, rowsMax: Math.min(use.rowsMax, perShelfMax) }));
  const rows = await ask<BackorderRow & { location_id: string }>(tx, 'ledger-waiting', WAITING, [
    asked.map(({ sku }) => sku),
    asked.map(({ locationId }) => locationId),
    asked.map(({ rowsMax }) => rowsMax),
  ]);
  const found = new Map<string, number>();
  for (const { sku, location_id: locationId } of rows) {
    const key = shelfKey({ sku, locationId });
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return {
    rows: rows.map(backorderOf),
    longQueues: asked.filter((shelf) => found.get(shelfKey(shelf)) === shelf.rowsMax),
  };
};

/**
 * Goods that left without a reservation may leave others without goods: then their SKU's queue may change too.
 * Rare, and locked late: where that meets another batch head-on, one of the two is tried again.
 */
const lockForUnreserved = async (
  tx: PoolClient,
  requests: readonly LedgerRequest[],
  footprint: Footprint,
  reservations: readonly Reservation[],
): Promise<{ readonly skus: string[]; readonly balances: Balance[] }> => {
  const open = new Map(reservations.map((row) => [reservationKey(row), openOf(row)]));
  const late = new Set<string>();
  for (const { command } of requests) {
    if (command.type !== 'HandOverGoods') continue;
    for (const line of command.data.lines) {
      const missing = line.quantity - (open.get(reservationKey({ ...command.data, ...line })) ?? 0);
      if (missing <= 0) continue;
      if (!footprint.queueSkus.has(line.sku)) late.add(line.sku);
      lower(footprint, { ...command.data, sku: line.sku }, missing);
    }
  }
  if (late.size === 0) return { skus: [], balances: [] };
  const skus = await lockSkus(tx, [...late]);
  return { skus, balances: await lockShelves(tx, footprint, [], skus) };
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
  const locked = await lockLedger(tx, footprint);
  const attempts = await attemptsOf(tx, footprint);
  const named = await namedReservations(tx, footprint, attempts);
  const late = await lockForUnreserved(tx, requests, footprint, named);
  const balances = [...locked.balances, ...late.balances];
  const claims = await claimsOf(tx, footprint, balances);
  const offers = await offersOf(tx, footprint, claims.shelves);
  const orders = new Set([...footprint.orders, ...offers.map(({ orderId }) => orderId)]);
  const ofOrders = await ask<BackorderRow>(tx, 'ledger-backorders', OF_ORDERS, [[...orders]]);
  const waiting = await waitingOf(tx, footprint, balances);
  const movements = await ask<MovementRow>(tx, 'ledger-movements', MOVEMENTS, [
    [...footprint.movementIds],
    [...footprint.requestIds],
  ]);
  const handled = await ask<{ cause: string }>(
    tx,
    'ledger-handled',
    'select cause from handled where cause = any($1)',
    [[...footprint.causes]],
  );
  const rows = {
    balances,
    skus: [...locked.skus, ...late.skus],
    locations: await locationsOf(tx, footprint),
    attempts: attempts.map(attemptOf),
    reservations: [...named, ...claims.rows.map((row) => reservationOf(row, row))],
    backorders: [...ofOrders.map(backorderOf), ...waiting.rows],
    longQueues: waiting.longQueues,
    offers,
    movements: movements.map(knownMovementOf),
    handled: handled.map(({ cause }) => cause),
  };
  const attemptIds = new Map(
    [...attempts, ...claims.rows].map((row) => [keyOf(row.order_id, row.attempt), row.attempt_id]),
  );
  return { rows, attemptIds };
};

/** Only where stock may come free or go on a shelf for the first time does it matter what a location is. */
const locationsOf = async (
  tx: PoolClient,
  { shelves, queueSkus }: Footprint,
): Promise<Location[]> => {
  const uses = [...shelves.values()].filter(({ sku }) => queueSkus.has(sku));
  const ids = new Set(uses.map(({ locationId }) => locationId));
  const rows = await ask<{ location_id: string; active: boolean }>(
    tx,
    'ledger-locations',
    'select location_id, active from locations where location_id = any($1)',
    [[...ids]],
  );
  return rows.map(({ location_id: locationId, active }) => ({ locationId, active }));
};

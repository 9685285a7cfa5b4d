import {
  addReservation,
  byTurn,
  entryOf,
  keyOf,
  lineKey,
  queuesOf,
  remember,
  shelfKey,
  type BackorderEntry,
  type Books,
  type Written,
} from './books.js';
import { issuedKey } from './issued.js';
import type { Attempt, LedgerRows } from './rows.js';

const nothingWritten = (): Written => ({
  attempts: new Set(),
  reservations: new Set(),
  backorders: new Set(),
  offers: new Set(),
  offerLines: new Map(),
  issuedKits: new Set(),
  movements: [],
  supplies: [],
  handled: [],
  messages: [],
  safetyStocks: [],
});

const holdsOf = (attempts: readonly Attempt[]): Map<string, Attempt> => {
  const newest = new Map<string, Attempt>();
  for (const row of attempts) {
    const known = newest.get(row.orderId);
    if (row.owner === 'checkout' && !(known && Math.abs(known.attempt) > Math.abs(row.attempt)))
      newest.set(row.orderId, row);
  }
  return newest;
};

/** Opens the working copy of the rows. */
export const openBooks = (
  rows: LedgerRows,
  clock: { readonly now: string; readonly offersExpireAt: string },
): Books => {
  const books: Books = {
    ...clock,
    balances: new Map(),
    touched: new Set(),
    setAside: new Map(
      rows.setAside.map((row) => [
        keyOf(row.sku, row.locationId, row.condition),
        { ...row, before: row },
      ]),
    ),
    kits: new Map(rows.kits.map(({ sku, parts }) => [sku, parts])),
    listings: new Map(
      rows.listings.map((row) => [keyOf(row.channel, row.sku), { ...row, takenBefore: row.taken }]),
    ),
    skus: new Set(rows.skus),
    locations: new Map(rows.locations.map((row) => [row.locationId, row])),
    attempts: new Map(rows.attempts.map((row) => [keyOf(row.orderId, row.attempt), row])),
    holds: holdsOf(rows.attempts),
    knownHolds: new Map(
      rows.attempts.flatMap((row) => (row.requestId === null ? [] : [[row.requestId, row]])),
    ),
    reservations: new Map(),
    queues: new Map(),
    backorders: new Map(),
    longQueues: new Set(rows.longQueues.map(shelfKey)),
    wanted: new Set(),
    offers: new Map(
      rows.offers.map((row) => [
        row.offerId,
        { ...row, lines: row.lines.map((line) => ({ ...line })) },
      ]),
    ),
    newOffers: new Map(),
    issuedKits: new Map(),
    heldKits: rows.heldKits,
    knownMovements: new Map(),
    knownRequests: new Map(),
    handled: new Set(rows.handled),
    written: nothingWritten(),
  };
  for (const row of rows.movements) remember(books, row);
  for (const row of rows.issuedKits)
    entryOf(books.issuedKits, issuedKey(row), () => []).push({ ...row });
  for (const row of rows.balances)
    entryOf(books.balances, row.sku, () => new Map()).set(row.locationId, { ...row, before: row });
  for (const row of rows.reservations) addReservation(books, { ...row });
  for (const row of rows.backorders) {
    const ofOrder = entryOf(books.backorders, row.orderId, () => new Map<string, BackorderEntry>());
    if (ofOrder.has(lineKey(row))) continue;
    const entry = { ...row };
    ofOrder.set(lineKey(row), entry);
    for (const sku of queuesOf(books, row)) entryOf(books.queues, sku, () => []).push(entry);
  }
  for (const queue of books.queues.values()) queue.sort(byTurn);
  return books;
};

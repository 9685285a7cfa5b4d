import {
  balanceOf,
  isFirst,
  keyOf,
  openOf,
  reservationOf,
  type Books,
  type ReservationEntry,
} from './books.js';
import type { LedgerCause, Release, Shelf } from './ledger.js';
import { backorderOf, offerFreed, waitFor } from './queue.js';
import { move } from './shelf.js';

/**
 * Gives back reservations and places in the queue that the order no longer needs, at most what is still
 * held: what was revoked or handed over meanwhile is no error. Goods found `short` also leave the stock on
 * hand, but only those still reserved: what was revoked before was missed by the fact that revoked it.
 */
export const releaseSourcing = (books: Books, release: Release, cause: LedgerCause): void => {
  if (!isFirst(books, cause)) return;
  const freed: Shelf[] = [];
  for (const line of release.reservations) {
    const row = reservationOf(books, { ...line, orderId: release.orderId });
    const quantity = row ? giveBack(books, row, line.quantity) : 0;
    if (quantity === 0) continue;
    if (release.reason === 'short')
      move(books, line, -quantity, {
        type: 'short',
        reason: 'Not found on the shelf',
        reference: release.orderId,
        cause,
      });
    else freed.push({ sku: line.sku, locationId: line.locationId });
  }
  if (release.closesAttempt !== null)
    freed.push(...closeAttempt(books, release, release.closesAttempt, cause));
  for (const line of release.backorders) {
    const entry = backorderOf(books, release.orderId, line);
    if (entry) freed.push(...waitFor(books, entry, Math.max(0, entry.quantity - line.quantity)));
  }
  offerFreed(books, freed, cause);
};

const giveBack = (books: Books, row: ReservationEntry, wanted: number): number => {
  const quantity = Math.min(wanted, openOf(row));
  row.released += quantity;
  balanceOf(books, row).reserved -= quantity;
  books.written.reservations.add(row);
  return quantity;
};

/** A closed attempt holds nothing, and a late proposal of it is not answered. */
const closeAttempt = (
  books: Books,
  { orderId }: Release,
  attempt: number,
  { id, correlationId = id }: LedgerCause,
): Shelf[] => {
  const key = keyOf(orderId, attempt);
  const known = books.attempts.get(key);
  const row = known ?? { orderId, attempt, priority: 0, acceptedAt: books.now, correlationId };
  const closed = { ...row, outcome: 'closed' } as const;
  books.attempts.set(key, closed);
  if (known) books.written.attempts.delete(known);
  books.written.attempts.add(closed);
  return [...(books.reservations.get(key)?.values() ?? [])].flatMap((row) =>
    giveBack(books, row, openOf(row)) > 0 ? [{ sku: row.sku, locationId: row.locationId }] : [],
  );
};

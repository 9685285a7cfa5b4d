import {
  isFirst,
  keyOf,
  openOf,
  reservationOf,
  type Books,
  type ReservationEntry,
} from './books.js';
import { claim, shelvesOfClaim } from './claims.js';
import type { LedgerCause, Line, Release, Shelf } from './ledger.js';
import type { AttemptOutcome } from './rows.js';
import { backorderOf, offerFreed, waitFor } from './queue.js';
import { sellable, takeAway } from './shelf.js';

/**
 * Gives back reservations and places in the queue that the order no longer needs, at most what is still
 * held: what was revoked or handed over meanwhile is no error. Goods found `short` also leave the stock on
 * hand, but only those still reserved: what was revoked before was missed by the fact that revoked it. Which
 * part of a kit was missing nobody said, so its parts stay on hand until they are counted.
 */
export const releaseSourcing = (books: Books, release: Release, cause: LedgerCause): void => {
  if (!isFirst(books, cause)) return;
  const freed: Shelf[] = [];
  for (const line of release.reservations) {
    const row = reservationOf(books, { ...line, orderId: release.orderId });
    const quantity = row ? giveBack(books, row, line.quantity) : 0;
    if (!row || quantity === 0) continue;
    if (release.reason === 'short' && row.parts === null)
      takeAway(books, sellable(line), quantity, {
        type: 'short',
        reason: 'Not found on the shelf',
        reference: release.orderId,
        cause,
      });
    else freed.push(...shelvesOfClaim(row));
  }
  if (release.closesAttempt !== null)
    freed.push(...closeAttempt(books, release, release.closesAttempt, cause));
  for (const line of release.backorders) freed.push(...waitLess(books, release.orderId, line));
  offerFreed(books, freed, cause);
};

const waitLess = (books: Books, orderId: string, line: Line): readonly Shelf[] => {
  const entry = backorderOf(books, orderId, line);
  return entry ? waitFor(books, entry, Math.max(0, entry.quantity - line.quantity)) : [];
};

/** Gives back up to so many units of a reservation. Answers how many. */
export const giveBack = (books: Books, row: ReservationEntry, wanted: number): number => {
  const quantity = Math.min(wanted, openOf(row));
  row.released += quantity;
  claim(books, row, -quantity);
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
  const known = books.attempts.get(keyOf(orderId, attempt));
  if (known) return endAttempt(books, orderId, attempt, 'closed');
  const closed = {
    orderId,
    attempt,
    outcome: 'closed' as const,
    priority: 0,
    acceptedAt: books.now,
    correlationId,
    channel: null,
    owner: 'order' as const,
    expiresAt: null,
    requestId: null,
    contentHash: null,
  };
  books.attempts.set(keyOf(orderId, attempt), closed);
  books.written.attempts.add(closed);
  return [];
};

/** Ends a known attempt and gives back all that it still holds. Answers the shelves that this frees. */
export const endAttempt = (
  books: Books,
  orderId: string,
  attempt: number,
  outcome: Extract<AttemptOutcome, 'closed' | 'expired'>,
): Shelf[] => {
  const key = keyOf(orderId, attempt);
  const known = books.attempts.get(key)!;
  const ended = { ...known, outcome };
  books.attempts.set(key, ended);
  if (known.owner === 'checkout') books.holds.set(orderId, ended);
  books.written.attempts.delete(known);
  books.written.attempts.add(ended);
  return [...(books.reservations.get(key)?.values() ?? [])].flatMap((row) =>
    giveBack(books, row, openOf(row)) > 0 ? shelvesOfClaim(row) : [],
  );
};

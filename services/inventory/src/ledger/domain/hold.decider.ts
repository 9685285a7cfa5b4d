import {
  byLine,
  entryOf,
  isFirst,
  keyOf,
  openOf,
  type Books,
  type ReservationEntry,
} from './books.js';
import { listingOf, roomOf, shelvesOfClaim } from './claims.js';
import type {
  Allocation,
  GivenUpHolds,
  HeldStock,
  Hold,
  LedgerCause,
  LedgerOutcome,
  Line,
  NamedHold,
  Proposal,
  Shelf,
} from './ledger.js';
import type { Attempt } from './rows.js';
import { reserveLine, shortagesOf } from './reserving.js';
import { offerFreed } from './queue.js';
import { endAttempt, giveBack } from './release.decider.js';

/**
 * Holds stock for a checkout, all of it or nothing. The reservation's earlier hold does not compete with the
 * new one, which replaces it; where there is too little, the earlier one stays. The same again lasts longer.
 */
export const holdStock = (books: Books, hold: Hold, cause: LedgerCause): LedgerOutcome => {
  const { reservationId, contentHash, allocations } = hold;
  if (isOthers(books, hold)) return unknownReservation(hold);
  const repeated = books.knownHolds.get(cause.id) ?? ownRequest(books, hold, cause);
  if (repeated)
    return repeated.contentHash === contentHash && repeated.orderId === reservationId
      ? { ok: true, hold: answerOf(books, repeated) }
      : { ok: false, rejection: { code: 'idempotency-key-reused' } };
  const before = openHold(books, reservationId);
  if (before?.contentHash === contentHash)
    return { ok: true, hold: answerOf(books, prolong(books, before, hold, cause)) };
  if (allocations.length === 0)
    return { ok: false, rejection: { code: 'insufficient-stock', shortages: hold.shortages } };
  const claimant = { orderId: reservationId, channel: hold.channel };
  const own = before ? rowsOf(books, before).filter((row) => openOf(row) > 0) : [];
  const freed = own.flatMap((row) => shelvesOfClaim(row));
  const given = own.map((row) => ({ row, quantity: giveBack(books, row, openOf(row)) }));
  const shortages = shortagesOf(books, allocations, claimant);
  if (shortages.length > 0) {
    for (const { row, quantity } of given) giveBack(books, row, -quantity);
    return { ok: false, rejection: { code: 'insufficient-stock', shortages } };
  }
  if (before) endAttempt(books, reservationId, before.attempt, 'closed');
  const attempt = recordHold(books, hold, cause);
  for (const { locationId, lines } of allocations)
    for (const line of lines) reserveLine(books, attempt, line, locationId);
  offerFreed(books, freed, cause);
  return { ok: true, hold: { reservationId, expiresAt: hold.expiresAt, allocations } };
};

/**
 * Whether the newest hold of that id belongs to channels that are not the caller's. What was made for no channel belongs to
 * callers that may act for all.
 */
const isOthers = (books: Books, { reservationId, channels }: NamedHold): boolean => {
  const newest = channels && books.holds.get(reservationId);
  return newest ? newest.channel === null || !channels.includes(newest.channel) : false;
};

const unknownReservation = ({ reservationId }: NamedHold): LedgerOutcome => ({
  ok: false,
  rejection: { code: 'unknown-reservation', reservationId },
});

/** The id of a reservation that names none is derived from its request, so that finding it tells both. */
const ownRequest = (
  books: Books,
  { reservationId }: Hold,
  { id }: LedgerCause,
): Attempt | undefined => (reservationId === id ? books.holds.get(reservationId) : undefined);

/** The attempt that holds stock for the reservation now. */
export const openHold = (books: Books, reservationId: string): Attempt | undefined => {
  const newest = books.holds.get(reservationId);
  return newest?.outcome === 'reserved' ? newest : undefined;
};

const rowsOf = (books: Books, { orderId, attempt }: Attempt): ReservationEntry[] => [
  ...(books.reservations.get(keyOf(orderId, attempt))?.values() ?? []),
];

const recordHold = (
  books: Books,
  { reservationId, channel, expiresAt, contentHash }: Hold,
  { id, correlationId = id }: LedgerCause,
): Attempt => {
  const row: Attempt = {
    orderId: reservationId,
    attempt: nextAttempt(books.holds.get(reservationId)),
    outcome: 'reserved',
    priority: 0,
    acceptedAt: books.now,
    correlationId,
    channel,
    owner: 'checkout',
    expiresAt,
    requestId: reservationId === id ? null : id,
    contentHash,
  };
  note(books, row, id);
  return row;
};

/** Downwards from -1: a checkout chooses its own id, and must not meet the attempts of an order that has the same. */
const nextAttempt = (newest: Attempt | undefined): number => -Math.abs(newest?.attempt ?? 0) - 1;

const note = (books: Books, row: Attempt, requestId: string): void => {
  books.attempts.set(keyOf(row.orderId, row.attempt), row);
  books.holds.set(row.orderId, row);
  books.knownHolds.set(requestId, row);
  books.written.attempts.add(row);
};

const prolong = (
  books: Books,
  before: Attempt,
  { expiresAt }: Hold,
  { id }: LedgerCause,
): Attempt => {
  const later = (before.expiresAt ?? '') > expiresAt ? before.expiresAt : expiresAt;
  const row = { ...before, expiresAt: later };
  books.written.attempts.delete(before);
  note(books, row, id);
  return row;
};

/** What the hold reserved, whatever became of it since. */
const answerOf = (books: Books, attempt: Attempt) => {
  const byLocation = new Map<string, Line[]>();
  for (const { locationId, lineId, sku, quantity } of rowsOf(books, attempt))
    entryOf(byLocation, locationId, () => []).push({ lineId, sku, quantity });
  const allocations: Allocation[] = [...byLocation]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([locationId, lines]) => ({ locationId, lines: lines.sort(byLine) }));
  return { reservationId: attempt.orderId, expiresAt: attempt.expiresAt!, allocations };
};

/** The checkout was left: what it held can be sold again. To give back what is gone already is no error. */
export const giveBackHold = (books: Books, named: NamedHold, cause: LedgerCause): LedgerOutcome => {
  const { reservationId } = named;
  if (!books.holds.has(reservationId) || isOthers(books, named)) return unknownReservation(named);
  const open = openHold(books, reservationId);
  if (open) offerFreed(books, endAttempt(books, reservationId, open.attempt, 'closed'), cause);
  return { ok: true };
};

/**
 * The order that named these holds was cancelled: what they hold can be sold again. What an order took over is gone from
 * its hold, and what the same checkout held after the cancellation is another wish.
 */
export const giveUpHolds = (
  books: Books,
  { reservationIds, givenUpAt, holdsOfChannel }: GivenUpHolds,
  cause: LedgerCause,
): void => {
  if (!isFirst(books, cause)) return;
  const freed = reservationIds.flatMap((reservationId) => {
    const open = openHold(books, reservationId);
    return open && open.acceptedAt <= givenUpAt && mayUse(open, holdsOfChannel)
      ? endAttempt(books, reservationId, open.attempt, 'closed')
      : [];
  });
  offerFreed(books, freed, cause);
};

const mayUse = ({ channel }: Attempt, holdsOfChannel: string | null): boolean =>
  holdsOfChannel === null || channel === holdsOfChannel;

/** Time is up, unless a later request prolonged it: what these held can be sold again. */
export const expireHolds = (
  books: Books,
  reservationIds: readonly string[],
  cause: LedgerCause,
): void => {
  const freed: Shelf[] = [];
  for (const reservationId of reservationIds) {
    const open = openHold(books, reservationId);
    if (!open || open.expiresAt! > books.now) continue;
    freed.push(...endAttempt(books, reservationId, open.attempt, 'expired'));
  }
  offerFreed(books, freed, cause);
};

/** Units of a hold that a line of an order takes over. */
export type Takeover = { readonly line: Line; readonly row: ReservationEntry; units: number };

/** An order that names holds. */
type Heir = Pick<Proposal, 'held' | 'onlyLocationId' | 'channel' | 'holdsOfChannel'>;

/**
 * Which units of their holds the lines get, where the order may use them; null where a hold has less than is
 * wanted of it. Lines that share a hold share its units, and those of another channel's hold come out of the
 * order's own share.
 */
export const takeoversOf = (books: Books, heir: Heir): readonly Takeover[] | null => {
  const left = new Map<ReservationEntry, number>();
  const room = new Map<string, number>();
  const takeovers: Takeover[] = [];
  for (const { reservationId, ...line } of heir.held) {
    let missing = line.quantity;
    for (const row of usableRows(books, reservationId, line.sku, heir)) {
      const isOther = row.channel !== heir.channel;
      const share = isOther ? (room.get(line.sku) ?? shareLeft(books, heir, line.sku)) : missing;
      const units = Math.min(missing, left.get(row) ?? openOf(row), share);
      left.set(row, (left.get(row) ?? openOf(row)) - units);
      if (isOther) room.set(line.sku, share - units);
      missing -= units;
      if (units > 0) takeovers.push({ line, row, units });
    }
    if (missing > 0) return null;
  }
  return takeovers;
};

const shareLeft = (books: Books, { channel }: Heir, sku: string): number => {
  const listing = listingOf(books, { channel, sku });
  return listing ? roomOf(listing) : Number.MAX_SAFE_INTEGER;
};

const usableRows = (
  books: Books,
  reservationId: string,
  sku: string,
  { onlyLocationId, holdsOfChannel }: Heir,
): ReservationEntry[] => {
  const open = openHold(books, reservationId);
  if (!open || !mayUse(open, holdsOfChannel)) return [];
  return rowsOf(books, open).filter(
    (row) =>
      row.sku === sku && openOf(row) > 0 && (onlyLocationId ?? row.locationId) === row.locationId,
  );
};

/** What the named holds have of what was asked of them. */
export const heldStockOf = (books: Books, heir: Heir): HeldStock[] => {
  const asked = new Map(heir.held.map((line) => [keyOf(line.reservationId, line.sku), line]));
  return [...asked.values()].flatMap(({ reservationId, sku }): HeldStock[] => {
    let share = shareLeft(books, heir, sku);
    const stock = usableRows(books, reservationId, sku, heir).map((row) => {
      const isOther = row.channel !== heir.channel;
      const quantity = isOther ? Math.min(openOf(row), share) : openOf(row);
      if (isOther) share -= quantity;
      return { reservationId, sku, locationId: row.locationId, quantity };
    });
    const nothing = { reservationId, sku, locationId: null, quantity: 0 };
    return stock.length > 0 ? stock : [nothing];
  });
};

import {
  balanceOf,
  byTurn,
  compare,
  entryOf,
  keyOf,
  openOf,
  tell,
  type Books,
  type MovementEntry,
  type OfferEntry,
  type ReservationEntry,
} from './books.js';
import type { LedgerCause, Line, MovementType, RevokedLine, Shelf } from './ledger.js';
import { backorderOf, withdraw } from './queue.js';

export type Move = {
  readonly type: MovementType;
  readonly reason: string | null;
  readonly reference: string | null;
  readonly cause: LedgerCause;
  readonly movementId?: string;
  readonly requestId?: string;
  readonly contentHash?: string;
};

/** Changes what is on hand and writes down why; the only way to change it. */
export const move = (
  books: Books,
  shelf: Shelf,
  quantity: number,
  { movementId, type, reason, reference, cause, requestId, contentHash }: Move,
): MovementEntry => {
  const balance = balanceOf(books, shelf);
  const before = balance.onHand;
  balance.onHand += quantity;
  const movement: MovementEntry = {
    movementId: movementId ?? null,
    requestId: requestId ?? null,
    contentHash: contentHash ?? null,
    answer: null,
    type,
    sku: shelf.sku,
    locationId: shelf.locationId,
    quantity,
    before,
    after: balance.onHand,
    reason,
    reference,
    cause: cause.id,
    actor: cause.actor ?? null,
  };
  books.written.movements.push(movement);
  return movement;
};

/**
 * Takes goods off the shelf that are gone in fact. Where the ledger knew of fewer, the ledger was wrong: a
 * `discrepancy` first brings it up to what must have been there.
 */
export const takeAway = (
  books: Books,
  shelf: Shelf,
  quantity: number,
  details: Move,
): MovementEntry => {
  const missing = quantity - balanceOf(books, shelf).onHand;
  if (missing > 0)
    move(books, shelf, missing, {
      type: 'discrepancy',
      reason: `There were more than the ledger knew: ${details.type}`,
      reference: details.reference,
      cause: details.cause,
    });
  return move(books, shelf, -quantity, details);
};

/**
 * Takes back what is reserved beyond what is on hand, lowest priority and youngest first: offers, which
 * nobody counts on yet, then reservations. Answers the reservations, and tells their orders.
 */
export const revokeSurplus = (books: Books, shelf: Shelf, cause: LedgerCause): RevokedLine[] => {
  const balance = balanceOf(books, shelf);
  const surplus = (): number => balance.reserved - balance.onHand;
  for (const { offer, line } of surplus() > 0 ? offersOn(books, shelf) : [])
    if (surplus() > 0) withdraw(books, offer, line, surplus());
  const revoked: { readonly row: ReservationEntry; readonly quantity: number }[] = [];
  for (const row of surplus() > 0 ? reservationsOn(books, shelf) : []) {
    const quantity = Math.min(openOf(row), surplus());
    if (quantity === 0) break;
    row.released += quantity;
    balance.reserved -= quantity;
    books.written.reservations.add(row);
    revoked.push({ row, quantity });
  }
  if (surplus() > 0) throw new Error(`Claims on ${shelf.sku} at ${shelf.locationId} are missing`);
  tellRevoked(books, shelf, revoked, cause);
  return revoked.map(({ row: { orderId, lineId }, quantity }) => ({ orderId, lineId, quantity }));
};

const offersOn = (books: Books, { sku, locationId }: Shelf) =>
  [...books.offers.values()]
    .filter((offer) => offer.state === 'open' && offer.locationId === locationId)
    .flatMap((offer: OfferEntry) =>
      offer.lines
        .filter((line) => line.sku === sku && line.quantity > 0)
        .map((line) => ({ offer, line, backorder: backorderOf(books, offer.orderId, line)! })),
    )
    .sort((a, b) => byTurn(b.backorder, a.backorder));

const reservationsOn = (books: Books, { sku, locationId }: Shelf): ReservationEntry[] =>
  [...books.reservations.values()]
    .flatMap((ofAttempt) => [...ofAttempt.values()])
    .filter((row) => row.sku === sku && row.locationId === locationId && openOf(row) > 0)
    .sort(
      (a, b) =>
        a.priority - b.priority ||
        compare(b.acceptedAt, a.acceptedAt) ||
        compare(b.orderId, a.orderId) ||
        b.attempt - a.attempt ||
        compare(b.lineId, a.lineId),
    );

const tellRevoked = (
  books: Books,
  { locationId }: Shelf,
  revoked: readonly { readonly row: ReservationEntry; readonly quantity: number }[],
  cause: LedgerCause,
): void => {
  const byAttempt = new Map<string, { row: ReservationEntry; lines: Line[] }>();
  for (const { row, quantity } of revoked) {
    const { orderId, attempt, lineId, sku } = row;
    const group = entryOf(byAttempt, keyOf(orderId, attempt), () => ({ row, lines: [] }));
    group.lines.push({ lineId, sku, quantity });
  }
  for (const { row, lines } of byAttempt.values()) {
    const { orderId, attempt, correlationId } = row;
    const data = { orderId, attempt, locationId, lines };
    tell(books, orderId, { type: 'ReservationRevoked', data }, { id: cause.id, correlationId });
  }
};

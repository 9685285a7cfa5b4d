import { derivedId } from '@throughline/kernel';
import {
  availableOf,
  balanceOf,
  isFirst,
  openOf,
  remember,
  reservationOf,
  unknownOf,
  type Books,
} from './books.js';
import type { KnownMovement } from './rows.js';
import type {
  HandOver,
  InspectedReturn,
  LedgerCause,
  LedgerOutcome,
  LedgerRejection,
  Line,
  MovementAnswer,
  MovementRequest,
  RevokedLine,
  Shelf,
} from './ledger.js';
import { offerToQueue } from './queue.js';
import { move, revokeSurplus, takeAway } from './shelf.js';

const DONE: LedgerOutcome = { ok: true };

/**
 * Goods have left: they leave the reservation and the stock on hand alike. Where the reservation was revoked
 * meanwhile they are gone all the same, and whoever held them now holds nothing.
 */
export const handOverGoods = (
  books: Books,
  { orderId, attempt, locationId, lines }: HandOver,
  cause: LedgerCause,
): LedgerOutcome => {
  if (books.handled.has(cause.id)) return DONE;
  const unknown = firstUnknown(books, locationId, lines);
  if (unknown) return { ok: false, rejection: unknown };
  isFirst(books, cause);
  for (const line of lines) {
    const shelf = { sku: line.sku, locationId };
    const row = reservationOf(books, { ...line, ...shelf, orderId, attempt });
    const reserved = row ? Math.min(openOf(row), line.quantity) : 0;
    if (row && reserved > 0) {
      row.consumed += reserved;
      balanceOf(books, shelf).reserved -= reserved;
      books.written.reservations.add(row);
    }
    takeAway(books, shelf, line.quantity, {
      type: 'issue',
      reason: null,
      reference: orderId,
      cause,
    });
    if (reserved < line.quantity) revokeSurplus(books, shelf, cause);
  }
  return DONE;
};

/** What may be sold again goes back on the shelf; what became of the rest is written down beside the stock. */
export const takeBackGoods = (
  books: Books,
  { orderId, returnId, locationId, lines }: InspectedReturn,
  cause: LedgerCause,
): LedgerOutcome => {
  if (books.handled.has(cause.id)) return DONE;
  const restocked = lines.filter(({ disposition }) => disposition === 'restock');
  const unknown = firstUnknown(books, locationId, restocked);
  if (unknown) return { ok: false, rejection: unknown };
  isFirst(books, cause);
  lines.forEach(({ disposition, lineId, sku, quantity }, index) => {
    if (disposition === 'restock')
      move(books, { sku, locationId }, quantity, {
        type: 'return',
        reason: null,
        reference: returnId,
        cause,
      });
    else
      books.written.disposals.push({
        disposalId: derivedId(cause.id, index),
        returnId,
        orderId,
        lineId,
        sku,
        locationId,
        disposition,
        quantity,
      });
  });
  for (const { sku } of restocked) offerToQueue(books, { sku, locationId }, cause);
  return DONE;
};

const firstUnknown = (
  books: Books,
  locationId: string,
  lines: readonly Line[],
): LedgerRejection | null => {
  for (const { sku } of lines) {
    const unknown = unknownOf(books, { sku, locationId });
    if (unknown) return unknown;
  }
  return null;
};

/**
 * Writes down what somebody saw or did. It is a fact and always accepted; reservations that no longer fit
 * are revoked. The same movement again gets the same answer, another under its id is refused.
 */
export const moveStock = (
  books: Books,
  request: MovementRequest,
  cause: LedgerCause,
): LedgerOutcome => {
  const known = knownMovement(books, request, cause);
  if (known)
    return known.contentHash === request.contentHash && known.movementId === request.movementId
      ? { ok: true, answer: known.answer }
      : { ok: false, rejection: { code: 'idempotency-key-reused' } };
  const unknown = unknownOf(books, request);
  if (unknown) return { ok: false, rejection: unknown };
  const { movementId, contentHash, type, reason, reference } = request;
  const details = { movementId, contentHash, type, reason, reference, cause, requestId: cause.id };
  const change = changeOf(books, request);
  const movement =
    change < 0 ? takeAway(books, request, -change, details) : move(books, request, change, details);
  const revoked = revokeSurplus(books, request, cause);
  offerToQueue(books, request, cause);
  const answer = answerOf(books, request, revoked);
  movement.answer = answer;
  remember(books, { movementId, requestId: cause.id, contentHash, answer });
  return { ok: true, answer };
};

const knownMovement = (
  books: Books,
  { movementId }: MovementRequest,
  { id }: LedgerCause,
): KnownMovement | undefined => books.knownMovements.get(movementId) ?? books.knownRequests.get(id);

const changeOf = (books: Books, { type, quantity, ...shelf }: MovementRequest): number => {
  switch (type) {
    case 'receipt':
    case 'transfer-in':
    case 'adjustment':
      return quantity;
    case 'damage':
    case 'transfer-out':
      return -quantity;
    case 'count':
      return quantity - balanceOf(books, shelf).onHand;
  }
};

const answerOf = (
  books: Books,
  { movementId, ...shelf }: MovementRequest,
  revoked: readonly RevokedLine[],
): MovementAnswer => {
  const balance = balanceOf(books, shelf);
  const { onHand, reserved } = balance;
  return { movementId, onHand, reserved, available: availableOf(balance), revoked };
};

/** Keeps back the last units of a shelf; what no longer has to be kept is offered to those who wait. */
export const setSafetyStock = (
  books: Books,
  { safetyStock, ...shelf }: Shelf & { readonly safetyStock: number },
  cause: LedgerCause,
): LedgerOutcome => {
  const unknown = unknownOf(books, shelf);
  if (unknown) return { ok: false, rejection: unknown };
  const balance = balanceOf(books, shelf);
  if (balance.safetyStock !== safetyStock)
    books.written.safetyStocks.push({ ...shelf, safetyStock, cause });
  balance.safetyStock = safetyStock;
  offerToQueue(books, shelf, cause);
  return DONE;
};

import {
  availableOf,
  balanceOf,
  changing,
  isFirst,
  kitOf,
  openOf,
  partsOf,
  remember,
  reservationOf,
  unknownOf,
  type Books,
} from './books.js';
import { reserveParts } from './claims.js';
import { directionOf } from './directions.js';
import { countReturned, noteIssued, returnedAs, type Returned } from './issued.js';
import type { KnownMovement } from './rows.js';
import type {
  Condition,
  HandOver,
  InspectedReturn,
  LedgerCause,
  LedgerOutcome,
  LedgerRejection,
  MovementAnswer,
  MovementRequest,
  Part,
  Pile,
  RevokedLine,
  ShelfSetting,
} from './ledger.js';
import { offerFreed, offerToQueue } from './queue.js';
import { move, pileOf, sellable, takeAway, unitsIn, type Move } from './shelf.js';
import { revokeSurplus } from './surplus.js';

const DONE: LedgerOutcome = { ok: true };

/**
 * Goods have left: they leave the reservation and the stock on hand alike, a kit part by part. Where the
 * reservation was revoked meanwhile they are gone all the same, and whoever held them now holds nothing.
 */
export const handOverGoods = (
  books: Books,
  { orderId, attempt, locationId, lines }: HandOver,
  cause: LedgerCause,
): LedgerOutcome => {
  if (books.handled.has(cause.id)) return DONE;
  const rows = lines.map((line) => ({
    line,
    row: reservationOf(books, { ...line, locationId, orderId, attempt }),
  }));
  // What a kit was made of when it was reserved is what left.
  const unclaimed = rows.flatMap(({ line: { sku }, row }) =>
    row ? [] : [{ parts: partsOf({ sku, parts: kitOf(books, sku) }) }],
  );
  const unknown = firstUnknown(books, locationId, unclaimed);
  if (unknown) return { ok: false, rejection: unknown };
  isFirst(books, cause);
  const details: Move = { type: 'issue', reason: null, reference: orderId, cause };
  for (const [index, { line, row }] of rows.entries()) {
    const reserved = row ? Math.min(openOf(row), line.quantity) : 0;
    if (row && reserved > 0) {
      row.consumed += reserved;
      reserveParts(books, row, -reserved);
      books.written.reservations.add(row);
    }
    const parts = row ? row.parts : kitOf(books, line.sku);
    if (parts) noteIssued(books, { ...line, orderId }, parts, cause, index);
    for (const { sku, perKit } of partsOf({ sku: line.sku, parts })) {
      const shelf = { sku, locationId };
      takeAway(books, sellable(shelf), line.quantity * perKit, details);
      // A revoked kit may free more of the shelf than left.
      if (reserved < line.quantity) settleShelves(books, [sellable(shelf)], cause);
    }
  }
  return DONE;
};

/** Where returned goods go that may not be sold again; the others of these leave the stock at once. */
const KEPT_IN: Readonly<Record<string, Condition>> = { refurbish: 'refurbish', repair: 'repair' };

/**
 * Returned goods come in as what was sold, a kit as the parts that left, at the location that received them: on the shelf if they may be sold again, set aside
 * to be worked on, or through quarantine out of stock, with what was decided as the reason.
 */
export const takeBackGoods = (
  books: Books,
  { orderId, returnId, locationId, lines }: InspectedReturn,
  cause: LedgerCause,
): LedgerOutcome => {
  if (books.handled.has(cause.id)) return DONE;
  // What leaves at once through quarantine leaves nothing that would have to be known.
  const came = returnedAs(books, orderId, lines);
  if (!came) return { ok: false, rejection: { code: 'not-handed-over', orderId } };
  const kept = came.flatMap((pieces, index) => (isKept(lines[index]!) ? pieces : []));
  const unknown = firstUnknown(books, locationId, kept);
  if (unknown) return { ok: false, rejection: unknown };
  isFirst(books, cause);
  for (const [index, pieces] of came.entries())
    for (const piece of pieces) {
      countReturned(books, piece);
      restock(books, piece, lines[index]!.disposition, { returnId, locationId, cause });
    }
  return DONE;
};

const restock = (
  books: Books,
  { units, parts }: Returned,
  disposition: string,
  {
    returnId,
    locationId,
    cause,
  }: Pick<InspectedReturn, 'returnId' | 'locationId'> & { readonly cause: LedgerCause },
): void => {
  for (const { sku, perKit } of parts) {
    const shelf = { sku, locationId };
    const reason = disposition === 'restock' ? null : disposition;
    const details: Move = { type: 'return', reason, reference: returnId, cause };
    if (disposition === 'restock') {
      move(books, sellable(shelf), units * perKit, details);
      offerToQueue(books, shelf, cause);
      continue;
    }
    const pile = pileOf(shelf, KEPT_IN[disposition] ?? 'quarantine');
    move(books, pile, units * perKit, details);
    if (pile.condition === 'quarantine')
      move(books, pile, -units * perKit, { ...details, type: 'disposition' });
  }
};

const isKept = ({ disposition }: { readonly disposition: string }): boolean =>
  disposition === 'restock' || KEPT_IN[disposition] !== undefined;

const firstUnknown = (
  books: Books,
  locationId: string,
  pieces: readonly { readonly parts: readonly Part[] }[],
): LedgerRejection | null => {
  for (const { sku } of pieces.flatMap(({ parts }) => parts)) {
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
  const { toLocationId } = request;
  const unknown =
    unknownOf(books, request) ??
    (toLocationId === null ? null : unknownOf(books, { ...request, locationId: toLocationId }));
  if (unknown) return { ok: false, rejection: unknown };
  const { pile, quantity, from, to, supply } = directionOf(books, request);
  const { movementId, contentHash, type, reason, reference } = request;
  const plain = { type, reason, reference, cause };
  const details = { ...plain, movementId, contentHash, requestId: cause.id };
  // What comes from another pile was taken from there first.
  if (from) takeAway(books, from.pile, from.quantity, plain);
  const movement =
    quantity < 0 ? takeAway(books, pile, -quantity, details) : move(books, pile, quantity, details);
  if (to) move(books, to, Math.abs(quantity), plain);
  if (supply) books.written.supplies.push(supply);
  const revoked = settleShelves(books, [pile, from?.pile, to], cause);
  const answer = answerOf(books, movementId, pile, revoked);
  movement.answer = answer;
  remember(books, { movementId, requestId: cause.id, contentHash, answer });
  return { ok: true, answer };
};

/** Claims that no longer fit go, and what can be promised is offered, wherever sellable stock changed. */
const settleShelves = (
  books: Books,
  piles: readonly (Pile | undefined)[],
  cause: LedgerCause,
): RevokedLine[] =>
  piles.flatMap((pile) => {
    if (pile?.condition !== 'sellable') return [];
    const { lines, freed } = revokeSurplus(books, pile, cause);
    offerFreed(books, [...freed, pile], cause);
    return lines;
  });

const knownMovement = (
  books: Books,
  { movementId }: MovementRequest,
  { id }: LedgerCause,
): KnownMovement | undefined => books.knownMovements.get(movementId) ?? books.knownRequests.get(id);

const answerOf = (
  books: Books,
  movementId: string,
  pile: Pile,
  revoked: readonly RevokedLine[],
): MovementAnswer => {
  const { condition } = pile;
  const balance = balanceOf(books, pile);
  const isSellable = condition === 'sellable';
  return {
    movementId,
    condition,
    onHand: unitsIn(books, pile),
    reserved: isSellable ? balance.reserved : 0,
    available: isSellable ? availableOf(balance) : 0,
    revoked,
  };
};

/**
 * Says how a shelf is kept: how many units are never promised, and whether anybody counts its goods. What no
 * longer has to be kept is offered to those who wait; what an uncounted shelf promised beyond its stock is
 * revoked when it is counted again.
 */
export const keepShelf = (
  books: Books,
  { safetyStock, uncounted, leadTimeDays, ...shelf }: ShelfSetting,
  cause: LedgerCause,
): LedgerOutcome => {
  const unknown = unknownOf(books, shelf);
  if (unknown) return { ok: false, rejection: unknown };
  const balance = changing(books, shelf);
  if (safetyStock !== undefined && balance.safetyStock !== safetyStock) {
    books.written.safetyStocks.push({ ...shelf, safetyStock, cause });
    balance.safetyStock = safetyStock;
  }
  if (uncounted !== undefined) balance.uncounted = uncounted;
  if (leadTimeDays !== undefined) balance.leadTimeDays = leadTimeDays;
  settleShelves(books, [sellable(shelf)], cause);
  return DONE;
};

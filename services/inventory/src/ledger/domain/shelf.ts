import { balanceOf, changing, setAsideOf, type Books, type MovementEntry } from './books.js';
import type { Condition, LedgerCause, MovementType, Pile, Shelf } from './ledger.js';

export type Move = {
  readonly type: MovementType;
  readonly reason: string | null;
  readonly reference: string | null;
  readonly cause: LedgerCause;
  readonly movementId?: string;
  readonly requestId?: string;
  readonly contentHash?: string;
};

export const sellable = ({ sku, locationId }: Shelf): Pile => ({
  sku,
  locationId,
  condition: 'sellable',
});
export const pileOf = ({ sku, locationId }: Shelf, condition: Condition): Pile => ({
  sku,
  locationId,
  condition,
});

/** How many units the ledger knows of in a pile. */
export const unitsIn = (books: Books, pile: Pile): number =>
  pile.condition === 'sellable' ? balanceOf(books, pile).onHand : setAsideOf(books, pile).quantity;

/** Changes how much there is and writes down why; the only way to change it. */
export const move = (
  books: Books,
  pile: Pile,
  quantity: number,
  { movementId, type, reason, reference, cause, requestId, contentHash }: Move,
): MovementEntry => {
  const before = unitsIn(books, pile);
  const after = before + quantity;
  if (pile.condition === 'sellable') changing(books, pile).onHand = after;
  else setAsideOf(books, pile).quantity = after;
  const movement: MovementEntry = {
    movementId: movementId ?? null,
    requestId: requestId ?? null,
    contentHash: contentHash ?? null,
    answer: null,
    type,
    sku: pile.sku,
    locationId: pile.locationId,
    condition: pile.condition,
    quantity,
    before,
    after,
    reason,
    reference,
    cause: cause.id,
    actor: cause.actor ?? null,
    actorId: cause.actorId ?? null,
  };
  books.written.movements.push(movement);
  return movement;
};

/**
 * Takes goods away that are gone in fact. Where the ledger knew of fewer, the ledger was wrong: a
 * `discrepancy` first brings it up to what must have been there. What nobody counts is `supplied` as it goes.
 */
export const takeAway = (
  books: Books,
  pile: Pile,
  quantity: number,
  details: Move,
): MovementEntry => {
  const missing = quantity - unitsIn(books, pile);
  const isSupplied = pile.condition === 'sellable' && balanceOf(books, pile).uncounted;
  if (missing > 0)
    move(books, pile, missing, {
      type: isSupplied ? 'supplied' : 'discrepancy',
      reason: isSupplied ? null : `There were more than the ledger knew: ${details.type}`,
      reference: details.reference,
      cause: details.cause,
    });
  return move(books, pile, -quantity, details);
};

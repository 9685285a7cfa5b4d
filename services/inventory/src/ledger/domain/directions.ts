import { balanceOf, type Books } from './books.js';
import type { Condition, MovementRequest, Pile } from './ledger.js';
import type { SupplyProgress } from './rows.js';
import { pileOf, unitsIn } from './shelf.js';

/** What a movement does: to which pile how much, from or to which other, and for which supply. */
export type Direction = {
  readonly pile: Pile;
  /** The change of the pile: negative where goods leave it. */
  readonly quantity: number;
  /** Another pile that the goods come from, with how many of them it is known to have. */
  readonly from?: { readonly pile: Pile; readonly quantity: number };
  /** Another pile that goods which leave go to. */
  readonly to?: Pile;
  readonly supply?: SupplyProgress;
};

/** Goods at a marketplace's own warehouse are sold by it alone, unless somebody says otherwise. */
const usualCondition = (books: Books, locationId: string): Condition =>
  books.locations.get(locationId)?.type === 'marketplace' ? 'marketplace-held' : 'sellable';

/** Reads a request as what it does to the piles that it names. */
export const directionOf = (books: Books, request: MovementRequest): Direction => {
  const { type, quantity, locationId } = request;
  const pile = pileOf(request, request.condition ?? usualCondition(books, locationId));
  switch (type) {
    case 'adjustment':
      return { pile, quantity };
    case 'receipt':
      return { pile, quantity, ...received(request) };
    case 'count':
      return { pile, quantity: quantity - unitsIn(books, pile) };
    case 'feed':
      return { pile, quantity: fedUnits(books, request, pile) - unitsIn(books, pile) };
    case 'damage':
      return { pile, quantity: -quantity, to: pileOf(request, 'damaged') };
    case 'transfer-out':
      return { pile, quantity: -quantity, ...sentOff(request) };
    case 'transfer-in':
      return { pile, quantity, ...arrived(books, request) };
    case 'disposition':
      return {
        pile,
        quantity: -quantity,
        ...(request.toCondition && { to: pileOf(request, request.toCondition) }),
      };
  }
};

/** What another system says lies there. A supplier says what it can still sell, beside what it has sold to us. */
const fedUnits = (books: Books, { quantity, locationId }: MovementRequest, pile: Pile): number =>
  pile.condition === 'sellable' && books.locations.get(locationId)?.type === 'supplier'
    ? quantity + balanceOf(books, pile).reserved
    : quantity;

const received = ({ supply, quantity }: MovementRequest): Pick<Direction, 'supply'> =>
  supply === null ? {} : { supply: { ...supply, step: 'received', quantity } };

const sentOff = (request: MovementRequest): Pick<Direction, 'to' | 'supply'> => {
  const { supply, quantity, toLocationId, sku } = request;
  return {
    ...(toLocationId !== null && {
      to: pileOf({ sku, locationId: toLocationId }, 'in-transit'),
    }),
    ...(supply && { supply: { ...supply, step: 'dispatched', quantity } }),
  };
};

/** What arrives was on its way, as far as anybody told that it was sent off. */
const arrived = (books: Books, request: MovementRequest): Pick<Direction, 'from' | 'supply'> => {
  const { quantity } = request;
  const onItsWay = pileOf(request, 'in-transit');
  const known = Math.min(quantity, unitsIn(books, onItsWay));
  return {
    ...(known > 0 && { from: { pile: onItsWay, quantity: known } }),
    ...received(request),
  };
};

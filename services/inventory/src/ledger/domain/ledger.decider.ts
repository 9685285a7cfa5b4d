import { assertNever } from '@throughline/kernel';
import {
  availableOf,
  byLine,
  byShelf,
  entryOf,
  keyOf,
  lineKey,
  shelfKey,
  tell,
  type Books,
  type Message,
  type SafetyStockSetting,
} from './books.js';
import type {
  Attempt,
  Backorder,
  Balance,
  IssuedKit,
  LedgerRows,
  Listing,
  Movement,
  Offer,
  OfferLine,
  Reservation,
  SetAside,
  SupplyProgress,
} from './rows.js';
import { handOverGoods, keepShelf, moveStock, takeBackGoods } from './goods.decider.js';
import { expireHolds, giveBackHold, giveUpHolds, holdStock } from './hold.decider.js';
import { shelvesOfClaim } from './claims.js';
import type { LedgerCause, LedgerOutcome, LedgerRequest, Shelf } from './ledger.js';
import { openBooks } from './open-books.js';
import { proposeSourcing } from './proposal.decider.js';
import { expire, offerFreed, offerToQueue, offerWanted } from './queue.js';
import { releaseSourcing } from './release.decider.js';

export type AvailabilityChange = Shelf & { readonly available: number; readonly version: number };

/** Everything that a batch changes. Rows are written whole; a backorder that waits for nothing any more goes. */
export type LedgerChanges = {
  readonly balances: readonly Balance[];
  readonly attempts: readonly Attempt[];
  readonly reservations: readonly Reservation[];
  readonly backorders: readonly Backorder[];
  readonly offers: readonly Offer[];
  readonly offerLines: readonly (OfferLine & { readonly offerId: string })[];
  readonly issuedKits: readonly IssuedKit[];
  readonly movements: readonly Movement[];
  readonly setAside: readonly SetAside[];
  readonly listings: readonly Listing[];
  readonly supplies: readonly SupplyProgress[];
  readonly handled: readonly string[];
  readonly messages: readonly Message[];
  readonly safetyStocks: readonly SafetyStockSetting[];
  readonly availability: readonly AvailabilityChange[];
  /** Shelves whose free units fell to their safety stock, or rose above it again. */
  readonly crossings: readonly (Balance & { readonly cause: LedgerCause })[];
};

export type LedgerDecision = {
  readonly outcomes: readonly LedgerOutcome[];
  readonly changes: LedgerChanges;
};

/**
 * Decides a batch of commands, one after the other, on the rows that they touch. Times are ISO 8601 in UTC with
 * milliseconds, so that they compare as text. Throws when the rows contradict each other.
 */
export const decideBatch = (
  rows: LedgerRows,
  requests: readonly LedgerRequest[],
  clock: { readonly now: string; readonly offersExpireAt: string },
): LedgerDecision => {
  const books = openBooks(rows, clock);
  const outcomes = requests.map((request) => {
    const outcome = decide(books, request);
    offerWanted(books, request.cause);
    noteCrossings(books, request.cause);
    return outcome;
  });
  tellOffers(books);
  return { outcomes, changes: changesOf(books) };
};

const DONE: LedgerOutcome = { ok: true };

const decide = (books: Books, { command, cause }: LedgerRequest): LedgerOutcome => {
  switch (command.type) {
    case 'ProposeSourcing':
      proposeSourcing(books, command.data, cause);
      return DONE;
    case 'ReleaseSourcing':
      releaseSourcing(books, command.data, cause);
      return DONE;
    case 'HandOverGoods':
      return handOverGoods(books, command.data, cause);
    case 'TakeBackGoods':
      return takeBackGoods(books, command.data, cause);
    case 'MoveStock':
      return moveStock(books, command.data, cause);
    case 'KeepShelf':
      return keepShelf(books, command.data, cause);
    case 'HoldStock':
      return holdStock(books, command.data, cause);
    case 'GiveBackHold':
      return giveBackHold(books, command.data, cause);
    case 'GiveUpHolds':
      giveUpHolds(books, command.data, cause);
      return DONE;
    case 'ExpireHolds':
      expireHolds(books, command.data.reservationIds, cause);
      return DONE;
    case 'ExpireOffers':
      expireOffers(books, command.data.offerIds, cause);
      return DONE;
    case 'OfferWaiting':
      offerFreed(books, command.data.shelves, cause);
      return DONE;
    default:
      return assertNever(command);
  }
};

/** Nobody took them in time: the next in the queue goes first, those who let them pass come last. */
const expireOffers = (
  books: Books,
  offerIds: readonly string[],
  cause: LedgerRequest['cause'],
): void => {
  const freed = new Map<string, { shelf: Shelf; orders: Set<string> }>();
  for (const offerId of offerIds) {
    const offer = books.offers.get(offerId);
    if (offer?.state !== 'open' || offer.expiresAt > books.now) continue;
    for (const line of expire(books, offer))
      for (const shelf of shelvesOfClaim({ ...line, locationId: offer.locationId })) {
        const { orders } = entryOf(freed, shelfKey(shelf), () => ({ shelf, orders: new Set() }));
        orders.add(offer.orderId);
      }
  }
  const inOrder = [...freed.values()].sort((a, b) => byShelf(a.shelf, b.shelf));
  for (const { shelf, orders } of inOrder) offerToQueue(books, shelf, cause, orders);
};

/** An order hears once of all that the batch holds for it at one location. */
const tellOffers = (books: Books): void => {
  for (const { offer, cause } of books.newOffers.values()) {
    const lines = offer.lines
      .filter(({ quantity }) => quantity > 0)
      .map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }))
      .sort(byLine);
    if (offer.state !== 'open' || lines.length === 0) continue;
    const { orderId, offerId, locationId, expiresAt } = offer;
    const data = { orderId, offerId, locationId, expiresAt, lines };
    tell(books, orderId, { type: 'StockOffered', data }, cause);
  }
};

/** Whether so little is free that the shelf promises nothing, though something lies there to be kept. */
export const isBelowBuffer = ({ onHand, reserved, safetyStock, uncounted }: Balance): boolean =>
  !uncounted && safetyStock > 0 && onHand - reserved <= safetyStock;

/** Notes which command took each shelf to the other side of its safety stock, last. */
const noteCrossings = ({ touched }: Books, cause: LedgerCause): void => {
  for (const balance of touched) {
    const isBelow = isBelowBuffer(balance);
    if (isBelow !== balance.belowBuffer) balance.crossedBy = cause;
    balance.belowBuffer = isBelow;
  }
  touched.clear();
};

const isSame = (now: Balance, before: Balance): boolean =>
  now.onHand === before.onHand &&
  now.reserved === before.reserved &&
  now.safetyStock === before.safetyStock &&
  now.uncounted === before.uncounted &&
  now.leadTimeDays === before.leadTimeDays;

const changedShelves = ({
  balances,
}: Books): Pick<LedgerChanges, 'balances' | 'availability' | 'crossings'> => {
  const changed: Balance[] = [];
  const availability: AvailabilityChange[] = [];
  const crossings: LedgerChanges['crossings'][number][] = [];
  for (const ofSku of balances.values())
    for (const { before, crossedBy, ...now } of ofSku.values()) {
      if (isSame(now, before)) continue;
      const row = { ...now, version: before.version + 1 };
      changed.push(row);
      if (crossedBy && row.belowBuffer !== before.belowBuffer)
        crossings.push({ ...row, cause: crossedBy });
      const { sku, locationId, version } = row;
      const available = availableOf(row);
      if (available !== availableOf(before))
        availability.push({ sku, locationId, available, version });
    }
  return { balances: changed, availability, crossings };
};

/** All that the working copy has to write, beside what was read. */
export const changesOf = (books: Books): LedgerChanges => {
  const { setAside, listings, written } = books;
  return {
    ...changedShelves(books),
    setAside: [...setAside.values()].flatMap(({ before, ...now }) =>
      now.quantity === before.quantity ? [] : [{ ...now, version: before.version + 1 }],
    ),
    listings: [...listings.values()].flatMap(({ takenBefore, ...now }) =>
      now.taken === takenBefore ? [] : [now],
    ),
    attempts: [...written.attempts],
    reservations: [...written.reservations],
    // A line that left the queue and came back within the batch stands there twice: the last one counts.
    backorders: [
      ...new Map(
        [...written.backorders].map((row) => [keyOf(row.orderId, lineKey(row)), row]),
      ).values(),
    ],
    offers: [...written.offers],
    offerLines: [...written.offerLines].map(([line, offerId]) => ({ ...line, offerId })),
    issuedKits: [...written.issuedKits],
    movements: written.movements,
    supplies: written.supplies,
    handled: written.handled,
    messages: written.messages,
    safetyStocks: written.safetyStocks,
  };
};

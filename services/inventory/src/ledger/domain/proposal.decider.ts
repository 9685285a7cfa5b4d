import {
  addReservation,
  balanceOf,
  entryOf,
  keyOf,
  lineKey,
  reservationOf,
  tell,
  type Books,
  type OfferEntry,
} from './books.js';
import type { Attempt } from './rows.js';
import type { Allocation, LedgerCause, Line, Proposal, Shelf, Shortage } from './ledger.js';
import {
  backorderOf,
  backordersOf,
  enqueue,
  offerFreed,
  promisableOf,
  takeOffer,
  waitFor,
} from './queue.js';

/**
 * Answers an attempt once: reserves all of it, or refuses. A final attempt reserves what is there and queues
 * the rest. What was answered or closed before has its answer in the log already.
 */
export const proposeSourcing = (books: Books, proposal: Proposal, cause: LedgerCause): void => {
  const { orderId, attempt, final, offerId } = proposal;
  if (books.attempts.has(keyOf(orderId, attempt))) return;
  const shortages = final || offerId !== null ? [] : shortagesOf(books, proposal);
  if (shortages.length === 0) return reserve(books, proposal, cause);
  recordAttempt(books, proposal, 'refused', cause);
  const data = { orderId, attempt, shortages };
  tell(books, orderId, { type: 'StockRefused', data }, cause);
};

const recordAttempt = (
  books: Books,
  { orderId, attempt, priority, acceptedAt }: Proposal,
  outcome: Attempt['outcome'],
  { id, correlationId = id }: LedgerCause,
): void => {
  const row = { orderId, attempt, outcome, priority, acceptedAt, correlationId };
  books.attempts.set(keyOf(orderId, attempt), row);
  books.written.attempts.add(row);
};

/** Every shelf of which the attempt wants more than is there; lines that share a shelf add up. */
const shortagesOf = (books: Books, { orderId, allocations }: Proposal): Shortage[] => {
  const wanted = new Map<string, Shelf & { requested: number }>();
  for (const { locationId, lines } of allocations)
    for (const { sku, quantity } of lines)
      entryOf(wanted, keyOf(sku, locationId), () => ({
        sku,
        locationId,
        requested: 0,
      })).requested += quantity;
  return [...wanted.values()].flatMap((shelf) => {
    const available = promisableOf(books, shelf, orderId);
    return shelf.requested > available ? [{ ...shelf, available }] : [];
  });
};

const reserve = (books: Books, proposal: Proposal, cause: LedgerCause): void => {
  const { orderId, attempt } = proposal;
  recordAttempt(books, proposal, 'reserved', cause);
  const offer = openOfferOf(books, proposal);
  const earmarked = new Map(
    offer ? takeOffer(books, offer).map((line) => [lineKey(line), { ...line }]) : [],
  );
  const allocations = take(books, proposal, offer?.locationId, earmarked, cause);
  const freed = queueTheRest(books, proposal, unitsByLine(allocations), cause);
  if (offer) freed.push(...declineUnused(books, offer, earmarked));
  const backordered = backordersOf(books, orderId).map(({ lineId, sku, quantity, promisedOn }) => ({
    lineId,
    sku,
    quantity,
    promisedOn,
  }));
  const data = { orderId, attempt, allocations, backordered };
  tell(books, orderId, { type: 'StockReserved', data }, cause);
  offerFreed(books, freed, cause);
};

const openOfferOf = (books: Books, { orderId, offerId }: Proposal): OfferEntry | undefined => {
  const offer = offerId === null ? undefined : books.offers.get(offerId);
  return offer?.orderId === orderId && offer.state === 'open' ? offer : undefined;
};

/**
 * Reserves, line by line, what is earmarked for the order, which is reserved already and now taken out of
 * `earmarked`, and what it may take besides.
 */
const take = (
  books: Books,
  proposal: Proposal,
  offeredAt: string | undefined,
  earmarked: ReadonlyMap<string, { quantity: number }>,
  cause: LedgerCause,
): Allocation[] => {
  const taken = new Map<string, Map<string, Line>>();
  for (const { locationId, lines } of proposal.allocations)
    for (const line of lines) {
      const own = locationId === offeredAt ? earmarked.get(lineKey(line)) : undefined;
      const fromOffer = Math.min(own?.quantity ?? 0, line.quantity);
      if (own) own.quantity -= fromOffer;
      const shelf = { sku: line.sku, locationId };
      const free = promisableOf(books, shelf, proposal.orderId);
      const fromShelf = Math.min(free, line.quantity - fromOffer);
      balanceOf(books, shelf).reserved += fromShelf;
      const quantity = fromOffer + fromShelf;
      if (quantity === 0) continue;
      hold(books, proposal, { ...line, quantity }, locationId, cause);
      const ofLocation = entryOf(taken, locationId, () => new Map<string, Line>());
      const before = ofLocation.get(lineKey(line))?.quantity ?? 0;
      const { lineId, sku } = line;
      ofLocation.set(lineKey(line), { lineId, sku, quantity: before + quantity });
    }
  return [...taken].map(([locationId, lines]) => ({ locationId, lines: [...lines.values()] }));
};

const hold = (
  books: Books,
  { orderId, attempt, priority, acceptedAt }: Proposal,
  line: Line,
  locationId: string,
  { id, correlationId = id }: LedgerCause,
): void => {
  const { lineId, sku, quantity } = line;
  const known = reservationOf(books, { orderId, attempt, lineId, sku, locationId, quantity });
  const row = known ?? {
    orderId,
    attempt,
    lineId,
    sku,
    locationId,
    quantity: 0,
    consumed: 0,
    released: 0,
    priority,
    acceptedAt,
    correlationId,
  };
  row.quantity += quantity;
  if (!known) addReservation(books, row);
  books.written.reservations.add(row);
};

const unitsByLine = (allocations: readonly { readonly lines: readonly Line[] }[]) => {
  const units = new Map<string, Line>();
  for (const line of allocations.flatMap(({ lines }) => lines)) {
    const quantity = (units.get(lineKey(line))?.quantity ?? 0) + line.quantity;
    units.set(lineKey(line), { lineId: line.lineId, sku: line.sku, quantity });
  }
  return units;
};

/**
 * What the attempt wanted and did not get waits in the queue. The quantities of an offer stand in the queue
 * already: what was reserved leaves it, the rest keeps its old place and is not queued twice.
 */
const queueTheRest = (
  books: Books,
  { orderId, offerId, priority, acceptedAt, onlyLocationId, ...proposal }: Proposal,
  reserved: ReadonlyMap<string, Line>,
  { id, correlationId = id }: LedgerCause,
): Shelf[] => {
  const wanted = unitsByLine([...proposal.allocations, { lines: proposal.backorders }]);
  return [...wanted].flatMap(([key, { lineId, sku, quantity }]) => {
    const known = backorderOf(books, orderId, { lineId, sku });
    const waiting = known?.quantity ?? 0;
    const claimed = offerId === null ? waiting + quantity : Math.max(waiting, quantity);
    const rest = claimed - (reserved.get(key)?.quantity ?? 0);
    if (known) return rest === waiting ? [] : waitFor(books, known, rest);
    if (rest > 0)
      enqueue(books, {
        orderId,
        lineId,
        sku,
        quantity: rest,
        offered: 0,
        priority,
        since: acceptedAt,
        onlyLocationId,
        declined: [],
        promisedOn: null,
        correlationId,
      });
    return [];
  });
};

/**
 * What the order did not use of its offer goes to the next, and is not offered to it from there again:
 * routing has its reasons, and the stock must not stand idle between the two.
 */
const declineUnused = (
  books: Books,
  { orderId, locationId }: OfferEntry,
  earmarked: ReadonlyMap<string, Line>,
): Shelf[] =>
  [...earmarked.values()].flatMap((line) => {
    if (line.quantity === 0) return [];
    const shelf = { sku: line.sku, locationId };
    balanceOf(books, shelf).reserved -= line.quantity;
    const entry = backorderOf(books, orderId, line);
    if (entry) {
      entry.declined = [...entry.declined, locationId];
      books.written.backorders.add(entry);
    }
    return [shelf];
  });

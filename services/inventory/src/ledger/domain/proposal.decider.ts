import {
  entryOf,
  keyOf,
  lineKey,
  reservationOf,
  tell,
  type Books,
  type OfferEntry,
} from './books.js';
import { claim, countForChannel, shelvesOfClaim } from './claims.js';
import { heldStockOf, openHold, takeoversOf, type Takeover } from './hold.decider.js';
import type { LedgerCause, Line, Proposal, Shelf, ShelfShortage } from './ledger.js';
import type { Attempt, OfferLine } from './rows.js';
import {
  backorderOf,
  backordersOf,
  enqueue,
  offerFreed,
  promisableOf,
  takeOffer,
  waitFor,
} from './queue.js';
import { endAttempt } from './release.decider.js';
import { holdLine, reserveLine, shortagesOf } from './reserving.js';

/**
 * Answers an attempt once: reserves all of it, or refuses. A final attempt reserves what is there and queues
 * the rest; only a hold that has less than was thought, and a SKU that nobody knows, refuse it too. What was
 * answered or closed before has its answer in the log already.
 */
export const proposeSourcing = (books: Books, proposal: Proposal, cause: LedgerCause): void => {
  const { orderId, attempt, final, offerId } = proposal;
  if (books.attempts.has(keyOf(orderId, attempt))) return;
  const unknownSkus = unknownSkusOf(books, proposal);
  const takeovers = takeoversOf(books, proposal);
  const shortages =
    final || offerId !== null ? [] : shortagesBeside(books, proposal, takeovers ?? []);
  if (takeovers && shortages.length === 0 && unknownSkus.length === 0)
    return reserve(books, proposal, takeovers, cause);
  recordAttempt(books, proposal, 'refused', cause);
  const data = {
    orderId,
    attempt,
    shortages,
    ...(!takeovers && { holds: heldStockOf(books, proposal) }),
    ...(unknownSkus.length > 0 && { unknownSkus }),
  };
  tell(books, orderId, { type: 'StockRefused', data }, cause);
};

/** What is short of the allocations when the holds of other channels have come out of the order's share. */
const shortagesBeside = (
  books: Books,
  proposal: Proposal,
  takeovers: readonly Takeover[],
): readonly ShelfShortage[] => {
  const { channel } = proposal;
  const others = takeovers.filter(({ row }) => row.channel !== channel);
  for (const { line, units } of others) countForChannel(books, { channel, sku: line.sku }, units);
  const shortages = shortagesOf(books, proposal.allocations, proposal);
  for (const { line, units } of others) countForChannel(books, { channel, sku: line.sku }, -units);
  return shortages;
};

/** Of what may have to wait: a SKU that no catalogue lists would wait for ever. */
const unknownSkusOf = (
  books: Books,
  { allocations, backorders, final }: Proposal,
): readonly string[] => {
  const lines = final ? [...backorders, ...allocations.flatMap((one) => one.lines)] : backorders;
  const skus = new Set(lines.map(({ sku }) => sku));
  return [...skus].filter((sku) => !books.skus.has(sku)).sort();
};

const recordAttempt = (
  books: Books,
  { orderId, attempt, priority, acceptedAt, channel }: Proposal,
  outcome: Attempt['outcome'],
  { id, correlationId = id }: LedgerCause,
): Attempt => {
  const row: Attempt = {
    orderId,
    attempt,
    outcome,
    priority,
    acceptedAt,
    correlationId,
    channel,
    owner: 'order',
    expiresAt: null,
    requestId: null,
    contentHash: null,
  };
  books.attempts.set(keyOf(orderId, attempt), row);
  books.written.attempts.add(row);
  return row;
};

const reserve = (
  books: Books,
  proposal: Proposal,
  takeovers: readonly Takeover[],
  cause: LedgerCause,
): void => {
  const { orderId, attempt } = proposal;
  const row = recordAttempt(books, proposal, 'reserved', cause);
  const offer = openOfferOf(books, proposal);
  const earmarked = new Map(
    offer ? takeOffer(books, offer).map((line) => [lineKey(line), { ...line }]) : [],
  );
  const taken: Taken = new Map();
  const freed = takeOver(books, proposal, row, takeovers, taken);
  take(books, proposal, row, offer?.locationId, earmarked, taken);
  const allocations = [...taken].map(([locationId, lines]) => ({
    locationId,
    lines: [...lines.values()],
  }));
  freed.push(...queueTheRest(books, proposal, unitsByLine(allocations), cause));
  if (offer) freed.push(...declineUnused(books, offer, earmarked, proposal.channel));
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

/** What the attempt got so far, by location and line. */
type Taken = Map<string, Map<string, Line>>;

const addTo = (taken: Taken, locationId: string, { lineId, sku, quantity }: Line): void => {
  const ofLocation = entryOf(taken, locationId, () => new Map<string, Line>());
  const before = ofLocation.get(lineKey({ lineId, sku }))?.quantity ?? 0;
  ofLocation.set(lineKey({ lineId, sku }), { lineId, sku, quantity: before + quantity });
};

/**
 * The order takes its holds over: what they reserved stays reserved, and is the order's now. What is left of
 * them comes free, since no other order will name them.
 */
const takeOver = (
  books: Books,
  { held, channel }: Proposal,
  attempt: Attempt,
  takeovers: readonly Takeover[],
  taken: Taken,
): Shelf[] => {
  for (const { line, row, units } of takeovers) {
    const { locationId, parts } = row;
    row.released += units;
    books.written.reservations.add(row);
    claim(books, row, -units);
    holdLine(books, attempt, { ...line, quantity: units }, locationId, parts);
    claim(books, { sku: line.sku, locationId, parts, channel }, units);
    addTo(taken, locationId, { ...line, quantity: units });
  }
  const reservationIds = new Set(held.map(({ reservationId }) => reservationId));
  return [...reservationIds].flatMap((reservationId) => {
    const open = openHold(books, reservationId);
    return open ? endAttempt(books, reservationId, open.attempt, 'closed') : [];
  });
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
  attempt: Attempt,
  offeredAt: string | undefined,
  earmarked: ReadonlyMap<string, OfferLine & { quantity: number }>,
  taken: Taken,
): void => {
  const { orderId } = proposal;
  for (const { locationId, lines } of proposal.allocations)
    for (const line of lines) {
      const own = locationId === offeredAt ? earmarked.get(lineKey(line)) : undefined;
      const fromOffer = Math.min(own?.quantity ?? 0, line.quantity);
      if (own && fromOffer > 0) {
        own.quantity -= fromOffer;
        holdLine(books, attempt, { ...line, quantity: fromOffer }, locationId, own.parts);
        addTo(taken, locationId, { ...line, quantity: fromOffer });
      }
      // What the line has there already says what its kits are made of.
      const row = reservationOf(books, { ...line, orderId, attempt: attempt.attempt, locationId });
      const free = promisableOf(books, { sku: line.sku, locationId }, proposal, row?.parts);
      const quantity = Math.min(free, line.quantity - fromOffer);
      if (quantity === 0) continue;
      reserveLine(books, attempt, { ...line, quantity }, locationId);
      addTo(taken, locationId, { ...line, quantity });
    }
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
  { orderId, offerId, priority, acceptedAt, onlyLocationId, channel, ...proposal }: Proposal,
  reserved: ReadonlyMap<string, Line>,
  { id, correlationId = id }: LedgerCause,
): Shelf[] => {
  const { allocations, backorders, held } = proposal;
  const wanted = unitsByLine([...allocations, { lines: backorders }, { lines: held }]);
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
        channel,
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
  earmarked: ReadonlyMap<string, OfferLine>,
  channel: string | null,
): Shelf[] =>
  [...earmarked.values()].flatMap((line) => {
    if (line.quantity === 0) return [];
    claim(books, { ...line, locationId, channel }, -line.quantity);
    const entry = backorderOf(books, orderId, line);
    if (entry) {
      entry.declined = [...entry.declined, locationId];
      books.written.backorders.add(entry);
    }
    return shelvesOfClaim({ ...line, locationId });
  });

import { derivedId } from '@throughline/kernel';
import {
  availableOf,
  balanceOf,
  byLine,
  byShelf,
  byTurn,
  compare,
  entryOf,
  keyOf,
  kitOf,
  lineKey,
  queuesOf,
  shelfKey,
  type BackorderEntry,
  type Books,
  type OfferEntry,
} from './books.js';
import { claim, countForChannel, freeFor, reserveParts, shelvesOfClaim } from './claims.js';
import type { LedgerCause, Line, Part, Shelf } from './ledger.js';
import type { OfferLine } from './rows.js';

const NOBODY: ReadonlySet<string> = new Set();

/** Whether the backorder may be served from this location. */
export const mayUse = ({ onlyLocationId, declined }: BackorderEntry, locationId: string): boolean =>
  (onlyLocationId === null || onlyLocationId === locationId) && !declined.includes(locationId);

/** Whether somebody else waits for the SKU who could have some of this location now. */
const isOwedToOthers = (books: Books, { sku, locationId }: Shelf, orderId: string): boolean =>
  books.longQueues.has(shelfKey({ sku, locationId })) ||
  (books.queues.get(sku) ?? []).some(
    (entry) =>
      entry.offered < entry.quantity &&
      entry.orderId !== orderId &&
      mayUse(entry, locationId) &&
      freeFor(books, { sku: entry.sku, locationId }, entry.channel) > 0,
  );

/**
 * What the order may take of the SKU at the location: nothing while another waits that could use it. Of a kit, as made
 * of these `parts`.
 */
export const promisableOf = (
  books: Books,
  shelf: Shelf,
  { orderId, channel }: { readonly orderId: string; readonly channel: string | null },
  parts: readonly Part[] | null = kitOf(books, shelf.sku),
): number => {
  const free = freeFor(books, shelf, channel, parts);
  const isOwed = (sku: string): boolean => isOwedToOthers(books, { ...shelf, sku }, orderId);
  const queues = parts ? [shelf.sku, ...parts.map(({ sku }) => sku)] : [shelf.sku];
  return free > 0 && queues.some(isOwed) ? 0 : free;
};

/** The order's place in the queue for a line, if it has one. */
export const backorderOf = (
  books: Books,
  orderId: string,
  line: { lineId: string; sku: string },
): BackorderEntry | undefined => books.backorders.get(orderId)?.get(lineKey(line));

/** All lines of the order that wait, in an order that is the same everywhere. */
export const backordersOf = (books: Books, orderId: string): readonly BackorderEntry[] =>
  [...(books.backorders.get(orderId)?.values() ?? [])].sort(byLine);

/** Puts a line of an order into the queue, behind those whose turn is before. */
export const enqueue = (books: Books, entry: BackorderEntry): void => {
  entryOf(books.backorders, entry.orderId, () => new Map()).set(lineKey(entry), entry);
  for (const sku of queuesOf(books, entry))
    insertByTurn(
      entryOf(books.queues, sku, () => []),
      entry,
    );
  books.written.backorders.add(entry);
  books.wanted.add(entry.sku);
};

const insertByTurn = (queue: BackorderEntry[], entry: BackorderEntry): void => {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byTurn(queue[middle]!, entry) < 0) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, entry);
};

/**
 * Sets how much a queued line waits for. What its offers hold beyond that goes back to their shelves, which
 * are returned; nothing waits any more at 0.
 */
export const waitFor = (books: Books, entry: BackorderEntry, quantity: number): Shelf[] => {
  const freed =
    entry.offered > quantity ? withdrawFrom(books, entry, entry.offered - quantity) : [];
  entry.quantity = quantity;
  books.written.backorders.add(entry);
  books.wanted.add(entry.sku);
  if (quantity > 0) return freed;
  books.backorders.get(entry.orderId)?.delete(lineKey(entry));
  for (const sku of queuesOf(books, entry)) {
    const queue = books.queues.get(sku);
    const place = queue?.indexOf(entry) ?? -1;
    if (place >= 0) queue!.splice(place, 1);
  }
  return freed;
};

const withdrawFrom = (books: Books, entry: BackorderEntry, surplus: number): Shelf[] => {
  const freed: Shelf[] = [];
  // By location, so that it does not matter how many offers the same units were told in.
  const offers = [...books.offers.values()]
    .filter(({ state, orderId }) => state === 'open' && orderId === entry.orderId)
    .sort((a, b) => compare(a.locationId, b.locationId));
  let open = surplus;
  for (const offer of offers) {
    if (open === 0) break;
    const line = offer.lines.find((candidate) => lineKey(candidate) === lineKey(entry));
    if (!line) continue;
    open -= withdraw(books, offer, line, open);
    freed.push(...shelvesOfClaim({ ...line, locationId: offer.locationId }));
  }
  return freed;
};

/** Takes up to `wanted` units out of an open offer's line; they are reserved no longer. Answers how many. */
export const withdraw = (
  books: Books,
  offer: OfferEntry,
  line: OfferLine,
  wanted: number,
): number => {
  const held = offer.lines.find((candidate) => lineKey(candidate) === lineKey(line))!;
  const quantity = Math.min(held.quantity, wanted);
  held.quantity -= quantity;
  books.written.offerLines.set(held, offer.offerId);
  if (offer.lines.every((other) => other.quantity === 0)) offer.state = 'withdrawn';
  books.written.offers.add(offer);
  unearmark(books, offer, line, quantity);
  return quantity;
};

const unearmark = (books: Books, offer: OfferEntry, line: OfferLine, quantity: number): void => {
  reserveParts(books, { ...line, locationId: offer.locationId }, -quantity);
  const entry = unoffer(books, offer, line, quantity);
  if (entry) countForChannel(books, entry, -quantity);
};

const unoffer = (
  books: Books,
  offer: OfferEntry,
  line: Line,
  quantity: number,
): BackorderEntry | undefined => {
  const entry = backorderOf(books, offer.orderId, line);
  if (!entry) return undefined;
  entry.offered -= quantity;
  books.written.backorders.add(entry);
  books.wanted.add(entry.sku);
  return entry;
};

/** Ends an open offer that nobody took and frees what it held. Answers the lines concerned. */
export const expire = (books: Books, offer: OfferEntry): readonly OfferLine[] => {
  offer.state = 'expired';
  books.written.offers.add(offer);
  const held = offer.lines.filter(({ quantity }) => quantity > 0);
  for (const line of held) unearmark(books, offer, line, line.quantity);
  return held;
};

/**
 * Ends an open offer that its order takes: what it held stays reserved and counted for its channel, and is the
 * order's to use.
 */
export const takeOffer = (books: Books, offer: OfferEntry): readonly OfferLine[] => {
  offer.state = 'taken';
  books.written.offers.add(offer);
  const held = offer.lines.filter(({ quantity }) => quantity > 0);
  for (const line of held) unoffer(books, offer, line, line.quantity);
  return held;
};

/**
 * Earmarks all that the shelf can promise for those who wait for it, in turn; those in `last` only get what
 * nobody else wants. Who waits for a kit gets whole ones.
 */
export const offerToQueue = (
  books: Books,
  { sku, locationId }: Shelf,
  cause: LedgerCause,
  last: ReadonlySet<string> = NOBODY,
): void => {
  const balance = balanceOf(books, { sku, locationId });
  if (availableOf(balance) === 0 || !books.locations.get(locationId)?.active) return;
  const queue = books.queues.get(sku) ?? [];
  const rounds = last.size === 0 ? [false] : [false, true];
  for (const isLast of rounds)
    for (const entry of queue) {
      if (availableOf(balance) === 0) return;
      const wanted = entry.quantity - entry.offered;
      if (wanted === 0 || last.has(entry.orderId) !== isLast) continue;
      if (!mayUse(entry, locationId)) continue;
      const free = freeFor(books, { sku: entry.sku, locationId }, entry.channel);
      if (free > 0) earmark(books, entry, locationId, Math.min(free, wanted), cause);
    }
};

/** Offers each of these shelves, once. */
export const offerFreed = (books: Books, freed: readonly Shelf[], cause: LedgerCause): void => {
  const shelves = new Map(freed.map((shelf) => [shelfKey(shelf), shelf]));
  for (const shelf of [...shelves.values()].sort(byShelf)) offerToQueue(books, shelf, cause);
};

/**
 * Offers all shelves of what has come to be wanted. Routing's picture lags: what it could not place may lie
 * on a shelf all the same, and who loses an offer of one shelf may be served from another.
 */
export const offerWanted = (books: Books, cause: LedgerCause): void => {
  for (const wanted of books.wanted) {
    // A kit is made where its first part lies, or nowhere.
    const sku = kitOf(books, wanted)?.[0]?.sku ?? wanted;
    for (const locationId of [...(books.balances.get(sku)?.keys() ?? [])].sort())
      offerToQueue(books, { sku, locationId }, cause);
  }
  books.wanted.clear();
};

const earmark = (
  books: Books,
  entry: BackorderEntry,
  locationId: string,
  quantity: number,
  cause: LedgerCause,
): void => {
  const { orderId, correlationId, lineId, sku, channel } = entry;
  const { offer } = entryOf(books.newOffers, keyOf(orderId, locationId), () => {
    const made: OfferEntry = {
      offerId: derivedId('offer', cause.id, orderId, locationId),
      orderId,
      locationId,
      state: 'open',
      expiresAt: books.offersExpireAt,
      lines: [],
    };
    books.offers.set(made.offerId, made);
    // The offer belongs to the story of the order, whatever freed the stock.
    return { offer: made, cause: { id: cause.id, correlationId } };
  });
  books.written.offers.add(offer);
  // What was made and withdrawn within one batch was never told to anybody: it may live again.
  offer.state = 'open';
  const parts = kitOf(books, sku);
  const known = offer.lines.find((line) => lineKey(line) === lineKey(entry));
  if (known) known.quantity += quantity;
  else offer.lines.push({ lineId, sku, quantity, parts });
  books.written.offerLines.set(known ?? offer.lines.at(-1)!, offer.offerId);
  claim(books, { sku, locationId, parts: known ? known.parts : parts, channel }, quantity);
  entry.offered += quantity;
  books.written.backorders.add(entry);
};

import {
  addReservation,
  entryOf,
  keyOf,
  kitOf,
  reservationOf,
  type Books,
  type ReservationEntry,
} from './books.js';
import { claim } from './claims.js';
import type { Allocation, Line, Shelf, ShelfShortage } from './ledger.js';
import type { Attempt } from './rows.js';
import { promisableOf } from './queue.js';

/** Who wants stock: an order, or a checkout under the id of its reservation. */
export type Claimant = { readonly orderId: string; readonly channel: string | null };

type Wanted = Shelf & { requested: number };

/**
 * Every SKU and location of which the allocations want more than is there; lines that share a shelf add up,
 * and kits share the shelves of their parts and their channel's share with everything else that is wanted.
 */
export const shortagesOf = (
  books: Books,
  allocations: readonly Allocation[],
  claimant: Claimant,
): ShelfShortage[] => {
  const wanted = new Map<string, Wanted>();
  for (const { locationId, lines } of allocations)
    for (const { sku, quantity } of lines)
      entryOf(wanted, keyOf(sku, locationId), () => ({
        sku,
        locationId,
        requested: 0,
      })).requested += quantity;
  const all = [...wanted.values()];
  if (!sharesShelves(books, all, claimant))
    return all.flatMap((one) => shortOf(books, one, claimant));
  return oneAfterTheOther(books, all, claimant);
};

const shortOf = (books: Books, wanted: Wanted, claimant: Claimant): ShelfShortage[] => {
  const available = promisableOf(books, wanted, claimant);
  return wanted.requested > available ? [{ ...wanted, available }] : [];
};

const sharesShelves = (books: Books, wanted: readonly Wanted[], { channel }: Claimant): boolean =>
  wanted.length > 1 &&
  wanted.some(
    ({ sku }) => books.kits.has(sku) || (channel && books.listings.has(keyOf(channel, sku))),
  );

/** Reserves for a moment what each gets, so that the next sees what is left, and gives all of it back. */
const oneAfterTheOther = (
  books: Books,
  wanted: readonly Wanted[],
  claimant: Claimant,
): ShelfShortage[] => {
  const shortages: ShelfShortage[] = [];
  const taken: (() => void)[] = [];
  for (const one of wanted) {
    const [short] = shortOf(books, one, claimant);
    if (short) shortages.push(short);
    const units = short?.available ?? one.requested;
    const part = { ...one, parts: kitOf(books, one.sku), channel: claimant.channel };
    claim(books, part, units);
    taken.push(() => claim(books, part, -units));
  }
  for (const undo of taken) undo();
  return shortages;
};

/** Writes units of a line down as reserved by the attempt, and takes them from the shelves. */
export const reserveLine = (books: Books, attempt: Attempt, line: Line, locationId: string): void =>
  claim(books, holdLine(books, attempt, line, locationId), line.quantity);

/** Writes units of a line down as reserved by the attempt; they are taken from the shelves already. */
export const holdLine = (
  books: Books,
  { orderId, attempt, priority, acceptedAt, correlationId, channel, owner }: Attempt,
  { lineId, sku, quantity }: Line,
  locationId: string,
  parts = kitOf(books, sku),
): ReservationEntry => {
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
    parts,
    priority,
    acceptedAt,
    correlationId,
    channel,
    owner,
  };
  row.quantity += quantity;
  if (!known) addReservation(books, row);
  books.written.reservations.add(row);
  return row;
};

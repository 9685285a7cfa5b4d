import {
  balanceOf,
  byTurn,
  compare,
  entryOf,
  keyOf,
  openOf,
  partsOf,
  tell,
  type Books,
  type OfferEntry,
  type ReservationEntry,
} from './books.js';
import { claim, shelvesOfClaim } from './claims.js';
import type { LedgerCause, Line, Part, RevokedLine, Shelf } from './ledger.js';
import { backorderOf, withdraw } from './queue.js';

export type Revocation = {
  readonly lines: readonly RevokedLine[];
  /** Where parts of kits came free beside the shelf. */
  readonly freed: readonly Shelf[];
};
type Revoked = { readonly row: ReservationEntry; readonly quantity: number };

/**
 * Takes back what is reserved beyond what is on hand, lowest priority and youngest first: offers, which
 * nobody counts on yet, then holds of checkouts, then reservations of orders, whose orders are told.
 */
export const revokeSurplus = (books: Books, shelf: Shelf, cause: LedgerCause): Revocation => {
  const balance = balanceOf(books, shelf);
  if (balance.uncounted) return { lines: [], freed: [] };
  const surplus = (): number => balance.reserved - balance.onHand;
  const freed: Shelf[] = [];
  for (const { offer, line } of surplus() > 0 ? offersOn(books, shelf) : []) {
    if (surplus() <= 0) break;
    withdraw(books, offer, line, linesFor(line, shelf, surplus()));
    freed.push(...shelvesOfClaim({ ...line, locationId: offer.locationId }));
  }
  const revoked: Revoked[] = [];
  for (const row of surplus() > 0 ? reservationsOn(books, shelf) : []) {
    const quantity = Math.min(openOf(row), linesFor(row, shelf, surplus()));
    if (quantity <= 0) break;
    row.released += quantity;
    claim(books, row, -quantity);
    books.written.reservations.add(row);
    revoked.push({ row, quantity });
    freed.push(...shelvesOfClaim(row));
  }
  if (surplus() > 0) throw new Error(`Claims on ${shelf.sku} at ${shelf.locationId} are missing`);
  tellRevoked(books, shelf, revoked, cause);
  const lines = revoked.map(({ row: { orderId, lineId }, quantity }) => ({
    orderId,
    lineId,
    quantity,
  }));
  return { lines, freed: freed.filter(({ sku }) => sku !== shelf.sku) };
};

/** How many of a claim's units must go so that so many of the shelf's come free: kits go whole. */
const linesFor = (
  claimed: { readonly sku: string; readonly parts: readonly Part[] | null },
  { sku }: Shelf,
  units: number,
): number => {
  const part = partsOf(claimed).find((candidate) => candidate.sku === sku);
  return part ? Math.ceil(units / part.perKit) : 0;
};

const liesOn = (
  claimed: { readonly sku: string; readonly parts: readonly Part[] | null },
  { sku }: Shelf,
): boolean => partsOf(claimed).some((part) => part.sku === sku);

const offersOn = (books: Books, shelf: Shelf) =>
  [...books.offers.values()]
    .filter((offer) => offer.state === 'open' && offer.locationId === shelf.locationId)
    .flatMap((offer: OfferEntry) =>
      offer.lines
        .filter((line) => line.quantity > 0 && liesOn(line, shelf))
        .map((line) => ({ offer, line, backorder: backorderOf(books, offer.orderId, line)! })),
    )
    .sort((a, b) => byTurn(b.backorder, a.backorder));

const reservationsOn = (books: Books, shelf: Shelf): ReservationEntry[] =>
  [...books.reservations.values()]
    .flatMap((ofAttempt) => [...ofAttempt.values()])
    .filter((row) => row.locationId === shelf.locationId && openOf(row) > 0 && liesOn(row, shelf))
    .sort(
      (a, b) =>
        // `checkout` before `order`.
        compare(a.owner, b.owner) ||
        a.priority - b.priority ||
        compare(b.acceptedAt, a.acceptedAt) ||
        compare(b.orderId, a.orderId) ||
        b.attempt - a.attempt ||
        compare(b.lineId, a.lineId),
    );

/** A checkout learns it when its order takes the hold over: nobody listens for it before. */
const tellRevoked = (
  books: Books,
  { locationId }: Shelf,
  revoked: readonly Revoked[],
  cause: LedgerCause,
): void => {
  const byAttempt = new Map<string, { row: ReservationEntry; lines: Line[] }>();
  for (const { row, quantity } of revoked) {
    if (row.owner === 'checkout') continue;
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

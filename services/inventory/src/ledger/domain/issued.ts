import { derivedId } from '@throughline/kernel';
import {
  kitOf,
  keyOf,
  openOf,
  partsOf,
  reservationOf,
  type Books,
  type IssuedKitEntry,
} from './books.js';
import type { LedgerCause, Line, Part } from './ledger.js';

type OrderLine = { readonly orderId: string; readonly lineId: string; readonly sku: string };
/** Units of a line that came back, with what one of them consists of. */
export type Returned = {
  readonly units: number;
  readonly parts: readonly Part[];
  /** Of which issue they are; none is known of what was no kit, or left before such were kept. */
  readonly issued: IssuedKitEntry | null;
};

export const issuedKey = ({ orderId, lineId, sku }: OrderLine): string =>
  keyOf(orderId, lineId, sku);

/** Notes what kits of a line consisted of as they left. `index`: the line's place in the hand-over. */
export const noteIssued = (
  books: Books,
  line: Line & { readonly orderId: string },
  parts: readonly Part[],
  { id }: LedgerCause,
  index: number,
): void => {
  const { orderId, lineId, sku, quantity } = line;
  const row: IssuedKitEntry = {
    issueId: derivedId('issued kit', id, index),
    orderId,
    lineId,
    sku,
    parts,
    quantity,
    returned: 0,
  };
  books.issuedKits.set(issuedKey(line), [...(books.issuedKits.get(issuedKey(line)) ?? []), row]);
  books.written.issuedKits.add(row);
};

/**
 * What came back of each line, as it was sold: of kits that left at different times those that left first. What is
 * more than left consists of what the catalogue says. Null: goods that the order still holds have not left yet.
 */
export const returnedAs = (
  books: Books,
  orderId: string,
  lines: readonly Line[],
): readonly (readonly Returned[])[] | null => {
  const left = new Map<IssuedKitEntry, number>();
  const pieces = lines.map((line): Returned[] | null => {
    const key = issuedKey({ ...line, orderId });
    const found: Returned[] = [];
    let missing = line.quantity;
    for (const issued of books.issuedKits.get(key) ?? []) {
      const open = left.get(issued) ?? issued.quantity - issued.returned;
      const units = Math.min(missing, open);
      if (units === 0) continue;
      left.set(issued, open - units);
      missing -= units;
      found.push({ units, parts: atoms(books, issued.parts), issued });
    }
    if (missing === 0) return found;
    if (isStillHeld(books, { ...line, orderId })) return null;
    const parts = partsOf({ sku: line.sku, parts: kitOf(books, line.sku) });
    return [...found, { units: missing, parts, issued: null }];
  });
  return pieces.includes(null) ? null : (pieces as Returned[][]);
};

/** Whether the order has kits of the line reserved, which therefore have not left as far as is known. */
const isStillHeld = (books: Books, line: OrderLine): boolean => {
  const key = issuedKey(line);
  const held = books.heldKits.filter((row) => issuedKey(row) === key);
  if (held.length === 0 && !kitOf(books, line.sku)) return false;
  if (held.some((row) => !reservationOf(books, row))) return true;
  return [...books.reservations.values()].some((ofAttempt) =>
    [...ofAttempt.values()].some((row) => row.parts && openOf(row) > 0 && issuedKey(row) === key),
  );
};

/** A part may have become a kit since: nothing lies on a shelf under its SKU any more. */
const atoms = (books: Books, parts: readonly Part[]): readonly Part[] =>
  parts.flatMap(({ sku, perKit }) =>
    partsOf({ sku, parts: kitOf(books, sku) }).map((part) => ({
      sku: part.sku,
      perKit: part.perKit * perKit,
    })),
  );

/** Counts units as returned, so that they come back once. */
export const countReturned = (books: Books, { issued, units }: Returned): void => {
  if (!issued) return;
  issued.returned += units;
  books.written.issuedKits.add(issued);
};

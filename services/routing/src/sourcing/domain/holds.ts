import type { HeldLine, HoldStock, OrderedLine, Sourcing } from './sourcing.js';

const keyOf = (reservationId: string, sku: string): string => `${reservationId}\u001f${sku}`;

/** The holds that lines name, by line. */
export const holdsOf = (lines: readonly OrderedLine[]): Sourcing['holds'] =>
  new Map(
    lines.flatMap(({ lineId, reservationId }): [string, string][] =>
      reservationId === undefined ? [] : [[lineId, reservationId]],
    ),
  );

/** What is known of the holds once inventory has told this of them; one may lie at several locations. */
export const holdStockAfter = (
  known: Sourcing['holdStock'],
  told: readonly HoldStock[],
): Sourcing['holdStock'] => {
  const units = new Map<string, number>();
  for (const { reservationId, sku, quantity } of told) {
    const key = keyOf(reservationId, sku);
    units.set(key, (units.get(key) ?? 0) + quantity);
  }
  return new Map([...known, ...units]);
};

/** What the holds can give of the open lines. Lines of a SKU that name the same hold share what it has. */
export const heldLinesOf = ({
  open,
  holds,
  holdStock,
}: Pick<Sourcing, 'open' | 'holds' | 'holdStock'>): readonly HeldLine[] => {
  if (holds.size === 0) return [];
  const left = new Map(holdStock);
  return open.flatMap(({ lineId, sku, quantity: wanted }) => {
    const reservationId = holds.get(lineId);
    if (reservationId === undefined) return [];
    const key = keyOf(reservationId, sku);
    const has = left.get(key) ?? Infinity;
    const quantity = Math.min(wanted, has);
    left.set(key, has - quantity);
    return quantity > 0 ? [{ lineId, sku, quantity, reservationId }] : [];
  });
};

import type { Allocation, LineQuantity } from '@throughline/contracts';

/** One entry per location, and in it one per line. */
export const allocationsOf = (
  reserved: readonly (LineQuantity & { readonly locationId: string })[],
): Allocation[] =>
  [...Map.groupBy(reserved, ({ locationId }) => locationId)].map(([locationId, rows]) => ({
    locationId,
    lines: [...Map.groupBy(rows, ({ lineId }) => lineId).values()].map((same) => {
      const { lineId, sku } = same[0]!;
      return { lineId, sku, quantity: sumOf(same) };
    }),
  }));

/** All units. */
export const sumOf = (lines: readonly { readonly quantity: number }[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

/** Without so many units of a line, the last entries first. */
export const less = <Entry extends LineQuantity>(
  entries: readonly Entry[],
  lineId: string,
  quantity: number,
): Entry[] => {
  let left = quantity;
  return entries
    .toReversed()
    .flatMap((entry) => {
      if (entry.lineId !== lineId || left <= 0) return [entry];
      const taken = Math.min(left, entry.quantity);
      left -= taken;
      return entry.quantity > taken ? [{ ...entry, quantity: entry.quantity - taken }] : [];
    })
    .reverse();
};

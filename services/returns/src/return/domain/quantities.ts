import type { Excess, Units } from './return.js';

/** Units per line; a line that is named twice counts once, with the sum. */
export const summed = (lines: readonly Units[]): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { lineId, quantity } of lines) sums.set(lineId, (sums.get(lineId) ?? 0) + quantity);
  return sums;
};

/** The lines of which more is requested than is open. */
export const excessOf = (
  requested: ReadonlyMap<string, number>,
  openOf: (lineId: string) => number,
): readonly Excess[] =>
  [...requested]
    .map(([lineId, quantity]) => ({ lineId, requested: quantity, open: openOf(lineId) }))
    .filter((line) => line.requested > line.open);

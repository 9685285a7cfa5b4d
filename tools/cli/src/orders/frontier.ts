import type { Group } from './order.js';

/**
 * How far a file is settled: every row before `row` is, and so are the rows up to the named one of each
 * key in `beyond`. Reading on from here, with those rows left out, meets each order whole and once.
 */
export type Position = {
  readonly row: number;
  readonly beyond: Readonly<Record<string, number>>;
};

export const START: Position = { row: 1, beyond: {} };

/** Keeps the position while groups are opened in file order and settled in any order. */
export const frontier = (start: Position = START) => {
  // In the order of their first rows, so the first one bounds what is settled.
  const unsettled = new Map<Group, number>();
  const beyond = new Map<string, number>(Object.entries(start.beyond));
  let lastSettledRow = start.row - 1;

  const settledUpTo = (): number => {
    const first = unsettled.values().next();
    return first.done === true ? Number.POSITIVE_INFINITY : first.value;
  };

  return {
    opened: (group: Group, firstRow: number): void => void unsettled.set(group, firstRow),

    settled: (group: Group): void => {
      unsettled.delete(group);
      const lastRow = group.rows.at(-1)!.number;
      lastSettledRow = Math.max(lastSettledRow, lastRow);
      beyond.set(group.key, lastRow);
    },

    position: (): Position => {
      const row = Math.min(settledUpTo(), lastSettledRow + 1);
      for (const [key, lastRow] of beyond) if (lastRow < row) beyond.delete(key);
      return { row, beyond: Object.fromEntries(beyond) };
    },
  };
};

/** True for rows that an earlier run has settled. */
export const isSettled =
  ({ row, beyond }: Position) =>
  (number: number, key: string): boolean =>
    number < row || number <= (beyond[key] ?? 0);

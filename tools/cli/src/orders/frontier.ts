import type { Group } from './order.js';

type Settled = { readonly key: string; readonly from: number; readonly to: number };

/**
 * How far a file is settled: every row before `row` is, and so are the rows of the groups in `beyond`, which
 * reach over it. Reading on from here, with those rows left out, meets each order whole and once.
 */
export type Position = { readonly row: number; readonly beyond: readonly Settled[] };

export const START: Position = { row: 1, beyond: [] };

/** Keeps the position while groups are opened in file order and settled in any order. */
export const frontier = (start: Position = START) => {
  // In the order of their first rows, so the first one bounds what is settled.
  const unsettled = new Map<Group, number>();
  let beyond: Settled[] = [...start.beyond];
  let lastSettledRow = Math.max(start.row - 1, ...beyond.map(({ to }) => to));

  const firstUnsettled = (): number => {
    const first = unsettled.values().next();
    return first.done === true ? Number.POSITIVE_INFINITY : first.value;
  };

  return {
    opened: (group: Group, firstRow: number): void => void unsettled.set(group, firstRow),

    settled: (group: Group): void => {
      unsettled.delete(group);
      const [from, to] = [group.rows[0]!.number, group.rows.at(-1)!.number];
      lastSettledRow = Math.max(lastSettledRow, to);
      beyond.push({ key: group.key, from, to });
    },

    position: (): Position => {
      const row = Math.min(firstUnsettled(), lastSettledRow + 1);
      beyond = beyond.filter(({ to }) => to >= row);
      return { row, beyond };
    },
  };
};

/** True for rows that an earlier run has settled. */
export const isSettled = ({
  row,
  beyond,
}: Position): ((number: number, key: string) => boolean) => {
  const byKey = Map.groupBy(beyond, ({ key }) => key);
  return (number, key) =>
    number < row ||
    (byKey.get(key)?.some(({ from, to }) => from <= number && number <= to) ?? false);
};

import type { Group, Row } from './order.js';

export const WINDOW_DEFAULT = 1_000;

type OpenGroup = { readonly key: string; readonly rows: Row[] };

export type GroupingOptions = {
  readonly window?: number;
  readonly onOpen?: (group: Group, firstRow: number) => void;
};

/**
 * Gathers rows of one key to one group. A group is complete when more than `window` lines have passed since its
 * last row, so rows of one order may be interrupted by others without growing the memory with the file.
 * `onOpen` hears of each group when its first row was read.
 */
export async function* groupsOf(
  rows: AsyncIterable<Row>,
  keyOf: (row: Row) => string,
  { window = WINDOW_DEFAULT, onOpen }: GroupingOptions = {},
): AsyncGenerator<Group> {
  // Touching a group moves it to the end, so the first one is always the one that rested longest.
  const open = new Map<string, OpenGroup>();
  for await (const row of rows) {
    // Before the row is added: whether it still belongs depends on its distance alone, also where rows
    // between were left out.
    for (const [oldestKey, oldest] of open) {
      if (row.number - oldest.rows.at(-1)!.number <= window) break;
      open.delete(oldestKey);
      yield oldest;
    }
    const key = keyOf(row);
    let group = open.get(key);
    if (group) open.delete(key);
    else {
      group = { key, rows: [] };
      onOpen?.(group, row.number);
    }
    group.rows.push(row);
    open.set(key, group);
  }
  yield* open.values();
}

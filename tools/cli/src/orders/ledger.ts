import type { Outcome } from './order-posting.js';
import type { BuiltOrder, Rejection } from './order.js';

/** What an import has settled so far; plain JSON, kept in the checkpoint. */
export type Tally = {
  readonly rowsInOrders: number;
  readonly rowsRejected: Readonly<Record<string, number>>;
  readonly placed: number;
  readonly repeated: number;
  readonly refused: number;
  /** Orders of which no row was left to post, by the reason of the last one. */
  readonly withoutLines: Readonly<Record<string, number>>;
  readonly unitsInOrders: number;
};

export const NOTHING: Tally = {
  rowsInOrders: 0,
  rowsRejected: {},
  placed: 0,
  repeated: 0,
  refused: 0,
  withoutLines: {},
  unitsInOrders: 0,
};

const plus = (
  counts: Readonly<Record<string, number>>,
  reason: string,
  count: number,
): Readonly<Record<string, number>> =>
  count === 0 ? counts : { ...counts, [reason]: (counts[reason] ?? 0) + count };

const rejectedRows = (rejections: readonly Rejection[]): number =>
  rejections.reduce((sum, { rows }) => sum + rows, 0);

/** The rejections of a settled group: those made while it was built, and what the server refused. */
export const rejectionsOf = (
  { group, rejections }: BuiltOrder,
  outcome: Outcome | undefined,
): readonly Rejection[] => {
  if (outcome?.outcome !== 'rejected') return rejections;
  const row = group.rows[0]!.number;
  const rows = group.rows.length - rejectedRows(rejections);
  // One refusal may have several reasons; its rows count for the first.
  const refused = outcome.faults.map((fault, index) => ({
    ...fault,
    row,
    rows: index === 0 ? rows : 0,
  }));
  return [...rejections, ...refused];
};

/** Adds one settled group to the tally. Every row of the group is counted exactly once. */
export const settle = (tally: Tally, built: BuiltOrder, outcome: Outcome | undefined): Tally => {
  const rejections = rejectionsOf(built, outcome);
  const rowsInOrders = built.group.rows.length - rejectedRows(rejections);
  let { rowsRejected, withoutLines } = tally;
  for (const { code, rows } of rejections) rowsRejected = plus(rowsRejected, code, rows);
  if (!built.order) withoutLines = plus(withoutLines, rejections.at(-1)?.code ?? '', 1);
  const isIn = outcome?.outcome === 'placed' || outcome?.outcome === 'repeated';
  const units = isIn ? built.order!.lines.reduce((sum, { quantity }) => sum + quantity, 0) : 0;
  return {
    rowsInOrders: tally.rowsInOrders + rowsInOrders,
    rowsRejected,
    placed: tally.placed + Number(outcome?.outcome === 'placed'),
    repeated: tally.repeated + Number(outcome?.outcome === 'repeated'),
    refused: tally.refused + Number(outcome?.outcome === 'rejected'),
    withoutLines,
    unitsInOrders: tally.unitsInOrders + units,
  };
};

/** Rows that the tally accounts for. */
export const rowsOfTally = ({ rowsInOrders, rowsRejected }: Tally): number =>
  Object.values(rowsRejected).reduce((sum, count) => sum + count, rowsInOrders);

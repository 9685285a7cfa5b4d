import { table } from '../terminal/table.js';
import { rowsOfTally, type Tally } from './ledger.js';

export type ImportReport = {
  readonly tally: Tally;
  readonly rowsRead: number;
  readonly rejectsPath: string;
  readonly isDryRun: boolean;
  /** Every row read is in an order or in a rejection (not known when the import was limited). */
  readonly isAccounted: boolean;
};

const UNREADABLE = 'malformed-row';

/** Whether all of it arrived: no order was refused, and no row could not be read. What a rule leaves out is meant to be. */
export const isFine = ({ isAccounted, tally: { refused, rowsRejected } }: ImportReport): boolean =>
  isAccounted && refused === 0 && (rowsRejected[UNREADABLE] ?? 0) === 0;

const byCount = (counts: Readonly<Record<string, number>>): (readonly [string, number])[] =>
  Object.entries(counts).sort(([, a], [, b]) => b - a);

/** The end of an import as a table: where every row went, and what became of the orders. */
export const summaryOf = (report: ImportReport): string => {
  const { tally, rowsRead, rejectsPath, isDryRun, isAccounted } = report;
  const { rowsInOrders, rowsRejected, placed, repeated, refused, withoutLines } = tally;
  const rejected = rowsOfTally(tally) - rowsInOrders;
  const emptied = Object.values(withoutLines).reduce((sum, count) => sum + count, 0);
  const rows = table([
    ['', ''],
    ['Rows read', rowsRead],
    [isDryRun ? '  in orders that would be placed' : '  in orders', rowsInOrders],
    ['  rejected', rejected],
    ...byCount(rowsRejected).map(([code, rows]) => [`    ${code}`, rows]),
    ['Orders', placed + repeated + refused],
    ...(isDryRun ? [['  that would be placed', placed]] : [['  placed now', placed]]),
    ...(isDryRun ? [] : [['  repeated (placed before)', repeated]]),
    ['  refused', refused],
    ['  units in them', tally.unitsInOrders],
    ['No order: nothing of it was left', emptied],
    ...byCount(withoutLines).map(([code, orders]) => [`    ${code}`, orders]),
  ]);
  const fault = isAccounted
    ? ''
    : '\nThe rows do not add up: this is a fault of the import, please report it.';
  return `${rows}\nRejects: ${rejectsPath}${fault}`;
};

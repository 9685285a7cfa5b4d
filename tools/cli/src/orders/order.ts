import type { CanonicalOrder } from '@throughline/contracts';
import type { Cells, Fault } from '../mapping/mapping.js';

/** One row as read: CSV cells, or the whole order where the file holds canonical orders. */
export type Row = {
  /** The line of the file that the row ends on; the first line is 1. */
  readonly number: number;
  readonly cells: Cells;
  readonly order?: CanonicalOrder;
  /** Why the row could not be read; `raw` is its text. */
  readonly fault?: { readonly code: string; readonly message: string; readonly raw: string };
};

/** All rows of one order, in the order of the file. */
export type Group = { readonly key: string; readonly rows: readonly Row[] };

/** Something that was not accepted: `rows` of the file went no further because of it. */
export type Rejection = Fault & {
  readonly row: number;
  readonly rows: number;
  readonly raw?: string;
};

/** What became of a group: an order to post, unless nothing of it is left, and what was refused. */
export type BuiltOrder = {
  readonly group: Group;
  readonly order: CanonicalOrder | undefined;
  readonly rejections: readonly Rejection[];
};

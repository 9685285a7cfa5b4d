import type { FieldError } from '@throughline/contracts';
import type { Item } from '../catalog/catalog.codec.js';
import type { Condition } from '../ledger/domain/ledger.js';

export const IMPORT_KINDS = ['stock', 'items'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];
/** What a row's quantity is: what lies there (`set`), or what comes to it (`add`). */
export const IMPORT_MODES = ['set', 'add'] as const;
export type ImportMode = (typeof IMPORT_MODES)[number];
export type ImportState = 'reading' | 'running' | 'done' | 'failed';

/** A file and how far it has been carried out. In the end, rows = applied + unchanged + rejected. */
export type Import = {
  readonly importId: string;
  readonly kind: ImportKind;
  readonly mode: ImportMode;
  /** Checks the rows and changes nothing; `applied` then counts what would be applied. */
  readonly dryRun: boolean;
  /** SHA-256 of the file's bytes, in hex; null until all of them are there. */
  readonly fileHash: string | null;
  readonly state: ImportState;
  readonly rows: number;
  readonly applied: number;
  readonly unchanged: number;
  readonly rejected: number;
  /** Why it failed. */
  readonly failure: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
};

/** What is wrong with a row; `field` is a column, or `row`. */
export type RowError = FieldError & {
  readonly row: number;
  readonly sku: string | null;
  readonly locationId: string | null;
};

/** `row` is the row of the file, as a spreadsheet counts it. */
export type StockRow = {
  readonly row: number;
  readonly sku: string;
  readonly locationId: string;
  readonly quantity: number;
  /** Null: as is usual at the location. */
  readonly condition: Condition | null;
  readonly reason: string | null;
  readonly reference: string | null;
};

/** What the file says of an item; what it has no column for stays as it is. */
export type ItemRow = {
  readonly row: number;
  readonly sku: string;
  readonly changes: Partial<Item>;
};

import type { Import, ItemRow, RowError, StockRow } from './import.js';

/** A row of the table `imports`, as JSON knows it. */
export type ImportRecord = {
  import_id: string;
  sequence: number;
  kind: Import['kind'];
  mode: Import['mode'];
  dry_run: boolean;
  file_hash: string | null;
  state: Import['state'];
  rows: number;
  applied: number;
  unchanged: number;
  rejected: number;
  failure: string | null;
  actor: string;
  actor_id: string | null;
  created_at: Date;
  finished_at: Date | null;
};

export const importOf = (record: ImportRecord): Import => ({
  importId: record.import_id,
  kind: record.kind,
  mode: record.mode,
  dryRun: record.dry_run,
  fileHash: record.file_hash,
  state: record.state,
  rows: record.rows,
  applied: record.applied,
  unchanged: record.unchanged,
  rejected: record.rejected,
  failure: record.failure,
  createdAt: record.created_at.toISOString(),
  finishedAt: record.finished_at?.toISOString() ?? null,
});

/** What was found out about a chunk's rows before any of them is carried out. */
export type Plan = {
  /** Rows that say what stands there already. */
  readonly unchanged: readonly number[];
  readonly refused: readonly RowError[];
};

/** Rows that are carried out together. */
export type Chunk = {
  readonly chunk: number;
  readonly rows: readonly (StockRow | ItemRow)[];
  readonly plan: Plan | null;
};

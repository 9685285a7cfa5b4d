import type { Asker } from '@throughline/event-store';
import type { Import, ItemRow, RowError, StockRow } from './import.js';
import type { Plan } from './import-rows.js';

/** A job as those who carry it out know it. */
export type Job = Pick<Import, 'importId' | 'kind' | 'mode' | 'dryRun'> &
  Asker & {
    readonly fileHash: string;
  };

/** How rows of one kind are carried out. */
export type Carrier<Row extends StockRow | ItemRow> = {
  /** Looks which rows are to be refused, and which say what stands there already. Changes nothing. */
  plan(job: Job, rows: readonly Row[]): Promise<Plan>;
  /** Carries rows out, and answers what was refused after all. Doing it again changes nothing more. */
  carryOut(job: Job, rows: readonly Row[]): Promise<readonly RowError[]>;
};

import type { Cause } from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import type { Runtime } from '@throughline/service-kit';
import type { Import, ImportKind, ImportMode, ItemRow, RowError, StockRow } from './import.js';
import { rowsIn, writeErrors } from './import-errors.js';
import { importOf, type ImportRecord } from './import-rows.js';

const UNIQUE_VIOLATION = '23505';

export type Upload = {
  readonly kind: ImportKind;
  readonly mode: ImportMode;
  readonly dryRun: boolean;
  /** The name, and the id. */
  readonly actor: string;
  readonly actorId: string;
  /** Of a request with an `Idempotency-Key`. */
  readonly keyed?: Cause | undefined;
};

const BEGIN = `
  insert into imports (import_id, kind, mode, dry_run, state, actor, actor_id, created_at, touched_at)
  values ($1, $2, $3, $4, 'reading', $5, $6, $7, $7)`;
const COUNT = `
  update imports set rows = rows + $2, rejected = rejected + $3, touched_at = $4
  where import_id = $1 and state = 'reading'`;
const CHUNK = `insert into import_chunks (import_id, chunk, rows) values ($1, $2, $3)`;
const READ = `
  update imports set state = 'running', file_hash = $2, touched_at = $3
  where import_id = $1 and state = 'reading' returning *`;
/** A file that failed is taken up again where it stopped. */
const AGAIN = `
  update imports set state = 'running', faults = 0, failure = null, finished_at = null
  where file_hash = $1 and kind = $2 and mode = $3 and not dry_run and state = 'failed'`;
const SAME = `
  select * from imports where file_hash = $1 and kind = $2 and mode = $3 and not dry_run`;
const NAMED = 'select * from imports where import_id = $1';
const FORGET = `delete from imports where import_id = $1 and state = 'reading'`;

/** Whoever clears up has taken the file for abandoned. */
const tooSlow = (): TransientError => new TransientError('The file came too slowly');

/** Where a file's rows are put while it is read. */
export const intakeStore = ({ database, now }: Pick<Runtime, 'database' | 'now'>) => {
  const forget = async (importId: string): Promise<void> =>
    void (await database.query(FORGET, [importId]));

  const sameAs = async ({ kind, mode }: Upload, fileHash: string): Promise<Import> => {
    await database.query(AGAIN, [fileHash, kind, mode]);
    const [record] = await database.query<ImportRecord>(SAME, [fileHash, kind, mode]);
    return importOf(record!);
  };

  return {
    begin: async (importId: string, upload: Upload): Promise<void> => {
      const { kind, mode, dryRun, actor, actorId } = upload;
      const values = [importId, kind, mode, dryRun, actor, actorId, now()];
      await database.query(BEGIN, values);
    },

    chunk: (
      importId: string,
      chunk: number,
      rows: readonly (StockRow | ItemRow)[],
      errors: readonly RowError[],
    ): Promise<void> =>
      database.transaction(async (tx) => {
        const refused = rowsIn(errors);
        const values = [importId, rows.length + refused, refused, now()];
        const { rowCount } = await tx.query(COUNT, values);
        if (rowCount === 0) throw tooSlow();
        await writeErrors(tx, importId, errors);
        if (rows.length > 0) await tx.query(CHUNK, [importId, chunk, JSON.stringify(rows)]);
      }),

    /** The file is there, and will be carried out; unless the same came before. */
    end: async (
      importId: string,
      upload: Upload,
      fileHash: string,
    ): Promise<{ readonly job: Import; readonly isNew: boolean }> => {
      try {
        const [record] = await database.query<ImportRecord>(READ, [importId, fileHash, now()]);
        if (!record) throw tooSlow();
        return { job: importOf(record), isNew: true };
      } catch (error) {
        if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
        await forget(importId);
        return { job: await sameAs(upload, fileHash), isNew: false };
      }
    },

    named: async (importId: string): Promise<Import> => {
      const [record] = await database.query<ImportRecord>(NAMED, [importId]);
      return importOf(record!);
    },

    forget,
  };
};

import { TransientError } from '@throughline/kernel';
import type { Runtime, Task } from '@throughline/service-kit';
import type { Carrier, Job } from './carrying.js';
import type { ItemRow, StockRow } from './import.js';
import { rowsIn, writeErrors } from './import-errors.js';
import type { Chunk, ImportRecord, Plan } from './import-rows.js';

export const IMPORTS_EVERY_MS = 500;
/** Chunks of one run; what is left comes with the next, so that the process can be stopped in between. */
const CHUNKS_PER_RUN_MAX = 30;
/** While the ledger writes one, the next is looked at. */
const CHUNKS_AT_ONCE = 2;
/** After so many faults of ours a file is given up; uploading it again goes on with it. */
export const FAULTS_MAX = 5;
/** A file of which nothing came for so long is not coming any more. */
export const ABANDONED_AFTER_MS = 10 * 60_000;

const ABANDONED = `delete from imports where state = 'reading' and touched_at < $1`;
const NEXT = `select * from imports where state = 'running' order by sequence limit 1`;
const CHUNKS = `
  select chunk, rows, plan from import_chunks where import_id = $1 order by chunk limit $2`;
// Whoever came first has decided, should two processes be at it.
const PLAN = `
  update import_chunks set plan = coalesce(plan, $3) where import_id = $1 and chunk = $2
  returning plan`;
const FINISH_CHUNK = `delete from import_chunks where import_id = $1 and chunk = $2`;
const COUNT = `
  update imports set applied = applied + $2, unchanged = unchanged + $3, rejected = rejected + $4,
    touched_at = $5
  where import_id = $1`;
const FINISH = `
  update imports set state = 'done', finished_at = $2
  where import_id = $1 and state = 'running'
    and not exists (select from import_chunks c where c.import_id = imports.import_id)`;
const FAULT = `
  update imports set faults = faults + 1,
    state = case when faults + 1 >= $2 then 'failed' else state end,
    finished_at = case when faults + 1 >= $2 then $3::timestamptz end,
    failure = case when faults + 1 >= $2 then $4 end
  where import_id = $1 and state = 'running' returning *`;

export type Carriers = { readonly stock: Carrier<StockRow>; readonly items: Carrier<ItemRow> };

/**
 * Carries files out, the oldest first. A chunk is done in steps that may each be the last before a crash: what
 * is found unchanged is written down, then rows are carried out under ids of their own, then all is counted and
 * the rows go.
 */
export const importRuns = (
  { database, now, logger }: Pick<Runtime, 'database' | 'now' | 'logger'>,
  carriers: Carriers,
  chunksMax = CHUNKS_PER_RUN_MAX,
): Task => {
  const planOf = async (job: Job, chunk: Chunk): Promise<Plan | undefined> => {
    const plan = await carrierOf(carriers, job).plan(job, chunk.rows);
    const values = [job.importId, chunk.chunk, JSON.stringify(plan)];
    const [kept] = await database.query<{ plan: Plan }>(PLAN, values, 'import-plan');
    return kept?.plan;
  };

  const count = (job: Job, chunk: Chunk, plan: Plan, refused: Plan['refused']): Promise<void> =>
    database.transaction(async (tx) => {
      const { rowCount } = await tx.query(FINISH_CHUNK, [job.importId, chunk.chunk]);
      if (rowCount === 0) return;
      await writeErrors(tx, job.importId, refused);
      const [unchanged, rejected] = [plan.unchanged.length, rowsIn(refused)];
      const applied = chunk.rows.length - unchanged - rejected;
      await tx.query(COUNT, [job.importId, applied, unchanged, rejected, now()]);
    });

  const carryOut = async (job: Job, chunk: Chunk): Promise<void> => {
    const plan = chunk.plan ?? (await planOf(job, chunk));
    // Another process has done it meanwhile.
    if (!plan) return;
    const settled = new Set([...plan.unchanged, ...plan.refused.map(({ row }) => row)]);
    const rows = chunk.rows.filter(({ row }) => !settled.has(row));
    const isDue = rows.length > 0 && !job.dryRun;
    const refused = isDue ? await carrierOf(carriers, job).carryOut(job, rows) : [];
    await count(job, chunk, plan, [...plan.refused, ...refused]);
  };

  const noteFault = async (job: Job, error: unknown): Promise<void> => {
    const values = [job.importId, FAULTS_MAX, now(), String(error).slice(0, 500)];
    const [after] = await database.query<ImportRecord>(FAULT, values);
    const { importId } = job;
    if (after?.state === 'failed') logger.error({ err: error, importId }, 'import given up');
  };

  const step = async (job: Job): Promise<number> => {
    const values = [job.importId, CHUNKS_AT_ONCE];
    const chunks = await database.query<Chunk>(CHUNKS, values, 'import-chunks');
    if (chunks.length === 0) await database.query(FINISH, [job.importId, now()]);
    const settled = await Promise.allSettled(chunks.map((chunk) => carryOut(job, chunk)));
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed === undefined) return Math.max(1, chunks.length);
    if (!(failed.reason instanceof TransientError)) await noteFault(job, failed.reason);
    throw failed.reason;
  };

  return {
    name: 'carry-out-imports',
    everyMs: IMPORTS_EVERY_MS,
    run: async () => {
      const abandoned = new Date(Date.parse(now()) - ABANDONED_AFTER_MS).toISOString();
      await database.query(ABANDONED, [abandoned], 'imports-abandoned');
      for (let done = 0; done < chunksMax;) {
        const [record] = await database.query<ImportRecord>(NEXT, [], 'imports-next');
        if (!record) return;
        done += await step(jobOf(record));
      }
    },
  };
};

const carrierOf = (carriers: Carriers, { kind }: Job): Carrier<StockRow | ItemRow> =>
  carriers[kind] as Carrier<StockRow | ItemRow>;

const jobOf = (record: ImportRecord): Job => ({
  importId: record.import_id,
  kind: record.kind,
  mode: record.mode,
  dryRun: record.dry_run,
  fileHash: record.file_hash!,
  actor: record.actor,
});

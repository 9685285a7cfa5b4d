import type { Runtime } from '@throughline/service-kit';
import type { Carrier, Job } from './carrying.js';
import type { ItemRow, StockRow } from './import.js';
import { rowsIn, writeErrors } from './import-errors.js';
import type { Chunk, Plan } from './import-rows.js';

const CHUNK = `select chunk, rows, plan from import_chunks where import_id = $1 and chunk = $2`;
// Whoever came first has decided, should two processes be at it.
const PLAN = `
  update import_chunks set plan = coalesce(plan, $3) where import_id = $1 and chunk = $2
  returning plan`;
const FINISH_CHUNK = `delete from import_chunks where import_id = $1 and chunk = $2`;
const COUNT = `
  update imports set applied = applied + $2, unchanged = unchanged + $3, rejected = rejected + $4,
    touched_at = $5
  where import_id = $1`;

export type Carriers = { readonly stock: Carrier<StockRow>; readonly items: Carrier<ItemRow> };

/**
 * Carries out one chunk of a file, in steps that may each be the last before a crash: what is found unchanged is
 * written down, then rows are carried out under ids of their own, then all is counted and the rows go.
 */
export const chunkRun = (
  { database, now }: Pick<Runtime, 'database' | 'now'>,
  carriers: Carriers,
): ((job: Job, number: number) => Promise<void>) => {
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

  return async (job, number) => {
    const [chunk] = await database.query<Chunk>(CHUNK, [job.importId, number], 'import-chunk');
    const plan = chunk && (chunk.plan ?? (await planOf(job, chunk)));
    // Another process has done it meanwhile.
    if (!plan) return;
    const settled = new Set([...plan.unchanged, ...plan.refused.map(({ row }) => row)]);
    const rows = chunk.rows.filter(({ row }) => !settled.has(row));
    const isDue = rows.length > 0 && !job.dryRun;
    const refused = isDue ? await carrierOf(carriers, job).carryOut(job, rows) : [];
    await count(job, chunk, plan, [...plan.refused, ...refused]);
  };
};

const carrierOf = (carriers: Carriers, { kind }: Job): Carrier<StockRow | ItemRow> =>
  carriers[kind] as Carrier<StockRow | ItemRow>;

import { TransientError } from '@throughline/kernel';
import type { Runtime, Task } from '@throughline/service-kit';
import type { Job } from './carrying.js';
import { chunkRun, type Carriers } from './chunk-run.js';
import type { ImportRecord } from './import-rows.js';

export const IMPORTS_EVERY_MS = 250;
/** Chunks of one run; what is left comes with the next, so that the process can be stopped in between. */
const CHUNKS_PER_RUN_MAX = 50;
/** While the ledger writes one, the next is made ready. */
const CHUNKS_AT_ONCE = 2;
/** After so many faults of ours a file is given up; uploading it again goes on with it. */
export const FAULTS_MAX = 5;
/** A file of which nothing came for so long is not coming any more. */
export const ABANDONED_AFTER_MS = 10 * 60_000;

const NEXT = `
  select * from imports where state = 'running' or (state = 'reading' and touched_at < $1)
  order by sequence limit 1`;
const FORGET = `delete from imports where import_id = $1 and state = 'reading' and touched_at < $2`;
const NUMBERS = `
  select chunk from import_chunks where import_id = $1 order by chunk limit $2`;
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

/** Carries files out, the oldest first. */
export const importRuns = (
  { database, now, logger }: Pick<Runtime, 'database' | 'now' | 'logger'>,
  carriers: Carriers,
  chunksMax = CHUNKS_PER_RUN_MAX,
): Task => {
  const carryOut = chunkRun({ database, now }, carriers);

  const noteFault = async (job: Job, error: unknown): Promise<void> => {
    const values = [job.importId, FAULTS_MAX, now(), String(error).slice(0, 500)];
    const [after] = await database.query<ImportRecord>(FAULT, values);
    const { importId } = job;
    if (after?.state === 'failed') logger.error({ err: error, importId }, 'import given up');
  };

  /** Carries chunks of a file out; answers how many. */
  const goOn = async (job: Job, max: number): Promise<number> => {
    const found = await database.query<{ chunk: number }>(NUMBERS, [job.importId, max]);
    if (found.length === 0) await database.query(FINISH, [job.importId, now()]);
    const left = found.map(({ chunk }) => chunk);
    const lane = async (): Promise<void> => {
      try {
        for (let next = left.shift(); next !== undefined; next = left.shift())
          await carryOut(job, next);
      } finally {
        // Where one fails, the others end with what they are at.
        left.length = 0;
      }
    };
    const settled = await Promise.allSettled(Array.from({ length: CHUNKS_AT_ONCE }, lane));
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed === undefined) return Math.max(1, found.length);
    if (!(failed.reason instanceof TransientError)) await noteFault(job, failed.reason);
    throw failed.reason;
  };

  return {
    name: 'carry-out-imports',
    everyMs: IMPORTS_EVERY_MS,
    run: async () => {
      const abandoned = new Date(Date.parse(now()) - ABANDONED_AFTER_MS).toISOString();
      for (let done = 0; done < chunksMax;) {
        const [next] = await database.query<ImportRecord>(NEXT, [abandoned], 'imports-next');
        if (!next) return;
        if (next.state === 'running') done += await goOn(jobOf(next), chunksMax - done);
        else await database.query(FORGET, [next.import_id, abandoned]);
      }
    },
  };
};

const jobOf = (record: ImportRecord): Job => ({
  importId: record.import_id,
  kind: record.kind,
  mode: record.mode,
  dryRun: record.dry_run,
  fileHash: record.file_hash!,
  actor: record.actor,
  ...(record.actor_id !== null && { actorId: record.actor_id }),
});

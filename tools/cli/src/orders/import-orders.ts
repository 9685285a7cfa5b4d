import type { Api } from '../api/api.js';
import { openSession } from '../api/session.js';
import { progress, type Progress } from '../terminal/progress.js';
import { say as sayAloud, type Say } from '../terminal/say.js';
import { grouped } from '../terminal/table.js';
import { removeCheckpoint } from './checkpoint.js';
import { dryRunPoster } from './dry-run.js';
import {
  importFiles,
  startRun,
  type ImportOrdersOptions,
  type Poster,
  type Run,
} from './import-run.js';
import { rowsOfTally } from './ledger.js';
import { postOrders } from './order-posting.js';
import { openSource } from './source.js';
import type { ImportReport } from './summary.js';

const describe = ({ tally }: Run): string => {
  const { placed, repeated, refused, rowsRejected } = tally;
  const rows = Object.values(rowsRejected).reduce((sum, count) => sum + count, 0);
  return `placed ${grouped(placed)}, repeated ${grouped(repeated)}, refused ${grouped(refused)}, rows rejected ${grouped(rows)}`;
};

const startProgress = (run: Run, say: Say): Progress => {
  const bytes = run.source.files.reduce((sum, file) => sum + file.bytes, 0);
  const orders = (): number => run.tally.placed + run.tally.repeated + run.tally.refused;
  const before = orders();
  return progress('orders', say, () => ({
    share: bytes === 0 ? 1 : run.bytesRead / bytes,
    count: orders() - before,
    facts: describe(run),
  }));
};

const reportOf = (run: Run): ImportReport => {
  const { tally, rowsRead, rejectsPath, isDryRun } = run;
  const isAccounted = run.limit !== Infinity || rowsOfTally(tally) === rowsRead;
  return { tally, rowsRead, rejectsPath, isAccounted, isDryRun };
};

/**
 * Imports files of orders. Safe to repeat: the server knows orders by channel and external id. An
 * interrupted import goes on where it was, from the checkpoint beside its rejects.
 */
export const importOrders = async (
  files: readonly string[],
  options: ImportOrdersOptions,
): Promise<ImportReport> => {
  const { say = sayAloud } = options;
  const source = await openSource({ files, ...options });
  if (source.lacksPostalCodes)
    say('No --postal-codes: addresses get only the codes that the mapping itself holds.');
  const show: { progress?: Progress } = {};
  const api: Api | undefined = options.dryRun
    ? undefined
    : await openSession(options, (trouble, sinceMs) => show.progress?.trouble(trouble, sinceMs));
  const post: Poster = api ? (batch) => postOrders(api, batch) : await dryRunPoster();
  const { run, position } = startRun(source, options);
  if (position.row > 1) say(`Going on at line ${grouped(position.row)}.`);
  show.progress = startProgress(run, say);
  try {
    await importFiles(run, position, post, options.connections);
  } finally {
    show.progress.stop();
    run.rejects.close();
    await api?.close();
  }
  if (run.checkpointPath) removeCheckpoint(run.checkpointPath);
  return reportOf(run);
};

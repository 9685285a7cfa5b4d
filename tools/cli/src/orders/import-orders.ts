import { basename, join } from 'node:path';
import type { Api } from '../api/api.js';
import { inParallel } from '../api/parallel.js';
import { openSession } from '../api/session.js';
import type { ServerOptions } from '../config.js';
import { progress, type Progress } from '../terminal/progress.js';
import { grouped } from '../terminal/table.js';
import { batchesOf } from './batches.js';
import {
  checkpointPath,
  readCheckpoint,
  removeCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from './checkpoint.js';
import { dryRunPoster } from './dry-run.js';
import { frontier, isSettled, START } from './frontier.js';
import { NOTHING, rejectionsOf, rowsOfTally, settle, type Tally } from './ledger.js';
import { postOrders, type Outcome } from './order-posting.js';
import type { BuiltOrder } from './order.js';
import { rejectsFile, type Rejects } from './rejects.js';
import { openSource, type OrderSource } from './source.js';
import type { ImportReport } from './summary.js';

const CHECKPOINT_EVERY_MS = 1_000;

export type ImportOrdersOptions = ServerOptions & {
  readonly mapping?: string;
  readonly postalCodes?: string;
  readonly rejects?: string;
  readonly connections: number;
  readonly limit?: number;
  readonly dryRun?: boolean;
  readonly fromStart?: boolean;
  readonly checkpointEveryMs?: number;
  readonly say?: (line: string) => void;
};

type Poster = (orders: readonly NonNullable<BuiltOrder['order']>[]) => Promise<readonly Outcome[]>;

/** The state of one import; everything in it is as of the last settled order. */
type Run = {
  readonly source: OrderSource;
  readonly rejects: Rejects;
  /** Undefined when the run is not one to go on with. */
  readonly checkpointPath: string | undefined;
  readonly checkpointEveryMs: number;
  readonly limit: number;
  tally: Tally;
  fileIndex: number;
  rowsBefore: number;
  rowsRead: number;
  ordersSeen: number;
  bytesBefore: number;
  bytesRead: number;
};

const save = (run: Run, path: string, position: Checkpoint['position']): void =>
  writeCheckpoint(path, {
    fingerprint: run.source.fingerprint,
    fileIndex: run.fileIndex,
    position,
    tally: run.tally,
    rowsBefore: run.rowsBefore,
    rejectsBytes: run.rejects.flush(),
  });

async function* upTo(run: Run, orders: AsyncIterable<BuiltOrder>): AsyncGenerator<BuiltOrder> {
  for await (const built of orders) {
    if (built.order) run.ordersSeen += 1;
    if (run.ordersSeen > run.limit) return;
    yield built;
  }
}

const importFile = async (
  run: Run,
  start: Checkpoint['position'],
  post: Poster,
  workers: number,
): Promise<void> => {
  const { path } = run.source.files[run.fileIndex]!;
  const edge = frontier(start);
  let rows = 0;
  let savedAt = performance.now();
  const orders = run.source.orders(path, {
    onBytes: (bytes) => (run.bytesRead = run.bytesBefore + bytes),
    onRow: () => (rows += 1),
    onOpen: edge.opened,
    isSettled: isSettled(start),
  });
  await inParallel(batchesOf(upTo(run, orders)), workers, async (batch) => {
    const toPost = batch.flatMap(({ order }) => (order ? [order] : []));
    const outcomes = toPost.length === 0 ? [] : await post(toPost);
    let posted = 0;
    for (const built of batch) {
      const outcome = built.order ? outcomes[posted++] : undefined;
      run.tally = settle(run.tally, built, outcome);
      run.rejects.write(basename(path), built.group.key, rejectionsOf(built, outcome));
      edge.settled(built.group);
    }
    const isDue = performance.now() - savedAt >= run.checkpointEveryMs;
    if (!isDue || !run.checkpointPath) return;
    savedAt = performance.now();
    save(run, run.checkpointPath, edge.position());
  });
  run.rowsRead = run.rowsBefore + rows;
};

const rejectsPathOf = (source: OrderSource, options: ImportOrdersOptions): string => {
  const suffix = options.dryRun ? '.dry-run.rejects.csv' : '.rejects.csv';
  const name = basename(source.files[0]!.path) + suffix;
  return options.rejects ?? join(options.dataDir, 'imports', name);
};

const startRun = (source: OrderSource, options: ImportOrdersOptions) => {
  const rejectsPath = rejectsPathOf(source, options);
  const path = checkpointPath(rejectsPath);
  const isWhole = !options.dryRun && options.limit === undefined;
  // The rejects are about to be replaced, so what an earlier run knew of them holds no more.
  if (!isWhole || options.fromStart) removeCheckpoint(path);
  const checkpoint = readCheckpoint(path, source.fingerprint, rejectsPath);
  const rowsBefore = checkpoint?.rowsBefore ?? 0;
  const run: Run = {
    source,
    rejects: rejectsFile(rejectsPath, checkpoint?.rejectsBytes),
    checkpointPath: isWhole ? path : undefined,
    checkpointEveryMs: options.checkpointEveryMs ?? CHECKPOINT_EVERY_MS,
    limit: options.limit ?? Number.POSITIVE_INFINITY,
    tally: checkpoint?.tally ?? NOTHING,
    fileIndex: checkpoint?.fileIndex ?? 0,
    rowsBefore,
    rowsRead: rowsBefore,
    ordersSeen: 0,
    bytesBefore: 0,
    bytesRead: 0,
  };
  return { run, rejectsPath, checkpoint };
};

const importFiles = async (
  run: Run,
  start: Checkpoint['position'],
  post: Poster,
  workers: number,
): Promise<void> => {
  const { files } = run.source;
  const first = run.fileIndex;
  for (let index = 0; index < files.length && run.ordersSeen <= run.limit; index += 1) {
    if (index >= first) {
      run.fileIndex = index;
      await importFile(run, index === first ? start : START, post, workers);
      run.rowsBefore = run.rowsRead;
    }
    run.bytesBefore += files[index]!.bytes;
  }
};

const describe = ({ tally }: Run): string => {
  const { placed, repeated, refused, rowsRejected } = tally;
  const rows = Object.values(rowsRejected).reduce((sum, count) => sum + count, 0);
  return `placed ${grouped(placed)}, repeated ${grouped(repeated)}, refused ${grouped(refused)}, rows rejected ${grouped(rows)}`;
};

/**
 * Imports files of orders. Safe to repeat: the server knows orders by channel and external id. An
 * interrupted import goes on where it was, from the checkpoint beside its rejects.
 */
export const importOrders = async (
  files: readonly string[],
  options: ImportOrdersOptions,
): Promise<ImportReport> => {
  const { say = console.log } = options;
  const source = await openSource({ files, ...options });
  const { run, rejectsPath, checkpoint } = startRun(source, options);
  const bytes = source.files.reduce((sum, file) => sum + file.bytes, 0);
  const orders = ({ tally }: Run): number => tally.placed + tally.repeated + tally.refused;
  const before = orders(run);
  const show: { progress?: Progress } = {};
  const api: Api | undefined = options.dryRun
    ? undefined
    : await openSession(options, (trouble, sinceMs) => show.progress?.trouble(trouble, sinceMs));
  const post: Poster = api ? (batch) => postOrders(api, batch) : await dryRunPoster();
  if (source.lacksPostalCodes)
    say('No --postal-codes: addresses get only the codes that the mapping itself holds.');
  if (checkpoint) say(`Going on at line ${grouped(checkpoint.position.row)}.`);
  show.progress = progress('orders', say, () => ({
    share: bytes === 0 ? 1 : run.bytesRead / bytes,
    count: orders(run) - before,
    facts: describe(run),
  }));
  try {
    await importFiles(run, checkpoint?.position ?? START, post, options.connections);
  } finally {
    show.progress.stop();
    run.rejects.close();
    await api?.close();
  }
  if (run.checkpointPath) removeCheckpoint(run.checkpointPath);
  const { tally, rowsRead } = run;
  const isAccounted = run.limit !== Infinity || rowsOfTally(tally) === rowsRead;
  return { tally, rowsRead, rejectsPath, isAccounted, dryRun: options.dryRun ?? false };
};

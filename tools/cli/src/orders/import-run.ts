import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { inParallel } from '../api/parallel.js';
import { keyOf, type ServerOptions } from '../config.js';
import type { Say } from '../terminal/say.js';
import { batchesOf } from './batches.js';
import { checkpointPath, readCheckpoint, removeCheckpoint, writeCheckpoint } from './checkpoint.js';
import { frontier, isSettled, START, type Position } from './frontier.js';
import { NOTHING, rejectionsOf, settle, type Tally } from './ledger.js';
import type { Outcome } from './order-posting.js';
import type { BuiltOrder } from './order.js';
import { rejectsFile, type Rejects } from './rejects.js';
import type { OrderSource } from './source.js';

const CHECKPOINT_EVERY_MS = 1_000;

export type ImportOrdersOptions = ServerOptions & {
  readonly mapping?: string;
  readonly channel?: string;
  readonly postalCodes?: string;
  readonly rejects?: string;
  readonly connections: number;
  readonly limit?: number;
  readonly dryRun?: boolean;
  readonly fromStart?: boolean;
  readonly checkpointEveryMs?: number;
  readonly say?: Say;
};

export type Poster = (
  orders: readonly NonNullable<BuiltOrder['order']>[],
) => Promise<readonly Outcome[]>;

/** The state of one import; everything in it is as of the last settled order. */
export type Run = {
  readonly source: OrderSource;
  readonly isDryRun: boolean;
  readonly fingerprint: string;
  readonly rejectsPath: string;
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

const save = (run: Run, path: string, position: Position): void =>
  writeCheckpoint(path, {
    fingerprint: run.fingerprint,
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
  start: Position,
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

/** A checkpoint belongs to an input and to the installation that took it: another one knows none of it. */
const fingerprintOf = (source: OrderSource, options: ImportOrdersOptions): string =>
  createHash('sha256')
    .update([source.fingerprint, options.url, keyOf(options)].join('\n'))
    .digest('hex');

/** Opens the rejects and finds where to go on. */
export const startRun = (
  source: OrderSource,
  options: ImportOrdersOptions,
): { readonly run: Run; readonly position: Position } => {
  const rejectsPath = rejectsPathOf(source, options);
  const path = checkpointPath(rejectsPath);
  const isWhole = !options.dryRun && options.limit === undefined;
  // The rejects are about to be replaced, so what an earlier run knew of them holds no more.
  if (!isWhole || options.fromStart) removeCheckpoint(path);
  const fingerprint = isWhole ? fingerprintOf(source, options) : '';
  const checkpoint = readCheckpoint(path, fingerprint, rejectsPath);
  const rowsBefore = checkpoint?.rowsBefore ?? 0;
  const run: Run = {
    source,
    isDryRun: options.dryRun ?? false,
    fingerprint,
    rejectsPath,
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
  return { run, position: checkpoint?.position ?? START };
};

/** Imports what is left of the files from `start` on; `run` holds the result. */
export const importFiles = async (
  run: Run,
  start: Position,
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

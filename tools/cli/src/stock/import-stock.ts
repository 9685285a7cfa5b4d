import { basename, join } from 'node:path';
import type { Api } from '../api/api.js';
import { postBatch } from '../api/batch.js';
import { inParallel } from '../api/parallel.js';
import { openSession } from '../api/session.js';
import type { ServerOptions } from '../config.js';
import { readStockMapping } from '../mapping/mapping-file.js';
import type { Fault, StockMapping, Value } from '../mapping/mapping.js';
import { faultsOf } from '../orders/order-posting.js';
import { rejectsFile, type Rejects } from '../orders/rejects.js';
import { rowsOf } from '../orders/rows.js';
import { identify, type SourceFile } from '../orders/source.js';
import { progress, type Progress } from '../terminal/progress.js';
import { say as sayAloud, type Say } from '../terminal/say.js';
import { grouped, table } from '../terminal/table.js';
import { chunksOf } from './chunks.js';
import { putLocations, readLocations } from './locations.js';
import { PLAIN_MAPPING, stockRowReader, type Item, type Movement } from './stock-rows.js';

const BATCH_MAX = 1_000;
const PASSES = 2;
const ITEMS_ROUTE = '/v1/inventory/items:batch';
const MOVEMENTS_ROUTE = '/v1/inventory/movements:batch';

export type ImportStockOptions = ServerOptions & {
  readonly mapping?: string;
  readonly locations?: string;
  readonly rejects?: string;
  readonly connections: number;
  readonly say?: Say;
};

/** What an import of stock did. `units` counts what is in stock because of this file, now or since before. */
export type StockReport = {
  readonly rows: number;
  readonly items: number;
  readonly movements: number;
  readonly units: number;
  readonly rejected: number;
  readonly rejectsPath: string;
};

type Numbered<Content> = { readonly row: number; readonly content: Content };

const columnsOf = ({ item, movement }: StockMapping): string[] =>
  [...Object.values(item), ...Object.values(movement)].flatMap((value: Value) =>
    'column' in value && value.required ? [value.column] : [],
  );

type Counts = { -readonly [Name in keyof Omit<StockReport, 'rejectsPath'>]: number };

type Run = {
  readonly api: Api;
  readonly file: SourceFile;
  readonly mapping: StockMapping;
  readonly rejects: Rejects;
  readonly connections: number;
  readonly counts: Counts;
  /** Told how much of the two readings of the file is done. */
  readonly onBytes: (bytes: number) => void;
};

const reject = (run: Run, row: number, sku: string, faults: readonly Fault[]): void => {
  run.counts.rejected += 1;
  const rejections = faults.map((fault, index) => ({ ...fault, row, rows: index === 0 ? 1 : 0 }));
  run.rejects.write(basename(run.file.path), sku, rejections);
};

/** Posts rows; answers those that were accepted and writes down the others. */
const post = async <Content extends { readonly sku: string }>(
  run: Run,
  route: string,
  member: string,
  batch: readonly Numbered<Content>[],
): Promise<readonly Content[]> => {
  const contents = batch.map(({ content }) => content);
  const parts = await postBatch(run.api, route, member, contents);
  return batch.flatMap(({ row, content }, index) => {
    const part = parts[index]!;
    if (part.status < 300) return [content];
    reject(run, row, content.sku, faultsOf(part));
    return [];
  });
};

const fileRows = ({ file, mapping }: Run, onBytes: (bytes: number) => void) =>
  rowsOf(file.path, {
    columns: columnsOf(mapping),
    onBytes,
    ...(mapping.delimiter !== undefined && { delimiter: mapping.delimiter }),
  });

/** First reading: every item once; what is wrong with a row is written down here, and only here. */
async function* itemsIn(run: Run): AsyncGenerator<Numbered<Item>> {
  const read = stockRowReader(run.mapping, run.file.hash);
  const seen = new Set<string>();
  for await (const row of fileRows(run, run.onBytes)) {
    run.counts.rows += 1;
    const made = read(row);
    if ('fault' in made) reject(run, row.number, '', [made.fault]);
    else if (made.item && !seen.has(made.item.sku)) {
      seen.add(made.item.sku);
      yield { row: row.number, content: made.item };
    }
  }
}

/** Second reading: the stock, when its items are known to the server. */
async function* movementsIn(run: Run): AsyncGenerator<Numbered<Movement>> {
  const read = stockRowReader(run.mapping, run.file.hash);
  const { bytes } = run.file;
  for await (const row of fileRows(run, (read) => run.onBytes(bytes + read))) {
    const made = read(row);
    if (!('fault' in made) && made.movement) yield { row: row.number, content: made.movement };
  }
}

const importFile = async (run: Run): Promise<void> => {
  const { connections, counts } = run;
  await inParallel(chunksOf(itemsIn(run), BATCH_MAX), connections, async (batch) => {
    const accepted = await post(run, ITEMS_ROUTE, 'items', batch);
    counts.items += accepted.length;
  });
  await inParallel(chunksOf(movementsIn(run), BATCH_MAX), connections, async (batch) => {
    const accepted = await post(run, MOVEMENTS_ROUTE, 'movements', batch);
    counts.movements += accepted.length;
    for (const { quantity } of accepted) counts.units += quantity;
  });
};

const NOTHING = { rows: 0, items: 0, movements: 0, units: 0, rejected: 0 };

/** Imports items and opening stock. Safe to repeat: each row's movement has an id of its own. */
export const importStock = async (
  paths: readonly string[],
  options: ImportStockOptions,
): Promise<StockReport> => {
  const { say = sayAloud, connections } = options;
  const mapping = options.mapping ? readStockMapping(options.mapping) : PLAIN_MAPPING;
  const locations = options.locations ? await readLocations(options.locations) : [];
  const files = await Promise.all(paths.map(identify));
  const show: { progress?: Progress } = {};
  const api = await openSession(options, (what, ms) => show.progress?.trouble(what, ms));
  const name = `${basename(paths[0] ?? 'stock')}.rejects.csv`;
  const rejectsPath = options.rejects ?? join(options.dataDir, 'imports', name);
  const rejects = rejectsFile(rejectsPath);
  const counts: Counts = { ...NOTHING };
  const total = files.reduce((sum, { bytes }) => sum + PASSES * bytes, 0);
  const bytes = { before: 0, now: 0 };
  show.progress = progress('items and movements', say, () => ({
    share: total === 0 ? 1 : (bytes.before + bytes.now) / total,
    count: counts.items + counts.movements,
    facts: `rejected ${grouped(counts.rejected)}`,
  }));
  try {
    await putLocations(api, locations);
    for (const file of files) {
      const onBytes = (read: number): void => void (bytes.now = read);
      await importFile({ api, file, mapping, rejects, connections, counts, onBytes });
      bytes.before += PASSES * file.bytes;
    }
  } finally {
    show.progress.stop();
    rejects.close();
    await api.close();
  }
  return { ...counts, rejectsPath };
};

/** The end of an import of stock in words. */
export const stockSummaryOf = (report: StockReport): string =>
  `${table([
    ['', ''],
    ['Rows read', report.rows],
    ['Items', report.items],
    ['Movements', report.movements],
    ['  units in them', report.units],
    ['Rejected', report.rejected],
  ])}\nRejects: ${report.rejectsPath}`;

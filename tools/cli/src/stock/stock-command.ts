import { join } from 'node:path';
import { openSession } from '../api/session.js';
import { UsageError, type ServerOptions } from '../config.js';
import { say } from '../terminal/say.js';
import { grouped } from '../terminal/table.js';
import { deriveStock } from './derive-stock.js';
import { importStock, stockSummaryOf, type ImportStockOptions } from './import-stock.js';
import { putLocations, readLocations } from './locations.js';

export type LocationsOptions = ServerOptions & { readonly connections: number };

export type StockCommandOptions = ImportStockOptions & {
  readonly fromOrders?: readonly string[];
  readonly out?: string;
  readonly seed: string;
  readonly factor: number;
  readonly shortRate: number;
  readonly dryRun?: boolean;
};

const derivedFiles = async (
  fromOrders: readonly string[],
  options: StockCommandOptions,
): Promise<readonly string[]> => {
  const { locations, mapping, seed, factor, shortRate } = options;
  if (locations === undefined) throw new UsageError('--from-orders needs --locations');
  const out = options.out ?? join(options.dataDir, 'imports');
  const facts = { locations, out, seed, factor, shortRate };
  const derived = await deriveStock(fromOrders, { ...facts, ...(mapping && { mapping }) });
  const { stock, unitsDemanded, unitsShort, understocked, files } = derived;
  const rate = ((100 * unitsShort) / unitsDemanded).toFixed(1);
  say(
    `Made up ${grouped(stock.length)} rows of stock for ${grouped(unitsDemanded)} units; ` +
      `${grouped(unitsShort)} (${rate} %) of ${grouped(understocked)} items will be short.`,
  );
  for (const file of files) say(`Wrote ${file}`);
  return files;
};

/** `import stock`: from files, or made up from the demand in files of orders. Answers whether all was accepted. */
export const stockCommand = async (
  files: readonly string[],
  options: StockCommandOptions,
): Promise<boolean> => {
  const { fromOrders, dryRun = false, mapping, ...rest } = options;
  if ((files.length === 0) === (fromOrders === undefined))
    throw new UsageError('Name either files of stock or --from-orders');
  const paths = fromOrders ? await derivedFiles(fromOrders, options) : files;
  if (dryRun) return true;
  const report = await importStock(paths, {
    ...rest,
    ...(!fromOrders && mapping !== undefined && { mapping }),
  });
  say(stockSummaryOf(report));
  return report.rejected === 0;
};

/** `import locations`: puts every location of a file. */
export const importLocations = async (
  file: string,
  options: LocationsOptions,
): Promise<boolean> => {
  const locations = await readLocations(file);
  const api = await openSession(options);
  try {
    await putLocations(api, locations);
  } finally {
    await api.close();
  }
  say(`${grouped(locations.length)} locations are in place.`);
  return true;
};

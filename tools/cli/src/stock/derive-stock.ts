import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '@throughline/postgres';
import { UsageError } from '../config.js';
import { exactCsvLine } from '../orders/csv.js';
import { openSource } from '../orders/source.js';
import { readLocations } from './locations.js';
import {
  openingStock,
  type Demand,
  type OpeningStock,
  type OpeningStockOptions,
} from './opening-stock.js';

export type DeriveStockOptions = OpeningStockOptions & {
  readonly mapping?: string;
  readonly locations: string;
  readonly out: string;
};

export type DerivedStock = OpeningStock & { readonly files: readonly string[] };

/** What the orders of these files ask for, per SKU, sorted by SKU. */
const demandOf = async (files: readonly string[], mapping?: string): Promise<readonly Demand[]> => {
  const source = await openSource({ files, ...(mapping !== undefined && { mapping }) });
  const demand = new Map<string, { name: string; units: number }>();
  for (const { path } of source.files)
    for await (const { order } of source.orders(path))
      for (const { sku, name, quantity } of order?.lines ?? []) {
        const known = demand.get(sku);
        if (known) known.units += quantity;
        else demand.set(sku, { name: name ?? sku, units: quantity });
      }
  return [...demand]
    .map(([sku, facts]) => ({ sku, ...facts }))
    .sort((a, b) => (a.sku < b.sku ? -1 : 1));
};

const write = async (path: string, lines: Iterable<string>): Promise<string> => {
  await pipeline(Readable.from(lines), createWriteStream(path));
  return path;
};

/** Writes `items.csv` and `opening-stock.csv`, made up so that the orders of some files can be fulfilled, but for a share. */
export const deriveStock = async (
  files: readonly string[],
  { mapping, locations: locationsPath, out, ...options }: DeriveStockOptions,
): Promise<DerivedStock> => {
  const locations = await readLocations(locationsPath);
  const demands = await demandOf(files, mapping);
  if (demands.length === 0) throw new UsageError(`There are no orders in ${files.join(', ')}`);
  const derived = openingStock(demands, locations, options);
  makeFolder(resolve(out));
  const items = demands.map(({ sku, name }) => exactCsvLine([sku, name]));
  const stock = derived.stock.map((row) => exactCsvLine([row.sku, row.locationId, row.quantity]));
  return {
    ...derived,
    files: [
      await write(join(out, 'items.csv'), ['sku,name\n', ...items]),
      await write(join(out, 'opening-stock.csv'), ['sku,locationId,quantity\n', ...stock]),
    ],
  };
};

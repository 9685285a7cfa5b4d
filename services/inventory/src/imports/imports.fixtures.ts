import { TransientError } from '@throughline/kernel';
import type { Task } from '@throughline/service-kit';
import { catalogOf } from '../catalog/catalog.js';
import type { Warehouse } from '../inventory.fixtures.js';
import { ledgerOf } from '../ledger/ledger.js';
import type { Carrier } from './carrying.js';
import type { Carriers } from './chunk-run.js';
import type { Import, RowError } from './import.js';
import { importRuns } from './imports.process.js';
import { itemCarrier } from './item-rows.js';
import { stockCarrier } from './stock-rows.js';

const ROUTE = '/v1/inventory/imports';

export const carriersOf = ({ runtime }: Warehouse): Carriers => ({
  stock: stockCarrier(ledgerOf(runtime), runtime.database),
  items: itemCarrier(catalogOf(runtime), runtime.database),
});

/** What carries files out in the warehouse, so many chunks in a run. */
export const runsOf = (
  warehouse: Warehouse,
  { carriers = carriersOf(warehouse), chunksMax = 1_000 } = {},
): Task => importRuns(warehouse.runtime, carriers, chunksMax);

/** Does its work, and dies before anybody hears of it. */
export const dying = <Row extends Parameters<Carrier<never>['carryOut']>[1][number]>(
  carrier: Carrier<Row>,
): Carrier<Row> => ({
  ...carrier,
  carryOut: async (job, rows) => {
    await carrier.carryOut(job, rows);
    throw new TransientError('killed');
  },
});

export const upload = (warehouse: Warehouse, query: string, file: string, headers = {}) =>
  warehouse.http('POST', `${ROUTE}${query}`, file, { 'content-type': 'text/csv', ...headers });

/** Uploads a file and carries it out; answers how it ended. */
export const carriedOut = async (
  warehouse: Warehouse,
  query: string,
  file: string,
): Promise<Import> => {
  const { status, body } = await upload(warehouse, query, file);
  if (status !== 202) throw new Error(`${status}: ${JSON.stringify(body)}`);
  await runsOf(warehouse).run();
  return importOf(warehouse, body.importId);
};

export const importOf = async (warehouse: Warehouse, importId: string): Promise<Import> =>
  (await warehouse.http('GET', `${ROUTE}/${importId}`)).body;

/** Row, field and code of every error. */
export const errorsOf = async (warehouse: Warehouse, importId: string) =>
  ((await warehouse.items(`imports/${importId}/errors?limit=200`)) as RowError[]).map(
    ({ row, field, code }) => [row, field, code],
  );

/** A stock file of a line per row. */
export const stockFile = (...rows: readonly (readonly (string | number)[])[]): string =>
  ['sku,locationId,quantity', ...rows.map((row) => row.join())].join('\n');

import { askerOf } from '@throughline/event-store';
import { contentHash, derivedId } from '@throughline/kernel';
import type { Database } from '@throughline/service-kit';
import type { Item } from '../catalog/catalog.codec.js';
import type { Catalog } from '../catalog/catalog.js';
import { itemOf } from '../catalog/item-body.js';
import type { Carrier } from './carrying.js';
import type { ItemRow } from './import.js';

const ITEMS = 'select sku, document from items where sku = any($1)';

/** Rows of item files set items; what a file has no column for stays as it is. */
export const itemCarrier = (catalog: Catalog, database: Database): Carrier<ItemRow> => {
  const documentsOf = async (rows: readonly ItemRow[]): Promise<ReadonlyMap<string, Item>> => {
    const skus = rows.map(({ sku }) => sku);
    const found = await database.query<{ sku: string; document: Item }>(
      ITEMS,
      [skus],
      'import-items',
    );
    return new Map(found.map(({ sku, document }) => [sku, document]));
  };
  return {
    plan: async (_, rows) => {
      const documents = await documentsOf(rows);
      const isSame = (row: ItemRow): boolean => {
        const before = documents.get(row.sku);
        return before !== undefined && contentHash(before) === contentHash(changed(before, row));
      };
      return { unchanged: rows.filter(isSame).map(({ row }) => row), refused: [] };
    },

    carryOut: async ({ importId, ...job }, rows) => {
      const documents = await documentsOf(rows);
      const items = new Map(rows.map((row) => [row.sku, changed(documents.get(row.sku), row)]));
      const id = derivedId('import', importId, rows[0]!.row);
      const cause = { id, correlationId: importId, ...askerOf(job) };
      const { refused } = await catalog.putItems(items, cause);
      return rows.flatMap(({ row, sku }) =>
        (refused.get(sku) ?? []).map((fault) => ({ row, sku, locationId: null, ...fault })),
      );
    },
  };
};

const changed = (before: Item | undefined, { sku, changes }: ItemRow): Item => ({
  ...(before ?? itemOf({ name: sku })),
  ...changes,
});

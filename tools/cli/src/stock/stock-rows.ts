import { derivedId } from '@throughline/kernel';
import { firstMatch } from '../mapping/conditions.js';
import type { Fault, StockMapping } from '../mapping/mapping.js';
import { postalCodesFrom } from '../mapping/postal-codes.js';
import { fillerOf, type Draft } from '../mapping/values.js';
import type { Row } from '../orders/order.js';

export type Item = { readonly sku: string; readonly name: string };
export type Movement = {
  readonly movementId: string;
  readonly type: string;
  readonly sku: string;
  readonly locationId: string;
  readonly quantity: number;
  readonly reason: string;
  readonly reference: string;
};

/** What one row says: an item where it is named, and stock of it at a location where there is any. */
export type StockRow =
  | { readonly item: Item | undefined; readonly movement: Movement | undefined }
  | { readonly fault: Fault };

/** Used without a mapping: the columns carry the names that the API uses. */
export const PLAIN_MAPPING: StockMapping = {
  kind: 'stock',
  item: {
    sku: { column: 'sku', required: true },
    name: { column: 'name' },
    weightGrams: { column: 'weightGrams', transform: ['integer'] },
  },
  movement: {
    locationId: { column: 'locationId' },
    quantity: { column: 'quantity', transform: ['integer'] },
  },
};

const RECEIPT = { type: 'receipt', reason: 'opening-stock' };
const noPostalCodes = postalCodesFrom(new Map());

const missing = (field: string, message: string): StockRow => ({
  fault: { field, code: 'required', message },
});

const present = (draft: Draft): Draft =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== null));

/**
 * Reads stock rows by a mapping. A movement's id is derived from the file's hash and the row's line, so that
 * the same file adds its stock once, however often it is imported.
 */
export const stockRowReader = (
  mapping: StockMapping,
  fileHash: string,
): ((row: Row) => StockRow) => {
  const ruleFor = firstMatch(mapping.rejectRows);
  const fillItem = fillerOf(mapping.item, noPostalCodes);
  const fillMovement = fillerOf(mapping.movement, noPostalCodes);
  return ({ number, cells, fault: unreadable }) => {
    if (unreadable) return { fault: { field: '', ...unreadable } };
    const rule = ruleFor(cells);
    if (rule)
      return {
        fault: { field: rule.when.column, code: rule.code, message: rule.message ?? rule.code },
      };
    const [item, movement]: Draft[] = [{}, {}];
    const fault = fillItem(cells, item!) ?? fillMovement(cells, movement!);
    if (fault) return { fault };
    const { sku, name } = item as { sku: string; name: string | null };
    // Stock of an item that is known already need not name it again.
    const named = name === null ? undefined : ({ ...present(item!), sku, name } as Item);
    const { locationId, quantity } = movement as Draft & { quantity: number | null };
    if (quantity === null && locationId === null)
      return named ? { item: named, movement: undefined } : missing('name', 'an item needs a name');
    if (locationId === null) return missing('locationId', 'a quantity needs a location');
    if (quantity === null) return missing('quantity', 'a location needs a quantity');
    // Nothing of it is there: the item is known, and no stock moves.
    if (quantity === 0) return { item: named, movement: undefined };
    const movementId = derivedId('stock', fileHash, number);
    const reference = `line ${number}`;
    return {
      item: named,
      movement: { ...RECEIPT, reference, ...present(movement!), movementId, sku } as Movement,
    };
  };
};

import { CURRENCIES, UNITS_MAX } from '@throughline/contracts';
import { parseAmount } from '@throughline/kernel';
import type { Item } from '../catalog/catalog.codec.js';
import { CONDITIONS } from '../ledger/domain/ledger.js';
import type { Cells } from './cells.js';
import type { ImportMode, ItemRow, StockRow } from './import.js';

const BARCODES_MAX = 50;
const BARCODE_MAX = 500;

/** Reads a row of a stock file; what is wrong with it is noted in its cells. */
export const stockRow = (row: number, cells: Cells, mode: ImportMode): StockRow => {
  const sku = cells.knownId('sku');
  const locationId = cells.knownId('locationId');
  const min = mode === 'set' ? 0 : 1;
  const quantity = cells.whole('quantity', { min, max: UNITS_MAX });
  if (quantity === null) cells.note('quantity', 'required', 'must not be empty');
  const condition = cells.oneOf('condition', CONDITIONS);
  const [reason, reference] = [cells.text('reason'), cells.text('reference')];
  return { row, sku, locationId, quantity: quantity ?? 0, condition, reason, reference };
};

/** Reads a row of an item file; what is wrong with it is noted in its cells. */
export const itemRow = (row: number, cells: Cells): ItemRow => ({
  row,
  sku: cells.id('sku'),
  changes: {
    name: cells.required('name'),
    ...(cells.has('weightGrams') && { weightGrams: measure(cells, 'weightGrams') }),
    ...(cells.has('barcodes') && { barcodes: barcodes(cells) }),
    ...(cells.has('cost') && { cost: cost(cells) }),
    ...(cells.has('lengthMm') && { dimensionsMm: dimensions(cells) }),
  },
});

const measure = (cells: Cells, column: string): number | null =>
  cells.whole(column, { min: 0, max: UNITS_MAX });

const barcodes = (cells: Cells): readonly string[] => {
  const codes = (cells.text('barcodes', BARCODES_MAX * (BARCODE_MAX + 1)) ?? '')
    .split('|')
    .map((code) => code.trim())
    .filter((code) => code !== '');
  if (codes.length > BARCODES_MAX)
    cells.note('barcodes', 'max-items', `must not be more than ${BARCODES_MAX}`);
  if (codes.some((code) => code.length > BARCODE_MAX))
    cells.note('barcodes', 'max-length', `must not have more than ${BARCODE_MAX} characters each`);
  return codes;
};

const cost = (cells: Cells): Item['cost'] => {
  const [amount, currency] = [cells.raw('cost'), cells.raw('currency')];
  if (amount === '' && currency === '') return null;
  if (!CURRENCIES.has(currency))
    cells.note(
      'currency',
      'currency',
      'must be a currency of ISO 4217 that is in use, such as GBP',
    );
  const amountMinor = parseAmount(amount, currency);
  if (amountMinor === undefined || amountMinor < 0)
    cells.note(
      'cost',
      'amount',
      'must be an amount of 0 or more with the decimals of its currency',
    );
  return { amountMinor: amountMinor ?? 0, currency };
};

const dimensions = (cells: Cells): Item['dimensionsMm'] => {
  const columns = ['lengthMm', 'widthMm', 'heightMm'] as const;
  const [length, width, height] = columns.map((column) => measure(cells, column));
  if (length === null && width === null && height === null) return null;
  for (const column of columns)
    if (cells.raw(column) === '')
      cells.note(column, 'required', 'must stand beside the other measures');
  return { length: length ?? 0, width: width ?? 0, height: height ?? 0 };
};

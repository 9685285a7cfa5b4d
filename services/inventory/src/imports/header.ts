import type { FieldError } from '@throughline/contracts';
import type { ImportKind } from './import.js';

type Columns = {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Columns of which there are all or none. */
  readonly together: readonly (readonly string[])[];
};

const COLUMNS: Readonly<Record<ImportKind, Columns>> = {
  stock: {
    required: ['sku', 'locationId', 'quantity'],
    optional: ['condition', 'reason', 'reference'],
    together: [],
  },
  items: {
    required: ['sku', 'name'],
    optional: ['weightGrams', 'barcodes', 'cost', 'currency', 'lengthMm', 'widthMm', 'heightMm'],
    together: [
      ['cost', 'currency'],
      ['lengthMm', 'widthMm', 'heightMm'],
    ],
  },
};

/** Where each column stands in a row. */
export type Header = { readonly places: ReadonlyMap<string, number>; readonly width: number };

const SHOWN_MAX = 100;

/** `Location ID`, `location_id` and `locationId` are one. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Reads the row that names the columns: in any order and spelling, each once. */
export const headerOf = (
  kind: ImportKind,
  cells: readonly string[],
): { readonly header: Header } | { readonly faults: readonly FieldError[] } => {
  const { required, optional, together } = COLUMNS[kind];
  const known = new Map([...required, ...optional].map((name) => [plain(name), name]));
  const places = new Map<string, number>();
  const faults: FieldError[] = [];
  cells.forEach((cell, place) => {
    const column = known.get(plain(cell));
    const field = cell.trim().slice(0, SHOWN_MAX) || `column ${place + 1}`;
    if (column === undefined) {
      const message = `is no column of such a file: ${[...known.values()].join(', ')}`;
      faults.push({ field, code: 'unknown-column', message });
    } else if (places.has(column))
      faults.push({ field, code: 'twice', message: 'is a column that stands there twice' });
    else places.set(column, place);
  });
  const needed = [
    ...required,
    ...together.filter((group) => group.some((column) => places.has(column))).flat(),
  ];
  for (const column of needed)
    if (!places.has(column))
      faults.push({ field: column, code: 'required', message: 'is a column that must be there' });
  return faults.length > 0 ? { faults } : { header: { places, width: cells.length } };
};

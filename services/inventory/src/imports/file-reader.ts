import { ID_MAX, type FieldError } from '@throughline/contracts';
import { CsvReader, type CsvRow } from '@throughline/kernel';
import { Cells } from './cells.js';
import { headerOf, type Header } from './header.js';
import type { ImportKind, ImportMode, ItemRow, RowError, StockRow } from './import.js';
import { itemRow, stockRow } from './rows.js';

/** Rows of one file; what is more belongs in another. */
export const FILE_ROWS_MAX = 500_000;

export type ReadRows = {
  readonly rows: readonly (StockRow | ItemRow)[];
  readonly errors: readonly RowError[];
};

const NO_ROWS: FieldError = {
  field: 'file',
  code: 'required',
  message: 'must have a first row that names the columns, and rows after it',
};
const TOO_MANY: FieldError = {
  field: 'file',
  code: 'max-items',
  message: `must not have more than ${FILE_ROWS_MAX} rows`,
};

const SEPARATOR = '\u001f';

/**
 * Reads a file piece by piece into rows that may be carried out and errors of those that may not. `faults` tell
 * what is wrong with the file as a whole: then nothing of it counts.
 */
export class FileReader {
  readonly faults: FieldError[] = [];
  /** Rows so far, good and bad. */
  count = 0;
  #header: Header | undefined;
  readonly #csv = new CsvReader();
  /** Which row was the first about a shelf or an item. */
  readonly #seen = new Map<string, number>();

  constructor(
    private readonly kind: ImportKind,
    private readonly mode: ImportMode,
  ) {}

  read(text: string): ReadRows {
    return this.#take(this.#csv.read(text));
  }

  end(text: string): ReadRows {
    const taken = this.#take([...this.#csv.read(text), ...this.#csv.end()]);
    if (this.count === 0 && this.faults.length === 0) this.faults.push(NO_ROWS);
    return taken;
  }

  #take(read: readonly CsvRow[]): ReadRows {
    const rows: (StockRow | ItemRow)[] = [];
    const errors: RowError[] = [];
    for (const row of read) {
      if (this.faults.length > 0) break;
      if (!this.#header) this.#takeHeader(row);
      else if (this.count === FILE_ROWS_MAX) this.faults.push(TOO_MANY);
      else this.#takeRow(row, this.#header, rows, errors);
    }
    return { rows, errors };
  }

  #takeHeader({ cells, fault }: CsvRow): void {
    const read = headerOf(this.kind, cells);
    if (fault !== undefined)
      this.faults.push({ field: 'row 1', code: 'malformed-row', message: fault });
    else if ('faults' in read) this.faults.push(...read.faults);
    else this.#header = read.header;
  }

  #takeRow(
    { row, cells: given, fault }: CsvRow,
    header: Header,
    rows: (StockRow | ItemRow)[],
    errors: RowError[],
  ): void {
    this.count += 1;
    const cells = new Cells(header, given);
    if (fault !== undefined) cells.note('row', 'malformed-row', fault);
    else if (given.length !== header.width)
      cells.note('row', 'columns', `has ${given.length} cells, the header ${header.width}`);
    const isWhole = cells.faults.length === 0;
    const made = isWhole ? this.#made(row, cells) : undefined;
    if (made && cells.faults.length === 0) this.#noteTwice(made, cells);
    if (made && cells.faults.length === 0) rows.push(made);
    else errors.push(...errorsIn(row, cells));
  }

  #made(row: number, cells: Cells): StockRow | ItemRow {
    return this.kind === 'stock' ? stockRow(row, cells, this.mode) : itemRow(row, cells);
  }

  /** What stands somewhere can be said once; what comes to it, several times. */
  #noteTwice(made: StockRow | ItemRow, cells: Cells): void {
    if (this.mode === 'add') return;
    const key = keyOf(made);
    const first = this.#seen.get(key);
    if (first === undefined) this.#seen.set(key, made.row);
    else cells.note('sku', 'twice', `stands in row ${first} already, about the same`);
  }
}

/** What a row is about. Goods whose condition it leaves open are nearly always sellable. */
const keyOf = (made: StockRow | ItemRow): string =>
  'changes' in made
    ? made.sku
    : [made.sku, made.locationId, made.condition ?? 'sellable'].join(SEPARATOR);

const errorsIn = (row: number, cells: Cells): RowError[] => {
  const [sku, locationId] = [shown(cells.raw('sku')), shown(cells.raw('locationId'))];
  return cells.faults.map((fault) => ({ row, sku, locationId, ...fault }));
};

/** A part of the row to know it again by. */
const shown = (text: string): string | null =>
  text === '' ? null : text.slice(0, ID_MAX).replaceAll('\u0000', '');

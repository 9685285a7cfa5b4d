/** A row of a file. */
export type CsvRow = {
  /** As a spreadsheet counts it: the header is row 1. */
  readonly row: number;
  /** The line that it ends on, as an editor counts it; a cell in quotes may hold several. */
  readonly line: number;
  readonly cells: readonly string[];
  /** The row as it stands in the file, without its line end. */
  readonly text: string;
  /** Why the row cannot be read; then it has no cells. */
  readonly fault?: string;
};

/** A longer row is none: a quote was opened by mistake. */
export const ROW_CHARACTERS_MAX = 65_536;

type Scanned =
  | { readonly cells: readonly string[]; readonly next: number; readonly lines: number }
  | { readonly fault: string }
  | 'more';

/**
 * Reads comma-separated values (RFC 4180; line feeds alone are accepted, and quotes within a cell that does not begin with
 * one) as they come in, piece by piece. A row that breaks the format costs that one line: reading goes on with the next,
 * which a quote that is never closed does not swallow. Blank lines count as rows, and are left out.
 */
export class CsvReader {
  #text = '';
  #row = 0;
  #line = 0;
  /** The rest of a row that was given up, up to its line's end, is still to come. */
  #isSkipping = false;

  /** `delimiter` is one character. */
  constructor(private readonly delimiter = ',') {}

  /** The rows that are complete with this piece. */
  read(piece: string): CsvRow[] {
    this.#text += piece;
    return this.#rows(false);
  }

  /** The last row, where no line end follows it. */
  end(): CsvRow[] {
    return this.#rows(true);
  }

  #rows(isEnd: boolean): CsvRow[] {
    const text = this.#text;
    const rows: CsvRow[] = [];
    let at = this.#isSkipping ? this.#skip(0) : 0;
    while (at < text.length) {
      const scanned = limited(this.#scan(text, at, isEnd), text, at);
      if (scanned === 'more') break;
      this.#row += 1;
      if ('fault' in scanned) {
        const next = this.#skip(at);
        this.#line += 1;
        rows.push({ ...this.#place(text, at, next), cells: [], fault: scanned.fault });
        at = next;
      } else {
        const { cells, next, lines } = scanned;
        this.#line += lines;
        if (cells.length > 1 || cells[0] !== '')
          rows.push({ ...this.#place(text, at, next), cells });
        at = next;
      }
    }
    this.#text = text.slice(at);
    return rows;
  }

  #place(text: string, at: number, next: number): Pick<CsvRow, 'row' | 'line' | 'text'> {
    const end = text[next - 1] === '\n' ? next - 1 : next;
    return { row: this.#row, line: this.#line, text: withoutReturn(text.slice(at, end)) };
  }

  /** The start of the line after `at`, or the end of what is there. */
  #skip(at: number): number {
    const end = this.#text.indexOf('\n', at);
    this.#isSkipping = end < 0;
    return end < 0 ? this.#text.length : end + 1;
  }

  /** One row from `at` on; `more` where what is there does not show its end. */
  #scan(text: string, at: number, isEnd: boolean): Scanned {
    const lineEnd = text.indexOf('\n', at);
    if (lineEnd < 0 && !isEnd) return 'more';
    const next = lineEnd < 0 ? text.length : lineEnd + 1;
    const line = withoutReturn(text.slice(at, lineEnd < 0 ? text.length : lineEnd));
    return line.includes('"')
      ? scanQuoted(text, at, isEnd, this.delimiter)
      : { cells: line.split(this.delimiter), next, lines: 1 };
  }
}

const limited = (scanned: Scanned, text: string, at: number): Scanned => {
  if (scanned !== 'more' && 'fault' in scanned) return scanned;
  const length = (scanned === 'more' ? text.length : scanned.next) - at;
  return length <= ROW_CHARACTERS_MAX
    ? scanned
    : {
        fault: `is longer than ${ROW_CHARACTERS_MAX} characters, or has a quote that is never closed`,
      };
};

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

const scanQuoted = (text: string, start: number, isEnd: boolean, delimiter: string): Scanned => {
  const cells: string[] = [];
  let lines = 1;
  for (let at = start; ;) {
    const cell =
      text[at] === '"'
        ? quotedCell(text, at, isEnd, delimiter)
        : plainCell(text, at, isEnd, delimiter);
    if (cell === 'more' || 'fault' in cell) return cell;
    cells.push(cell.value);
    lines += text[at] === '"' ? lineEndsIn(cell.value) : 0;
    if (text[cell.next] !== delimiter) return { cells, next: afterLineEnd(text, cell.next), lines };
    at = cell.next + 1;
  }
};

const lineEndsIn = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
};

const afterLineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
};

type Cell =
  | { readonly value: string; /** Of the delimiter or line end. */ readonly next: number }
  | { readonly fault: string }
  | 'more';

const plainCell = (text: string, start: number, isEnd: boolean, delimiter: string): Cell => {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n') end += 1;
  if (end === text.length && !isEnd) return 'more';
  const value = text.slice(start, end);
  return { value: text[end] === delimiter ? value : withoutReturn(value), next: end };
};

const quotedCell = (text: string, start: number, isEnd: boolean, delimiter: string): Cell => {
  let value = '';
  for (let from = start + 1; ;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return isEnd ? { fault: 'has a quote that is never closed' } : 'more';
    value += text.slice(from, quote);
    const after = text.slice(quote + 1, quote + 3);
    // Whether a line end or another quote follows can only be told from two more characters.
    if (after.length < 2 && !isEnd) return 'more';
    if (after[0] === '"') {
      value += '"';
      from = quote + 2;
    } else if (after === '' || after[0] === delimiter || /^(\n|\r\n|\r$)/.test(after))
      return { value, next: quote + 1 };
    else return { fault: 'has text after a closing quote' };
  }
};

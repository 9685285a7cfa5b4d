type Cell = string | number | null | undefined;

/** A spreadsheet takes text that begins so for a formula, and runs it. */
const FORMULA = /^[=+\-@\t\r]/;

const quoted = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** Cells as CSV (RFC 4180) without the end of the line, exactly as they are: for programs that read them back. */
export const exactCsv = (cells: readonly Cell[]): string =>
  cells.map((cell) => quoted(String(cell ?? ''))).join();

/** Cells as CSV for people: an apostrophe keeps text that looks like a formula text. Numbers are what they are. */
export const csv = (cells: readonly Cell[]): string =>
  exactCsv(
    cells.map((cell) => (typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : cell)),
  );

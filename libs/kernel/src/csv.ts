type Cell = string | number | null | undefined;

/** A spreadsheet takes text that begins so for a formula, and runs it. */
const FORMULA = /^[=+\-@\t\r]/;

/** All but NUL, which is refused where it matters, not mended. */
const CONTROLS = /[\u0001-\u001f\u007f-\u009f]+/;
const CONTROL_RUNS = new RegExp(CONTROLS, 'g');

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

/** Text of people out of a cell, where breaks and control characters are accidents: each run of them becomes a blank. */
export const withoutControls = (text: string): string =>
  CONTROLS.test(text) ? text.replaceAll(CONTROL_RUNS, ' ').trim() : text;

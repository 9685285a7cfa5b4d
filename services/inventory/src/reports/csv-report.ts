type Cell = string | number | null;

/** Spreadsheets take such text for a formula; a tab before it keeps it text. */
const FORMULA = /^[=+\-@\t\r]/;

const cellOf = (value: Cell): string => {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  const safe = FORMULA.test(text) ? `\t${text}` : text;
  return /[",\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** A line of a report as CSV (RFC 4180). */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(cellOf).join()}\r\n`;

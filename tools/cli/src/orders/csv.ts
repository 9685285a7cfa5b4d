/** Cells as one line of CSV (RFC 4180, with a line feed), quoted where needed. */
export const csvLine = (cells: readonly (string | number | null | undefined)[]): string =>
  `${cells.map(quoted).join()}\n`;

const quoted = (cell: string | number | null | undefined): string => {
  const text = String(cell ?? '');
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

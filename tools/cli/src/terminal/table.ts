type Cell = string | number;

/** Whole numbers with thousands separators, 12,345. */
export const grouped = (value: number): string => value.toLocaleString('en-GB');

const shown = (cell: Cell): string => (typeof cell === 'number' ? grouped(cell) : cell);

/** Lays rows out in columns; texts to the left, numbers to the right. */
export const table = (rows: readonly (readonly Cell[])[]): string => {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, shown(cell).length);
    });
  const line = (row: readonly Cell[]): string =>
    row
      .map((cell, column) =>
        typeof cell === 'number'
          ? shown(cell).padStart(widths[column]!)
          : shown(cell).padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
};

/** Seconds as `12 s`, `3 min 20 s` or `2 h 5 min`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
};

import { csv, exactCsv } from '@throughline/kernel';

type Cells = readonly (string | number | null | undefined)[];

/** Cells as one line of CSV for people. */
export const csvLine = (cells: Cells): string => `${csv(cells)}\n`;
/** Cells as one line of CSV that this program reads again. */
export const exactCsvLine = (cells: Cells): string => `${exactCsv(cells)}\n`;

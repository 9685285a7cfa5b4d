import { csv } from '@throughline/kernel';

/** A line of a report as CSV (RFC 4180). */
export const csvLine = (cells: readonly (string | number | null)[]): string => `${csv(cells)}\r\n`;

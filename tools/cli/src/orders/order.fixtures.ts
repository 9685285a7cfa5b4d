import type { Cells } from '../mapping/mapping.js';
import type { Group, Row } from './order.js';

/** A row of the shop mapping's file. */
export const row = (number: number, order: string, cells: Cells = {}): Row => ({
  number,
  cells: {
    order,
    at: '2026-01-05T10:00:00Z',
    country: 'UK',
    customer: 'c-1',
    sku: 'a-1',
    quantity: '2',
    price: '1.25',
    ...cells,
  },
});

export const group = (...rows: readonly Row[]): Group => ({
  key: rows[0]?.cells['order'] ?? '',
  rows,
});

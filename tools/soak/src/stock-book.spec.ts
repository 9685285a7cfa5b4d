import { StockBook } from './stock-book.js';
import type { MovementView, StockView } from './views.js';

const shelf = (onHand: number, reserved = 0): StockView => ({
  sku: 'A',
  locationId: 'north',
  onHand,
  reserved,
  available: onHand - reserved,
});
const told = (type: string, before: number, after: number): MovementView => ({
  movementId: 'm',
  type,
  sku: 'A',
  locationId: 'north',
  condition: 'sellable',
  quantity: after - before,
  before,
  after,
  reference: null,
});
const holding = (units: number): StockBook => {
  const book = new StockBook();
  book.add('A', 'north', units);
  return book;
};

describe('the book of stock', () => {
  it('agrees with shelves that hold what was moved', () => {
    expect(holding(3).compare([shelf(3)], [])).toEqual([]);
    expect(holding(3).compare([shelf(2)], [told('count', 3, 2)])).toEqual([]);
  });

  it('does not take the word of the ledger for what was sent', () =>
    expect(holding(3).compare([shelf(2)], [told('issue', 3, 2)])).toEqual([
      'A at north: 2 on hand, 3 by what was moved',
    ]));

  it('finds what is still reserved, and shelves that are not listed', () => {
    expect(holding(3).compare([shelf(3, 1)], [])).toEqual([
      'A at north: 1 reserved, although nothing is to come',
    ]);
    expect(holding(3).compare([], [])).toEqual(['A at north: not listed, 3 by what was moved']);
  });
});

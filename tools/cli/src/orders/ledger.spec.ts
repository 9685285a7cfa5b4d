import type { CanonicalOrder } from '@throughline/contracts';
import { NOTHING, rejectionsOf, rowsOfTally, settle } from './ledger.js';
import { group, row } from './order.fixtures.js';
import type { BuiltOrder } from './order.js';

const order = { lines: [{ quantity: 2 }, { quantity: 3 }] } as CanonicalOrder;
const fee = { field: 'sku', code: 'fee', message: '', row: 3, rows: 1 };
const built: BuiltOrder = {
  group: group(row(2, '7'), row(3, '7'), row(4, '7')),
  order,
  rejections: [fee],
};

describe('the tally of an import', () => {
  it('counts rows in orders and rejected rows', () => {
    const tally = settle(NOTHING, built, { outcome: 'placed' });
    expect(tally).toEqual({
      rowsInOrders: 2,
      rowsRejected: { fee: 1 },
      placed: 1,
      repeated: 0,
      refused: 0,
      withoutLines: {},
      unitsInOrders: 5,
    });
    expect(rowsOfTally(tally)).toBe(3);
  });

  it('counts orders that were there before', () =>
    expect(settle(NOTHING, built, { outcome: 'repeated' })).toEqual(
      expect.objectContaining({ placed: 0, repeated: 1, rowsInOrders: 2, unitsInOrders: 5 }),
    ));

  it('counts the rows of a refused order once, under its first reason', () => {
    const faults = [
      { field: 'lines[0].sku', code: 'min-length', message: 'a' },
      { field: 'currency', code: 'pattern', message: 'b' },
    ];
    const tally = settle(NOTHING, built, { outcome: 'rejected', faults });
    expect(tally).toEqual(
      expect.objectContaining({
        rowsInOrders: 0,
        rowsRejected: { fee: 1, 'min-length': 2 },
        refused: 1,
        unitsInOrders: 0,
      }),
    );
    expect(rejectionsOf(built, { outcome: 'rejected', faults })).toEqual([
      fee,
      { ...faults[0], row: 2, rows: 2 },
      { ...faults[1], row: 2, rows: 0 },
    ]);
  });

  it('counts what became no order under the reason of its last row', () => {
    const nothing: BuiltOrder = { group: group(row(3, '7')), order: undefined, rejections: [fee] };
    expect(settle(NOTHING, nothing, undefined)).toEqual({
      ...NOTHING,
      rowsRejected: { fee: 1 },
      withoutLines: { fee: 1 },
    });
  });
});

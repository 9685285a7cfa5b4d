import type { CanonicalOrder } from '@throughline/contracts';
import { expectation } from './expectation.js';
import { listed } from './order.fixtures.js';

const order = (externalId: string, ...lines: readonly [string, number][]): CanonicalOrder =>
  ({
    channel: 'web',
    externalId,
    lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
  }) as CanonicalOrder;

describe('what files say should be there', () => {
  it('is met by the same units per sku, on however many lines', () => {
    const expected = expectation();
    expected.expect(order('1', ['B', 1], ['A', 2], ['A', 3]));
    expect(expected.meet(listed('1', { A: { delivered: 5 }, B: { open: 1 } }))).toEqual([]);
    expect(expected.missing()).toEqual([]);
    expect(Object.fromEntries(expected.perSku)).toEqual({ A: 5, B: 1 });
  });

  it('names orders that are missing, that differ, and that nobody knows', () => {
    const expected = expectation();
    expected.expect(order('1', ['A', 2]));
    expected.expect(order('2', ['A', 2]));
    expect(expected.meet(listed('2', { A: { delivered: 1 }, B: { open: 1 } }))).toEqual([
      {
        check: 'order-differs',
        subject: 'web 2',
        detail: 'A: 2 in the file, 1 ordered; B: 0 in the file, 1 ordered',
      },
    ]);
    expect(expected.meet(listed('3', { A: { open: 1 } }))).toEqual([
      { check: 'order-unexpected', subject: 'web 3', detail: 'is in the system, not in the file' },
    ]);
    expect(expected.meet(listed('3', { A: { open: 1 } }, { channel: 'other' }))).toEqual([]);
    expect(expected.missing()).toEqual([
      { check: 'order-missing', subject: 'web 1', detail: 'is in the file, not in the system' },
    ]);
  });

  it('counts an order that is in the file twice once', () => {
    const expected = expectation();
    expected.expect(order('1', ['A', 2]));
    expected.expect(order('1', ['A', 2]));
    expect(Object.fromEntries(expected.perSku)).toEqual({ A: 2 });
  });
});

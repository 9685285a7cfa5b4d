import {
  balancing,
  missingUnits,
  queueDifferences,
  reservedDifferences,
  totalOf,
  type Balance,
} from './balance.js';
import { listed, quantities } from './order.fixtures.js';
import type { ListedException, ListedOrder } from './system.js';

const balanceOf = (
  orders: readonly ListedOrder[],
  exceptions: ReadonlyMap<string, readonly ListedException[]> = new Map(),
): Balance => {
  const balance = balancing(exceptions);
  for (const order of orders) balance.add(order);
  return balance.result();
};

describe('the balance of all orders', () => {
  it('adds up units per sku', () => {
    const { bySku, orders, differences, openOrders } = balanceOf([
      listed('1', { A: { delivered: 2, returned: 1 }, B: { cancelled: 1 } }),
      listed('2', { A: { delivered: 1, backordered: 4 } }),
    ]);
    expect([orders, differences, openOrders]).toEqual([2, [], []]);
    expect(Object.fromEntries(bySku)).toEqual({
      A: quantities({ delivered: 3, backordered: 4, returned: 1 }),
      B: quantities({ cancelled: 1 }),
    });
    const total = totalOf({ bySku, orders, differences, openOrders });
    expect([total.ordered, missingUnits(total)]).toEqual([8, 0]);
  });

  it('names a line of which units are in no bucket, or in two', () => {
    const lossy = listed('1', { A: { delivered: 2, ordered: 3 }, B: { shipped: 2, ordered: 1 } });
    expect(balanceOf([lossy]).differences.map(({ check, detail }) => [check, detail])).toEqual([
      ['line-balance', 'line 1: 1 of 3 units in no bucket'],
      ['line-balance', 'line 2: -1 of 1 units in no bucket'],
    ]);
  });

  it('names an order whose own units are not those of its lines', () => {
    const order = listed('1', { A: { delivered: 2 } });
    const wrong = { ...order, units: { ...order.units, delivered: 1 } };
    expect(balanceOf([wrong]).differences).toEqual([
      {
        check: 'order-units',
        subject: 'web 1',
        detail: 'delivered: 1 on the order, 2 on its lines',
      },
    ]);
  });

  it('names an order that is there twice, and overlooks one that two pages show', () => {
    const order = listed('1', { A: { delivered: 1 } });
    const { differences, orders } = balanceOf([order, order]);
    expect([differences, orders]).toEqual([[], 1]);
    const doubled = { ...order, orderId: 'other' };
    expect(balanceOf([order, doubled]).differences).toEqual([
      { check: 'order-doubled', subject: 'web 1', detail: 'also id-1' },
    ]);
  });

  it('says why units are open', () => {
    const exception: ListedException = {
      orderId: 'id-2',
      class: 'sourcing-failed',
      reason: 'no location is active',
      nextActions: ['source-again', 'cancel'],
    };
    const { openOrders } = balanceOf(
      [
        listed(
          '1',
          { A: { open: 2 } },
          {
            status: 'held',
            holds: [{ kind: 'address', reason: 'country is missing' }],
          },
        ),
        listed('2', { A: { open: 1, sourced: 3 } }, { exceptions: ['sourcing-failed'] }),
        listed('3', { A: { shipped: 3 } }),
        listed(
          '4',
          { A: { open: 1 } },
          {
            status: 'held',
            holds: [{ kind: 'fraud', reason: 'risk' }],
          },
        ),
      ],
      new Map([
        ['id-2', [exception]],
        ['id-4', [{ ...exception, class: 'hold-fraud', reason: 'risk' }]],
      ]),
    );
    expect(openOrders).toEqual([
      {
        orderNumber: 'number-1',
        order: 'web 1',
        units: 2,
        reason: 'held; hold-address: country is missing',
        next: '',
      },
      {
        orderNumber: 'number-2',
        order: 'web 2',
        units: 4,
        reason: 'confirmed; sourcing-failed: no location is active',
        next: 'source-again, cancel',
      },
      {
        orderNumber: 'number-4',
        order: 'web 4',
        units: 1,
        reason: 'held; hold-fraud: risk',
        next: 'source-again, cancel',
      },
    ]);
  });

  it("compares backorders with inventory's queue", () => {
    const balance = balanceOf([listed('1', { A: { backordered: 2 }, B: { backordered: 1 } })]);
    const queue = (entries: Record<string, number>) =>
      queueDifferences(balance, new Map(Object.entries(entries))).map(({ subject }) => subject);
    expect(queue({ A: 2, B: 1 })).toEqual([]);
    expect(queue({ A: 3, C: 1 })).toEqual(['A', 'B', 'C']);
  });

  it('compares what locations work on with reserved stock', () => {
    const balance = balanceOf([
      listed('1', { A: { sourced: 1, picked: 2, packed: 4 }, B: { shipped: 1, open: 3 } }),
    ]);
    const held = new Map([['A', 2]]);
    expect(reservedDifferences(balance, new Map([['A', 9]]), held)).toEqual([]);
    expect(reservedDifferences(balance, new Map([['B', 1]]), new Map())).toEqual([
      {
        check: 'reserved-stock',
        subject: 'A',
        detail: '7 units at work on orders, 0 reserved for orders in inventory',
      },
      {
        check: 'reserved-stock',
        subject: 'B',
        detail: '0 units at work on orders, 1 reserved for orders in inventory',
      },
    ]);
  });
});

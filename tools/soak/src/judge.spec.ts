import { Book, type BookedPackage } from './book.js';
import { judgeOrder, moneyProblem } from './judge.js';
import type { OrderView, Quantities } from './views.js';

const none: Quantities = {
  ordered: 2,
  open: 0,
  backordered: 0,
  sourced: 0,
  picked: 0,
  packed: 0,
  shipped: 0,
  delivered: 0,
  returnedToOrigin: 0,
  lost: 0,
  cancelled: 0,
  returned: 0,
};
const order = (status: string, some: Partial<Quantities>): OrderView => {
  const quantities = { ...none, ...some };
  const line = { lineId: '1', sku: 'A', quantity: 2, value: '1.01', promisedOn: null };
  return {
    orderId: 'o',
    status,
    units: quantities,
    exceptions: [],
    holds: [],
    lines: [{ ...line, cancelling: 0, quantities }],
    fulfillments: [],
  };
};
const book = (...packages: readonly Partial<BookedPackage>[]): Book => {
  const line = { lineId: '1', sku: 'A', quantity: 2, valueMinor: 101 };
  const pounds = { code: 'GBP', decimals: 2 };
  const made = new Book(0, [line], pounds, { paidMinor: 0, authorizedMinor: 101 }, 'ship');
  for (const [index, one] of packages.entries())
    made.packages.set(`p-${index}`, {
      fulfillmentId: 'f',
      packageId: `p-${index}`,
      locationId: 'north',
      lines: [{ lineId: '1', quantity: 1 }],
      shipmentId: `s-${index}`,
      leftAt: 10,
      toCustomer: false,
      opened: false,
      reports: new Set(['delivered']),
      remedy: undefined,
      ...one,
    });
  return made;
};
const rules = (one: Book, told: OrderView): readonly string[] => {
  judgeOrder(one, told);
  return one.findings.map(({ rule }) => rule);
};
const back = { returnId: 'r', kind: 'customer', locationId: 'north', refund: true } as const;

describe('the judgement of an order', () => {
  it('finds nothing where all fits', () =>
    expect(rules(book({}, {}), order('delivered', { delivered: 2 }))).toEqual([]));

  it('finds units that left although they are cancelled', () =>
    expect(rules(book({}, {}), order('delivered', { delivered: 2, cancelled: 1 }))).toEqual([
      'shipped',
    ]));

  it('finds a cancellation that was forgotten', () => {
    const asked = book({ leftAt: 30 }, { leftAt: 30 });
    asked.cancellations.push({ asked: null, startedAt: 5, settledAt: 20 });
    expect(rules(asked, order('delivered', { delivered: 2 }))).toEqual(['cancelled-ships']);
  });

  it('accepts a cancellation that came too late', () => {
    const asked = book({}, {});
    asked.cancellations.push({ asked: null, startedAt: 15, settledAt: 20 });
    expect(rules(asked, order('delivered', { delivered: 2 }))).toEqual([]);
  });

  it('finds parcels that are told to be elsewhere, and the wrong status', () => {
    expect(
      rules(book({}, { reports: new Set(['lost']) }), order('delivered', { delivered: 2 })),
    ).toEqual(['whereabouts', 'whereabouts']);
    const returned = book({}, {});
    returned.inspections.push({
      ...back,
      lines: [{ lineId: '1', quantity: 2, disposition: 'restock' }],
    });
    expect(rules(returned, order('delivered', { delivered: 2, returned: 2 }))).toEqual(['status']);
  });

  it('knows that a parcel may come to its origin in part, or after the customer brought of it', () => {
    const reports = new Set(['returned-to-origin']);
    const told = (status: string) => order(status, { delivered: 1, returnedToOrigin: 1 });
    const brought = { ...back, lines: [{ lineId: '1', quantity: 1, disposition: 'restock' }] };
    for (const status of ['delivered', 'returned']) {
      const part = book({}, { reports });
      part.inspections.push(brought);
      expect(rules(part, told(status))).toEqual([]);
    }
    expect(rules(book({}, { reports }), told('returned'))).toEqual(['status']);
  });

  it('finds goods that came back twice', () => {
    const twice = book({}, {});
    for (const returnId of ['r-1', 'r-2'])
      twice.inspections.push({
        ...back,
        returnId,
        lines: [{ lineId: '1', quantity: 2, disposition: 'restock' }],
      });
    expect(rules(twice, order('returned', { delivered: 2, returned: 2 }))).toEqual([
      'returned-twice',
    ]);
  });

  it('reckons the money of what left, was cancelled and came back', () => {
    const some = book({});
    const told = order('delivered', { delivered: 1, cancelled: 1 });
    const money = {
      captured: '0.50',
      refunded: '0.00',
      receivable: '0.00',
      earned: '0.50',
      liability: '0.00',
    };
    expect(moneyProblem(some, told, money)).toBeUndefined();
    expect(moneyProblem(some, told, { ...money, captured: '0.51' })).toBe(
      '0.51 captured, 0.50 by what happened',
    );
    some.byHandMinor = 10;
    expect(moneyProblem(some, told, money)).toBe('0.00 refunded, 0.10 by what happened');
  });

  it('knows that lost goods were charged when they left, also where they are cancelled before they leave again', () => {
    const lost = book({}, { reports: new Set(['lost']), remedy: 'reshipped' });
    const told = order('delivered', { delivered: 1, cancelled: 1 });
    const money = { receivable: '0.00', earned: '0.50', liability: '0.00' };
    const problemOf = (captured: string, refunded: string) =>
      moneyProblem(lost, told, { ...money, captured, refunded });
    expect(problemOf('1.01', '0.51')).toBeUndefined();
    expect(problemOf('1.01', '0.50')).toBe('0.50 refunded, 0.51 by what happened');
    expect(problemOf('1.02', '0.52')).toBe('1.02 captured, 0.50 by what happened');
  });
});

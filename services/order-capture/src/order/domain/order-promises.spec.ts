import { fold } from '@throughline/kernel';
import { deciderSpec } from '@throughline/testing';
import type { OrderEvent } from './order.js';
import { order } from './order.decider.js';
import {
  approved,
  AT,
  authorized,
  confirmed,
  LATER,
  placed,
  promise,
  promised,
  source,
  sourced,
} from './order.fixtures.js';
import {
  cancellationRequested,
  linesCancelled,
  settle,
  settled,
} from './order-cancellation.fixtures.js';
import { summaryOf } from './order-progress.js';

const given = deciderSpec(order);
const summaryAfter = (...events: OrderEvent[]) =>
  summaryOf(fold(order, order.initialState, events).progress);
const LINES = [
  ['1', 5],
  ['2', 3],
] as const;
const approvedOrder = [placed(LINES), authorized, approved(...LINES)];
const undated = sourced(1, { f1: [['1', 2]] }, [
  ['1', 3],
  ['2', 3],
]);

describe('an order that waits for stock without a date', () => {
  it('is not confirmed and stands as an exception', () => {
    given(...approvedOrder)
      .when(source(1, {}, LINES))
      .thenEvents(sourced(1, {}, LINES));
    expect(summaryAfter(...approvedOrder, undated)).toMatchObject({
      status: 'approved',
      exceptions: [
        {
          key: 'backorder-without-date',
          class: 'backorder-without-date',
          reason: 'No stock is expected for SKU-1, SKU-2',
          since: AT,
        },
      ],
    });
  });

  it('is confirmed when the last of its dates comes', () => {
    const first = promised(['1', 3, LATER]);
    given(...approvedOrder, undated)
      .when(promise(['1', 3, LATER]))
      .thenEvents(first);
    expect(summaryAfter(...approvedOrder, undated, first).exceptions).toMatchObject([
      { reason: 'No stock is expected for SKU-2', since: AT },
    ]);
    const last = promised(['2', 3, LATER]);
    given(...approvedOrder, undated, first)
      .when(promise(['2', 3, LATER]))
      .thenEvents(last, confirmed);
    expect(summaryAfter(...approvedOrder, undated, first, last, confirmed)).toMatchObject({
      status: 'confirmed',
      exceptions: [],
    });
  });

  it('is confirmed when what has no date is cancelled', () => {
    const before = [
      ...approvedOrder,
      sourced(1, { f1: [['1', 5]] }, [['2', 3]]),
      cancellationRequested([['2', 3]], true),
    ];
    given(...before)
      .when(settle([['2', 3]]))
      .thenEvents(settled([['2', 3]]), linesCancelled(['2', 3]), confirmed);
    const after = [...before, settled([['2', 3]]), linesCancelled(['2', 3]), confirmed];
    expect(summaryAfter(...after)).toMatchObject({ status: 'confirmed', exceptions: [] });
  });

  it('is confirmed when stock comes first', () => {
    const stock = source(
      2,
      {
        f2: [
          ['1', 3],
          ['2', 3],
        ],
      },
      [],
    );
    given(...approvedOrder, undated)
      .when(stock)
      .thenEvents({ type: 'SourcingSettled', data: stock.data }, confirmed);
  });

  it('stays confirmed when a date is withdrawn later, and is an exception again', () => {
    const dated = sourced(1, { f1: [['1', 5]] }, [['2', 3, LATER]]);
    const withdrawn = promised(['2', 3]);
    expect(summaryAfter(...approvedOrder, dated, confirmed, withdrawn)).toMatchObject({
      status: 'confirmed',
      exceptions: [{ class: 'backorder-without-date', since: LATER }],
    });
    const back = promised(['2', 3, LATER]);
    expect(summaryAfter(...approvedOrder, dated, confirmed, withdrawn, back).exceptions).toEqual(
      [],
    );
  });

  it('was confirmed by older releases, and reads so', () => {
    const { type, data } = undated;
    const { at: _at, ...older } = data;
    void _at;
    expect(summaryAfter(...approvedOrder, { type, data: older }, confirmed)).toMatchObject({
      status: 'confirmed',
      exceptions: [{ class: 'backorder-without-date', since: AT }],
    });
  });

  it('does not hide a sourcing that fails while cancelled units are counted as waiting', () => {
    const history: OrderEvent[] = [
      placed(),
      authorized,
      approved(['1', 5]),
      sourced(1, { f1: [['1', 3]] }, [['1', 2, LATER]]),
      cancellationRequested([['1', 2]], true),
      linesCancelled(['1', 2]),
      {
        type: 'FulfillmentProgressed',
        data: {
          fulfillmentId: 'f1',
          locationId: 'at-f1',
          attempt: 1,
          step: 'rejected',
          at: LATER,
          lines: [{ lineId: '1', shorted: 3 }],
        },
      },
    ];
    expect(summaryAfter(...history).totals).toMatchObject({
      open: 3,
      backordered: 0,
      cancelled: 2,
    });
  });
});

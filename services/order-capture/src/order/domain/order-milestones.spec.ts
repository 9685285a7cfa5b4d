import { fold } from '@throughline/kernel';
import { deciderSpec } from '@throughline/testing';
import type { OrderCommand, OrderEvent } from './order.js';
import { bucketsOf } from './order-buckets.js';
import { order } from './order.decider.js';
import {
  approved,
  AT,
  authorized,
  confirmed,
  LATER,
  parcel,
  parcelTold,
  placed,
  progress,
  progressed,
  promise,
  promised,
  source,
  sourced,
} from './order.fixtures.js';
import { linesCancelled } from './order-cancellation.fixtures.js';
import { summaryOf } from './order-progress.js';

const given = deciderSpec(order);
const stateOf = (...events: OrderEvent[]) => fold(order, order.initialState, events);
const summaryAfter = (...events: OrderEvent[]) => summaryOf(stateOf(...events).progress);
const bucketsAfter = (...events: OrderEvent[]) => {
  const { lines, attempt } = stateOf(...events).progress.quantities;
  return Object.fromEntries(
    Object.entries(bucketsOf(lines.get('1')!, attempt)).filter(([, units]) => units > 0),
  );
};
const approvedOrder = [placed(), authorized, approved(['1', 5])];
describe('sourcing', () => {
  it('confirms the order once every unit is reserved or waits with a date', () => {
    given(...approvedOrder)
      .when(source(1, { f1: [['1', 3]] }, [['1', 2, LATER]]))
      .thenEvents(sourced(1, { f1: [['1', 3]] }, [['1', 2, LATER]]), confirmed);
    given(...approvedOrder)
      .when(source(1, { f1: [['1', 3]] }, [['1', 2]]))
      .thenEvents(sourced(1, { f1: [['1', 3]] }, [['1', 2]]));
    given(...approvedOrder)
      .when(source(1, { f1: [['1', 3]] }))
      .thenEvents(sourced(1, { f1: [['1', 3]] }));
  });

  it('confirms once', () =>
    given(...approvedOrder, sourced(1, { f1: [['1', 5]] }), confirmed)
      .when(source(2, {}))
      .thenEvents(sourced(2, {})));

  it('believes the newest attempt about what waits for stock', () => {
    expect(bucketsAfter(...approvedOrder, sourced(1, {}, [['1', 5]]))).toEqual({
      ordered: 5,
      backordered: 5,
    });
    expect(
      bucketsAfter(
        ...approvedOrder,
        sourced(1, {}, [['1', 5]]),
        sourced(2, { f1: [['1', 2]] }, []),
      ),
    ).toEqual({ ordered: 5, open: 3, sourced: 2 });
    expect(
      bucketsAfter(...approvedOrder, sourced(2, {}, [['1', 1]]), sourced(1, {}, [['1', 5]])),
    ).toEqual({ ordered: 5, open: 4, backordered: 1 });
  });

  it('counts an allocation once, whoever tells of it first', () => {
    const events = [
      sourced(1, { f1: [['1', 5]] }),
      progressed('f1', 'released', { '1': { released: 5 } }),
    ];
    for (const history of [events, events.toReversed()])
      expect(bucketsAfter(...approvedOrder, ...history)).toEqual({ ordered: 5, sourced: 5 });
  });

  it('is an exception when it fails, until a later attempt succeeds or nothing is open', () => {
    const failed: OrderEvent = {
      type: 'SourcingFailed',
      data: { attempt: 1, reason: 'no-location', at: AT },
    };
    const { type, data } = failed;
    given(...approvedOrder)
      .when({ type: 'RecordSourcingFailure', data })
      .thenEvents({ type, data });
    expect(summaryAfter(...approvedOrder, failed).exceptions).toEqual([
      { key: 'sourcing-failed-1', class: 'sourcing-failed', reason: 'no-location', since: AT },
    ]);
    for (const cure of [sourced(2, { f1: [['1', 5]] }), linesCancelled(['1', 5])])
      expect(summaryAfter(...approvedOrder, failed, cure).exceptions).toEqual([]);
    expect(summaryAfter(...approvedOrder, sourced(2, {}), failed).exceptions).toEqual([]);
  });

  it('is told of dates that move, of the lines of the order alone', () => {
    given(...approvedOrder, sourced(1, {}, [['1', 5, AT]]), confirmed)
      .when(promise(['1', 5, LATER]))
      .thenEvents(promised(['1', 5, LATER]));
    given(...approvedOrder)
      .when(promise(['9', 1]))
      .thenRejected({ code: 'unknown-line', lineIds: ['9'] });
  });

  const unknown = (attempt: number, ...skus: string[]): OrderEvent => ({
    type: 'SourcingFailed',
    data: { attempt, reason: 'unknown-sku', at: AT, skus },
  });

  it('is an exception of mapping when a SKU is unknown, until the next attempt succeeds', () => {
    expect(summaryAfter(...approvedOrder, unknown(1, 'SKU-1', 'SKU-2')).exceptions).toEqual([
      {
        key: 'mapping-1',
        class: 'mapping',
        reason: 'No item is known for SKU-1, SKU-2',
        since: AT,
      },
    ]);
    for (const cure of [sourced(2, { f1: [['1', 5]] }), linesCancelled(['1', 5])])
      expect(summaryAfter(...approvedOrder, unknown(1, 'SKU-1'), cure).exceptions).toEqual([]);
    expect(summaryAfter(...approvedOrder, sourced(2, {}), unknown(1, 'X')).exceptions).toEqual([]);
  });

  it('shows the newest failure alone, and not more SKUs than one can read', () => {
    const many = Array.from({ length: 12 }, (_, index) => `S${index}`);
    const failures = [unknown(1, 'SKU-1'), unknown(2, ...many)];
    expect(summaryAfter(...approvedOrder, ...failures).exceptions).toMatchObject([
      { key: 'mapping-2', reason: expect.stringMatching(/S8, S9 and 2 more$/) },
    ]);
    const other: OrderEvent = {
      type: 'SourcingFailed',
      data: { attempt: 3, reason: 'no-location', at: AT },
    };
    expect(summaryAfter(...approvedOrder, ...failures, other).exceptions).toMatchObject([
      { key: 'sourcing-failed-3' },
    ]);
  });
});

describe('fulfillment', () => {
  it('is recorded with the numbers that changed', () =>
    given(
      ...approvedOrder,
      sourced(1, { f1: [['1', 5]] }),
      confirmed,
      progressed('f1', 'picked', { '1': { picked: 3 } }),
    )
      .when(
        progress('f1', 'rejected', {
          '1': { released: 5, picked: 2, packed: 2, handedOver: 0, shorted: 3, cancelled: 0 },
        }),
      )
      .thenEvents(progressed('f1', 'rejected', { '1': { picked: 2, packed: 2, shorted: 3 } })));

  it('is recorded without numbers when it tells none that are new', () =>
    given(
      ...approvedOrder,
      progressed('f1', 'packed', { '1': { released: 5, picked: 5, packed: 5 } }),
      confirmed,
    )
      .when(progress('f1', 'packed', { '1': { released: 5, picked: 5, packed: 5 } }))
      .thenEvents(progressed('f1', 'packed', {})));

  it('moves units from bucket to bucket', () =>
    expect(
      bucketsAfter(
        ...approvedOrder,
        sourced(1, { f1: [['1', 5]] }),
        progressed('f1', 'packed', { '1': { picked: 4, packed: 3, handedOver: 1 } }),
      ),
    ).toEqual({ ordered: 5, sourced: 1, picked: 1, packed: 2, shipped: 1 }));

  it('gives short and refused units back to be sourced again', () =>
    expect(
      bucketsAfter(
        ...approvedOrder,
        sourced(1, { f1: [['1', 5]] }),
        progressed('f1', 'shorted', { '1': { picked: 3, shorted: 2 } }),
      ),
    ).toEqual({ ordered: 5, open: 2, picked: 3 }));

  it('takes back even what was packed', () =>
    expect(
      bucketsAfter(
        ...approvedOrder,
        progressed('f1', 'packed', { '1': { released: 5, picked: 5, packed: 5 } }),
        progressed('f1', 'recalled', { '1': { cancelled: 2 } }),
      ),
    ).toEqual({ ordered: 5, open: 2, packed: 3 }));

  it('goes back when goods are put back on the shelf', () =>
    expect(
      bucketsAfter(
        ...approvedOrder,
        progressed('f1', 'packed', { '1': { released: 5, picked: 5, packed: 5 } }),
        progressed('f1', 'recalled', { '1': { picked: 4, packed: 3, cancelled: 1 } }),
      ),
    ).toEqual({ ordered: 5, open: 1, picked: 1, packed: 3 }));

  it('is under way while something is picked or packed, and not before', () => {
    const begun = [
      ...approvedOrder,
      sourced(1, { f1: [['1', 5]] }),
      confirmed,
      progressed('f1', 'released', { '1': { released: 5 } }),
    ];
    expect(summaryAfter(...begun).status).toBe('confirmed');
    const picked = progressed('f1', 'picked', { '1': { picked: 1 } });
    expect(summaryAfter(...begun, picked).status).toBe('in-fulfillment');
    const allBack = progressed('f1', 'rejected', { '1': { picked: 0, shorted: 5 } });
    const elsewhere = sourced(2, { f2: [['1', 5]] });
    expect(summaryAfter(...begun, picked, allBack, elsewhere).status).toBe('confirmed');
  });

  it('delivers what the customer takes away in person', () => {
    const collected = [{ lineId: '1', quantity: 2 }];
    expect(
      bucketsAfter(
        ...approvedOrder,
        sourced(1, { f1: [['1', 5]] }),
        progressed(
          'f1',
          'handed-over',
          { '1': { picked: 3, packed: 3, handedOver: 3 } },
          { collected },
        ),
      ),
    ).toEqual({ ordered: 5, sourced: 2, shipped: 1, delivered: 2 });
  });

  it('never counts a unit twice while services contradict each other', () =>
    expect(
      bucketsAfter(
        ...approvedOrder,
        sourced(1, { f1: [['1', 5]] }),
        sourced(2, { f2: [['1', 2]] }),
        progressed('f2', 'packed', { '1': { picked: 2, packed: 2 } }),
      ),
    ).toEqual({ ordered: 5, sourced: 3, packed: 2 }));

  it('cannot be about a line that the order does not have', () =>
    given(...approvedOrder)
      .when(progress('f1', 'picked', { '9': { picked: 2 } }))
      .thenRejected({ code: 'unknown-line', lineIds: ['9'] }));
});

describe('parcels', () => {
  const handedOver = progressed('f1', 'handed-over', {
    '1': { released: 5, picked: 5, packed: 5, handedOver: 5 },
  });

  it('are written down with their content once', () => {
    given(...approvedOrder, handedOver, confirmed)
      .when(parcel('s1', 'labelled', [['1', 5]]))
      .thenEvents(parcelTold(parcel('s1', 'labelled', [['1', 5]])));
    given(...approvedOrder, handedOver, confirmed, parcelTold(parcel('s1', 'labelled', [['1', 5]])))
      .when(parcel('s1', 'delivered', [['1', 5]]))
      .thenEvents(parcelTold(parcel('s1', 'delivered', [['1', 5]]), false));
  });

  it('tell where the units are', () => {
    const parcels = [
      parcelTold(parcel('s1', 'delivered', [['1', 1]])),
      parcelTold(parcel('s2', 'returned-to-origin', [['1', 1]])),
      parcelTold(parcel('s3', 'lost', [['1', 1]])),
      parcelTold(parcel('s4', 'in-transit', [['1', 1]])),
    ];
    for (const history of [
      [handedOver, ...parcels],
      [...parcels, handedOver],
    ])
      expect(bucketsAfter(...approvedOrder, ...history)).toEqual({
        ordered: 5,
        shipped: 2,
        delivered: 1,
        returnedToOrigin: 1,
        lost: 1,
      });
  });

  it('may be known to be under way before the hand-over is', () =>
    expect(
      bucketsAfter(
        ...approvedOrder,
        sourced(1, { f1: [['1', 5]] }),
        parcelTold(parcel('s1', 'in-transit', [['1', 2]])),
      ),
    ).toEqual({ ordered: 5, sourced: 3, shipped: 2 }));

  it('go only forwards, whatever the times: a late scan finds a lost one', () => {
    const steps = [
      'in-transit',
      'delivery-failed',
      'lost',
      'delivered',
      'returned-to-origin',
      'voided',
    ] as const;
    const lastOf = (...told: readonly OrderEvent[]) =>
      stateOf(...approvedOrder, handedOver, ...told).progress.quantities.parcels.get('s1')?.status;
    for (const [index, further] of steps.entries())
      for (const step of steps.slice(0, index)) {
        const early = parcelTold(parcel('s1', step, [['1', 5]], LATER));
        const late = parcelTold(parcel('s1', further, [['1', 5]], AT));
        expect([lastOf(early, late), lastOf(late, early)]).toEqual([further, further]);
      }
    expect(
      summaryAfter(
        ...approvedOrder,
        handedOver,
        parcelTold(parcel('s1', 'lost', [['1', 5]], LATER)),
        parcelTold(parcel('s1', 'delivered', [], AT), false),
      ),
    ).toMatchObject({ status: 'delivered', exceptions: [] });
  });

  it('hold nothing once they are void', () => {
    const packed = progressed('f1', 'packed', { '1': { released: 5, picked: 5, packed: 5 } });
    const opened = progressed('f1', 'recalled', { '1': { picked: 3, packed: 0, cancelled: 2 } });
    const scanned = parcelTold(parcel('s1', 'in-transit', [['1', 5]]));
    const voided = parcelTold(parcel('s1', 'voided', [], LATER), false);
    expect(bucketsAfter(...approvedOrder, packed, scanned, opened, voided)).toEqual({
      ordered: 5,
      open: 2,
      picked: 3,
    });
  });

  it('are exceptions when they could not be delivered or are lost, until they arrive', () => {
    const failed = parcelTold(parcel('s1', 'delivery-failed', [['1', 5]]));
    expect(summaryAfter(...approvedOrder, handedOver, failed).exceptions).toEqual([
      {
        key: 'delivery-failed-s1',
        class: 'delivery-failed',
        reason: 'The carrier could not deliver the parcel',
        since: AT,
      },
    ]);
    const lost = parcelTold(parcel('s1', 'lost', [], LATER), false);
    expect(
      summaryAfter(...approvedOrder, handedOver, failed, lost).exceptions.map(({ key }) => key),
    ).toEqual(['parcel-lost-s1']);
    const late = parcelTold(parcel('s1', 'delivery-failed', [], LATER), false);
    const delivered = parcelTold(parcel('s1', 'delivered', [], LATER), false);
    expect(summaryAfter(...approvedOrder, handedOver, failed, delivered, late).exceptions).toEqual(
      [],
    );
  });
});

describe('returns', () => {
  const back = (
    step: 'received' | 'inspected',
    quantity: number,
    kind: 'customer' | 'return-to-origin' = 'customer',
  ): Extract<OrderCommand, { type: 'RecordReturn' }>['data'] => ({
    returnId: 'r1',
    kind,
    step,
    at: AT,
    lines: [{ lineId: '1', quantity }],
  });
  const returned = (...parameters: Parameters<typeof back>): OrderEvent => ({
    type: 'ReturnProgressed',
    data: back(...parameters),
  });
  const delivered = [
    ...approvedOrder,
    progressed('f1', 'handed-over', { '1': { released: 5, picked: 5, packed: 5, handedOver: 5 } }),
    parcelTold(parcel('s1', 'delivered', [['1', 5]])),
  ];

  it('are a part of what was delivered', () => {
    given(...delivered)
      .when({ type: 'RecordReturn', data: back('received', 2) })
      .thenEvents(returned('received', 2));
    expect(
      bucketsAfter(
        ...delivered,
        returned('received', 1),
        returned('received', 1),
        returned('inspected', 2),
      ),
    ).toEqual({ ordered: 5, delivered: 5, returned: 2 });
  });

  it('of undelivered parcels move nothing', () =>
    expect(bucketsAfter(...delivered, returned('received', 2, 'return-to-origin'))).toEqual({
      ordered: 5,
      delivered: 5,
    }));
});

describe('payment milestones', () => {
  it('are told', () => {
    const capture = { fulfillmentId: 'f1', currency: 'GBP', amountMinor: 500 };
    given(...approvedOrder)
      .when({ type: 'RecordCapture', data: capture })
      .thenEvents({ type: 'PaymentCaptured', data: capture });
    const refund = { currency: 'GBP', amountMinor: 100, reason: 'return', referenceId: 'r1' };
    given(...approvedOrder)
      .when({ type: 'RecordRefund', data: refund })
      .thenEvents({ type: 'PaymentRefunded', data: refund });
  });

  it('that come too late to hold the order are an exception until payment stands', () => {
    const data = { currency: 'GBP', coveredMinor: 0, totalMinor: 500, reason: 'no', at: AT };
    const late: OrderEvent = { type: 'PaymentDeclined', data };
    expect(summaryAfter(...approvedOrder, late).exceptions).toEqual([
      { key: 'payment-declined', class: 'payment-declined', reason: 'no', since: AT },
    ]);
    expect(summaryAfter(...approvedOrder, late, authorized).exceptions).toEqual([]);
    // In time, the hold says it.
    expect(summaryAfter(placed(), late).exceptions).toEqual([]);
  });
});

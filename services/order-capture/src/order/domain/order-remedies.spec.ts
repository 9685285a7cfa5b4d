import { fold } from '@throughline/kernel';
import { deciderSpec } from '@throughline/testing';
import type { LineBuckets } from './order-buckets.js';
import type { OrderEvent, ParcelStatus, SkuWish } from './order.js';
import { order } from './order.decider.js';
import {
  address,
  approved,
  AT,
  authorized,
  confirmed,
  LATER,
  parcel,
  parcelTold,
  placed,
  placedOrder,
  progressed,
  sourced,
  type Command,
  type Event,
  type Wishes,
} from './order.fixtures.js';
import { cancel, cancellationRequested } from './order-cancellation.fixtures.js';
import { summaryOf } from './order-progress.js';

const given = deciderSpec(order);
const summaryAfter = (...events: OrderEvent[]) =>
  summaryOf(fold(order, order.initialState, events).progress);
const unitsAfter = (...events: OrderEvent[]): Partial<LineBuckets> =>
  Object.fromEntries(
    Object.entries(summaryAfter(...events).totals).filter(([, units]) => units > 0),
  );
const keysAfter = (...events: OrderEvent[]) =>
  summaryAfter(...events).exceptions.map(({ key }) => key);

const approvedOrder = [placed(), authorized, approved(['1', 5])];
const failed = (attempt: number): OrderEvent => ({
  type: 'SourcingFailed',
  data: { attempt, reason: 'rejected-by-location', at: AT },
});
const remedy = { requestId: 'request-1', key: 'sourcing-failed-1', reason: 'open again' };
const sourceAgain: Command<'SourceAgain'> = { type: 'SourceAgain', data: remedy };
const requested = (
  delivery?: Event<'SourcingRequested'>['data']['delivery'],
): Event<'SourcingRequested'> => ({
  type: 'SourcingRequested',
  data: { requestId: 'request-1', reason: 'open again', ...(delivery && { delivery }) },
});
const change = (
  delivery: Command<'ChangeDelivery'>['data']['delivery'],
): Command<'ChangeDelivery'> => ({
  type: 'ChangeDelivery',
  data: { ...remedy, delivery, at: LATER },
});

describe('sourcing once more', () => {
  it('is asked for while the exception stands, which stays until the answer', () => {
    given(...approvedOrder, failed(1))
      .when(sourceAgain)
      .thenEvents(requested());
    expect(keysAfter(...approvedOrder, failed(1), requested())).toEqual(['sourcing-failed-1']);
    expect(keysAfter(...approvedOrder, failed(1), requested(), failed(2))).toEqual([
      'sourcing-failed-2',
    ]);
    const served = sourced(2, { f1: [['1', 5]] });
    expect(keysAfter(...approvedOrder, failed(1), requested(), served)).toEqual([]);
  });

  it('is refused when the exception is over', () =>
    given(...approvedOrder, failed(1), sourced(2, { f1: [['1', 5]] }), confirmed)
      .when(sourceAgain)
      .thenRejected({ code: 'unknown-exception', key: 'sourcing-failed-1' }));

  it('cannot be put aside while units are open or wait', () => {
    const seen: OrderEvent = {
      type: 'ExceptionAcknowledged',
      data: { key: 'sourcing-failed-1', reason: 'seen' },
    };
    expect(keysAfter(...approvedOrder, failed(1), seen)).toEqual(['sourcing-failed-1']);
    const waits = [...approvedOrder, sourced(1, {}, [['1', 5, LATER]]), confirmed, failed(1)];
    expect(keysAfter(...waits)).toEqual(['sourcing-failed-1']);
  });
});

describe('another delivery', () => {
  const pickup = { method: 'pickup', service: 'standard', locationId: 'store-7' } as const;
  const terms = { ...pickup, promisedBy: null };

  it('is told to routing, and keeps the address', () =>
    given(...approvedOrder, failed(1))
      .when(change({ method: 'pickup', locationId: 'store-7' }))
      .thenEvents(
        {
          type: 'DeliveryChanged',
          data: { fulfillment: { ...terms, notBefore: null }, shipTo: address, at: LATER },
        },
        requested({ ...terms, shipTo: null }),
      ));

  it('forgets no place that sold what is shipped still', () => {
    const sold = { ...placedOrder().fulfillment, locationId: 'store-7' };
    given(placed([['1', 5]], { fulfillment: sold }), authorized, approved(['1', 5]), failed(1))
      .when(change({ method: 'ship', service: 'express' }))
      .thenEvents(
        {
          type: 'DeliveryChanged',
          data: { fulfillment: { ...sold, service: 'express' }, shipTo: address, at: LATER },
        },
        expect.objectContaining({ type: 'SourcingRequested' }),
      );
  });

  it('may go to another address', () => {
    const shipTo = { ...address, city: 'Leeds', postalCode: 'LS1 1UR' };
    const { country: _country, verified: _verified, ...home } = shipTo;
    void _country;
    void _verified;
    given(...approvedOrder, failed(1))
      .when(change({ method: 'ship', service: 'express', locationId: 'ignored', shipTo }))
      .thenEvents(
        {
          type: 'DeliveryChanged',
          data: {
            fulfillment: {
              method: 'ship',
              service: 'express',
              locationId: null,
              promisedBy: null,
              notBefore: null,
            },
            shipTo,
            at: LATER,
          },
        },
        requested({
          method: 'ship',
          service: 'express',
          locationId: null,
          promisedBy: null,
          shipTo: { ...home, country: 'GB' },
        }),
      );
  });

  it('must say where', () => {
    given(...approvedOrder, failed(1))
      .when(change({ method: 'counter' }))
      .thenRejected({ code: 'delivery-incomplete', missing: 'locationId' });
    given(...approvedOrder, failed(1))
      .when(change({ method: 'ship', shipTo: { country: 'GB' } }))
      .thenRejected({ code: 'delivery-incomplete', missing: 'shipTo.postalCode' });
  });

  it('is refused when the exception is over', () =>
    given(...approvedOrder)
      .when(change({ method: 'ship' }))
      .thenRejected({ code: 'unknown-exception', key: 'sourcing-failed-1' }));
});

describe('a lost parcel', () => {
  const key = 'parcel-lost-s1';
  const data = { requestId: 'request-1', key, shipmentId: 's1', reason: 'wanted' };
  const reship: Command<'Reship'> = { type: 'Reship', data };
  const refund: Command<'RefundLoss'> = { type: 'RefundLoss', data };
  const skus = (...wishes: Wishes): SkuWish[] =>
    wishes.map(([lineId, quantity]) => ({ lineId, quantity, sku: `SKU-${lineId}` }));
  const lostUnits = { shipmentId: 's1', reason: 'wanted', lines: skus(['1', 2]) };
  const again: OrderEvent = {
    type: 'ReshipmentRequested',
    data: { requestId: 'request-1', ...lostUnits },
  };
  const refunded: OrderEvent = {
    type: 'LossSettled',
    data: { settlementId: 'request-1', ...lostUnits },
  };
  const sent = { released: 5, picked: 5, packed: 5, handedOver: 5 };
  const told = (shipmentId: string, status: ParcelStatus, wishes: Wishes) =>
    parcelTold(parcel(shipmentId, status, wishes));
  const lost = [
    ...approvedOrder,
    sourced(1, { f1: [['1', 5]] }),
    confirmed,
    progressed('f1', 'handed-over', { '1': sent }),
    told('s1', 'lost', [['1', 2]]),
    told('s2', 'delivered', [['1', 3]]),
  ];

  it('is sent again: its units are open once more, and can be cancelled', () => {
    given(...lost)
      .when(reship)
      .thenEvents(again);
    expect(unitsAfter(...lost, again)).toEqual({ ordered: 5, open: 2, delivered: 3 });
    expect(keysAfter(...lost, again)).toEqual([]);
    given(...lost, again)
      .when(cancel())
      .thenEvents(cancellationRequested([['1', 2]], true));
  });

  it('is sent again by another fulfillment, and can be lost again', () => {
    const next = [
      ...lost,
      again,
      sourced(2, { f2: [['1', 2]] }),
      progressed('f2', 'handed-over', {
        '1': { released: 2, picked: 2, packed: 2, handedOver: 2 },
      }),
    ];
    expect(unitsAfter(...next)).toEqual({ ordered: 5, shipped: 2, delivered: 3 });
    const lostAgain = told('s3', 'lost', [['1', 2]]);
    expect(unitsAfter(...next, lostAgain)).toEqual({ ordered: 5, lost: 2, delivered: 3 });
    expect(keysAfter(...next, lostAgain)).toEqual(['parcel-lost-s3']);
  });

  it('is given back: its units stay lost and are not owed any more', () => {
    given(...lost)
      .when(refund)
      .thenEvents(refunded);
    expect(unitsAfter(...lost, refunded)).toEqual({ ordered: 5, lost: 2, delivered: 3 });
    expect(summaryAfter(...lost, refunded)).toMatchObject({ status: 'delivered', exceptions: [] });
  });

  it('is decided about once', () => {
    given(...lost, again)
      .when(reship)
      .thenNothing();
    given(...lost, again)
      .when(refund)
      .thenRejected({ code: 'loss-settled', settled: 'reshipped' });
    given(...lost, refunded)
      .when(refund)
      .thenNothing();
    given(...lost, refunded)
      .when(reship)
      .thenRejected({ code: 'loss-settled', settled: 'refunded' });
    for (const command of [reship, refund])
      given(...lost.slice(0, -2))
        .when(command)
        .thenRejected({ code: 'unknown-exception', key });
  });

  it('may turn up afterwards: the order has its units once, and a person is told', () => {
    const found = parcelTold(parcel('s1', 'delivered', [], LATER), false);
    expect(unitsAfter(...lost, again, found)).toEqual({ ordered: 5, open: 2, delivered: 3 });
    expect(summaryAfter(...lost, again, found).exceptions).toEqual([
      {
        key: 'lost-parcel-found-s1',
        class: 'lost-parcel-found',
        reason: 'The lost parcel was delivered after its units were sent again',
        since: LATER,
      },
    ]);
    expect(unitsAfter(...lost, refunded, found)).toEqual({ ordered: 5, delivered: 5 });
    expect(keysAfter(...lost, refunded, found)).toEqual(['lost-parcel-found-s1']);
    const seen: OrderEvent = {
      type: 'ExceptionAcknowledged',
      data: { key: 'lost-parcel-found-s1', reason: 'seen' },
    };
    expect(keysAfter(...lost, refunded, found, seen)).toEqual([]);
    const back = parcelTold(parcel('s1', 'returned-to-origin', [], LATER), false);
    expect(keysAfter(...lost, refunded, back)).toEqual([]);
    expect(unitsAfter(...lost, refunded, back)).toEqual({
      ordered: 5,
      delivered: 3,
      returnedToOrigin: 2,
    });
  });
});

describe('a parcel that is tracked before its hand-over', () => {
  const data = { shipmentId: 's1', carrier: 'acme', trackingNumber: 'T-1', at: AT };
  const early: OrderEvent = { type: 'ParcelTrackedEarly', data };
  const labelled = parcelTold(parcel('s1', 'labelled', [['1', 5]]));
  const packed = [
    ...approvedOrder,
    sourced(1, { f1: [['1', 5]] }),
    confirmed,
    progressed('f1', 'packed', { '1': { released: 5, picked: 5, packed: 5 } }),
    labelled,
  ];

  it('is an exception and moves nothing, until its news take effect', () => {
    given(...packed)
      .when({ type: 'RecordEarlyTracking', data })
      .thenEvents(early);
    expect(summaryAfter(...packed, early)).toMatchObject({
      status: 'in-fulfillment',
      totals: { packed: 5, shipped: 0, delivered: 0 },
      exceptions: [
        {
          key: 'tracked-before-hand-over-s1',
          reason: 'acme reports parcel T-1, of which no hand-over is known',
          since: AT,
        },
      ],
    });
    for (const status of ['in-transit', 'delivered', 'lost', 'voided'] as const) {
      const news = parcelTold(parcel('s1', status, [], LATER), false);
      expect(keysAfter(...packed, early, news)).not.toContain('tracked-before-hand-over-s1');
      expect(keysAfter(...packed, news, early)).not.toContain('tracked-before-hand-over-s1');
    }
  });

  it('does not end with its label, which may come late', () =>
    expect(keysAfter(...packed.slice(0, -1), early, labelled)).toEqual([
      'tracked-before-hand-over-s1',
    ]));

  it('can be asked back from its location', () => {
    const { data: cancellation } = cancel();
    given(...packed, early)
      .when({
        type: 'CancelOrder',
        data: { ...cancellation, exceptionKey: 'tracked-before-hand-over-s1' },
      })
      .thenEvents(cancellationRequested([['1', 5]], true));
  });
});

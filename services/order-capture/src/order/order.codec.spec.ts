import { fold } from '@throughline/kernel';
import { goldenStory, goldenSuite } from '@throughline/testing';
import { summaryOf } from './domain/order-progress.js';
import { noOrder } from './domain/order-state.js';
import { order } from './domain/order.decider.js';
import { emptyView, evolveView } from './domain/order-view.js';
import { orderCodec } from './order.codec.js';

const GOLDEN = new URL('golden/', import.meta.url);
const story = goldenStory(GOLDEN, orderCodec);

/** The life of one order. */
const LIFE = [
  'OrderPlaced',
  'HoldPlaced',
  'HoldReleased',
  'AddressChanged',
  'PaymentDeclined',
  'PaymentAuthorized',
  'OrderApproved',
  'SourcingFailed',
  'SourcingSettled',
  'PromisesMoved',
  'OrderConfirmed',
  'CancellationRequested',
  'CancellationSettled',
  'LinesCancelled',
  'RecallRequested',
  'FulfillmentProgressed',
  'CancellationRefused',
  'PaymentCaptured',
  'ParcelProgressed',
  'ExceptionAcknowledged',
  'ReturnProgressed',
  'PaymentRefunded',
] as const;

/** What a person does about exceptions, and a parcel that is told of too early. */
const LATER = [
  'ParcelTrackedEarly',
  'DeliveryChanged',
  'SourcingRequested',
  'ReshipmentRequested',
  'LossSettled',
] as const;

describe('stored events of an order', () => {
  goldenSuite(GOLDEN, orderCodec);

  it('are all part of the stories below', () =>
    expect([...LIFE, ...LATER].sort()).toEqual(Object.keys(orderCodec.types).sort()));

  it('fold into the same order as ever', () => {
    const events = story(...LIFE);
    const { status, totals, holds, exceptions } = summaryOf(fold(order, noOrder, events).progress);
    expect({ status, holds, exceptions }).toEqual({
      status: 'lost',
      holds: [],
      exceptions: [],
    });
    expect(totals).toEqual({
      ordered: 6,
      open: 0,
      backordered: 0,
      sourced: 0,
      picked: 0,
      packed: 0,
      shipped: 0,
      delivered: 0,
      returnedToOrigin: 0,
      lost: 4,
      cancelled: 2,
      returned: 0,
      cancelling: 0,
    });
    const view = fold({ evolve: evolveView }, emptyView, events);
    expect(view.shipments).toEqual(
      new Map([['s1', { fulfillmentId: 'f1', carrier: 'acme', trackingNumber: 'T-1' }]]),
    );
    const { lines } = view.progress.quantities;
    expect(lines.get('1')?.promisedOn).toBe('2026-11-27T00:00:00.000Z');
  });

  it('fold lost units that are sent again, or given back', () => {
    const after = (...names: Parameters<typeof story>) =>
      fold(order, noOrder, story(...LIFE, ...names));
    const again = after('SourcingRequested', 'DeliveryChanged', 'ReshipmentRequested');
    const { status, totals } = summaryOf(again.progress);
    expect([status, totals.open, totals.lost, totals.cancelled]).toEqual(['approved', 4, 0, 2]);
    expect(again.fulfillment.locationId).toBe('store-7');
    expect(again.progress.quantities.parcels.get('s1')?.settled).toBe('reshipped');
    const refunded = after('LossSettled').progress;
    expect(summaryOf(refunded)).toMatchObject({ status: 'lost', totals: { lost: 4 } });
    expect(refunded.quantities.parcels.get('s1')?.settled).toBe('refunded');
  });
});

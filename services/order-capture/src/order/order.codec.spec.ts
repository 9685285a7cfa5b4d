import { readdirSync, readFileSync } from 'node:fs';
import { fold } from '@throughline/kernel';
import { summaryOf } from './domain/order-progress.js';
import { noOrder } from './domain/order-state.js';
import { order } from './domain/order.decider.js';
import { emptyView, evolveView } from './domain/order-view.js';
import { orderCodec } from './order.codec.js';

const GOLDEN = new URL('./golden/', import.meta.url);

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
];

/** What a person does about exceptions, and a parcel that is told of too early. */
const LATER_TYPES = [
  'ParcelTrackedEarly',
  'DeliveryChanged',
  'SourcingRequested',
  'ReshipmentRequested',
  'LossSettled',
];
const TYPES = [...LIFE, ...LATER_TYPES];

const stored = (type: string, version: number) => ({
  type,
  version,
  stream: 'order-1',
  data: JSON.parse(readFileSync(new URL(`${type}.${version}.json`, GOLDEN), 'utf8')),
});

describe('stored events of an order', () => {
  it('each have a file of every version ever stored', () => {
    const files = Object.entries(orderCodec.types).flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, index) => `${type}.${index + 1}.json`),
    );
    expect(readdirSync(GOLDEN).sort()).toEqual(files.sort());
    expect([...TYPES].sort()).toEqual(Object.keys(orderCodec.types).sort());
  });

  it('come out as they went in', () => {
    for (const type of TYPES) {
      const recorded = stored(type, 1);
      const { version, data } = orderCodec.encode(orderCodec.decode(recorded));
      expect({ type, version, data }).toEqual({ type, version: 1, data: recorded.data });
    }
  });

  it('come out with what later ones say besides', () => {
    const { data } = stored('OrderApproved', 1);
    const [line] = data.lines;
    const later = { ...data, channel: 'web', lines: [{ ...line, reservationId: 'cart-7' }] };
    const approval = { ...stored('OrderApproved', 1), data: later };
    expect(orderCodec.encode(orderCodec.decode(approval)).data).toEqual(later);
    const cancelled = stored('LinesCancelled', 1);
    const givenUp = { ...cancelled, data: { ...cancelled.data, reservationIds: ['cart-7'] } };
    expect(orderCodec.encode(orderCodec.decode(givenUp)).data).toEqual(givenUp.data);
    const sourcing = stored('SourcingSettled', 1);
    const told = { ...sourcing, data: { ...sourcing.data, at: '2026-11-01T11:00:00.000Z' } };
    expect(orderCodec.encode(orderCodec.decode(told)).data).toEqual(told.data);
    const failure = stored('SourcingFailed', 1);
    const named = { ...failure, data: { ...failure.data, skus: ['85123A'] } };
    expect(orderCodec.encode(orderCodec.decode(named)).data).toEqual(named.data);
  });

  it('fold into the same order as ever', () => {
    const events = LIFE.map((type) => orderCodec.decode(stored(type, 1)));
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
    const decoded = (types: readonly string[]) => types.map((t) => orderCodec.decode(stored(t, 1)));
    const after = (...types: readonly string[]) =>
      fold(order, noOrder, decoded([...LIFE, ...types]));
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

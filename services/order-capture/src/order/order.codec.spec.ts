import { readdirSync, readFileSync } from 'node:fs';
import { fold } from '@throughline/kernel';
import { summaryOf } from './domain/order-progress.js';
import { noOrder } from './domain/order-state.js';
import { order } from './domain/order.decider.js';
import { emptyView, evolveView } from './domain/order-view.js';
import { orderCodec } from './order.codec.js';

const GOLDEN = new URL('./golden/', import.meta.url);

/** The life of one order, with every event type there is. */
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
    expect([...LIFE].sort()).toEqual(Object.keys(orderCodec.types).sort());
  });

  it('come out as they went in', () => {
    for (const type of LIFE) {
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
    const failure = stored('SourcingFailed', 1);
    const named = { ...failure, data: { ...failure.data, skus: ['85123A'] } };
    expect(orderCodec.encode(orderCodec.decode(named)).data).toEqual(named.data);
  });

  it('fold into the same order as ever', () => {
    const events = LIFE.map((type) => orderCodec.decode(stored(type, 1)));
    const { status, totals, holds, exceptions } = summaryOf(fold(order, noOrder, events).progress);
    expect({ status, holds, exceptions }).toEqual({
      status: 'delivered',
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
    expect(view.promisedOn).toEqual(new Map([['1', '2026-11-27T00:00:00.000Z']]));
  });
});

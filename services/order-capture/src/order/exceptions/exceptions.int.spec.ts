import {
  BackordersPromised,
  CancellationSettled,
  type OrderCancellationRequested,
  OrderSourced,
  PaymentAuthorized,
  PaymentDeclined,
  ShipmentDelivered,
  ShipmentDeliveryFailed,
  ShipmentInTransit,
  ShipmentLost,
  ShipmentTrackedEarly,
  SourcingFailed,
} from '@throughline/contracts';
import { derivedId, readableNumber } from '@throughline/kernel';
import { startService, type ServiceHarness } from '@throughline/testing';
import { orderCapture } from '../../order-capture.module.js';
import { HOLD_KINDS } from '../domain/order.js';
import { EXCEPTION_CLASSES } from '../domain/order-troubles.js';
import {
  AT,
  backordersPromised,
  canonicalOrder,
  deliveryFailed,
  orderSourced,
  paymentAuthorized,
  paymentDeclined,
  shipmentDelivered,
  shipmentLost,
  sourcingFailed,
} from '../canonical-order.fixtures.js';

let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(orderCapture, { now: () => AT });
});
afterAll(() => service.stop());

const place = async (...parameters: Parameters<typeof canonicalOrder>): Promise<string> => {
  const { body } = await service.http('POST', '/v1/orders', canonicalOrder(...parameters));
  return body.orderId;
};

const exceptionsOf = async (orderId: string) => {
  await service.caughtUp();
  return (await service.http('GET', `/v1/exceptions?orderId=${orderId}`)).body.items;
};

const resolve = (exceptionId: string, action: string, more: object = {}) =>
  service.http('POST', `/v1/exceptions/${exceptionId}/resolution`, {
    action,
    reason: 'looked',
    ...more,
  });

const published = async (orderId: string, type: string) =>
  (await service.published('oms.order'))
    .filter((message) => message.key === orderId && message.type === type)
    .map(({ data }) => data);

const approved = async (externalId: string): Promise<string> => {
  const orderId = await place(externalId);
  await service.deliver(PaymentAuthorized, orderId, paymentAuthorized(orderId));
  return orderId;
};

const statusOf = async (orderId: string): Promise<string> =>
  (await service.http('GET', `/v1/orders/${orderId}`)).body.status;

describe('a hold', () => {
  it('is an exception that can be released', async () => {
    const orderId = await place('e1', { total: '99.00' });
    await service.deliver(PaymentAuthorized, orderId, paymentAuthorized(orderId));
    const exceptionId = `${orderId}.hold-${derivedId(orderId, 'hold', 'review')}`;
    expect(await exceptionsOf(orderId)).toEqual([
      {
        exceptionId,
        class: 'hold-review',
        orderId,
        orderNumber: readableNumber(orderId),
        since: AT,
        reason:
          'The total of 99.00 GBP differs by 87.00 GBP from the 12.00 GBP that lines, shipping and discounts add up to',
        nextActions: ['release', 'cancel-order'],
      },
    ]);
    expect((await resolve(exceptionId, 'release')).status).toBe(204);
    expect((await resolve(exceptionId, 'release')).status).toBe(204);
    expect(await statusOf(orderId)).toBe('approved');
    expect(await exceptionsOf(orderId)).toEqual([]);
    // The page was old: the order goes its way and must not be cancelled by it.
    expect((await resolve(exceptionId, 'cancel-order')).status).toBe(404);
  });

  it('is an exception that can end the order', async () => {
    const orderId = await place('e2', { shipTo: null });
    const [{ exceptionId }] = await exceptionsOf(orderId);
    expect((await resolve(exceptionId, 'cancel-order')).status).toBe(204);
    expect(await statusOf(orderId)).toBe('cancelled');
    expect(await exceptionsOf(orderId)).toEqual([]);
  });

  it('cannot be acknowledged away', async () => {
    const orderId = await place('e3', { shipTo: null });
    const [{ exceptionId }] = await exceptionsOf(orderId);
    const { status, body } = await resolve(exceptionId, 'acknowledge');
    expect([status, body.code, body.nextActions]).toEqual([
      409,
      'action-not-offered',
      ['correct-address', 'cancel-order'],
    ]);
    const released = await resolve(exceptionId, 'release');
    expect([released.status, released.body.code]).toEqual([409, 'address-incomplete']);
  });
});

describe('an order that asks for what is not known', () => {
  const held = async (externalId: string, overrides: Parameters<typeof canonicalOrder>[1]) => {
    const order = canonicalOrder(externalId, overrides);
    const { body } = await service.http('POST', '/v1/orders', order);
    await service.deliver(PaymentAuthorized, body.orderId, paymentAuthorized(body.orderId));
    await service.caughtUp();
    const { items } = (await service.http('GET', `/v1/exceptions?orderId=${body.orderId}`)).body;
    return { orderId: body.orderId as string, items };
  };
  const shown = async (orderId: string) =>
    (await service.http('GET', `/v1/orders/${orderId}`)).body;
  const drone = { fulfillment: { method: 'ship' as const, service: 'drone' } };

  it('is held with the service that it names, and goes as standard when it is released', async () => {
    const { orderId, items } = await held('drone-1', drone);
    expect(items).toMatchObject([
      {
        class: 'hold-mapping',
        reason: 'fulfillment.service drone is none of standard, express, next-day, same-day',
        nextActions: ['release', 'cancel-order'],
      },
    ]);
    expect((await shown(orderId)).fulfillment.service).toBe('drone');
    const path = `/v1/exceptions/${items[0].exceptionId}/resolution`;
    const resolution = { action: 'release', reason: 'standard will do' };
    expect((await service.http('POST', path, resolution)).status).toBe(204);
    const { status, fulfillment } = await shown(orderId);
    expect([status, fulfillment.service]).toEqual(['approved', 'standard']);
  });

  it('goes by the service that a person names', async () => {
    const { orderId } = await held('drone-2', drone);
    const edit = (body: object) => service.http('POST', `/v1/orders/${orderId}/edits`, body);
    expect((await edit({ service: 'rocket' })).status).toBe(422);
    expect((await edit({})).status).toBe(422);
    expect((await edit({ service: 'next-day' })).status).toBe(204);
    const { status, fulfillment, holds } = await shown(orderId);
    expect([status, fulfillment.service, holds]).toEqual(['approved', 'next-day', []]);
  });

  it('is held where its postal code breaks the form of its country', async () => {
    const shipTo = { ...canonicalOrder('x').shipTo!, postalCode: '12345' };
    const { orderId, items } = await held('code-1', { shipTo });
    expect(items).toMatchObject([
      {
        class: 'hold-address',
        reason: 'shipTo.postalCode 12345 is not of the form that GB has',
      },
    ]);
    const edit = { shipTo: { ...shipTo, postalCode: 'sw1y4jh' } };
    expect((await service.http('POST', `/v1/orders/${orderId}/edits`, edit)).status).toBe(204);
    expect((await shown(orderId)).status).toBe('approved');
    const verified = await held('code-2', { shipTo: { ...shipTo, verified: true } });
    expect(verified.items).toEqual([]);
  });
});

describe('a milestone that went wrong', () => {
  it('waits until it is overcome', async () => {
    const orderId = await place('e4');
    await service.deliver(ShipmentDeliveryFailed, orderId, deliveryFailed(orderId));
    expect(
      (await exceptionsOf(orderId)).map((item: Record<string, unknown>) => [
        item.exceptionId,
        item.class,
        item.reason,
        item.nextActions,
      ]),
    ).toEqual([
      [
        `${orderId}.delivery-failed-s-${orderId}`,
        'delivery-failed',
        'Nobody at home',
        ['record-tracking'],
      ],
    ]);
    const elsewhere = await resolve(`${orderId}.delivery-failed-s-${orderId}`, 'record-tracking');
    expect([elsewhere.status, elsewhere.body.code]).toEqual([409, 'action-taken-elsewhere']);
    await service.deliver(ShipmentDelivered, orderId, shipmentDelivered(orderId));
    expect(await exceptionsOf(orderId)).toEqual([]);
  });

  it('of a carrier before the hand-over is told, with what can be done', async () => {
    const orderId = await approved('e30');
    await service.deliver(OrderSourced, orderId, orderSourced(orderId, 6, 0));
    const early = shipmentLost(orderId);
    const { id } = await service.deliver(ShipmentTrackedEarly, orderId, early);
    await service.deliver(ShipmentTrackedEarly, orderId, early, { id });
    expect(await exceptionsOf(orderId)).toMatchObject([
      {
        exceptionId: `${orderId}.tracked-before-hand-over-s-${orderId}`,
        class: 'tracked-before-hand-over',
        nextActions: ['record-hand-over', 'cancel-order'],
      },
    ]);
    await service.deliver(ShipmentInTransit, orderId, early);
    expect(await exceptionsOf(orderId)).toEqual([]);
  });
});

describe('a parcel that was lost', () => {
  const lost = async (externalId: string) => {
    const orderId = await approved(externalId);
    await service.deliver(OrderSourced, orderId, orderSourced(orderId, 6, 0));
    await service.deliver(ShipmentLost, orderId, shipmentLost(orderId));
    return { orderId, exceptionId: `${orderId}.parcel-lost-s-${orderId}` };
  };
  const lines = [{ lineId: '1', sku: 'A', quantity: 4 }];
  const shown = async (orderId: string) => {
    const { body } = await service.http('GET', `/v1/orders/${orderId}`);
    const { open, lost: gone } = body.units;
    return { open, lost: gone, settled: body.shipments[0].settled };
  };

  it('is not put aside by words', async () => {
    const { orderId, exceptionId } = await lost('e5');
    const { status, body } = await resolve(exceptionId, 'acknowledge');
    expect([status, body.code, body.nextActions]).toEqual([
      409,
      'action-not-offered',
      ['reship', 'refund'],
    ]);
    expect(await exceptionsOf(orderId)).toHaveLength(1);
  });

  it('is sent again, once', async () => {
    const { orderId, exceptionId } = await lost('e20');
    for (let times = 0; times < 2; times += 1)
      expect((await resolve(exceptionId, 'reship')).status).toBe(204);
    expect(await exceptionsOf(orderId)).toEqual([]);
    expect(await shown(orderId)).toEqual({ open: 4, lost: 0, settled: 'reshipped' });
    expect(await published(orderId, 'SourcingRequested')).toEqual([
      { orderId, requestId: expect.any(String), shipmentId: `s-${orderId}`, again: lines },
    ]);
    const other = await resolve(exceptionId, 'refund');
    expect([other.status, other.body.code, other.body.settled]).toEqual([
      409,
      'loss-settled',
      'reshipped',
    ]);
  });

  it('is given back, once', async () => {
    const { orderId, exceptionId } = await lost('e21');
    for (let times = 0; times < 2; times += 1)
      expect((await resolve(exceptionId, 'refund')).status).toBe(204);
    expect(await exceptionsOf(orderId)).toEqual([]);
    expect(await shown(orderId)).toEqual({ open: 0, lost: 4, settled: 'refunded' });
    expect(await published(orderId, 'LossSettled')).toEqual([
      { orderId, settlementId: expect.any(String), shipmentId: `s-${orderId}`, lines },
    ]);
    await service.deliver(ShipmentDelivered, orderId, shipmentDelivered(orderId));
    const [found] = await exceptionsOf(orderId);
    expect([found.class, found.nextActions]).toEqual(['lost-parcel-found', ['acknowledge']]);
    expect((await resolve(found.exceptionId, 'acknowledge')).status).toBe(204);
    expect(await exceptionsOf(orderId)).toEqual([]);
  });
});

describe('a sourcing that failed', () => {
  const failed = async (externalId: string) => {
    const orderId = await approved(externalId);
    await service.deliver(SourcingFailed, orderId, sourcingFailed(orderId));
    return { orderId, exceptionId: `${orderId}.sourcing-failed-1` };
  };

  it('is not put aside by words, and offers what ends it', async () => {
    const { orderId, exceptionId } = await failed('e22');
    expect((await resolve(exceptionId, 'acknowledge')).body.nextActions).toEqual([
      'source-again',
      'change-delivery',
      'cancel-order',
    ]);
    expect((await resolve(exceptionId, 'source-again')).status).toBe(204);
    expect(await published(orderId, 'SourcingRequested')).toEqual([
      { orderId, requestId: expect.any(String), again: [] },
    ]);
    expect(await exceptionsOf(orderId)).toHaveLength(1);
    const sourced = { ...orderSourced(orderId, 6, 0), attempt: 2 };
    await service.deliver(OrderSourced, orderId, sourced);
    expect(await exceptionsOf(orderId)).toEqual([]);
    expect((await resolve(exceptionId, 'source-again')).status).toBe(404);
  });

  it('may be overcome by another delivery', async () => {
    const { orderId, exceptionId } = await failed('e23');
    const change = (delivery?: object) =>
      resolve(exceptionId, 'change-delivery', delivery ? { delivery } : {});
    const fieldOf = async (answer: ReturnType<typeof change>) =>
      (await answer).body.errors[0].field;
    expect(await fieldOf(change())).toBe('delivery');
    expect(await fieldOf(change({ method: 'pickup' }))).toBe('delivery.locationId');
    const misplaced = resolve(exceptionId, 'source-again', { delivery: { method: 'ship' } });
    expect(await fieldOf(misplaced)).toBe('delivery');
    expect((await change({ method: 'pickup', locationId: 'store-7' })).status).toBe(204);
    const [told] = await published(orderId, 'SourcingRequested');
    expect(told).toMatchObject({
      delivery: { method: 'pickup', service: 'standard', locationId: 'store-7', shipTo: null },
    });
    const { body } = await service.http('GET', `/v1/orders/${orderId}`);
    expect(body.fulfillment).toMatchObject({ method: 'pickup', locationId: 'store-7' });
    const sourced = { ...orderSourced(orderId, 6, 0), attempt: 2 };
    await service.deliver(OrderSourced, orderId, sourced);
    expect(await exceptionsOf(orderId)).toEqual([]);
    const { body: there } = await service.http('GET', '/v1/orders?locationId=store-7');
    expect(there.items.map((item: { orderId: string }) => item.orderId)).toEqual([orderId]);
  });
});

describe('stock that is not expected', () => {
  it('keeps an order from being confirmed, until its date comes', async () => {
    const orderId = await approved('e24');
    const [line] = orderSourced(orderId, 4, 2).backordered;
    const { promisedOn, ...undated } = line!;
    await service.deliver(OrderSourced, orderId, {
      ...orderSourced(orderId, 4, 2),
      backordered: [undated],
    });
    expect(await published(orderId, 'OrderConfirmed')).toEqual([]);
    expect(await exceptionsOf(orderId)).toMatchObject([
      {
        exceptionId: `${orderId}.backorder-without-date`,
        class: 'backorder-without-date',
        reason: 'No stock is expected for A',
        since: AT,
        nextActions: ['source-again', 'change-delivery', 'cancel-order'],
      },
    ]);
    await service.deliver(BackordersPromised, orderId, backordersPromised(orderId, promisedOn!));
    expect(await exceptionsOf(orderId)).toEqual([]);
    expect(await statusOf(orderId)).toBe('confirmed');
    expect(await published(orderId, 'OrderConfirmed')).toHaveLength(1);
  });
});

describe('a SKU that no catalogue lists', () => {
  const failed = async (externalId: string): Promise<string> => {
    const orderId = await place(externalId);
    await service.deliver(PaymentAuthorized, orderId, paymentAuthorized(orderId));
    const failure = { ...sourcingFailed(orderId), reason: 'unknown-sku', skus: ['A'] };
    const { id } = await service.deliver(SourcingFailed, orderId, failure);
    await service.deliver(SourcingFailed, orderId, failure, { id });
    return orderId;
  };

  it('is named, with what can be done, until the item is there and the order sourced', async () => {
    const orderId = await failed('e10');
    expect(await exceptionsOf(orderId)).toMatchObject([
      {
        exceptionId: `${orderId}.mapping-1`,
        class: 'mapping',
        reason: 'No item is known for A',
        nextActions: ['create-item', 'cancel-order'],
      },
    ]);
    const elsewhere = await resolve(`${orderId}.mapping-1`, 'create-item');
    expect([elsewhere.status, elsewhere.body.code]).toEqual([409, 'action-taken-elsewhere']);
    expect((await resolve(`${orderId}.mapping-1`, 'acknowledge')).body.code).toBe(
      'action-not-offered',
    );
    const sourced = { ...orderSourced(orderId, 6, 0), attempt: 2 };
    await service.deliver(OrderSourced, orderId, sourced);
    expect(await exceptionsOf(orderId)).toEqual([]);
    const late = await resolve(`${orderId}.mapping-1`, 'cancel-order');
    expect([late.status, late.body.code]).toEqual([404, 'not-found']);
  });

  it('ends with the order where that is cancelled', async () => {
    const orderId = await failed('e11');
    expect((await resolve(`${orderId}.mapping-1`, 'cancel-order')).status).toBe(204);
    const request = (await service.published('oms.order')).find(
      ({ key, type }) => key === orderId && type === 'OrderCancellationRequested',
    );
    const { cancellationId, lines } = request!.data as OrderCancellationRequested;
    await service.deliver(CancellationSettled, orderId, { orderId, cancellationId, lines });
    expect(await statusOf(orderId)).toBe('cancelled');
    expect(await exceptionsOf(orderId)).toEqual([]);
  });
});

describe('GET /v1/exceptions', () => {
  it('filters by class and comes in pages, the oldest first', async () => {
    const ids: string[] = [];
    for (const name of ['e6', 'e7', 'e8']) {
      const orderId = await place(name);
      ids.push(orderId);
      await service.deliver(SourcingFailed, orderId, sourcingFailed(orderId));
    }
    await service.caughtUp();
    const page = async (query: string) =>
      (await service.http('GET', `/v1/exceptions?class=sourcing-failed&limit=2${query}`)).body;
    const first = await page('');
    const second = await page(`&cursor=${first.nextCursor}`);
    expect(
      [...first.items, ...second.items].map(({ orderId }: { orderId: string }) => orderId),
    ).toEqual(ids.sort());
    expect([first.items.length, second.nextCursor]).toEqual([2, null]);
  });

  it.each([
    ['orderId=mine', 'orderId'],
    [`cursor=${Buffer.from('[1]').toString('base64url')}`, 'cursor'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await service.http('GET', `/v1/exceptions?${query}`);
    expect([status, body.errors[0].field]).toEqual([422, field]);
  });
});

describe('resolving what is not there', () => {
  it('is answered with 404', async () => {
    const orderId = await place('e9');
    for (const id of ['nonsense', `${orderId}.mood`, `${orderId}.lost-parcel-found-s1`])
      expect((await resolve(id, 'acknowledge')).status).toBe(404);
    for (const action of ['reship', 'refund'])
      expect((await resolve(`${orderId}.parcel-lost-s1`, action)).status).toBe(404);
    expect((await resolve(`${orderId}.hold-none`, 'release')).status).toBe(404);
  });
});

describe('what is offered', () => {
  const sourced = (orderId: string) =>
    service.deliver(OrderSourced, orderId, orderSourced(orderId, 6, 0));
  const lost = async (externalId: string): Promise<string> => {
    const orderId = await approved(externalId);
    await sourced(orderId);
    await service.deliver(ShipmentLost, orderId, shipmentLost(orderId));
    return orderId;
  };
  const failing = async (externalId: string, more: object = {}): Promise<string> => {
    const orderId = await approved(externalId);
    await service.deliver(SourcingFailed, orderId, { ...sourcingFailed(orderId), ...more });
    return orderId;
  };
  const byHand = async (externalId: string, kind: string, more: object = {}): Promise<string> => {
    const orderId = await place(externalId, more);
    await service.http('POST', `/v1/orders/${orderId}/holds`, { kind, reason: 'looked at' });
    return orderId;
  };
  const address = canonicalOrder('x').shipTo!;
  const nowhere = { shipTo: { ...address, country: null } };

  /** One order that waits for a person, for each class of exception. */
  const WAYS: Readonly<Record<string, (externalId: string) => Promise<string>>> = {
    ...Object.fromEntries(
      HOLD_KINDS.map((kind) => [`hold-${kind}`, (id: string) => byHand(id, kind)]),
    ),
    'hold-address without a country': (id) => place(id, nowhere),
    'hold-address without a country, and by hand': (id) => byHand(id, 'address', nowhere),
    'hold-address without a code': (id) => place(id, { shipTo: { ...address, postalCode: null } }),
    'sourcing-failed': (id) => failing(id),
    mapping: (id) => failing(id, { reason: 'unknown-sku', skus: ['A'] }),
    'backorder-without-date': async (id) => {
      const orderId = await approved(id);
      const { backordered, ...rest } = orderSourced(orderId, 4, 2);
      const undated = backordered.map(({ promisedOn, ...line }) => (void promisedOn, line));
      await service.deliver(OrderSourced, orderId, { ...rest, backordered: undated });
      return orderId;
    },
    'tracked-before-hand-over': async (id) => {
      const orderId = await approved(id);
      await sourced(orderId);
      await service.deliver(ShipmentTrackedEarly, orderId, shipmentLost(orderId));
      return orderId;
    },
    'delivery-failed': async (id) => {
      const orderId = await place(id);
      await service.deliver(ShipmentDeliveryFailed, orderId, deliveryFailed(orderId));
      return orderId;
    },
    'parcel-lost': lost,
    'lost-parcel-found': async (id) => {
      const orderId = await lost(id);
      await resolve(`${orderId}.parcel-lost-s-${orderId}`, 'refund');
      await service.deliver(ShipmentDelivered, orderId, shipmentDelivered(orderId));
      return orderId;
    },
    'payment-declined': async (id) => {
      const orderId = await approved(id);
      await service.deliver(PaymentDeclined, orderId, paymentDeclined(orderId));
      return orderId;
    },
  };
  it('covers every class', () =>
    expect(EXCEPTION_CLASSES.filter((of) => WAYS[of] === undefined)).toEqual([]));

  it.each(Object.keys(WAYS))('on %s is never refused', async (way) => {
    const name = way.replaceAll(' ', '-');
    const found = await exceptionsOf(await WAYS[way]!(`offer-${name}`));
    expect(found.length).toBeGreaterThan(0);
    for (const [at, { nextActions, reason }] of found.entries()) {
      expect(nextActions.length).toBeGreaterThan(0);
      for (const action of nextActions) {
        // Each on an order of its own, since one of them may end what the others are about.
        const items = await exceptionsOf(await WAYS[way]!(`offer-${name}-${at}-${action}`));
        const more = action === 'change-delivery' ? { delivery: { method: 'ship' } } : {};
        const same = items.find((item: { reason: string }) => item.reason === reason);
        const { status, body } = await resolve((same ?? items[at]).exceptionId, action, more);
        const isTaken = status === 204 || body.code === 'action-taken-elsewhere';
        expect([action, isTaken, body]).toEqual([action, true, body]);
      }
    }
  });
});

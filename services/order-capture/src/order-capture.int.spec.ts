import {
  BackordersPromised,
  CancellationSettled,
  FulfillmentPicked,
  FulfillmentRecalled,
  type OrderCancellationRequested,
  OrderSourced,
  PaymentAuthorized,
  PaymentDeclined,
  ShipmentDelivered,
  ShipmentLost,
  ShipmentReturnedToOrigin,
  ShipmentVoided,
} from '@throughline/contracts';
import { derivedId, readableNumber } from '@throughline/kernel';
import { startService, until, type ServiceHarness } from '@throughline/testing';
import { knownLog } from './disowned/known-log.js';
import { openingQuery } from './location/opening.query.js';
import { orderCapture } from './order-capture.module.js';
import {
  AT,
  backordersPromised,
  canonicalOrder,
  milestonesOf,
  orderSourced,
  paymentAuthorized,
  paymentDeclined,
  shipmentDelivered,
  shipmentLost,
  shipmentReturned,
} from './order/canonical-order.fixtures.js';
import { orderDifferences } from './order/order-differences.js';
import { orderHandler } from './order/order-handler.js';
import { orderIntake } from './order/order-intake.js';

let service: ServiceHarness;
let clock = AT;
beforeAll(async () => {
  service = await startService(orderCapture, { now: () => clock });
});
beforeEach(() => {
  clock = AT;
});
afterAll(() => service.stop());

const idOf = (externalId: string): string => derivedId('order', 'web', externalId);

const place = async (...parameters: Parameters<typeof canonicalOrder>): Promise<string> => {
  const { status, body } = await service.http('POST', '/v1/orders', canonicalOrder(...parameters));
  expect(status).toBe(201);
  return body.orderId;
};

const approvedOrder = async (externalId: string): Promise<string> => {
  const orderId = await place(externalId);
  await service.deliver(PaymentAuthorized, orderId, paymentAuthorized(orderId));
  return orderId;
};

const eventTypes = async (orderId: string): Promise<string[]> => {
  const { body } = await service.http('GET', `/v1/orders/${orderId}/events?limit=200`);
  return body.items.map(({ type }: { type: string }) => type);
};

const statusOf = async (orderId: string): Promise<string> =>
  (await service.http('GET', `/v1/orders/${orderId}`)).body.status;

const published = async (orderId: string) =>
  (await service.published('oms.order')).filter(({ key }) => key === orderId);

describe('POST /v1/orders', () => {
  it('places an order once: the same again is answered the same', async () => {
    const first = await service.http('POST', '/v1/orders', canonicalOrder('p1'));
    const again = await service.http('POST', '/v1/orders', {
      ...canonicalOrder('p1'),
      notes: null,
    });
    const orderId = idOf('p1');
    const body = { orderId, orderNumber: readableNumber(orderId) };
    expect([first.status, first.body]).toEqual([201, body]);
    expect([again.status, again.body]).toEqual([200, body]);
    expect(first.headers['consistency-token']).toMatch(/^order-capture:\d+$/);
    expect(await eventTypes(orderId)).toEqual(['OrderPlaced']);
  });

  it('recognises the same order also after a restart, when nothing is remembered', async () => {
    const orderId = await place('p2');
    const { store, database, now } = service.runtime;
    const take = orderIntake(
      orderHandler(store, now),
      now,
      openingQuery(database),
      orderDifferences(store),
    );
    const order = canonicalOrder('p2');
    expect(await take(order, { id: 'tester', name: 'tester' })).toMatchObject({
      ok: true,
      orderId,
      repeated: true,
    });
    const other = canonicalOrder('p2', { total: '13.00' });
    expect(await take(other, { id: 'tester', name: 'tester' })).toEqual({
      ok: false,
      rejection: { code: 'order-exists-with-other-content', fields: ['total'] },
    });
  });

  it('makes one order of many simultaneous requests', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => service.http('POST', '/v1/orders', canonicalOrder('p3'))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
    expect(await eventTypes(idOf('p3'))).toEqual(['OrderPlaced']);
  });

  it('refuses other content under the same external id', async () => {
    await place('p4');
    const { status, body, headers } = await service.http(
      'POST',
      '/v1/orders',
      canonicalOrder('p4', { tags: ['gift'] }),
    );
    expect(headers['content-type']).toContain('application/problem+json');
    expect([status, body]).toEqual([
      409,
      {
        type: 'urn:oms:problem:order-exists-with-other-content',
        code: 'order-exists-with-other-content',
        title: 'This channel has another order with the same external id',
        status: 409,
        orderId: idOf('p4'),
        detail: 'tags[0] differs from the order that was taken before',
        errors: [
          {
            field: 'tags[0]',
            code: 'differs',
            message: 'differs from the order that was taken before',
          },
        ],
      },
    ]);
  });

  it('holds once under an Idempotency-Key: the same is answered the same, another is refused', async () => {
    const send = (order: object, key: string, url = '/v1/orders') =>
      service.http('POST', url, order, { 'idempotency-key': key });
    const first = await send(canonicalOrder('k1'), 'key-1');
    const again = await send(canonicalOrder('k1'), 'key-1');
    expect(first.status).toBe(201);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(again.headers['consistency-token']).toBe(first.headers['consistency-token']);
    const other = await send(canonicalOrder('k2'), 'key-1');
    expect([other.status, other.body.code]).toEqual([409, 'idempotency-key-reused']);
    expect((await service.http('GET', `/v1/orders/${idOf('k2')}`)).status).toBe(404);

    // A refusal spends no key.
    const refused = await send(canonicalOrder('k1', { tags: ['x'] }), 'key-2');
    expect(refused.body.code).toBe('order-exists-with-other-content');
    expect((await send(canonicalOrder('k2'), 'key-2')).status).toBe(201);

    const both = [canonicalOrder('k3'), canonicalOrder('k2')];
    const batch = await send({ orders: both }, 'key-3', '/v1/orders:batch');
    const repeat = await send({ orders: both }, 'key-3', '/v1/orders:batch');
    expect(batch.body.items.map(({ status }: { status: number }) => status)).toEqual([201, 200]);
    expect(repeat.body).toEqual(batch.body);
    const changed = await send({ orders: [canonicalOrder('k4')] }, 'key-3', '/v1/orders:batch');
    expect(changed.status).toBe(409);
  });

  it('answers who only asks for the head of the live stream', async () => {
    const { status, headers } = await service.http('HEAD', '/v1/orders/stream');
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream']);
  });

  it('says which field breaks which rule', async () => {
    const [line] = canonicalOrder('p5').lines;
    const { status, body } = await service.http(
      'POST',
      '/v1/orders',
      canonicalOrder('p5', { lines: [line!, { ...line!, tax: '1' }] }),
    );
    expect(status).toBe(422);
    expect(body.errors).toEqual([
      {
        field: 'lines[1].lineId',
        code: 'duplicate',
        message: 'is already the id of an earlier line',
      },
      {
        field: 'lines[1].tax',
        code: 'decimals',
        message: 'must have exactly 2 decimals, as GBP has',
      },
    ]);
    const both = await service.http('POST', '/v1/orders', {
      ...canonicalOrder('p5', { lines: [line!, { ...line!, tax: '1' }] }),
      notes: 7,
    });
    expect(both.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'notes',
      'lines[1].lineId',
      'lines[1].tax',
    ]);
    const malformed = await service.http('POST', '/v1/orders', {
      ...canonicalOrder('p5'),
      currency: 'pounds',
      surprise: 1,
    });
    expect(malformed.status).toBe(422);
    expect(malformed.body.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      'currency',
      'surprise',
    ]);
  });

  it('refuses a time that no calendar has', async () => {
    const { status, body } = await service.http(
      'POST',
      '/v1/orders',
      canonicalOrder('p6', { placedAt: '2016-12-31T23:59:60Z' }),
    );
    expect([status, body.errors[0].field]).toEqual([422, 'placedAt']);
  });

  it('keeps times in UTC', async () => {
    const orderId = await place('p7', { placedAt: '2026-11-01T11:30:00+02:00' });
    const { body } = await service.http('GET', `/v1/orders/${orderId}`);
    expect(body.placedAt).toBe('2026-11-01T09:30:00.000Z');
  });

  it('tells the world', async () => {
    const orderId = await place('p8', { total: '12.50' });
    expect((await published(orderId)).map(({ type, data }) => [type, data])).toEqual([
      [
        'OrderPlaced',
        {
          orderId,
          orderNumber: readableNumber(orderId),
          channel: 'web',
          externalId: 'p8',
          placedAt: '2026-11-01T09:30:00.000Z',
          acceptedAt: AT,
          currency: 'GBP',
          totalMinor: 1250,
          customerId: 'c-17',
          payments: [
            { method: 'card', status: 'authorized', amountMinor: 1200, reference: 'ch_1' },
          ],
          lines: [{ lineId: '1', sku: 'A', name: 'A thing', quantity: 6, valueMinor: 1250 }],
        },
      ],
    ]);
  });
});

describe('POST /v1/orders:batch', () => {
  it('answers each order as if it had been sent alone', async () => {
    await place('b1');
    const { status, body } = await service.http('POST', '/v1/orders:batch', {
      orders: [
        canonicalOrder('b1'),
        canonicalOrder('b1', { tags: ['x'] }),
        canonicalOrder('b2'),
        { channel: 'web' },
        canonicalOrder('b2'),
      ],
    });
    expect(status).toBe(200);
    expect(
      body.items.map(({ status: one, orderId, problem }: Record<string, never>) => [
        one,
        orderId,
        (problem as { code?: string } | undefined)?.code,
      ]),
    ).toEqual([
      [200, idOf('b1'), undefined],
      [409, undefined, 'order-exists-with-other-content'],
      [201, idOf('b2'), undefined],
      [422, undefined, 'invalid-request'],
      [200, idOf('b2'), undefined],
    ]);
  });

  it('has a limit', async () => {
    for (const orders of [[], Array(501).fill({})])
      expect((await service.http('POST', '/v1/orders:batch', { orders })).status).toBe(422);
  });
});

describe('GET /v1/orders/{id}', () => {
  it('shows the order in full', async () => {
    const orderId = await place('g1');
    for (const [type, data] of milestonesOf(orderId)) await service.deliver(type, orderId, data);
    const { status, body } = await service.http('GET', `/v1/orders/${orderId}`);
    const quantities = {
      ordered: 6,
      open: 1,
      backordered: 2,
      sourced: 0,
      picked: 0,
      packed: 0,
      shipped: 0,
      delivered: 3,
      returnedToOrigin: 0,
      lost: 0,
      cancelled: 0,
      returned: 2,
    };
    expect(status).toBe(200);
    expect(body).toEqual({
      orderId,
      orderNumber: readableNumber(orderId),
      channel: 'web',
      externalId: 'g1',
      placedAt: '2026-11-01T09:30:00.000Z',
      acceptedAt: AT,
      currency: 'GBP',
      customerId: 'c-17',
      country: 'GB',
      status: 'partially-delivered',
      total: '12.00',
      refunded: '4.00',
      holds: [],
      exceptions: [],
      units: quantities,
      taxIncluded: false,
      customer: {
        id: 'c-17',
        type: 'consumer',
        personal: { name: 'Ada Lovelace', email: 'ada@example.com', phone: null },
      },
      shipTo: {
        personal: { name: 'Ada Lovelace', phone: null, lines: ["12 St James's Square"] },
        city: 'London',
        region: null,
        postalCode: 'SW1Y 4JH',
        country: 'GB',
        verified: false,
      },
      billTo: null,
      fulfillment: {
        method: 'ship',
        service: 'standard',
        locationId: null,
        promisedBy: null,
        notBefore: null,
        late: false,
      },
      payments: [{ method: 'card', status: 'authorized', reference: 'ch_1', amount: '12.00' }],
      soldAt: null,
      shipping: null,
      discounts: [],
      purchaseOrder: null,
      notes: null,
      tags: [],
      attributes: {},
      lines: [
        {
          lineId: '1',
          sku: 'A',
          name: 'A thing',
          quantity: 6,
          unitPrice: '2.00',
          discount: '0.00',
          tax: '0.00',
          value: '12.00',
          reservationId: null,
          attributes: {},
          promisedOn: '2026-11-27T00:00:00.000Z',
          cancelling: 0,
          quantities,
        },
      ],
      fulfillments: [
        {
          fulfillmentId: `f-${orderId}`,
          locationId: 'london',
          attempt: 2,
          lines: [
            {
              lineId: '1',
              sku: 'A',
              quantity: 4,
              picked: 3,
              packed: 3,
              handedOver: 3,
              shorted: 1,
              cancelled: 0,
            },
          ],
        },
      ],
      shipments: [
        {
          shipmentId: `s-${orderId}`,
          fulfillmentId: `f-${orderId}`,
          carrier: 'acme',
          trackingNumber: 'T-1',
          status: 'delivered',
          settled: null,
          lines: [{ lineId: '1', sku: 'A', quantity: 2 }],
        },
      ],
    });
  });

  it('shows what is promised, until when, and who sold', async () => {
    const orderId = await place('late', {
      fulfillment: {
        method: 'ship',
        locationId: 'store-1',
        promisedBy: '2026-10-01T12:00:00+02:00',
        notBefore: '2026-12-01T00:00:00Z',
      },
    });
    const shown = async (query = '') => {
      const { body } = await service.http('GET', `/v1/orders/${orderId}${query}`);
      return [body.fulfillment, body.soldAt];
    };
    const fulfillment = {
      method: 'ship',
      service: 'standard',
      locationId: 'store-1',
      promisedBy: '2026-10-01T10:00:00.000Z',
      notBefore: '2026-12-01T00:00:00.000Z',
      late: true,
    };
    expect(await shown()).toEqual([fulfillment, 'store-1']);
    const cancellation = { reason: 'too late' };
    await service.http('POST', `/v1/orders/${orderId}/cancellations`, cancellation);
    expect(await shown()).toEqual([{ ...fulfillment, late: false }, 'store-1']);
  });

  it('shows it as it was', async () => {
    const orderId = await place('g2');
    clock = '2026-11-02T10:00:00.000Z';
    await service.deliver(PaymentAuthorized, orderId, paymentAuthorized(orderId));
    const at = async (asOf: string) => {
      const { status, body } = await service.http('GET', `/v1/orders/${orderId}?asOf=${asOf}`);
      return status === 200 ? body.status : status;
    };
    expect(await at('2026-11-01T09:00:00Z')).toBe(404);
    expect(await at('2026-11-01T12:00:00Z')).toBe('received');
    expect(await at('2026-11-02T12:00:00%2B02:00')).toBe('approved');
    for (const path of ['summary', 'summary/events']) {
      const { status, body } = await service.http('GET', `/v1/orders/${path}`);
      expect([status, body.errors]).toEqual([
        404,
        [{ field: 'id', code: 'uuid', message: 'must be a UUID, and summary is none' }],
      ]);
    }
    expect(await at('yesterday')).toBe(422);
    // What comes is not told as if it were now.
    expect(await at('2031-01-01T00:00:00Z')).toBe(422);
  });

  it('tells its story in pages', async () => {
    const orderId = await approvedOrder('g3');
    const { body: first } = await service.http('GET', `/v1/orders/${orderId}/events?limit=2`);
    const { body: rest } = await service.http(
      'GET',
      `/v1/orders/${orderId}/events?limit=2&cursor=${first.nextCursor}`,
    );
    expect([...first.items, ...rest.items].map(({ revision, type }) => [revision, type])).toEqual([
      [0, 'OrderPlaced'],
      [1, 'PaymentAuthorized'],
      [2, 'OrderApproved'],
    ]);
    expect(rest.nextCursor).toBe(null);
    expect(first.items[0]).toMatchObject({
      version: 1,
      at: AT,
      actor: 'tester',
      actorName: 'tester',
    });
  });

  it('knows nothing of orders that were never placed', async () => {
    for (const path of ['', '/events'])
      expect((await service.http('GET', `/v1/orders/${idOf('never')}${path}`)).status).toBe(404);
  });
});

describe('messages of other services', () => {
  it('are recorded once, however often they come, also late', async () => {
    const orderId = await place('m1');
    const milestones = milestonesOf(orderId);
    const ids = milestones.map((_, index) => derivedId(orderId, index));
    const deliver = async (index: number) => {
      const [type, data] = milestones[index]!;
      await service.deliver(type, orderId, data, { id: ids[index]! });
    };
    for (const index of milestones.keys()) {
      await deliver(index);
      await deliver(index);
    }
    const before = await service.http('GET', `/v1/orders/${orderId}`);
    const types = await eventTypes(orderId);
    for (const index of [...milestones.keys()].reverse()) await deliver(index);
    expect(await eventTypes(orderId)).toEqual(types);
    expect((await service.http('GET', `/v1/orders/${orderId}`)).body).toEqual(before.body);
  });

  it('approve the order exactly once, naming its channel and the holds of its lines', async () => {
    const [line] = canonicalOrder('m2').lines;
    const orderId = await place('m2', { lines: [{ ...line!, reservationId: 'cart-7' }] });
    for (let times = 0; times < 3; times += 1)
      await service.deliver(PaymentAuthorized, orderId, paymentAuthorized(orderId));
    const approvals = (await published(orderId)).filter(({ type }) => type === 'OrderApproved');
    expect(approvals.map(({ data }) => data)).toEqual([
      {
        orderId,
        orderNumber: readableNumber(orderId),
        acceptedAt: AT,
        priority: 0,
        channel: 'web',
        delivery: {
          method: 'ship',
          service: 'standard',
          locationId: null,
          promisedBy: null,
          shipTo: {
            personal: {
              subjectId: derivedId('subject', 'web', 'c-17'),
              name: 'Ada Lovelace',
              phone: null,
              lines: ["12 St James's Square"],
            },
            city: 'London',
            region: null,
            postalCode: 'SW1Y 4JH',
            country: 'GB',
          },
        },
        lines: [{ lineId: '1', sku: 'A', quantity: 6, reservationId: 'cart-7' }],
      },
    ]);
  });

  it('confirm the order once all of it is reserved or waits with a date', async () => {
    const orderId = await approvedOrder('m3');
    await service.deliver(OrderSourced, orderId, orderSourced(orderId, 4, 2));
    expect(await statusOf(orderId)).toBe('confirmed');
    expect((await published(orderId)).at(-1)).toMatchObject({
      type: 'OrderConfirmed',
      data: { orderId, confirmedAt: AT },
    });
  });

  it('move the promise of a line that waits, which its events tell', async () => {
    const orderId = await approvedOrder('m5');
    const promisedOn = async () =>
      (await service.http('GET', `/v1/orders/${orderId}`)).body.lines[0].promisedOn;
    await service.deliver(OrderSourced, orderId, orderSourced(orderId, 4, 2));
    expect(await promisedOn()).toBe('2026-11-20T00:00:00.000Z');
    const later = backordersPromised(orderId, '2026-12-24T00:00:00.000Z');
    const { id } = await service.deliver(BackordersPromised, orderId, later);
    await service.deliver(BackordersPromised, orderId, later, { id });
    expect(await promisedOn()).toBe('2026-12-24T00:00:00.000Z');
    await service.deliver(BackordersPromised, orderId, backordersPromised(orderId, null));
    expect(await promisedOn()).toBe(null);
    const { body } = await service.http('GET', `/v1/orders/${orderId}/events`);
    const moves = body.items.filter(({ type }: { type: string }) => type === 'PromisesMoved');
    expect(moves.map(({ data }: { data: object }) => data)).toEqual([
      { at: AT, lines: [{ lineId: '1', quantity: 2, promisedOn: '2026-12-24T00:00:00.000Z' }] },
      { at: AT, lines: [{ lineId: '1', quantity: 2 }] },
    ]);
  });

  it('about a parcel are believed by their rank, not by their time', async () => {
    const orderId = await approvedOrder('m4');
    const told = [
      [ShipmentDelivered, shipmentDelivered(orderId), 'delivered'],
      [ShipmentLost, shipmentLost(orderId), 'delivered'],
      [ShipmentReturnedToOrigin, shipmentReturned(orderId), 'returned-to-origin'],
      [ShipmentVoided, shipmentReturned(orderId), 'voided'],
    ] as const;
    for (const [type, data, status] of told) {
      await service.deliver<object>(type, orderId, data);
      const { body } = await service.http('GET', `/v1/orders/${orderId}`);
      expect([body.shipments[0].status, body.exceptions]).toEqual([status, []]);
    }
  });
});

describe('news of an order that was never given out', () => {
  const disowned = async (orderId: string) =>
    (await published(orderId)).filter(({ type }) => type === 'OrderDisowned');
  beforeEach(async () => {
    const { store, database } = service.runtime;
    await knownLog(store, database).task.run();
  });

  it('are answered once: routing is to take back what it has, and the work that they name', async () => {
    const orderId = idOf('forged');
    const { allocations } = orderSourced(orderId, 4, 2);
    const sent = await service.deliver(OrderSourced, orderId, orderSourced(orderId, 4, 2));
    await service.deliver(OrderSourced, orderId, orderSourced(orderId, 4, 2), { id: sent.id });
    await service.deliver(OrderSourced, orderId, orderSourced(orderId, 4, 2));
    const work = allocations.map((allocation) => ({ attempt: 1, ...allocation }));
    expect(await disowned(orderId)).toMatchObject([
      { key: orderId, causationId: sent.id, data: { orderId, work } },
    ]);
  });

  it('are answered also where only money was promised, and no real order of that id suffers', async () => {
    const orderId = idOf('forged-first');
    await service.deliver(PaymentAuthorized, orderId, paymentAuthorized(orderId));
    expect(await disowned(orderId)).toMatchObject([{ data: { orderId, work: [] } }]);
    expect(await approvedOrder('forged-first')).toBe(orderId);
    await service.deliver(OrderSourced, orderId, orderSourced(orderId, 4, 2));
    expect(await disowned(orderId)).toHaveLength(1);
    expect(await statusOf(orderId)).toBe('confirmed');
  });

  it('are answered where the order is held: nothing was given out yet', async () => {
    const orderId = await place('forged-approval');
    await service.deliver(OrderSourced, orderId, orderSourced(orderId, 4, 2));
    expect(await disowned(orderId)).toHaveLength(1);
  });

  it('are only told while the log is behind its readers: the order may be one that was lost', async () => {
    const { store, database } = service.runtime;
    const orderId = idOf('lost');
    const deliver = () => service.deliver(OrderSourced, orderId, orderSourced(orderId, 4, 2));
    await database.query("update known_log set epoch = 'the log before the restore'");
    await expect(deliver()).rejects.toThrow('refused: {"code":"unknown-order"}');
    await database.query('delete from known_log');
    await expect(deliver()).rejects.toThrow('refused: {"code":"unknown-order"}');
    expect(await disowned(orderId)).toEqual([]);
    await knownLog(store, database).task.run();
    await service.caughtUp();
    const moved = 'update projection_positions set position = position + ';
    await database.query(`${moved} 1000`);
    await expect(deliver()).rejects.toThrow('refused: {"code":"unknown-order"}');
    await database.query(`${moved} -1000`);
    await deliver();
    expect(await disowned(orderId)).toHaveLength(1);
  });
});

describe('holds', () => {
  it('keep an order from approval until they are released', async () => {
    const orderId = await place('h1');
    const url = `/v1/orders/${orderId}/holds`;
    const hold = await service.http('POST', url, { kind: 'fraud', reason: 'odd' });
    expect(hold.status).toBe(201);
    const { holdId } = hold.body;
    await service.deliver(PaymentAuthorized, orderId, paymentAuthorized(orderId));
    expect(await statusOf(orderId)).toBe('held');
    expect((await service.http('DELETE', `${url}/${holdId}`)).status).toBe(422);
    for (let times = 0; times < 2; times += 1)
      expect((await service.http('DELETE', `${url}/${holdId}?reason=checked`)).status).toBe(204);
    expect(await statusOf(orderId)).toBe('approved');
    expect((await service.http('POST', url, { kind: 'fraud', reason: 'odd' })).body.code).toBe(
      'already-approved',
    );
    expect((await service.http('DELETE', `${url}/none?reason=x`)).status).toBe(404);
    expect((await service.http('POST', url, { kind: 'mood', reason: 'x' })).status).toBe(422);
  });

  it('are placed once per Idempotency-Key, and a key belongs to one body', async () => {
    const orderId = await place('h2');
    const url = `/v1/orders/${orderId}/holds`;
    const key = { 'idempotency-key': 'k1' };
    const first = await service.http('POST', url, { kind: 'fraud', reason: 'odd' }, key);
    const again = await service.http('POST', url, { kind: 'fraud', reason: 'odd' }, key);
    const other = await service.http('POST', url, { kind: 'credit', reason: 'odd' }, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect([other.status, other.body.code]).toEqual([409, 'idempotency-key-reused']);
  });

  it('of a declined payment end with its authorization', async () => {
    const orderId = await place('h3');
    await service.deliver(PaymentDeclined, orderId, paymentDeclined(orderId));
    const { body } = await service.http('GET', `/v1/orders/${orderId}`);
    expect([body.status, body.holds]).toEqual([
      'held',
      [
        {
          holdId: expect.any(String),
          kind: 'payment',
          reason: 'The payment failed',
          since: AT,
        },
      ],
    ]);
    await service.deliver(PaymentAuthorized, orderId, paymentAuthorized(orderId));
    expect(await statusOf(orderId)).toBe('approved');
  });

  it('of an incomplete address end with its correction', async () => {
    const { shipTo } = canonicalOrder('h4');
    const orderId = await place('h4', { shipTo: { ...shipTo, country: null } });
    await service.deliver(PaymentAuthorized, orderId, paymentAuthorized(orderId));
    const { body } = await service.http('GET', `/v1/orders/${orderId}`);
    expect(body.holds.map(({ kind, reason }: Record<string, string>) => [kind, reason])).toEqual([
      ['address', 'shipTo.country is missing'],
    ]);
    const hold = `/v1/orders/${orderId}/holds/${body.holds[0].holdId}`;
    const refused = await service.http('DELETE', `${hold}?reason=fine`);
    expect([refused.status, refused.body.code, refused.body.missing]).toEqual([
      409,
      'address-incomplete',
      'shipTo.country',
    ]);
    const edit = await service.http('POST', `/v1/orders/${orderId}/edits`, { shipTo });
    expect(edit.status).toBe(204);
    expect(await statusOf(orderId)).toBe('approved');
    const tooLate = await service.http('POST', `/v1/orders/${orderId}/edits`, { shipTo });
    expect([tooLate.status, tooLate.body.code]).toEqual([409, 'already-approved']);
  });
});

describe('cancellations', () => {
  const cancel = (orderId: string, body: object, headers = {}) =>
    service.http('POST', `/v1/orders/${orderId}/cancellations`, body, headers);

  it('are final where nothing was released', async () => {
    const orderId = await place('c1');
    const key = { 'idempotency-key': 'k1' };
    const body = { reason: 'too many', lines: [{ lineId: '1', quantity: 2 }] };
    const first = await cancel(orderId, body, key);
    expect([first.status, first.body.lines]).toEqual([
      200,
      [{ lineId: '1', cancelled: 2, cancelling: 0 }],
    ]);
    const again = await cancel(orderId, body, key);
    expect([again.status, again.body]).toEqual([200, first.body]);
    const all = await cancel(orderId, { reason: 'never mind' });
    expect([all.status, all.body.lines]).toEqual([
      200,
      [{ lineId: '1', cancelled: 4, cancelling: 0 }],
    ]);
    expect(await statusOf(orderId)).toBe('cancelled');
    expect((await published(orderId)).map(({ type }) => type)).toEqual([
      'OrderPlaced',
      'OrderLinesCancelled',
      'OrderLinesCancelled',
    ]);
    const hold = await service.http('POST', `/v1/orders/${orderId}/holds`, {
      kind: 'fraud',
      reason: 'x',
    });
    expect(hold.body.code).toBe('order-cancelled');
  });

  const units = (quantity: number) => [{ lineId: '1', sku: 'A', quantity }];

  /** Plays routing: answers the order's newest request with what it takes out of sourcing. */
  const settle = async (orderId: string, quantity: number): Promise<CancellationSettled> => {
    const { data } = await until(async () => {
      const message = (await published(orderId)).at(-1);
      return message?.type === 'OrderCancellationRequested' && message;
    });
    const { cancellationId } = data as OrderCancellationRequested;
    const settled = { orderId, cancellationId, lines: quantity > 0 ? units(quantity) : [] };
    const id = derivedId(cancellationId, 'settled');
    await service.deliver(CancellationSettled, orderId, settled, { id });
    await service.deliver(CancellationSettled, orderId, settled, { id });
    return settled;
  };

  const sourcedOrder = async (externalId: string): Promise<string> => {
    const orderId = await approvedOrder(externalId);
    await service.deliver(OrderSourced, orderId, orderSourced(orderId, 4, 2));
    return orderId;
  };

  it('after approval are final where routing says at once that nothing will be sent', async () => {
    const orderId = await sourcedOrder('c5');
    const key = { 'idempotency-key': 'k5' };
    const body = { reason: 'too many', lines: [{ lineId: '1', quantity: 2 }] };
    const [answer] = await Promise.all([cancel(orderId, body, key), settle(orderId, 2)]);
    expect([answer.status, answer.body.lines]).toEqual([
      200,
      [{ lineId: '1', cancelled: 2, cancelling: 0 }],
    ]);
    expect(await statusOf(orderId)).toBe('confirmed');
    const again = await cancel(orderId, body, key);
    expect([again.status, again.body]).toEqual([200, answer.body]);
    const told = (await published(orderId)).filter(({ type }) => type === 'OrderLinesCancelled');
    expect(told.map(({ data }) => data)).toEqual([{ orderId, lines: units(2) }]);
    const shown = answer.headers['consistency-token'];
    const head = await service.runtime.store.head();
    expect(shown).toBe(`order-capture:${head}`);
  });

  it('after approval do not wait longer than a moment for routing', async () => {
    const orderId = await sourcedOrder('c6');
    const { status, body } = await cancel(orderId, { reason: 'no' });
    expect([status, body.lines]).toEqual([202, [{ lineId: '1', cancelled: 0, cancelling: 6 }]]);
    await settle(orderId, 6);
    expect(await statusOf(orderId)).toBe('cancelled');
  });

  it('of what a location has are final when it gives it up', async () => {
    const orderId = await sourcedOrder('c7');
    const [answer, { cancellationId }] = await Promise.all([
      cancel(orderId, { reason: 'no' }),
      settle(orderId, 2),
    ]);
    expect([answer.status, answer.body.lines]).toEqual([
      202,
      [{ lineId: '1', cancelled: 2, cancelling: 4 }],
    ]);
    const fulfillmentId = `f-${orderId}`;
    const recalled = {
      orderId,
      fulfillmentId,
      locationId: 'london',
      attempt: 1,
      at: AT,
      recallId: derivedId(cancellationId, fulfillmentId),
      progress: [
        {
          lineId: '1',
          sku: 'A',
          released: 4,
          picked: 1,
          packed: 1,
          handedOver: 1,
          shorted: 0,
          cancelled: 3,
        },
      ],
      lines: units(3),
      refused: units(1),
    };
    for (let times = 0; times < 2; times += 1)
      await service.deliver(FulfillmentRecalled, orderId, recalled, { id: `recalled-${orderId}` });
    const { body } = await service.http('GET', `/v1/orders/${orderId}`);
    const [{ quantities, cancelling }] = body.lines;
    expect([body.status, quantities.cancelled, quantities.shipped, cancelling]).toEqual([
      'shipped',
      5,
      1,
      0,
    ]);
    const told = (await published(orderId)).filter(({ type }) => type === 'OrderLinesCancelled');
    expect(told.map(({ data }) => data)).toEqual([
      { orderId, lines: units(2) },
      { orderId, lines: units(3) },
    ]);
    expect((await eventTypes(orderId)).slice(-5)).toEqual([
      'CancellationSettled',
      'LinesCancelled',
      'FulfillmentProgressed',
      'LinesCancelled',
      'CancellationRefused',
    ]);
  });

  it('are settled where they were asked for, or somebody must look', async () => {
    const orderId = await sourcedOrder('c8');
    const settled = { orderId, cancellationId: 'unheard', lines: units(1) };
    await expect(service.deliver(CancellationSettled, orderId, settled)).rejects.toThrow(
      'unknown-cancellation',
    );
  });

  it('wait where a location must agree', async () => {
    const orderId = await sourcedOrder('c2');
    const [{ status, body }] = await Promise.all([
      cancel(orderId, { reason: 'no' }),
      settle(orderId, 0),
    ]);
    expect([status, body.lines]).toEqual([202, [{ lineId: '1', cancelled: 0, cancelling: 6 }]]);
    expect(await statusOf(orderId)).toBe('cancelling');
    expect((await published(orderId)).slice(3).map(({ type, data }) => [type, data])).toEqual([
      [
        'OrderCancellationRequested',
        {
          orderId,
          cancellationId: body.cancellationId,
          lines: [{ lineId: '1', sku: 'A', quantity: 6 }],
        },
      ],
    ]);
  });

  it('stop at what was handed over, and say how much is open', async () => {
    const orderId = await approvedOrder('c3');
    const progress = [
      {
        lineId: '1',
        sku: 'A',
        released: 6,
        picked: 5,
        packed: 5,
        handedOver: 5,
        shorted: 0,
        cancelled: 0,
      },
    ];
    await service.deliver(FulfillmentPicked, orderId, {
      orderId,
      fulfillmentId: 'f1',
      locationId: 'london',
      attempt: 1,
      at: AT,
      progress,
    });
    const { status, body } = await cancel(orderId, {
      reason: 'no',
      lines: [{ lineId: '1', quantity: 2 }],
    });
    expect([status, body.code, body.open, body.lines]).toEqual([
      409,
      'not-cancellable',
      1,
      [{ lineId: '1', quantity: 2, open: 1 }],
    ]);
  });

  it('need an order and lines that exist', async () => {
    const orderId = await place('c4');
    const lines = [{ lineId: '9', quantity: 1 }];
    const unknown = await cancel(orderId, { reason: 'no', lines });
    expect([unknown.status, unknown.body.errors]).toEqual([
      422,
      [{ field: 'lines', code: 'unknown-line', message: 'the order has no line 9' }],
    ]);
    expect((await cancel('none', { reason: 'no' })).status).toBe(404);
  });
});

import {
  contractOf,
  contracts,
  OrderSourced,
  RecallRequested,
  ShipmentLabelled,
} from '@throughline/contracts';
import { emptyTables } from '@throughline/read-model';
import { startService, type ServiceHarness } from '@throughline/testing';
import { fulfillment } from '../fulfillment.module.js';
import { fulfillmentHandler } from '../fulfillment/fulfillment-handler.js';
import { releaseDue } from '../fulfillment/schedule.process.js';
import { fulfillmentsProjection } from './fulfillments.projection.js';

const AT = '2026-11-01T10:00:00.000Z';
const shipTo = {
  personal: { subjectId: 'subject-1', name: 'Ada Lovelace', lines: ["12 St James's Square"] },
  city: 'London',
  region: null,
  postalCode: 'SW1Y 4JH',
  country: 'GB',
};
const shipped = {
  method: 'ship' as const,
  service: 'standard',
  locationId: null,
  promisedBy: null,
  shipTo,
};
const collected = { ...shipped, method: 'pickup' as const, locationId: 'shop-1', shipTo: null };

/** A location's work: `work('f-1', 'shop-1', 3)` is 3 units of line 1 and one of line 2. */
const work = (fulfillmentId: string, locationId: string, quantity: number) => ({
  fulfillmentId,
  locationId,
  lines: [
    { lineId: '1', sku: 'HEART', quantity },
    { lineId: '2', sku: 'LANTERN', quantity: 1 },
  ],
});

const sourced = (
  orderId: string,
  allocations: ReturnType<typeof work>[],
  delivery: OrderSourced['delivery'] = shipped,
): OrderSourced => ({
  orderId,
  orderNumber: `number-of-${orderId}`,
  attempt: 1,
  priority: 0,
  delivery,
  allocations,
  backordered: [],
});

const labelled = (fulfillmentId: string, packageId: string): ShipmentLabelled => ({
  orderId: 'order-1',
  shipmentId: `shipment-${packageId}`,
  fulfillmentId,
  packageId,
  locationId: 'shop-1',
  at: AT,
  carrier: 'throughline-post',
  trackingNumber: `number-${packageId}`,
  lines: [{ lineId: '1', sku: 'HEART', quantity: 3 }],
});

let service: ServiceHarness;
let time: number;

beforeEach(async () => {
  time = Date.parse(AT);
  service = await startService(fulfillment, {
    now: () => new Date(time).toISOString(),
  });
});
afterEach(() => service.stop());

/** What the task does every two seconds. */
const releaseWhatIsDue = async () => {
  await service.caughtUp();
  const { store, database } = service.runtime;
  const now = () => new Date(time).toISOString();
  await releaseDue(fulfillmentHandler(store, now), database, now)();
  await service.caughtUp();
};

const post = async (path: string, body: object): Promise<number> =>
  (await service.http('POST', `/v1/fulfillments/${path}`, body)).status;

const picks = {
  scanId: 'scan-1',
  lines: [
    { lineId: '1', quantity: 3 },
    { lineId: '2', quantity: 1 },
  ],
};

const one = async (id: string) => (await service.http('GET', `/v1/fulfillments/${id}`)).body;
const idsOf = async (query: string) => {
  const { status, body } = await service.http('GET', `/v1/fulfillments?${query}`);
  expect(status).toBe(200);
  return (body.items as { fulfillmentId: string }[]).map(({ fulfillmentId }) => fulfillmentId);
};
const types = async () => (await service.published('oms.fulfillment')).map(({ type }) => type);

describe('the life of a fulfillment', () => {
  it('begins when the order may be released, and not before', async () => {
    const notBefore = '2026-11-01T12:00:00.000Z';
    const later = { ...shipped, notBefore };
    await service.deliver(
      OrderSourced,
      'order-1',
      sourced('order-1', [work('f-1', 'shop-1', 3), work('f-2', 'shop-2', 1)], later),
    );
    const recall = { lines: [{ lineId: '1', sku: 'HEART', quantity: 2 }], reason: 'cancelled' };
    await service.deliver(RecallRequested, 'order-1', {
      ...(recall as Pick<RecallRequested, 'lines' | 'reason'>),
      orderId: 'order-1',
      recallId: 'recall-1',
      fulfillmentId: 'f-1',
    });
    time = Date.parse(notBefore) - 1;
    await releaseWhatIsDue();
    expect(await idsOf('status=scheduled')).toEqual(['f-1', 'f-2']);
    expect(await one('f-1')).toMatchObject({ status: 'scheduled', releasedAt: notBefore });
    expect(await post('f-1/picks', picks)).toBe(409);
    expect(await types()).toEqual(['FulfillmentRecalled']);
    time += 1;
    await releaseWhatIsDue();
    await releaseWhatIsDue();
    expect(await idsOf('status=released')).toEqual(['f-1', 'f-2']);
    expect(await types()).toEqual([
      'FulfillmentRecalled',
      'FulfillmentReleased',
      'FulfillmentReleased',
    ]);
    const [, released] = await service.published('oms.fulfillment');
    expect(released!.data).toMatchObject({
      fulfillmentId: 'f-1',
      progress: [
        { lineId: '1', released: 3, cancelled: 2 },
        { lineId: '2', released: 1, cancelled: 0 },
      ],
    });
    const lines = [{ lineId: '1', quantity: 1 }];
    expect(await post('f-1/picks', { scanId: 'scan-1', lines })).toBe(204);
  });

  it('goes from release to hand-over, and tells each step', async () => {
    await service.deliver(OrderSourced, 'order-1', sourced('order-1', [work('f-1', 'shop-1', 3)]));
    expect(await post('f-1/acceptance', {})).toBe(204);
    expect(await post('f-1/picks', picks)).toBe(204);
    expect(await post('f-1/packs', { packageId: 'box-1', weightGrams: 850 })).toBe(204);
    expect((await one('f-1')).status).toBe('packed');
    await service.deliver(ShipmentLabelled, 'order-1', labelled('f-1', 'box-1'));
    expect((await one('f-1')).status).toBe('ready');
    expect(await post('f-1/hand-over', { handOverId: 'truck-1' })).toBe(204);

    const answer = {
      fulfillmentId: 'f-1',
      orderId: 'order-1',
      orderNumber: 'number-of-order-1',
      locationId: 'shop-1',
      attempt: 1,
      status: 'handed-over',
      method: 'ship',
      releasedAt: AT,
      acceptedAt: AT,
      lines: [
        {
          lineId: '1',
          sku: 'HEART',
          quantity: 3,
          picked: 3,
          packed: 3,
          handedOver: 3,
          shorted: 0,
          cancelled: 0,
        },
        {
          lineId: '2',
          sku: 'LANTERN',
          quantity: 1,
          picked: 1,
          packed: 1,
          handedOver: 1,
          shorted: 0,
          cancelled: 0,
        },
      ],
      packages: [
        {
          packageId: 'box-1',
          shipmentId: 'shipment-box-1',
          carrier: 'throughline-post',
          trackingNumber: 'number-box-1',
          weightGrams: 850,
          handedOverAt: AT,
          lines: [
            { lineId: '1', sku: 'HEART', quantity: 3 },
            { lineId: '2', sku: 'LANTERN', quantity: 1 },
          ],
        },
      ],
    };
    expect(await one('f-1')).toEqual(answer);
    await service.caughtUp();
    expect((await service.http('GET', '/v1/fulfillments')).body).toEqual({
      items: [answer],
      nextCursor: null,
    });
    expect(await types()).toEqual([
      'FulfillmentReleased',
      'FulfillmentPicked',
      'FulfillmentPacked',
      'FulfillmentHandedOver',
    ]);
  });

  it('publishes only what its contracts allow', async () => {
    await service.deliver(OrderSourced, 'order-1', sourced('order-1', [work('f-1', 'shop-1', 3)]));
    await post('f-1/picks', { scanId: 'scan-1', lines: [{ lineId: '1', quantity: 2 }] });
    await post('f-1/packs', { packageId: 'box-1' });
    const lines = [{ lineId: '1', sku: 'HEART', quantity: 3 }];
    const recall = {
      orderId: 'order-1',
      recallId: 'r-1',
      fulfillmentId: 'f-1',
      reason: 'cancelled' as const,
      lines,
    };
    await service.deliver(RecallRequested, 'order-1', recall);
    await post('f-1/shorts', {
      scanId: 'scan-2',
      reason: 'gone',
      lines: [{ lineId: '2', quantity: 1 }],
    });
    const messages = await service.published('oms.fulfillment');
    expect(messages).toHaveLength(5);
    for (const { type, data, key } of messages) {
      expect(contractOf(contracts().get(type)!).validate(data)).toEqual([]);
      expect(key).toBe('order-1');
    }
    expect(messages[3]!.data).toMatchObject({
      reopened: [{ packageId: 'box-1', shipmentId: null }],
    });
    expect((await one('f-1')).status).toBe('closed');
  });

  it('ends at the counter without a label', async () => {
    await service.deliver(
      OrderSourced,
      'order-1',
      sourced('order-1', [work('f-1', 'shop-1', 3)], collected),
    );
    await post('f-1/picks', picks);
    await post('f-1/packs', { packageId: 'bag-1' });
    expect((await one('f-1')).status).toBe('ready');
    expect(await post('f-1/hand-over', { handOverId: 'desk-1', receiver: 'customer' })).toBe(204);
    expect((await one('f-1')).status).toBe('handed-over');
  });
});

describe('what comes twice', () => {
  it('as a message writes once', async () => {
    const release = sourced('order-1', [work('f-1', 'shop-1', 3), work('f-2', 'shop-2', 2)]);
    await service.deliver(OrderSourced, 'order-1', release, { id: 'm-1' });
    await service.deliver(OrderSourced, 'order-1', release, { id: 'm-1' });
    await post('f-1/picks', picks);
    await post('f-1/packs', { packageId: 'box-1' });
    await service.deliver(ShipmentLabelled, 'order-1', labelled('f-1', 'box-1'), { id: 'm-2' });
    await service.deliver(ShipmentLabelled, 'order-1', labelled('f-1', 'box-1'), { id: 'm-2' });
    const lines = [{ lineId: '1', sku: 'HEART', quantity: 1 }];
    const recall = {
      orderId: 'order-1',
      recallId: 'r-1',
      fulfillmentId: 'f-2',
      reason: 'revoked' as const,
      lines,
    };
    await service.deliver(RecallRequested, 'order-1', recall, { id: 'm-3' });
    await service.deliver(RecallRequested, 'order-1', recall, { id: 'm-3' });
    expect((await service.runtime.store.read('fulfillment-f-1')).map(({ type }) => type)).toEqual([
      'FulfillmentReleased',
      'ItemsPicked',
      'PackageClosed',
      'PackageLabelled',
    ]);
    expect((await service.runtime.store.read('fulfillment-f-2')).map(({ type }) => type)).toEqual([
      'FulfillmentReleased',
      'LinesRecalled',
    ]);
  });

  it('as a scan, under another key, writes once', async () => {
    await service.deliver(OrderSourced, 'order-1', sourced('order-1', [work('f-1', 'shop-1', 3)]));
    for (const key of ['key-1', 'key-2'])
      expect(
        (
          await service.http('POST', '/v1/fulfillments/f-1/picks', picks, {
            'Idempotency-Key': key,
          })
        ).status,
      ).toBe(204);
    expect((await one('f-1')).lines[0].picked).toBe(3);
  });

  it('as a key with another body is refused', async () => {
    await service.deliver(OrderSourced, 'order-1', sourced('order-1', [work('f-1', 'shop-1', 3)]));
    const key = { 'Idempotency-Key': 'key-1' };
    await service.http('POST', '/v1/fulfillments/f-1/picks', picks, key);
    const other = { ...picks, scanId: 'scan-2' };
    const { status, body } = await service.http('POST', '/v1/fulfillments/f-1/picks', other, key);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'idempotency-key-reused' });
  });
});

describe('refusals', () => {
  const refusal = async (path: string, body: object) => {
    const { status, body: problem } = await service.http('POST', `/v1/fulfillments/${path}`, body);
    const { title, type, ...facts } = problem;
    expect(typeof title).toBe('string');
    expect(type).toBe(`urn:oms:problem:${facts.code}`);
    return { ...facts, status };
  };
  const pickOf = (scanId: string, lineId: string, quantity: number) => ({
    scanId,
    lines: [{ lineId, quantity }],
  });

  beforeEach(async () => {
    await service.deliver(OrderSourced, 'order-1', sourced('order-1', [work('f-1', 'shop-1', 3)]));
  });

  it('name the fulfillment, line or quantity that they are about', async () => {
    const { detail, errors, ...unknown } = await refusal('f-9/picks', picks);
    expect(unknown).toEqual({ code: 'not-found', status: 404 });
    expect(detail).toBe('id must be a UUID, and f-9 is none');
    expect(errors).toMatchObject([{ field: 'id', code: 'uuid' }]);
    expect(await refusal('f-1/picks', pickOf('s-1', '9', 1))).toEqual({
      code: 'unknown-line',
      status: 422,
      lineId: '9',
    });
    expect(await refusal('f-1/picks', pickOf('s-1', '1', 4))).toEqual({
      code: 'over-pick',
      status: 409,
      lineId: '1',
      requested: 4,
      open: 3,
    });
    expect(await refusal('f-1/shorts', { ...pickOf('s-1', '1', 4), reason: 'gone' })).toEqual({
      code: 'over-short',
      status: 409,
      lineId: '1',
      requested: 4,
      open: 3,
    });
    expect(
      await refusal('f-1/packs', { packageId: 'b', lines: [{ lineId: '1', quantity: 1 }] }),
    ).toEqual({ code: 'over-pack', status: 409, lineId: '1', requested: 1, open: 0 });
  });

  it('say what must come first', async () => {
    expect(await refusal('f-1/packs', { packageId: 'b' })).toEqual({
      code: 'nothing-to-pack',
      status: 409,
    });
    await post('f-1/picks', picks);
    await post('f-1/packs', { packageId: 'b' });
    expect(await refusal('f-1/hand-over', { handOverId: 'h' })).toEqual({
      code: 'nothing-to-hand-over',
      status: 409,
      unlabelled: 1,
    });
    expect(await refusal('f-1/hand-over', { handOverId: 'h', receiver: 'customer' })).toEqual({
      code: 'wrong-receiver',
      status: 409,
      receiver: 'customer',
      method: 'ship',
    });
    expect(await refusal('f-1/rejection', { reason: 'no staff' })).toEqual({
      code: 'nothing-to-reject',
      status: 409,
    });
  });

  it('say that the work is gone, or the id used', async () => {
    await post('f-1/picks', pickOf('s-1', '1', 1));
    expect(await refusal('f-1/picks', pickOf('s-1', '1', 2))).toEqual({
      code: 'scan-reused',
      status: 409,
      scanId: 's-1',
    });
    await post('f-1/rejection', { reason: 'no staff' });
    expect(await refusal('f-1/acceptance', {})).toEqual({
      code: 'fulfillment-closed',
      status: 409,
    });
  });

  it('name every field that is wrong', async () => {
    const { status, body } = await service.http('POST', '/v1/fulfillments/f-1/picks', {
      scanId: '',
      lines: [{ lineId: '1', quantity: 0 }],
      colour: 'red',
    });
    expect(status).toBe(422);
    expect((body.errors as { field: string }[]).map(({ field }) => field).sort()).toEqual([
      'colour',
      'lines[0].quantity',
      'scanId',
    ]);
  });

  it('of a message park it: work that was never released cannot be recalled', async () => {
    const lines = [{ lineId: '1', sku: 'HEART', quantity: 1 }];
    const recall = {
      orderId: 'order-9',
      recallId: 'r-1',
      fulfillmentId: 'f-9',
      reason: 'cancelled' as const,
      lines,
    };
    await expect(service.deliver(RecallRequested, 'order-9', recall)).rejects.toThrow(
      'RecallRequested for f-9 refused: {"code":"unknown-fulfillment"}',
    );
  });
});

describe('the list of fulfillments', () => {
  beforeEach(async () => {
    for (const [index, locationId] of ['shop-1', 'shop-2', 'shop-1'].entries()) {
      const id = index + 1;
      const order = sourced(`order-${id}`, [work(`f-${id}`, locationId, 3)]);
      await service.deliver(OrderSourced, `order-${id}`, order);
      time += 1_000;
    }
    await post('f-3/picks', picks);
    await service.caughtUp();
  });

  it('filters by status, location and order, oldest first', async () => {
    expect(await idsOf('')).toEqual(['f-1', 'f-2', 'f-3']);
    expect(await idsOf('status=released')).toEqual(['f-1', 'f-2']);
    expect(await idsOf('locationId=shop-1')).toEqual(['f-1', 'f-3']);
    expect(await idsOf('locationId=shop-1&status=picked')).toEqual(['f-3']);
    expect(await idsOf('orderId=order-2')).toEqual(['f-2']);
    expect(await idsOf('orderId=order-9')).toEqual([]);
  });

  it('goes on where the page before it ended', async () => {
    const first = (await service.http('GET', '/v1/fulfillments?limit=2')).body;
    expect(first.items).toHaveLength(2);
    expect(await idsOf(`limit=2&cursor=${first.nextCursor}`)).toEqual(['f-3']);
  });

  it.each([
    ['status=broken', 'status'],
    ['limit=0', 'limit'],
    ['cursor=WzFd', 'cursor'],
    ['colour=red', 'colour'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await service.http('GET', `/v1/fulfillments?${query}`);
    expect({ status, field: body.errors[0].field }).toEqual({ status: 422, field });
  });

  it('gives the same rows when it is made anew, or when a page comes twice', async () => {
    const { database, store } = service.runtime;
    const rows = () => database.query('select * from fulfillments order by id');
    const before = await rows();
    const events = (
      await Promise.all([1, 2, 3].map((id) => store.read(`fulfillment-f-${id}`)))
    ).flat();
    await database.transaction((tx) => fulfillmentsProjection.apply(tx, events));
    expect(await rows()).toEqual(before);
    const begun = events.filter(({ revision }) => revision === 0);
    await database.transaction((tx) => fulfillmentsProjection.apply(tx, begun));
    expect(await rows()).toEqual(before);
    await database.transaction(async (tx) => {
      await emptyTables(tx, fulfillmentsProjection);
      for (const event of events) await fulfillmentsProjection.apply(tx, [event]);
    });
    expect(await rows()).toEqual(before);
  });

  it('takes up a page of which it has seen the beginning', async () => {
    await post('f-3/packs', { packageId: 'box-1' });
    await post('f-3/acceptance', {});
    await service.caughtUp();
    const { database, store } = service.runtime;
    const [released, picked, packed, accepted] = await store.read('fulfillment-f-3');
    const rows = () => database.query("select document from fulfillments where id = 'f-3'");
    const before = await rows();
    await database.transaction(async (tx) => {
      await emptyTables(tx, fulfillmentsProjection);
      await fulfillmentsProjection.apply(tx, [released!, picked!, packed!]);
      await fulfillmentsProjection.apply(tx, [packed!, accepted!]);
    });
    expect(await rows()).toEqual(before);
  });

  it('answers 404 for what does not exist', async () => {
    const { status, body } = await service.http('GET', '/v1/fulfillments/f-9');
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'not-found' });
  });
});

import {
  FulfillmentHandedOver,
  FulfillmentPacked,
  FulfillmentRecalled,
} from '@throughline/contracts';
import { emptyTables } from '@throughline/read-model';
import { startService, type ServiceHarness } from '@throughline/testing';
import { shipmentIdOf } from '../shipment/shipment-handler.js';
import { shipping } from '../shipping.module.js';
import { shipmentsProjection } from './shipments.projection.js';

const AT = '2026-11-01T10:00:00.000Z';
const shipTo = {
  personal: { subjectId: 'subject-1', name: 'Ada Lovelace', lines: ["12 St James's Square"] },
  city: 'London',
  region: null,
  postalCode: 'SW1Y 4JH',
  country: 'GB',
};
const delivery = {
  method: 'ship' as const,
  service: 'standard',
  locationId: null,
  promisedBy: null,
  shipTo,
};
const progress = [
  {
    lineId: '1',
    sku: 'HEART',
    released: 3,
    picked: 3,
    packed: 3,
    handedOver: 0,
    shorted: 0,
    cancelled: 0,
  },
];
const lines = [{ lineId: '1', sku: 'HEART', quantity: 3 }];

const packed = (index: number, locationId = 'shop-1', to = delivery): FulfillmentPacked => ({
  orderId: `order-${index}`,
  orderNumber: `A-${index}`,
  fulfillmentId: `f-${index}`,
  locationId,
  attempt: 1,
  at: AT,
  progress,
  packageId: 'box-1',
  weightGrams: 850,
  delivery: to,
  lines,
});

const handedOver = (shipmentId: string | null, index = 1): FulfillmentHandedOver => ({
  orderId: `order-${index}`,
  fulfillmentId: `f-${index}`,
  locationId: 'shop-1',
  attempt: 1,
  at: '2026-11-02T10:00:00+01:00',
  progress,
  receiver: shipmentId ? 'carrier' : 'customer',
  packages: [{ packageId: 'box-1', shipmentId }],
  lines,
});

const FIRST = shipmentIdOf('f-1', 'box-1');

let service: ServiceHarness;
let time: number;

beforeEach(async () => {
  time = Date.parse(AT);
  service = await startService(shipping, { now: () => new Date(time).toISOString() });
});
afterEach(() => service.stop());

const track = (id: string, body: object) =>
  service.http('POST', `/v1/shipments/${id}/tracking-events`, body);
const one = async (id: string) => (await service.http('GET', `/v1/shipments/${id}`)).body;
const types = async () => (await service.published('oms.shipment')).map(({ type }) => type);

describe('the life of a shipment', () => {
  it('goes from label to delivery, and tells each milestone once', async () => {
    await service.deliver(FulfillmentPacked, 'order-1', packed(1));
    expect((await one(FIRST)).status).toBe('labelled');
    await service.deliver(FulfillmentHandedOver, 'order-1', handedOver(FIRST));
    const failed = { eventId: 'e-1', status: 'delivery-failed', reason: 'nobody home' };
    expect((await track(FIRST, { ...failed, at: '2026-11-03T11:00:00Z' })).status).toBe(204);
    expect((await track(FIRST, { ...failed, at: '2026-11-03T11:00:00Z' })).status).toBe(204);
    time = Date.parse('2026-11-04T12:00:00.000Z');
    expect((await track(FIRST, { eventId: 'e-2', status: 'delivered' })).status).toBe(204);
    const late = { eventId: 'e-0', status: 'in-transit', at: '2026-11-02T20:00:00Z' };
    expect((await track(FIRST, late)).status).toBe(204);

    const [, handOver] = await service.runtime.store.read(`shipment-${FIRST}`);
    const { trackingNumber, ...answer } = await one(FIRST);
    expect(trackingNumber).toMatch(/^TL\d{18}$/);
    expect(answer).toEqual({
      shipmentId: FIRST,
      orderId: 'order-1',
      orderNumber: 'A-1',
      fulfillmentId: 'f-1',
      packageId: 'box-1',
      locationId: 'shop-1',
      carrier: 'throughline-post',
      service: 'standard',
      status: 'delivered',
      statusAt: '2026-11-04T12:00:00.000Z',
      createdAt: AT,
      weightGrams: 850,
      rates: [
        {
          carrier: 'throughline-post',
          service: 'standard',
          cost: { amount: '5.00', currency: 'EUR' },
        },
      ],
      lines,
      history: [
        {
          eventId: handOver!.id,
          status: 'in-transit',
          at: '2026-11-02T09:00:00.000Z',
          reason: 'handed over',
        },
        { eventId: 'e-0', status: 'in-transit', at: '2026-11-02T20:00:00.000Z', reason: null },
        {
          eventId: 'e-1',
          status: 'delivery-failed',
          at: '2026-11-03T11:00:00.000Z',
          reason: 'nobody home',
        },
        { eventId: 'e-2', status: 'delivered', at: '2026-11-04T12:00:00.000Z', reason: null },
      ],
    });
    expect(await types()).toEqual([
      'ShipmentLabelled',
      'ShipmentInTransit',
      'ShipmentDeliveryFailed',
      'ShipmentDelivered',
    ]);
    await service.caughtUp();
    expect((await service.http('GET', '/v1/shipments')).body).toEqual({
      items: [{ ...answer, trackingNumber }],
      nextCursor: null,
    });
  });

  it('prints its label', async () => {
    await service.deliver(FulfillmentPacked, 'order-1', packed(1));
    const { status, body, headers } = await service.http('GET', `/v1/shipments/${FIRST}/label.zpl`);
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'application/zpl; charset=utf-8',
    });
    const { trackingNumber } = await one(FIRST);
    expect(body).toContain(`^BCN,200,Y,N,N,A^FD${trackingNumber}^FS`);
    expect(body).toContain('^FDAda Lovelace^FS');
    expect(body).toContain('^FDOrder A-1^FS');
  });

  it('does not begin for what the customer collects', async () => {
    const collected = {
      ...delivery,
      method: 'pickup' as const,
      locationId: 'shop-1',
      shipTo: null,
    };
    await service.deliver(FulfillmentPacked, 'order-1', {
      ...packed(1),
      delivery: collected,
    });
    await service.deliver(FulfillmentHandedOver, 'order-1', handedOver(null));
    expect(await types()).toEqual([]);
  });
});

describe('a package that is opened again', () => {
  const recalled = (shipmentId: string | null, packageId = 'box-1'): FulfillmentRecalled => ({
    orderId: 'order-1',
    fulfillmentId: 'f-1',
    locationId: 'shop-1',
    attempt: 1,
    at: '2026-11-02T10:00:00+01:00',
    progress,
    recallId: 'r-1',
    lines,
    refused: [],
    reopened: [{ packageId, shipmentId }],
  });

  it('has a void label, known here before the location has heard of it or not', async () => {
    await service.deliver(FulfillmentPacked, 'order-1', packed(1));
    for (const shipmentId of [null, FIRST])
      await service.deliver(FulfillmentRecalled, 'order-1', recalled(shipmentId), { id: 'm-3' });
    const { status, statusAt } = await one(FIRST);
    expect({ status, statusAt }).toEqual({
      status: 'voided',
      statusAt: '2026-11-02T09:00:00.000Z',
    });
    expect(await types()).toEqual(['ShipmentLabelled', 'ShipmentVoided']);
    await service.caughtUp();
    const { body } = await service.http('GET', '/v1/shipments?status=voided');
    expect(body.items.map(({ shipmentId }: { shipmentId: string }) => shipmentId)).toEqual([FIRST]);
    const label = await service.http('GET', `/v1/shipments/${FIRST}/label.zpl`);
    expect([label.status, label.body.code]).toEqual([409, 'shipment-voided']);
  });

  it('has none where the customer collects it, and must have the one that is named', async () => {
    await service.deliver(FulfillmentRecalled, 'order-1', recalled(null, 'bag-1'));
    expect(await types()).toEqual([]);
    await expect(service.deliver(FulfillmentRecalled, 'order-1', recalled(FIRST))).rejects.toThrow(
      'unknown-shipment',
    );
  });

  it('opens none where a recall got at everything without', async () => {
    await service.deliver(FulfillmentPacked, 'order-1', packed(1));
    const { reopened, ...untouched } = recalled(null);
    expect(reopened).toHaveLength(1);
    await service.deliver(FulfillmentRecalled, 'order-1', untouched);
    expect((await one(FIRST)).status).toBe('labelled');
  });
});

describe('messages', () => {
  it('that come twice write once', async () => {
    await service.deliver(FulfillmentPacked, 'order-1', packed(1), { id: 'm-1' });
    await service.deliver(FulfillmentPacked, 'order-1', packed(1), { id: 'm-1' });
    await service.deliver(FulfillmentHandedOver, 'order-1', handedOver(FIRST), { id: 'm-2' });
    await service.deliver(FulfillmentHandedOver, 'order-1', handedOver(FIRST), { id: 'm-2' });
    expect((await service.runtime.store.read(`shipment-${FIRST}`)).map(({ type }) => type)).toEqual(
      ['ShipmentLabelled', 'ShipmentHandedOver', 'MilestoneReached'],
    );
  });

  it('that cannot be true are parked', async () => {
    await expect(
      service.deliver(FulfillmentHandedOver, 'order-1', handedOver(FIRST)),
    ).rejects.toThrow(`FulfillmentHandedOver for ${FIRST} refused: {"code":"unknown-shipment"}`);
    await expect(
      service.deliver(FulfillmentPacked, 'order-1', {
        ...packed(1),
        delivery: { ...delivery, shipTo: null },
      }),
    ).rejects.toThrow('Package box-1 of f-1 has no address');
  });
});

describe('refusals', () => {
  it.each(['GET /v1/shipments/s-9', 'GET /v1/shipments/s-9/label.zpl'])(
    '%s is 404',
    async (route) => {
      const [, url = ''] = route.split(' ');
      const { status, body } = await service.http('GET', url);
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'not-found' });
    },
  );

  it('of tracking events say what is wrong', async () => {
    await service.deliver(FulfillmentPacked, 'order-1', packed(1));
    const event = { eventId: 'e-1', status: 'delivered' };
    expect((await track('s-9', event)).body.code).toBe('not-found');
    await track(FIRST, event);
    const reused = await track(FIRST, { ...event, status: 'lost' });
    const { code, eventId, recorded } = reused.body;
    expect({ status: reused.status, code, eventId, recorded }).toEqual({
      status: 409,
      code: 'event-id-reused',
      eventId: 'e-1',
      recorded: 'delivered',
    });
  });

  it.each([
    [{ eventId: 'e-1', status: 'vanished' }, 'status'],
    [{ status: 'lost' }, 'eventId'],
    [{ eventId: 'e-1', status: 'lost', at: 'yesterday' }, 'at'],
    [{ eventId: 'e-1', status: 'lost', at: '2016-12-31T23:59:60Z' }, 'at'],
  ])('of %j name the field', async (body, field) => {
    const answer = await track(FIRST, body);
    expect({ status: answer.status, field: answer.body.errors[0].field }).toEqual({
      status: 422,
      field,
    });
  });

  it('of a key that comes with another body', async () => {
    await service.deliver(FulfillmentPacked, 'order-1', packed(1));
    const url = `/v1/shipments/${FIRST}/tracking-events`;
    const key = { 'Idempotency-Key': 'key-1' };
    await service.http('POST', url, { eventId: 'e-1', status: 'lost' }, key);
    const { body } = await service.http('POST', url, { eventId: 'e-2', status: 'lost' }, key);
    expect(body.code).toBe('idempotency-key-reused');
  });
});

describe('the list of shipments', () => {
  const ids = [1, 2, 3].map((index) => shipmentIdOf(`f-${index}`, 'box-1'));
  const listed = async (query: string) => {
    const { status, body } = await service.http('GET', `/v1/shipments?${query}`);
    expect(status).toBe(200);
    return (body.items as { shipmentId: string }[]).map(
      ({ shipmentId }) => ids.indexOf(shipmentId) + 1,
    );
  };

  beforeEach(async () => {
    for (const index of [1, 2, 3]) {
      const locationId = index === 2 ? 'shop-2' : 'shop-1';
      await service.deliver(FulfillmentPacked, `order-${index}`, packed(index, locationId));
      time += 1_000;
    }
    await service.deliver(FulfillmentHandedOver, 'order-3', handedOver(ids[2]!, 3));
    await track(ids[2]!, { eventId: 'e-1', status: 'delivered' });
    await service.caughtUp();
  });

  it('filters by status, location and order, oldest first', async () => {
    expect(await listed('')).toEqual([1, 2, 3]);
    expect(await listed('status=labelled')).toEqual([1, 2]);
    expect(await listed('locationId=shop-1')).toEqual([1, 3]);
    expect(await listed('locationId=shop-1&status=delivered')).toEqual([3]);
    expect(await listed('orderId=order-2')).toEqual([2]);
  });

  it('goes on where the page before it ended', async () => {
    const first = (await service.http('GET', '/v1/shipments?limit=2')).body;
    expect(first.items).toHaveLength(2);
    expect(await listed(`limit=2&cursor=${first.nextCursor}`)).toEqual([3]);
  });

  it.each([
    ['status=broken', 'status'],
    ['limit=201', 'limit'],
    ['cursor=WyIyMDI2IiwiYSJd', 'cursor'],
    ['colour=red', 'colour'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await service.http('GET', `/v1/shipments?${query}`);
    expect({ status, field: body.errors[0].field }).toEqual({ status: 422, field });
  });

  it('gives the same rows when it is made anew, or when a page comes twice', async () => {
    const { database, store } = service.runtime;
    const rows = () => database.query('select * from shipments order by id');
    const before = await rows();
    const events = (await Promise.all(ids.map((id) => store.read(`shipment-${id}`)))).flat();
    await database.transaction((tx) => shipmentsProjection.apply(tx, events));
    expect(await rows()).toEqual(before);
    const begun = events.filter(({ revision }) => revision === 0);
    await database.transaction((tx) => shipmentsProjection.apply(tx, begun));
    expect(await rows()).toEqual(before);
    await database.transaction(async (tx) => {
      await emptyTables(tx, shipmentsProjection);
      for (const event of events) await shipmentsProjection.apply(tx, [event]);
    });
    expect(await rows()).toEqual(before);
  });

  it('takes up a page of which it has seen the beginning', async () => {
    await track(ids[2]!, { eventId: 'e-2', status: 'in-transit' });
    await service.caughtUp();
    const { database, store } = service.runtime;
    const [labelled, tracked, ...others] = await store.read(`shipment-${ids[2]}`);
    const rows = () => database.query('select document from shipments where id = $1', [ids[2]]);
    const before = await rows();
    await database.transaction(async (tx) => {
      await emptyTables(tx, shipmentsProjection);
      await shipmentsProjection.apply(tx, [labelled!, tracked!]);
      await shipmentsProjection.apply(tx, [tracked!, ...others]);
    });
    expect(await rows()).toEqual(before);
  });
});

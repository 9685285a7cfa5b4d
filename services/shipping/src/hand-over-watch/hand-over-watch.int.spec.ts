import {
  FulfillmentHandedOver,
  FulfillmentPacked,
  FulfillmentRecalled,
} from '@throughline/contracts';
import { emptyTables } from '@throughline/read-model';
import { startService, type ServiceHarness } from '@throughline/testing';
import { TRACKED_EARLY_AFTER, trackedEarlyAfterMs } from '../config.js';
import { shipmentHandler, shipmentIdOf } from '../shipment/shipment-handler.js';
import { shipping } from '../shipping.module.js';
import { awaitedHandOvers } from './awaited-hand-overs.projection.js';
import { watchHandOvers } from './hand-over-watch.process.js';

const START = Date.parse('2026-11-01T10:00:00.000Z');
const LIMIT_MS = trackedEarlyAfterMs({});
const line = { lineId: '1', sku: 'HEART' };
const lines = [{ ...line, quantity: 3 }];
const counts = { released: 3, picked: 3, packed: 3, handedOver: 0, shorted: 0, cancelled: 0 };
const work = (order: string) => ({
  orderId: order,
  fulfillmentId: `f-${order}`,
  locationId: 'shop-1',
  attempt: 1,
  at: new Date(START).toISOString(),
  progress: [{ ...line, ...counts }],
});
const shipTo = {
  personal: { subjectId: 'subject-1', name: 'Ada Lovelace', lines: ["12 St James's Square"] },
  city: 'London',
  region: null,
  postalCode: 'SW1Y 4JH',
  country: 'GB',
};
const idOf = (order: string): string => shipmentIdOf(`f-${order}`, 'box-1');

let service: ServiceHarness;
let time = START;
const now = () => new Date(time).toISOString();
beforeAll(async () => {
  service = await startService(shipping, { now });
});
beforeEach(() => {
  time = START;
});
afterAll(() => service.stop());

const pack = (order: string) => {
  const delivery = {
    method: 'ship' as const,
    service: 'standard',
    locationId: null,
    promisedBy: null,
    shipTo,
  };
  const parcel = { orderNumber: order, packageId: 'box-1', weightGrams: 850, delivery, lines };
  return service.deliver(FulfillmentPacked, order, { ...work(order), ...parcel });
};
const handOver = (order: string) => {
  const packages = [{ packageId: 'box-1', shipmentId: idOf(order) }];
  const data = { ...work(order), receiver: 'carrier' as const, packages, lines };
  return service.deliver(FulfillmentHandedOver, order, data);
};
const recall = (order: string) => {
  const reopened = [{ packageId: 'box-1', shipmentId: idOf(order) }];
  const data = { ...work(order), recallId: 'r-1', lines, refused: [], reopened };
  return service.deliver(FulfillmentRecalled, order, data);
};
const track = (order: string, eventId: string, status: string, at?: string) =>
  service.http('POST', `/v1/shipments/${idOf(order)}/tracking-events`, { eventId, status, at });
const told = async (order: string) =>
  (await service.published('oms.shipment'))
    .filter(({ key }) => key === order)
    .map(({ type, data }) => [type, (data as { at: string }).at]);
const watch = async () => {
  await service.caughtUp();
  const { store, database } = service.runtime;
  await watchHandOvers(shipmentHandler(store, now), database, now, LIMIT_MS)();
};

describe('tracking that comes before the hand-over', () => {
  it('delivers nothing until the hand-over comes, and everything with it', async () => {
    await pack('o1');
    const late = '2026-11-01T12:00:00.000Z';
    expect((await track('o1', 'e-2', 'delivered', late)).status).toBe(204);
    expect((await track('o1', 'e-1', 'out-for-delivery')).status).toBe(204);
    expect((await told('o1')).map(([type]) => type)).toEqual(['ShipmentLabelled']);
    const { body } = await service.http('GET', `/v1/shipments/${idOf('o1')}`);
    expect([body.status, body.history.length]).toEqual(['labelled', 2]);
    await service.caughtUp();
    const inTransit = await service.http('GET', '/v1/shipments?status=in-transit');
    expect(inTransit.body.items).toEqual([]);
    await handOver('o1');
    expect((await told('o1')).slice(1)).toEqual([
      ['ShipmentInTransit', now()],
      ['ShipmentDelivered', late],
    ]);
    expect((await service.http('GET', `/v1/shipments/${idOf('o1')}`)).body).toMatchObject({
      status: 'delivered',
      statusAt: late,
    });
  });

  it('is told once when the hand-over does not come in time, and still takes effect then', async () => {
    await pack('o2');
    await track('o2', 'e-1', 'in-transit');
    time += LIMIT_MS - 1;
    await track('o2', 'e-2', 'out-for-delivery');
    await watch();
    expect((await told('o2')).map(([type]) => type)).toEqual(['ShipmentLabelled']);
    time += 1;
    await watch();
    await watch();
    expect((await told('o2')).slice(1)).toEqual([['ShipmentTrackedEarly', now()]]);
    await handOver('o2');
    expect((await told('o2')).map(([type]) => type).slice(2)).toEqual(['ShipmentInTransit']);
  });

  it('is not told where the hand-over came, the label became void, or a row is stale', async () => {
    for (const order of ['o3', 'o4', 'o5']) await pack(order);
    for (const order of ['o3', 'o4']) await track(order, 'e-1', 'in-transit');
    await handOver('o3');
    await recall('o4');
    time += LIMIT_MS;
    await service.caughtUp();
    const { database } = service.runtime;
    expect(
      await database.query(
        'select shipment_id from awaited_hand_overs where shipment_id = any($1)',
        [['o3', 'o4', 'o5'].map(idOf)],
      ),
    ).toEqual([{ shipment_id: idOf('o5') }]);
    await database.query('insert into awaited_hand_overs values ($1, $2), ($3, $2)', [
      idOf('o3'),
      new Date(START).toISOString(),
      idOf('o4'),
    ]);
    await watch();
    for (const order of ['o3', 'o4', 'o5'])
      expect((await told(order)).map(([type]) => type)).not.toContain('ShipmentTrackedEarly');
    await database.query('delete from awaited_hand_overs where shipment_id = any($1)', [
      ['o3', 'o4'].map(idOf),
    ]);
  });

  it('is refused for a void label', async () => {
    await pack('o6');
    await recall('o6');
    const { status, body } = await track('o6', 'e-1', 'delivered');
    expect([status, body.code]).toEqual([409, 'shipment-voided']);
  });

  it('is told of the others also when the stream of one cannot be read', async () => {
    for (const order of ['bad', 'good']) {
      await pack(order);
      await track(order, 'e-1', 'in-transit');
      time += 1;
    }
    await service.caughtUp();
    const set = (data: unknown) =>
      service.runtime.database.query<{ data: unknown }>(
        `update log_events set data = $2 where stream = $1 and revision = 0`,
        [`shipment-${idOf('bad')}`, JSON.stringify(data)],
      );
    const [first] = await service.runtime.store.read(`shipment-${idOf('bad')}`);
    await set(null);
    time += LIMIT_MS;
    await expect(watch()).rejects.toThrow('1 of 2 failed');
    const good = await service.runtime.store.read(`shipment-${idOf('good')}`);
    expect(good.map(({ type }) => type)).toContain('ShipmentTrackedEarly');
    await set(first!.data);
    await watch();
    expect((await told('bad')).map(([type]) => type)).toContain('ShipmentTrackedEarly');
  });

  it('leaves the same rows when they are made again, event by event or twice', async () => {
    await pack('o7');
    await track('o7', 'e-1', 'in-transit');
    time += 1_000;
    await track('o7', 'e-2', 'lost');
    await service.caughtUp();
    const { database, store } = service.runtime;
    const rows = () => database.query('select * from awaited_hand_overs order by shipment_id');
    const before = await rows();
    expect(before).toContainEqual({ shipment_id: idOf('o7'), tracked_at: new Date(START) });
    const orders = ['o1', 'o2', 'o3', 'o4', 'o5', 'o6', 'bad', 'good', 'o7'];
    const events = (
      await Promise.all(orders.map((order) => store.read(`shipment-${idOf(order)}`)))
    ).flat();
    await database.transaction((tx) => awaitedHandOvers.apply(tx, events));
    expect(await rows()).toEqual(before);
    await database.transaction(async (tx) => {
      await emptyTables(tx, awaitedHandOvers);
      for (const event of events) await awaitedHandOvers.apply(tx, [event]);
    });
    expect(await rows()).toEqual(before);
  });
});

describe('the time allowed', () => {
  it('is two hours unless the environment says otherwise', () => {
    expect(trackedEarlyAfterMs({})).toBe(7_200_000);
    expect(trackedEarlyAfterMs({ [TRACKED_EARLY_AFTER]: '30' })).toBe(1_800_000);
  });

  it.each(['0', '-1', '1.5', 'soon', '43201'])('is never %s', (value) =>
    expect(() => trackedEarlyAfterMs({ [TRACKED_EARLY_AFTER]: value })).toThrow(
      `${TRACKED_EARLY_AFTER} must be a whole number from 1 to 43200`,
    ),
  );
});

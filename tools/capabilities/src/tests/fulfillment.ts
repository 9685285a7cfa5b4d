import assert from 'node:assert/strict';
import type { Json } from '../caller.js';
import { capability } from '../capability.js';
import { eventually } from '../eventually.js';
import { shows, type Shop } from '../shop.js';

const TRACKING = 'POST /v1/shipments/{id}/tracking-events';
const SHIPMENT = 'GET /v1/shipments/{id}';

const workOf = async (shop: Shop, quantity: number) => {
  const { sku, at } = await shop.goods(9);
  const orderId = await shop.place({ [sku]: quantity });
  const [{ fulfillmentId }] = await shop.works(orderId);
  return { sku, at, orderId, fulfillmentId, path: `/v1/fulfillments/${fulfillmentId}` };
};

const picking = async (shop: Shop): Promise<void> => {
  const { orderId, path } = await workOf(shop, 3);
  const scan = { scanId: 'scan-1', lines: [{ lineId: '1', quantity: 2 }] };
  await shop.post(`${path}/picks`, scan);
  // A scanner that lost its connection sends the scan again.
  await shop.post(`${path}/picks`, scan);
  const more = { scanId: 'scan-2', lines: [{ lineId: '1', quantity: 2 }] };
  const problem = await shop.refused(409, 'POST', `${path}/picks`, more);
  shows(problem, { code: 'over-pick' });
  const { lines } = await shop.get(path);
  shows(lines[0], { quantity: 3, picked: 2 });
  await shop.counts(orderId, { ordered: 3, sourced: 1, picked: 2 });
};

const shippedOnce = async (shop: Shop): Promise<void> => {
  const { orderId, fulfillmentId, path, sku, at } = await workOf(shop, 2);
  await shop.pick(fulfillmentId, [{ lineId: '1', quantity: 2 }]);
  const pack = { packageId: 'package-1', weightGrams: 400 };
  for (let time = 0; time < 3; time += 1) await shop.post(`${path}/packs`, pack);
  await eventually(async () => shows(await shop.get(path), { status: 'ready' }));
  const handOver = () => shop.send('POST', `${path}/hand-over`, { handOverId: 'van-1' });
  const answers = await Promise.all(Array.from({ length: 5 }, handOver));
  assert.ok(answers.every(({ status }) => status < 300));
  await shop.becomes(orderId, { status: 'shipped' });
  const late = await shop.send('POST', `${path}/hand-over`, { handOverId: 'van-2' });
  assert.ok(late.status < 300 || late.status === 409, String(late.status));
  await shop.shelfBecomes(sku, at, { onHand: 7, reserved: 0 });
  const shipments = await shop.parcels(orderId);
  shows(shipments[0].lines[0], { quantity: 2 });
};

const minorOf = ({ cost }: Json): number => Number(cost.amount.replace('.', ''));

const cheapest = async (shop: Shop): Promise<void> => {
  const { sku } = await shop.goods(9);
  const { shipTo } = shop.order({ [sku]: 1 });
  const cases = [
    ['standard', 'GB', 400, 'packet'],
    ['standard', 'GB', 2_000, 'standard'],
    ['express', 'GB', 2_000, 'express'],
    ['express', 'AU', 2_000, 'worldwide'],
  ] as const;
  for (const [service, country, weightGrams, expected] of cases) {
    const orderId = await shop.place(
      { [sku]: 1 },
      {
        fulfillment: { method: 'ship', service },
        shipTo: { ...shipTo, country, postalCode: country === 'AU' ? '2000' : 'SW1Y 4JH' },
      },
    );
    const [{ fulfillmentId }] = await shop.works(orderId);
    await shop.prepare(fulfillmentId, weightGrams);
    const [shipment] = await shop.parcels(orderId);
    const { rates, carrier, service: chosen } = shipment;
    assert.equal(chosen, expected);
    const [best] = rates.toSorted((a: Json, b: Json) => minorOf(a) - minorOf(b));
    assert.deepEqual([best.carrier, best.service], [carrier, chosen]);
  }
};

const labels = async (shop: Shop): Promise<void> => {
  const { fulfillmentId, path, orderId } = await workOf(shop, 3);
  await shop.pick(fulfillmentId, [{ lineId: '1', quantity: 3 }]);
  for (const [packageId, quantity] of [
    ['package-1', 1],
    ['package-2', 2],
  ] as const) {
    const pack = { packageId, lines: [{ lineId: '1', quantity }], weightGrams: 400 };
    await shop.post(`${path}/packs`, pack);
    await shop.post(`${path}/packs`, pack);
  }
  await eventually(async () => shows(await shop.get(path), { status: 'ready' }));
  const shipments = await shop.parcels(orderId, 2);
  const packages = shipments.map(({ packageId }) => packageId);
  assert.deepEqual(packages.sort(), ['package-1', 'package-2']);
  const numbers = new Set(shipments.map(({ trackingNumber }) => trackingNumber));
  assert.equal(numbers.size, 2);
  for (const { shipmentId, trackingNumber } of shipments) {
    const label = await shop.text(`/v1/shipments/${shipmentId}/label.zpl`);
    assert.ok(label.startsWith('^XA') && label.trimEnd().endsWith('^XZ'));
    assert.ok(label.includes(trackingNumber));
    assert.equal(await shop.text(`/v1/shipments/${shipmentId}/label.zpl`), label);
  }
};

const tracking = async (shop: Shop): Promise<void> => {
  const { sku } = await shop.goods(9);
  const at = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
  const scans = ['in-transit', 'out-for-delivery', 'delivered'].map((status, index) => ({
    eventId: `scan-${index}`,
    status,
    at: at(index + 1),
  }));
  const [first, second, third] = scans as [object, object, object];
  const ways = [
    [first, second, third],
    [third, second, first],
    [second, second, third, first, third],
  ];
  const folded: string[] = [];
  for (const way of ways) {
    const [{ shipmentId }] = await shop.ship(await shop.place({ [sku]: 1 }));
    const path = `/v1/shipments/${shipmentId}`;
    for (const scan of way) await shop.post(`${path}/tracking-events`, scan);
    const { status, statusAt, history } = await shop.get(path);
    assert.equal(status, 'delivered');
    const ids = history.map(({ eventId }: Json) => eventId);
    const own = ids.filter((eventId: string) => eventId.startsWith('scan-'));
    folded.push(JSON.stringify([status, statusAt, own]));
  }
  assert.equal(new Set(folded).size, 1, folded.join());
};

const failedDelivery = async (shop: Shop): Promise<void> => {
  const { sku } = await shop.goods(9);
  const orderId = await shop.place({ [sku]: 1 });
  const [{ shipmentId }] = await shop.ship(orderId);
  const path = `/v1/shipments/${shipmentId}/tracking-events`;
  const failed = { eventId: 'scan-1', status: 'delivery-failed', reason: 'nobody at home' };
  await shop.post(path, failed);
  await shop.post(path, failed);
  await shop.post(path, { ...failed, eventId: 'scan-2' });
  await shop.becomes(orderId, { exceptions: ['delivery-failed'] });
  const [task, ...others] = await eventually(async () => {
    const found = await shop.exceptions(orderId);
    assert.ok(found.length > 0);
    return found;
  });
  assert.equal(others.length, 0);
  shows(task, { class: 'delivery-failed', orderId });
};

export const FULFILLMENT_TESTS = [
  capability('C101', ['POST /v1/fulfillments/{id}/picks'], picking),
  capability('C112', ['POST /v1/fulfillments/{id}/hand-over', 'GET /v1/shipments'], shippedOnce),
  capability('C114', ['POST /v1/fulfillments/{id}/packs', 'GET /v1/shipments'], cheapest),
  capability('C119', ['GET /v1/shipments/{id}/label.zpl'], labels),
  capability('C122', [TRACKING, SHIPMENT], tracking),
  capability('C125', [TRACKING, 'GET /v1/exceptions'], failedDelivery),
];

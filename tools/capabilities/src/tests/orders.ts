import assert from 'node:assert/strict';
import { chosenBetween, inParallel } from '@throughline/cli';
import type { Json } from '../caller.js';
import { capability } from '../capability.js';
import { eventually } from '../eventually.js';
import { shows, type Shop } from '../shop.js';

const ORDER = ['POST /v1/orders', 'GET /v1/orders/{id}'];
const ORDERS = ['POST /v1/orders', 'GET /v1/orders'];
const CHANNELS = ['web', 'app', 'store', 'call_center', 'social'];
const DAY_MS = 86_400_000;

/** What lists have of the orders that a test placed. */
const listed = (shop: Shop, query: object = {}): Promise<Json[]> =>
  shop.list('/v1/orders', { customer: shop.prefix, ...query });

const ofChannel =
  (channel: string, more: object = {}) =>
  async (shop: Shop) => {
    const sku = await shop.item();
    const orderId = await shop.place({ [sku]: 1 }, { channel, ...more });
    await shop.becomes(orderId, { channel, ...more });
    await eventually(async () => {
      const found = await listed(shop, { channel });
      assert.deepEqual(
        found.map((order) => order.orderId),
        [orderId],
      );
    });
  };

const soldOverTheCounter = async (shop: Shop): Promise<void> => {
  const store = await shop.location('store', 'store');
  const sku = await shop.item();
  await shop.receive(sku, store, 4);
  const orderId = await shop.place(
    { [sku]: 1 },
    { channel: 'store', fulfillment: { method: 'counter', locationId: store } },
  );
  const [{ fulfillmentId }] = await shop.works(orderId);
  await shop.prepare(fulfillmentId);
  await shop.handOver(fulfillmentId, 'customer');
  await shop.becomes(orderId, { channel: 'store', status: 'delivered' });
  await shop.shelfBecomes(sku, store, { onHand: 3, reserved: 0 });
};

const sameValidation = async (shop: Shop): Promise<void> => {
  const sku = await shop.item();
  const faults = { currency: 'XXY', lines: [{ lineId: '1', sku, quantity: 0, unitPrice: 'a' }] };
  const refusals = ['social', 'web'].map((channel) =>
    shop.refused(422, 'POST', '/v1/orders', { ...shop.order({}, { ...faults, channel }) }),
  );
  const [social, web] = await Promise.all(refusals);
  assert.ok(social.errors.length >= 3);
  assert.deepEqual(social.errors, web.errors);
  const orderId = await shop.place({ [sku]: 1 }, { channel: 'social' });
  await shop.becomes(orderId, { channel: 'social' });
};

const popUp = async (shop: Shop): Promise<void> => {
  const sku = await shop.item();
  const at = (fromMs: number, toMs: number) => ({
    activeFrom: new Date(Date.now() + fromMs).toISOString(),
    activeTo: new Date(Date.now() + toMs).toISOString(),
  });
  const orderAt = (locationId: string) =>
    shop.order({ [sku]: 1 }, { fulfillment: { method: 'pickup', locationId } });
  const refusedAt = (locationId: string): Promise<void> =>
    eventually(async () => {
      const answer = await shop.refused(422, 'POST', '/v1/orders', orderAt(locationId));
      shows(answer.errors, [{ field: 'fulfillment.locationId', code: 'location-closed' }]);
    });
  const later = await shop.location('later', 'store', 'M1 1AE', at(DAY_MS, 2 * DAY_MS));
  const open = await shop.location('open', 'store', 'M1 1AE', at(-DAY_MS, 3_000));
  const { orderId } = await shop.post('/v1/orders', orderAt(open));
  const path = `/v1/inventory/locations/${open}`;
  await eventually(async () => shows(await shop.get(path), { open: false }));
  await refusedAt(open);
  await refusedAt(later);
  shows(await shop.get(`/v1/orders/${orderId}`), { fulfillment: { locationId: open } });
};

const onTerms = async (shop: Shop): Promise<void> => {
  const { sku } = await shop.goods(5);
  const orderId = await shop.place(
    { [sku]: 5 },
    {
      channel: 'b2b',
      customer: { id: shop.prefix, type: 'business' },
      purchaseOrder: 'PO-4711',
      attributes: { terms: 'net-30' },
      payment: { method: 'invoice', status: 'pending' },
    },
  );
  const order = await shop.becomes(orderId, { status: 'confirmed', holds: [] });
  shows(order, { purchaseOrder: 'PO-4711', attributes: { terms: 'net-30' } });
  shows(await shop.get(`/v1/payments/${orderId}`), { authorized: '0.00', captured: '0.00' });
};

const oneListForAll = async (shop: Shop): Promise<void> => {
  const sku = await shop.item();
  await Promise.all(CHANNELS.map((channel) => shop.place({ [sku]: 1 }, { channel })));
  const all = await eventually(async () => {
    const found = await listed(shop);
    assert.deepEqual(found.map(({ channel }) => channel).sort(), CHANNELS.toSorted());
    return found;
  });
  const schemas = new Set(all.map((order) => Object.keys(order).sort().join()));
  assert.equal(schemas.size, 1);
};

const anySetOfChannels = async (shop: Shop): Promise<void> => {
  const sku = await shop.item();
  const wanted = CHANNELS.flatMap((channel, index) => Array<string>(index + 1).fill(channel));
  await Promise.all(wanted.map((channel) => shop.place({ [sku]: 1 }, { channel })));
  await eventually(async () => assert.equal((await listed(shop)).length, wanted.length));
  for (const set of [CHANNELS.slice(0, 2), CHANNELS.slice(2), CHANNELS]) {
    const found = await listed(shop, { channel: set.join() });
    const expected = wanted.filter((channel) => set.includes(channel));
    assert.deepEqual(found.map(({ channel }) => channel).sort(), expected.sort());
  }
};

const noneMissedNoneTwice = async (shop: Shop): Promise<void> => {
  const sku = await shop.item();
  const orders = Array.from({ length: 20 }, () => shop.order({ [sku]: 1 }));
  const deliveries = orders
    .flatMap((order, index) =>
      Array.from({ length: chosenBetween(1, 5, shop.prefix, index) }, (_, time) => ({
        order,
        turn: chosenBetween(0, 1_000_000, shop.prefix, index, time),
      })),
    )
    .sort((a, b) => a.turn - b.turn);
  await inParallel(deliveries, 8, async ({ order }) => void (await shop.post('/v1/orders', order)));
  await eventually(async () => {
    const found = (await listed(shop)).map(({ externalId }) => externalId);
    assert.deepEqual(found.sort(), orders.map(({ externalId }) => externalId).sort());
  });
};

const cancelledBeforeAndAfter = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(10);
  const kept = await shop.place({ [sku]: 2 });
  const cancelled = await shop.place({ [sku]: 3 });
  await shop.counts(cancelled, { ordered: 3, sourced: 3 });
  await shop.counts(kept, { ordered: 2, sourced: 2 });
  await shop.shelfBecomes(sku, at, { reserved: 5, available: 5 });
  await shop.cancel(cancelled);
  await shop.becomes(cancelled, { status: 'cancelled' });
  await shop.shelfBecomes(sku, at, { onHand: 10, reserved: 2, available: 8 });
  await shop.ship(kept);
  await shop.becomes(kept, { status: 'shipped' });
  const path = `/v1/orders/${kept}/cancellations`;
  await shop.refused(409, 'POST', path, { reason: 'too late' });
  await shop.shelfBecomes(sku, at, { onHand: 8, reserved: 0, available: 8 });
};

const boughtAgain = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(10);
  const order = shop.order({ [sku]: 2 });
  const capture = async (): Promise<string> => (await shop.post('/v1/orders', order)).orderId;
  const orderId = await capture();
  assert.equal(await capture(), orderId);
  const [{ shipmentId }] = await shop.ship(orderId);
  assert.equal(await capture(), orderId);
  await shop.track(shipmentId, 'delivered');
  await shop.becomes(orderId, { status: 'delivered' });
  assert.equal((await shop.list('/v1/shipments', { orderId })).length, 1);
  await shop.shelfBecomes(sku, at, { onHand: 8, reserved: 0 });
};

export const ORDER_TESTS = [
  capability('C1', ORDER, ofChannel('web')),
  capability('C2', [...ORDER, 'GET /v1/orders'], ofChannel('app')),
  capability(
    'C4',
    ['POST /v1/orders', 'POST /v1/fulfillments/{id}/hand-over', 'GET /v1/inventory/stock'],
    soldOverTheCounter,
  ),
  capability('C6', ORDER, ofChannel('call_center', { attributes: { agentId: 'agent-7' } })),
  capability('C8', ORDER, sameValidation),
  capability('C9', ['PUT /v1/inventory/locations/{id}', 'POST /v1/orders'], popUp),
  capability('C11', [...ORDER, 'GET /v1/payments/{orderId}'], onTerms),
  capability('C12', ORDERS, oneListForAll),
  capability('C14', ORDERS, anySetOfChannels),
  capability('C15', ORDERS, noneMissedNoneTwice),
  capability(
    'C20',
    ['POST /v1/orders/{id}/cancellations', 'GET /v1/inventory/stock'],
    cancelledBeforeAndAfter,
  ),
  capability('C21', ['POST /v1/orders', 'GET /v1/shipments'], boughtAgain),
];

import assert from 'node:assert/strict';
import { capability } from '../capability.js';
import { shows, type Shop } from '../shop.js';

const HOLDS_STOCK = [
  'PUT /v1/inventory/locations/{id}',
  'POST /v1/inventory/movements',
  'GET /v1/inventory/stock',
];

/** A location of this type holds stock, and an order is sourced from it. */
const holdsStock = (type: string) => async (shop: Shop) => {
  const at = await shop.location('place', type);
  const sku = await shop.item();
  await shop.receive(sku, at, 5);
  shows(await shop.get(`/v1/inventory/locations/${at}`), { type, open: true });
  shows(await shop.shelf(sku, at), { onHand: 5, available: 5 });
  const orderId = await shop.place({ [sku]: 2 });
  const [work] = await shop.works(orderId);
  assert.equal(work.locationId, at);
  await shop.shelfBecomes(sku, at, { onHand: 5, reserved: 2, available: 3 });
};

const supplierOnDemand = async (shop: Shop): Promise<void> => {
  const at = await shop.location('supplier', 'supplier');
  const sku = await shop.item();
  await shop.put(`/v1/inventory/stock/${sku}/${at}`, { uncounted: true, leadTimeDays: 0 });
  const { locations } = await shop.availability(sku);
  assert.equal(locations.length, 1);
  shows(locations[0], { locationId: at, uncounted: true, onHand: 0 });
  assert.ok(locations[0].available >= 7);
  const orderId = await shop.place({ [sku]: 7 });
  const [work] = await shop.works(orderId);
  assert.equal(work.locationId, at);
  shows(await shop.shelf(sku, at), { onHand: 0, uncounted: true });
};

const fedFromOutside = async (shop: Shop): Promise<void> => {
  const at = await shop.location('partner', '3pl');
  const sku = await shop.item();
  for (const quantity of [7, 3]) {
    await shop.move('feed', sku, at, quantity);
    shows(await shop.shelf(sku, at), { onHand: quantity, available: quantity });
  }
  const orderId = await shop.place({ [sku]: 2 });
  const [work] = await shop.works(orderId);
  assert.equal(work.locationId, at);
};

const inTransit = async (shop: Shop): Promise<void> => {
  const [from, to] = [await shop.location('from'), await shop.location('to')];
  const sku = await shop.item();
  await shop.receive(sku, from, 10);
  const path = `/v1/inventory/supplies/${shop.named('transfer')}`;
  await shop.put(path, {
    kind: 'transfer',
    fromLocationId: from,
    locationId: to,
    lines: [{ lineId: '1', sku, quantity: 4, expectedAt: '2099-01-01T00:00:00Z' }],
  });
  const lies = async (...expected: readonly number[]): Promise<void> => {
    const [source, target] = [await shop.shelf(sku, from), await shop.shelf(sku, to)];
    const moving = (source.setAside['in-transit'] ?? 0) + (target.setAside['in-transit'] ?? 0);
    assert.deepEqual([source.onHand, moving, target.onHand], expected);
  };
  await lies(10, 0, 0);
  await shop.post(`${path}/dispatches`, { lines: [{ lineId: '1', quantity: 4 }] });
  await lies(6, 4, 0);
  await shop.post(`${path}/receipts`, { lines: [{ lineId: '1', quantity: 3 }] });
  await lies(6, 1, 3);
  await shop.post(`${path}/receipts`, { lines: [{ lineId: '1', quantity: 1 }] });
  await lies(6, 0, 4);
};

const heldByMarketplace = async (shop: Shop): Promise<void> => {
  const market = await shop.location('market', 'marketplace');
  const own = await shop.location('own', 'warehouse', 'EH1 1YZ');
  const sku = await shop.item();
  await shop.receive(sku, market, 8);
  shows(await shop.shelf(sku, market), { available: 0, setAside: { 'marketplace-held': 8 } });
  await shop.receive(sku, own, 2);
  const orderId = await shop.place({ [sku]: 3 });
  await shop.counts(orderId, { ordered: 3, sourced: 2, backordered: 1 });
  const [work] = await shop.works(orderId);
  assert.equal(work.locationId, own);
};

export const LOCATION_TESTS = [
  capability('C34', HOLDS_STOCK, holdsStock('warehouse')),
  capability('C35', HOLDS_STOCK, holdsStock('store')),
  capability('C36', HOLDS_STOCK, holdsStock('dark-store')),
  capability('C37', HOLDS_STOCK, holdsStock('fulfillment-center')),
  capability(
    'C38',
    ['PUT /v1/inventory/stock/{sku}/{locationId}', 'GET /v1/inventory/availability'],
    supplierOnDemand,
  ),
  capability('C39', HOLDS_STOCK, fedFromOutside),
  capability(
    'C40',
    [
      'PUT /v1/inventory/supplies/{id}',
      'POST /v1/inventory/supplies/{id}/dispatches',
      'POST /v1/inventory/supplies/{id}/receipts',
    ],
    inTransit,
  ),
  capability('C41', HOLDS_STOCK, heldByMarketplace),
];

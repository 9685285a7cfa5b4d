import assert from 'node:assert/strict';
import type { Json } from '../caller.js';
import { capability } from '../capability.js';
import { eventually } from '../eventually.js';
import { shows, type Shop } from '../shop.js';

const INSPECTION = 'POST /v1/returns/{id}/inspection';
const STOCK = 'GET /v1/inventory/stock';
const PAYMENT = 'GET /v1/payments/{orderId}';

/** So many units of one item were delivered; one is left on the shelf. */
const delivered = async (shop: Shop, quantity: number, wish: object = {}) => {
  const { sku, at } = await shop.goods(quantity + 1);
  const orderId = await shop.place({ [sku]: quantity }, wish);
  await shop.deliver(orderId);
  await shop.shelfBecomes(sku, at, { onHand: 1, reserved: 0 });
  return { sku, at, orderId };
};

const neverMoreThanDelivered = async (shop: Shop): Promise<void> => {
  const { orderId } = await delivered(shop, 3);
  const wanted = (quantity: number) => ({
    orderId,
    lines: [{ lineId: '1', quantity }],
    reason: 'too small',
  });
  await eventually(() => shop.refused(409, 'POST', '/v1/returns', wanted(4)));
  const { returnId } = await shop.post('/v1/returns', wanted(2));
  await shop.refused(409, 'POST', '/v1/returns', wanted(2));
  await shop.post('/v1/returns', wanted(1));
  await shop.refused(409, 'POST', '/v1/returns', wanted(1));
  const found = await shop.get(`/v1/returns/${returnId}`);
  shows(found, { orderId, status: 'requested' });
  shows(found.lines[0], { lineId: '1', quantity: 2 });
};

/** A unit that came back is judged; answers how many more of the item can be promised then. */
const gainOf = async (shop: Shop, disposition: string, expected: object): Promise<number> => {
  const { sku, at, orderId } = await delivered(shop, 2);
  const before = await shop.available(sku);
  const returnId = await shop.takeBack(orderId, 1, at);
  await shop.inspect(returnId, 1, disposition);
  await shop.shelfBecomes(sku, at, expected);
  return (await shop.available(sku)) - before;
};

const restock = async (shop: Shop): Promise<void> =>
  assert.equal(await gainOf(shop, 'restock', { onHand: 2, available: 2 }), 1);

const setAside = (disposition: string, condition: string) => async (shop: Shop) => {
  const expected = { onHand: 1, available: 1, setAside: { [condition]: 1 } };
  assert.equal(await gainOf(shop, disposition, expected), 0);
};

const donate = async (shop: Shop): Promise<void> => {
  const { sku, at, orderId } = await delivered(shop, 2);
  const returnId = await shop.takeBack(orderId, 1, at);
  await shop.inspect(returnId, 1, 'donate');
  const left = await eventually(async () => {
    const [newest] = await shop.list('/v1/inventory/movements', { sku, locationId: at });
    assert.match(newest.reason ?? '', /donate/);
    return newest;
  });
  assert.equal(left.after, 0);
  const { setAside: piles, ...shelf } = await shop.shelf(sku, at);
  shows(shelf, { onHand: 1, available: 1 });
  assert.deepEqual(piles, {});
};

const refunds = async (shop: Shop): Promise<void> => {
  // Three units for ten pounds: no unit has a price in whole pence.
  const { sku, at } = await shop.goods(3);
  const { lines } = shop.order({ [sku]: 3 });
  const orderId = await shop.place(
    { [sku]: 3 },
    {
      lines: [{ ...lines[0], unitPrice: '3.333333' }],
      total: '10.00',
      payment: { amount: '10.00' },
    },
  );
  await shop.deliver(orderId);
  let refunded = 0;
  for (let unit = 0; unit < 3; unit += 1) {
    const returnId = await shop.takeBack(orderId, 1, at);
    await shop.inspect(returnId, 1, 'restock');
    const money = await eventually(async () => {
      const found = await shop.get(`/v1/payments/${orderId}`);
      assert.equal(found.refunds.length, unit + 1);
      return found;
    });
    assert.ok(Number(money.refunded) > refunded);
    refunded = Number(money.refunded);
    assert.ok(refunded <= Number(money.captured));
  }
  const money = await shop.get(`/v1/payments/${orderId}`);
  shows(money, { captured: '10.00', refunded: '10.00', earned: '0.00', liability: '0.00' });
  const amounts = money.refunds.map(({ amount }: Json) => amount).sort();
  assert.deepEqual(amounts, ['3.33', '3.33', '3.34']);
  const more = { amount: '0.01', reason: 'goodwill' };
  const problem = await shop.refused(409, 'POST', `/v1/payments/${orderId}/refunds`, more);
  shows(problem, { code: 'refund-exceeds-captured' });
};

const backToOrigin = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(2);
  const payment = { method: 'cod', status: 'pending' };
  const orderId = await shop.place({ [sku]: 2 }, { payment });
  const [{ shipmentId }] = await shop.ship(orderId);
  const path = `/v1/payments/${orderId}`;
  await eventually(async () => shows(await shop.get(path), { receivable: '5.00' }));
  await shop.shelfBecomes(sku, at, { onHand: 0, reserved: 0 });
  await shop.track(shipmentId, 'returned-to-origin');
  await shop.becomes(orderId, { status: 'returned-to-origin' });
  const [back] = await eventually(async () => {
    const found = await shop.list('/v1/returns', { orderId });
    assert.equal(found.length, 1);
    return found;
  });
  shows(back, { kind: 'return-to-origin', status: 'approved' });
  shows(await shop.shelf(sku, at), { onHand: 0, available: 0 });
  await shop.post(`/v1/returns/${back.returnId}/receipt`, { locationId: at });
  await shop.post(`/v1/returns/${back.returnId}/inspection`, {});
  await shop.shelfBecomes(sku, at, { onHand: 2, available: 2 });
  await eventually(async () =>
    shows(await shop.get(path), { receivable: '0.00', captured: '0.00', refunded: '0.00' }),
  );
};

const threeViews = async (shop: Shop): Promise<void> => {
  const { sku, at, orderId } = await delivered(shop, 2);
  const availableBefore = await shop.available(sku);
  const returnId = await shop.takeBack(orderId, 1, at);
  await shop.inspect(returnId, 1, 'restock');
  await eventually(async () => {
    shows(await shop.get(`/v1/payments/${orderId}`), { refunded: '2.50', earned: '2.50' });
    assert.equal(await shop.available(sku), availableBefore + 1);
  });
  await shop.becomes(orderId, { status: 'partially-returned', refunded: '2.50' });
};

export const RETURN_TESTS = [
  capability('C131', ['POST /v1/returns', 'GET /v1/returns/{id}'], neverMoreThanDelivered),
  capability('C139', [INSPECTION, 'GET /v1/inventory/availability'], restock),
  capability('C140', [INSPECTION, STOCK], setAside('refurbish', 'refurbish')),
  capability('C141', [INSPECTION, STOCK], setAside('repair', 'repair')),
  capability('C142', [INSPECTION, STOCK, 'GET /v1/inventory/movements'], donate),
  capability('C144', [PAYMENT, 'POST /v1/payments/{orderId}/refunds'], refunds),
  capability('C150', ['POST /v1/shipments/{id}/tracking-events', PAYMENT, STOCK], backToOrigin),
  capability('C153', [INSPECTION, PAYMENT, 'GET /v1/orders/{id}'], threeViews),
];

import assert from 'node:assert/strict';
import type { Json } from '../caller.js';
import { capability, timed } from '../capability.js';
import { eventually } from '../eventually.js';
import { FAR, NEAR, shows, type Shop } from '../shop.js';

const DECISION = 'GET /v1/routing/decisions/{orderId}';
const QUOTE = 'POST /v1/routing/quotes';
const WORKS = 'GET /v1/fulfillments';
const LEEDS = 'LS1 4DY';
const BATCH = 1_000;
const LINES = 5_000;
/** The median of so many is judged. */
const ORDERS = { full: 3, small: 1 };
const ROUTED_WITHIN_MS = 1_000;

/** Where a cart would ship from; waits until routing knows of so many locations that have some of it. */
const quote = (shop: Shop, skus: readonly string[], postalCode: string, known: number) =>
  eventually(async () => {
    const lines = skus.map((sku) => ({ sku, quantity: 1 }));
    const body = { lines, shipTo: { postalCode, country: 'GB' } };
    const answer = await shop.post('/v1/routing/quotes', body);
    assert.equal(answer.candidates.length, known);
    return answer;
  });

/** One item at a warehouse in each of these places. */
const spread = async (shop: Shop, places: Readonly<Record<string, string>>): Promise<string> => {
  const sku = await shop.item();
  for (const [name, postalCode] of Object.entries(places))
    await shop.receive(sku, await shop.location(name, 'warehouse', postalCode), 9);
  return sku;
};

const nearest = async (shop: Shop): Promise<void> => {
  const sku = await spread(shop, { far: FAR, near: NEAR, between: LEEDS });
  await quote(shop, [sku], 'SW1Y 4JH', 3);
  const orderId = await shop.place({ [sku]: 1 });
  const [work] = await shop.works(orderId);
  assert.equal(work.locationId, shop.named('near'));
  const { attempts } = await shop.get(`/v1/routing/decisions/${orderId}`);
  const { candidates } = attempts.at(-1);
  const byDistance = candidates.toSorted((a: Json, b: Json) => a.distanceMeters - b.distanceMeters);
  assert.deepEqual(
    byDistance.map(({ locationId, chosen }: Json) => [locationId, chosen]),
    [
      [shop.named('near'), true],
      [shop.named('between'), false],
      [shop.named('far'), false],
    ],
  );
};

const byCustomersPlace = async (shop: Shop): Promise<void> => {
  const sku = await spread(shop, { far: FAR, near: NEAR });
  for (const [postalCode, place] of [
    ['SW1Y 4JH', 'near'],
    ['EH6 6RA', 'far'],
  ] as const) {
    const { allocations } = await quote(shop, [sku], postalCode, 2);
    assert.deepEqual(
      allocations.map(({ locationId }: Json) => locationId),
      [shop.named(place)],
    );
    const [work] = await shop.works(await shop.place({ [sku]: 1 }, { postalCode }));
    assert.equal(work.locationId, shop.named(place));
  }
};

const perLine = async (shop: Shop): Promise<void> => {
  const types = ['warehouse', 'store', 'supplier'];
  const skus: string[] = [];
  for (const type of types) {
    const at = await shop.location(type, type);
    const sku = await shop.item(`of-${type}`);
    if (type === 'supplier')
      await shop.put(`/v1/inventory/stock/${sku}/${at}`, { uncounted: true });
    else await shop.receive(sku, at, 3);
    skus.push(sku);
  }
  const orderId = await shop.place(Object.fromEntries(skus.map((sku) => [sku, 1])));
  const works = await shop.works(orderId, 3);
  const found = works.map(({ locationId, lines }) => [locationId, lines[0].sku]);
  const expected = types.map((type, index) => [shop.named(type), skus[index]]);
  assert.deepEqual(found.sort(), expected.sort());
};

const sameDecision = async (shop: Shop): Promise<void> => {
  const [first, second] = [await shop.item('first'), await shop.item('second')];
  for (const [name, postalCode] of [
    ['near', NEAR],
    ['between', LEEDS],
    ['far', FAR],
  ] as const) {
    const at = await shop.location(name, 'warehouse', postalCode);
    await shop.receive(name === 'far' ? first : second, at, 5);
  }
  const skus = [first, second];
  const one = await quote(shop, skus, 'M1 1AE', 3);
  assert.ok(one.policyVersion);
  const others = await Promise.all(
    Array.from({ length: 10 }, () => quote(shop, skus, 'M1 1AE', 3)),
  );
  const texts = new Set([one, ...others].map((answer) => JSON.stringify(answer)));
  assert.equal(texts.size, 1);
};

const shortPick = async (shop: Shop): Promise<void> => {
  const sku = await spread(shop, { near: NEAR, far: FAR });
  await quote(shop, [sku], 'SW1Y 4JH', 2);
  const orderId = await shop.place({ [sku]: 2 });
  const [first] = await shop.works(orderId);
  assert.equal(first.locationId, shop.named('near'));
  await shop.post(`/v1/fulfillments/${first.fulfillmentId}/shorts`, {
    scanId: shop.next('scan'),
    lines: [{ lineId: '1', quantity: 1 }],
    reason: 'not on the shelf',
  });
  const works = await shop.works(orderId, 2);
  assert.deepEqual(
    works.map(({ locationId }) => locationId).sort(),
    [shop.named('far'), shop.named('near')].sort(),
  );
  const { bars } = await shop.get(`/v1/routing/decisions/${orderId}`);
  assert.equal(bars.length, 1);
  shows(bars[0], { locationId: shop.named('near'), sku, reason: 'short' });
};

const fromStore = async (shop: Shop): Promise<void> => {
  const store = await shop.location('store', 'store');
  const sku = await shop.item();
  await shop.receive(sku, store, 2);
  const [shipment, ...others] = await shop.ship(await shop.place({ [sku]: 1 }));
  assert.equal(others.length, 0);
  shows(shipment, { locationId: store, status: 'in-transit' });
};

const collected = async (shop: Shop): Promise<void> => {
  const sku = await spread(shop, { near: NEAR });
  const store = await shop.location('store', 'store', FAR);
  await shop.receive(sku, store, 3);
  const fulfillment = { method: 'pickup', locationId: store };
  const orderId = await shop.place({ [sku]: 2 }, { fulfillment });
  const [work] = await shop.works(orderId);
  assert.equal(work.locationId, store);
  shows(await shop.shelf(sku, store), { reserved: 2 });
  shows(await shop.shelf(sku, shop.named('near')), { reserved: 0 });
  await shop.prepare(work.fulfillmentId);
  await shop.handOver(work.fulfillmentId, 'customer');
  await shop.becomes(orderId, { status: 'delivered' });
  assert.deepEqual(await shop.list('/v1/shipments', { orderId }), []);
};

const severalShipments = async (shop: Shop): Promise<void> => {
  const skus = [await shop.item('one'), await shop.item('two')] as const;
  for (const [index, name] of ['near', 'far'].entries())
    await shop.receive(skus[index]!, await shop.location(name), 5);
  const orderId = await shop.place({ [skus[0]]: 2, [skus[1]]: 3 });
  const works = await shop.works(orderId, 2);
  const first = works.find(({ locationId }) => locationId === shop.named('near'));
  await shop.prepare(first.fulfillmentId);
  await shop.handOver(first.fulfillmentId);
  await shop.becomes(orderId, { status: 'partially-shipped' });
  await shop.counts(orderId, { ordered: 2, shipped: 2 }, '1');
  await shop.counts(orderId, { ordered: 3, sourced: 3 }, '2');
  const last = works.find(({ locationId }) => locationId === shop.named('far'));
  await shop.prepare(last.fulfillmentId);
  await shop.handOver(last.fulfillmentId);
  const { shipments } = await shop.becomes(orderId, { status: 'shipped' });
  const lines = shipments.map((one: Json) => one.lines.map(({ quantity }: Json) => quantity));
  assert.deepEqual(lines.toSorted(), [[2], [3]]);
};

const explained = async (shop: Shop): Promise<void> => {
  const sku = await spread(shop, { near: NEAR, far: FAR });
  const closed = await shop.location('closed', 'warehouse', NEAR, { active: false });
  await shop.receive(sku, closed, 9);
  await quote(shop, [sku], 'SW1Y 4JH', 3);
  const orderId = await shop.place({ [sku]: 1 });
  await shop.becomes(orderId, { status: 'confirmed' });
  const { attempts } = await shop.get(`/v1/routing/decisions/${orderId}`);
  const { candidates, policyVersion, outcome } = attempts[0];
  assert.ok(policyVersion);
  assert.equal(outcome, 'reserved');
  const why = candidates.map(({ locationId, chosen, eliminated, distanceMeters }: Json) => [
    locationId.slice(shop.prefix.length + 1),
    chosen,
    eliminated === null ? distanceMeters > 0 : eliminated,
  ]);
  assert.deepEqual(why.sort(), [
    ['closed', false, 'inactive'],
    ['far', false, true],
    ['near', true, true],
  ]);
};

const batches = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );

/** The median time from acceptance to the reservation of all lines. */
const bulkOrder = async (shop: Shop): Promise<number> => {
  const locationId = await shop.location('main');
  const skus = Array.from({ length: LINES }, (_, index) => shop.named(`item-${index}`));
  for (const some of batches(skus)) {
    const items = some.map((sku) => ({ sku, name: sku }));
    await shop.post('/v1/inventory/items:batch', { items });
    const receipt = { type: 'receipt', locationId, quantity: 3, reason: 'capability test' };
    const movements = some.map((sku) => ({ ...receipt, sku, movementId: `${sku}-receipt` }));
    await shop.post('/v1/inventory/movements:batch', { movements });
  }
  await eventually(async () => {
    const lines = skus.map((sku) => ({ sku, quantity: 1 }));
    const shipTo = { postalCode: 'SW1Y 4JH', country: 'GB' };
    const { backorders } = await shop.post('/v1/routing/quotes', { lines, shipTo });
    assert.equal(backorders.length, 0);
  });
  const times: number[] = [];
  for (let order = 0; order < ORDERS[shop.scale]; order += 1) {
    const orderId = await shop.place(Object.fromEntries(skus.map((sku) => [sku, 1])));
    times.push(await routedMs(shop, orderId));
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
};

/** How long after its acceptance a bulk order was reserved in full, by the clock of the system. */
const routedMs = async (shop: Shop, orderId: string): Promise<number> => {
  await eventually(async () => {
    const listed = await shop.list('/v1/orders', { customer: shop.prefix });
    const order = listed.find((one) => one.orderId === orderId);
    shows(order ?? {}, { status: 'confirmed', units: { sourced: LINES } });
  });
  const { acceptedAt } = await shop.get(`/v1/orders/${orderId}`);
  const { attempts } = await shop.get(`/v1/routing/decisions/${orderId}`);
  assert.equal(attempts.length, 1);
  assert.equal(attempts[0].outcome, 'reserved');
  return Date.parse(attempts[0].settledAt) - Date.parse(acceptedAt);
};

export const ROUTING_TESTS = [
  capability('C68', [DECISION], nearest),
  capability('C78', [QUOTE, WORKS], byCustomersPlace),
  capability('C79', ['POST /v1/orders', WORKS], perLine),
  capability('C80', [QUOTE], sameDecision),
  capability('C84', ['POST /v1/fulfillments/{id}/shorts', DECISION], shortPick),
  capability('C88', ['GET /v1/shipments'], fromStore),
  capability('C89', ['POST /v1/fulfillments/{id}/hand-over', 'GET /v1/shipments'], collected),
  capability('C95', ['GET /v1/orders/{id}'], severalShipments),
  capability('C96', [DECISION], explained),
  timed('C175', ROUTED_WITHIN_MS, ['POST /v1/orders', DECISION], bulkOrder),
];

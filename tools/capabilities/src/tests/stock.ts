import assert from 'node:assert/strict';
import type { Json } from '../caller.js';
import { capability } from '../capability.js';
import { eventually } from '../eventually.js';
import { FAR, shows, type Shop } from '../shop.js';

const MOVEMENTS = 'GET /v1/inventory/movements';
const STOCK = 'GET /v1/inventory/stock';
const ITEM = 'PUT /v1/inventory/items/{sku}';
const IMPORT_ROWS = { full: 100_000, small: 5_000 };
const IMPORT_MS = 60_000;

const movementsOf = (shop: Shop, sku: string, locationId: string): Promise<Json[]> =>
  shop.list('/v1/inventory/movements', { sku, locationId });

const sumIsOnHand = async (shop: Shop, sku: string, at: string, onHand: number): Promise<void> => {
  await shop.shelfBecomes(sku, at, { onHand });
  const movements = await movementsOf(shop, sku, at);
  const sellable = movements.filter(({ condition }) => condition === 'sellable');
  assert.equal(
    sellable.reduce((sum, { quantity }) => sum + quantity, 0),
    onHand,
  );
};

const ledgerAddsUp = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(10);
  const cancelled = await shop.place({ [sku]: 2 });
  await shop.counts(cancelled, { ordered: 2, sourced: 2 });
  await sumIsOnHand(shop, sku, at, 10);
  await shop.cancel(cancelled);
  await shop.becomes(cancelled, { status: 'cancelled' });
  const orderId = await shop.place({ [sku]: 4 });
  await shop.deliver(orderId);
  await sumIsOnHand(shop, sku, at, 6);
  const returnId = await shop.takeBack(orderId, 1, at);
  await shop.inspect(returnId, 1, 'restock');
  await shop.shelfBecomes(sku, at, { onHand: 7 });
  await sumIsOnHand(shop, sku, at, 7);
  await shop.move('damage', sku, at, 1);
  await shop.move('adjustment', sku, at, -2);
  await shop.move('count', sku, at, 9);
  await sumIsOnHand(shop, sku, at, 9);
};

/** Every change of the sellable goods on a shelf, by hand and by the work on an order. */
const everyChangeIsTold = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(10);
  await shop.move('damage', sku, at, 1);
  const orderId = await shop.place({ [sku]: 2 });
  await shop.deliver(orderId);
  await shop.inspect(await shop.takeBack(orderId, 1, at), 1, 'restock');
  await shop.shelfBecomes(sku, at, { onHand: 8 });
  const { id: caller } = await shop.get('/v1/access/principal');
  const movements = await movementsOf(shop, sku, at);
  const changes = movements.filter(({ condition }) => condition === 'sellable').toReversed();
  assert.deepEqual(
    changes.map(({ type, before, after, actor }) => ({ type, before, after, actor })),
    [
      { type: 'receipt', before: 0, after: 10, actor: caller },
      { type: 'damage', before: 10, after: 9, actor: caller },
      { type: 'issue', before: 9, after: 7, actor: caller },
      { type: 'return', before: 7, after: 8, actor: caller },
    ],
  );
  assert.equal(new Set(changes.map(({ cause }) => cause)).size, changes.length);
};

const raisedOnReturn = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(5);
  const store = await shop.location('store', 'store', FAR);
  const orderId = await shop.place({ [sku]: 2 });
  await shop.deliver(orderId);
  const returnId = await shop.takeBack(orderId, 2, store);
  shows(await shop.shelf(sku, store), { onHand: 0 });
  await shop.inspect(returnId, 2, 'restock');
  await shop.shelfBecomes(sku, store, { onHand: 2, available: 2 });
  // Each unit is judged once.
  const again = { lines: [{ lineId: '1', quantity: 2, disposition: 'restock' }] };
  await shop.refused(409, 'POST', `/v1/returns/${returnId}/inspection`, again);
  await shop.shelfBecomes(sku, at, { onHand: 3 });
  const movements = await movementsOf(shop, sku, store);
  assert.deepEqual(
    movements.map(({ type, quantity }) => [type, quantity]),
    [['return', 2]],
  );
};

const listingsHear = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(3);
  const channels = ['market', 'site'].map((name) => shop.named(name));
  const path = (channel: string) => `/v1/inventory/channels/${channel}/listings/${sku}`;
  for (const channel of channels) await shop.put(path(channel), { quota: null, buffer: 0 });
  const told = async (state: string): Promise<number[]> =>
    Promise.all(
      channels.map((channel) =>
        eventually(async () => {
          const listing = await shop.get(path(channel));
          shows(listing, { state });
          return listing.version as number;
        }),
      ),
    );
  const first = await told('in-stock');
  const orderId = await shop.place({ [sku]: 3 });
  const second = await told('out-of-stock');
  shows(await shop.shelf(sku, at), { available: 0 });
  await shop.cancel(orderId);
  const third = await told('in-stock');
  // Each change was told once.
  assert.deepEqual(
    second,
    first.map((version) => version + 1),
  );
  assert.deepEqual(
    third,
    first.map((version) => version + 2),
  );
};

const firstComesFirst = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(0);
  const orders: string[] = [];
  for (const quantity of [2, 2, 1]) {
    const orderId = await shop.place({ [sku]: quantity });
    await shop.counts(orderId, { ordered: quantity, backordered: quantity });
    orders.push(orderId);
  }
  const [first, second, third] = orders as [string, string, string];
  await shop.receive(sku, at, 3);
  await shop.counts(first, { ordered: 2, sourced: 2 });
  await shop.counts(second, { ordered: 2, sourced: 1, backordered: 1 });
  await shop.counts(third, { ordered: 1, backordered: 1 });
  await shop.receive(sku, at, 2);
  await shop.counts(second, { ordered: 2, sourced: 2 });
  await shop.counts(third, { ordered: 1, sourced: 1 });
};

const backordersVisible = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(1);
  const eta = '2099-02-01T09:00:00.000Z';
  await shop.supply(shop.named('po'), at, sku, 9, eta);
  const orderId = await shop.place({ [sku]: 3 });
  await eventually(async () => {
    const { lines } = await shop.get(`/v1/orders/${orderId}`);
    shows(lines[0], { promisedOn: eta, quantities: { sourced: 1, backordered: 2 } });
  });
  const waiting = await shop.list('/v1/inventory/backorders', { sku });
  assert.equal(waiting.length, 1);
  shows(waiting[0], { orderId, lineId: '1', quantity: 2, promisedOn: eta });
};

/** A file of receipts of one unit each, of all items in turn, of which every thousandth is wrong. */
const bigFile = (skus: readonly string[], at: string, count: number, reason: string): string => {
  const row = (index: number): string => {
    const sku = skus[index % skus.length]!;
    return `${sku},${at},${index % 1_000 === 999 ? 'some' : 1},${reason}`;
  };
  const rows = Array.from({ length: count }, (_, index) => row(index));
  return ['sku,locationId,quantity,reason', ...rows].join('\n');
};

const bulkUpload = async (shop: Shop): Promise<void> => {
  const at = await shop.location('main');
  const skus = Array.from({ length: 100 }, (_, index) => shop.named(`item-${index}`));
  const items = skus.map((sku) => ({ sku, name: sku }));
  await shop.post('/v1/inventory/items:batch', { items });
  const rows = IMPORT_ROWS[shop.scale];
  const file = bigFile(skus, at, rows, shop.prefix);
  const path = '/v1/inventory/imports?mode=add';
  const { status, body: job } = await shop.upload(path, file);
  assert.equal(status, 202);
  const done = await eventually(async () => {
    const found = await shop.get(`/v1/inventory/imports/${job.importId}`);
    shows(found, { state: 'done' });
    return found;
  }, IMPORT_MS);
  const rejected = rows / 1_000;
  shows(done, { rows, applied: rows - rejected, rejected });
  const errors = await shop.list(`/v1/inventory/imports/${job.importId}/errors`);
  assert.equal(errors.length, rejected);
  shows(errors[0], { row: 1_001, field: 'quantity' });
  const again = await shop.upload(path, file);
  assert.deepEqual([again.status, again.body.importId], [200, job.importId]);
  const shelves = await shop.list('/v1/inventory/stock', { locationId: at });
  assert.equal(
    shelves.reduce((sum, { onHand }) => sum + onHand, 0),
    rows - rejected,
  );
};

const countDiffers = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(5);
  const other = await shop.location('other', 'warehouse', FAR);
  await shop.receive(sku, other, 1);
  const older = await shop.place({ [sku]: 3 });
  await shop.counts(older, { ordered: 3, sourced: 3 });
  const younger = await shop.place({ [sku]: 2 });
  await shop.counts(younger, { ordered: 2, sourced: 2 });
  const answer = await shop.move('count', sku, at, 3);
  assert.equal(answer.revoked.length, 1);
  shows(answer.revoked[0], { orderId: younger, quantity: 2 });
  await shop.counts(younger, { ordered: 2, sourced: 1, backordered: 1 });
  await shop.counts(older, { ordered: 3, sourced: 3 });
  const [count] = await movementsOf(shop, sku, at);
  shows(count, { type: 'count', quantity: -2, before: 5, after: 3 });
};

const overstock = async (shop: Shop): Promise<void> => {
  const at = await shop.location('main');
  const [slow, fast] = [await shop.item('slow'), await shop.item('fast')];
  await shop.receive(slow, at, 40);
  await shop.receive(fast, at, 2);
  for (const sku of [slow, fast]) await shop.ship(await shop.place({ [sku]: 1 }));
  await shop.shelfBecomes(slow, at, { onHand: 39 });
  await shop.shelfBecomes(fast, at, { onHand: 1 });
  // One unit left in 30 days: one more lasts for 30 days, 39 for 1,170.
  const query = { daysOfCover: 90, days: 30 };
  const rows = await shop.list('/v1/inventory/reports/overstock', query);
  assert.ok(!rows.some(({ sku }) => sku === fast));
  const row = rows.find(({ sku }) => sku === slow);
  shows(row ?? {}, { onHand: 39, issued: 1, daysOfCover: 1_170, unitsOver: 36 });
};

const endlessAisle = async (shop: Shop): Promise<void> => {
  const store = await shop.location('store', 'store');
  const warehouse = await shop.location('warehouse', 'warehouse', FAR);
  const sku = await shop.item();
  await shop.receive(sku, warehouse, 2);
  const wish = { channel: 'store', fulfillment: { method: 'ship', locationId: store } };
  const orderId = await shop.place({ [sku]: 1 }, wish);
  const [work] = await shop.works(orderId);
  assert.equal(work.locationId, warehouse);
  await shop.deliver(orderId);
  shows(await shop.get(`/v1/orders/${orderId}`), { soldAt: store });
  await shop.shelfBecomes(sku, warehouse, { onHand: 1, reserved: 0 });
};

const bundles = async (shop: Shop): Promise<void> => {
  const at = await shop.location('main');
  const [cup, pot] = [await shop.item('cup'), await shop.item('pot')];
  await shop.receive(cup, at, 9);
  await shop.receive(pot, at, 3);
  const set = await shop.item('tea-set', {
    components: [
      { sku: cup, quantity: 4 },
      { sku: pot, quantity: 1 },
    ],
  });
  assert.equal(await shop.available(set), 2);
  const orderId = await shop.place({ [set]: 1 });
  await shop.counts(orderId, { ordered: 1, sourced: 1 });
  assert.equal(await shop.available(set), 1);
  await shop.deliver(orderId);
  await shop.shelfBecomes(cup, at, { onHand: 5, reserved: 0 });
  await shop.shelfBecomes(pot, at, { onHand: 2, reserved: 0 });
};

const unknownSku = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(1);
  const unknown = shop.named('unknown');
  const orderId = await shop.place({ [sku]: 1, [unknown]: 1 });
  const [exception] = await eventually(async () => {
    const found = await shop.exceptions(orderId);
    assert.equal(found.length, 1);
    return found;
  });
  shows(exception, { class: 'mapping' });
  assert.ok(exception.nextActions.includes('create-item'));
  await shop.item('unknown');
  await shop.receive(unknown, at, 1);
  await shop.becomes(orderId, { status: 'confirmed', exceptions: [] });
  await shop.counts(orderId, { ordered: 1, sourced: 1 }, '2');
};

export const STOCK_TESTS = [
  capability('C53', [MOVEMENTS, STOCK], ledgerAddsUp),
  capability('C54', ['POST /v1/returns/{id}/inspection', STOCK], raisedOnReturn),
  capability('C55', ['GET /v1/inventory/channels/{channel}/listings/{sku}'], listingsHear),
  capability('C56', ['POST /v1/inventory/movements', 'GET /v1/orders/{id}'], firstComesFirst),
  capability('C57', ['GET /v1/orders/{id}', 'GET /v1/inventory/backorders'], backordersVisible),
  capability(
    'C58',
    [
      'POST /v1/inventory/imports',
      'GET /v1/inventory/imports/{id}',
      'GET /v1/inventory/imports/{id}/errors',
    ],
    bulkUpload,
  ),
  capability('C59', [MOVEMENTS], everyChangeIsTold),
  capability('C60', ['POST /v1/inventory/movements', 'GET /v1/orders/{id}'], countDiffers),
  capability('C64', ['GET /v1/inventory/reports/overstock'], overstock),
  capability('C65', ['POST /v1/orders', 'GET /v1/fulfillments'], endlessAisle),
  capability('C66', [ITEM, 'GET /v1/inventory/availability'], bundles),
  capability('C67', ['GET /v1/exceptions', ITEM], unknownSku),
];

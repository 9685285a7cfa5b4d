import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reconcile } from '@throughline/cli';
import { capability } from '../capability.js';
import { shows, type Shop } from '../shop.js';

const HELD = ['POST /v1/orders', 'GET /v1/orders/{id}'];
const RECONCILE = 'npm run reconcile -- --orders-file FILE';
const ROWS_SHOWN = 1_000_000;

/** What the reconciliation command says of a file of a channel's orders. */
const reconciled = async (shop: Shop, orders: readonly object[]): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-orders-'));
  const file = join(folder, 'orders.ndjson');
  const said: string[] = [];
  try {
    writeFileSync(file, orders.map((order) => JSON.stringify(order)).join('\n'));
    shop.carriedOut(RECONCILE);
    const { url, key } = shop.installation;
    const say = (line: string): void => void said.push(line);
    const options = { ordersFile: [file], show: ROWS_SHOWN, connections: 2, dataDir: '', say };
    await reconcile({ url, key, ...options });
  } finally {
    rmSync(folder, { recursive: true });
  }
  return said.join('\n');
};

const lostOrders = async (shop: Shop): Promise<void> => {
  const sku = await shop.item();
  const channel = shop.named('market');
  const orders = Array.from({ length: 5 }, () => shop.order({ [sku]: 1 }, { channel }));
  const present = orders.slice(0, 3);
  for (const order of present) {
    const { orderId } = await shop.post('/v1/orders', order);
    await shop.isListed(orderId);
  }
  const report = await reconciled(shop, orders);
  const flagged = report.split('\n').filter((line) => line.includes(channel));
  const missing = flagged.filter((line) => line.startsWith('order-missing'));
  const named = orders.map(({ externalId }) =>
    missing.some((line) => line.includes(`${channel} ${externalId} `)),
  );
  assert.deepEqual(named, [false, false, false, true, true], report);
};

const unpaid = async (shop: Shop): Promise<void> => {
  const { sku } = await shop.goods(9);
  const failed = await shop.place({ [sku]: 1 }, { payment: { status: 'failed' } });
  const absent = await shop.place({ [sku]: 1 }, { payments: [] });
  for (const orderId of [failed, absent]) {
    const held = await shop.becomes(orderId, { status: 'held' });
    assert.deepEqual(
      held.holds.map(({ kind }: { kind: string }) => kind),
      ['payment'],
    );
  }
  // What came after them has been sourced: they would have been as well.
  const paid = await shop.place({ [sku]: 1 });
  await shop.counts(paid, { ordered: 1, sourced: 1 });
  for (const orderId of [failed, absent]) {
    await shop.refused(404, 'GET', `/v1/routing/decisions/${orderId}`);
    await shop.counts(orderId, { ordered: 1, open: 1 });
  }
};

const incompleteAddress = async (shop: Shop): Promise<void> => {
  const { sku } = await shop.goods(9);
  const { shipTo } = shop.order({ [sku]: 1 });
  for (const field of ['postalCode', 'country']) {
    const orderId = await shop.place({ [sku]: 1 }, { shipTo: { ...shipTo, [field]: null } });
    const { holds } = await shop.becomes(orderId, { status: 'held' });
    assert.equal(holds.length, 1);
    shows(holds[0], { kind: 'address', reason: `shipTo.${field} is missing` });
  }
};

const wrongTotal = async (shop: Shop): Promise<void> => {
  const { sku } = await shop.goods(9);
  const orderId = await shop.place(
    { [sku]: 2 },
    { total: '5.50', payment: { amount: '5.50' }, shipping: { price: '1.00', tax: '0.10' } },
  );
  const { holds } = await shop.becomes(orderId, { status: 'held' });
  assert.equal(holds.length, 1);
  shows(holds[0], { kind: 'review' });
  assert.match(holds[0].reason, /differs by -0\.60 GBP from the 6\.10 GBP/);
  const events = await shop.list(`/v1/orders/${orderId}/events`);
  const [placed, ...others] = events.filter(({ type }) => type === 'HoldPlaced');
  assert.equal(others.length, 0);
  shows(placed, { data: { kind: 'review', reason: holds[0].reason } });
};

const confirmedByItself = async (shop: Shop): Promise<number> => {
  const { sku } = await shop.goods(1);
  const startedAt = performance.now();
  const orderId = await shop.place({ [sku]: 1 });
  await shop.becomes(orderId, { status: 'confirmed' });
  const tookMs = performance.now() - startedAt;
  const types = (await shop.list(`/v1/orders/${orderId}/events`)).map(({ type }) => type);
  assert.ok(types.includes('OrderConfirmed'), types.join());
  return tookMs;
};

export const VERIFICATION_TESTS = [
  capability('C16', ['POST /v1/orders', RECONCILE], lostOrders),
  capability('C22', [...HELD, 'GET /v1/routing/decisions/{orderId}'], unpaid),
  capability('C25', HELD, incompleteAddress),
  capability('C28', [...HELD, 'GET /v1/orders/{id}/events'], wrongTotal),
  capability('C31', [...HELD, 'GET /v1/orders/{id}/events'], confirmedByItself),
];

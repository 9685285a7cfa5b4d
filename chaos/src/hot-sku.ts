import { apiOf, type Api, type System } from '@throughline/bench';

const CLIENTS = 64;
const ORDERS = 300;
const UNITS = 100;
const SETTLE_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 100;

type Units = { readonly backordered: number; readonly open: number; readonly ordered: number };
type OrderItem = { readonly status: string; readonly units: Units };
type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };

const oneUnit = (sku: string, index: number): string =>
  JSON.stringify({
    channel: 'web',
    externalId: `${sku}-${index}`,
    placedAt: '2026-11-01T09:30:00Z',
    currency: 'GBP',
    shipTo: {
      personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
      city: 'London',
      postalCode: 'SW1Y 4JH',
      country: 'GB',
    },
    fulfillment: { method: 'ship', service: 'standard' },
    payments: [{ method: 'card', status: 'authorized', amount: '1.00', reference: 'ch_1' }],
    lines: [{ lineId: '1', sku, quantity: 1, unitPrice: '1.00' }],
    total: '1.00',
  });

/**
 * Many clients at once place one-unit orders for the last units of one SKU: exactly the stock is reserved
 * and the rest is cleanly backordered. Answers what went wrong, round by round.
 */
export const hotSku = async (system: System, rounds: number): Promise<string[]> => {
  const api = apiOf(system, CLIENTS);
  await api.call(
    'PUT',
    '/v1/inventory/locations/hot',
    [200, 201],
    JSON.stringify({
      type: 'warehouse',
      name: 'Hot',
      address: { lines: [], city: 'Daventry', region: null, postalCode: 'NN11', country: 'GB' },
    }),
  );
  const problems: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const found = await oneRound(api, `HOT-${Date.now()}-${round}`);
    process.stdout.write(
      `round ${round}: ${found.length === 0 ? 'as it must be' : found.join('; ')}\n`,
    );
    problems.push(...found);
  }
  await api.close();
  return problems;
};

const oneRound = async (api: Api, sku: string): Promise<string[]> => {
  await api.call('PUT', `/v1/inventory/items/${sku}`, [200, 201], JSON.stringify({ name: sku }));
  const receipt = { type: 'receipt', sku, locationId: 'hot', quantity: UNITS, reason: 'chaos' };
  await api.call('POST', '/v1/inventory/movements', [201], JSON.stringify(receipt));
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < ORDERS) {
      next += 1;
      await api.call('POST', '/v1/orders', [201], oneUnit(sku, next));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const orders = await settled(api, sku);
  const stock = await api.call<Page<{ onHand: number; reserved: number }>>(
    'GET',
    `/v1/inventory/stock?sku=${sku}`,
    [200],
  );
  const backordered = orders.reduce((sum, { units }) => sum + units.backordered, 0);
  const reserved = stock.items.reduce((sum, row) => sum + row.reserved, 0);
  return [
    ...expected('orders', orders.length, ORDERS),
    ...expected('units backordered', backordered, ORDERS - UNITS),
    ...expected('units reserved', reserved, UNITS),
  ];
};

/** Waits until no order of the SKU has an undecided unit. */
const settled = async (api: Api, sku: string): Promise<readonly OrderItem[]> => {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const orders = await allOrders(api, sku);
    if (orders.length >= ORDERS && orders.every(({ units }) => units.open === 0)) return orders;
    if (performance.now() > deadline) return orders;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
};

const allOrders = async (api: Api, sku: string): Promise<OrderItem[]> => {
  const orders: OrderItem[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page: Page<OrderItem> = await api.call(
      'GET',
      `/v1/orders?sku=${sku}&limit=200${after}`,
      [200],
    );
    orders.push(...page.items);
    cursor = page.nextCursor;
  }
  return orders;
};

const expected = (what: string, found: number, wanted: number): string[] =>
  found === wanted ? [] : [`${found} ${what}, expected ${wanted}`];

import type { Api } from './load.js';

const SKUS = 1_000;
const STOCK_PER_LOCATION = 1_000_000;
const BATCH = 1_000;

const LOCATIONS = [
  ['daventry', 'NN11', 'GB'],
  ['glasgow', 'G2', 'GB'],
  ['bristol', 'BS1', 'GB'],
  ['rotterdam', '3011', 'NL'],
] as const;
const POSTAL_CODES = ['SW1Y 4JH', 'M1 1AE', 'EH1 1YZ', 'CF10 1EP', 'LS1 4DY', 'BT1 5GS'];

const skuOf = (index: number): string => `SKU-${index % SKUS}`;

/** Items, locations and more stock than the bench can sell. */
export const seedStock = async (api: Api): Promise<void> => {
  for (const [id, postalCode, country] of LOCATIONS)
    await api.call(
      'PUT',
      `/v1/inventory/locations/${id}`,
      [200, 201],
      JSON.stringify({
        type: 'warehouse',
        name: id,
        address: { lines: [], city: id, region: null, postalCode, country },
      }),
    );
  const items = Array.from({ length: SKUS }, (_, index) => ({
    sku: skuOf(index),
    name: `Item ${index}`,
  }));
  await api.call('POST', '/v1/inventory/items:batch', [200], JSON.stringify({ items }));
  const movements = LOCATIONS.flatMap(([locationId]) =>
    items.map(({ sku }) => ({
      movementId: `bench-${locationId}-${sku}`,
      type: 'receipt',
      sku,
      locationId,
      quantity: STOCK_PER_LOCATION,
      reason: 'bench',
    })),
  );
  for (let start = 0; start < movements.length; start += BATCH)
    await api.call(
      'POST',
      '/v1/inventory/movements:batch',
      [200],
      JSON.stringify({ movements: movements.slice(start, start + BATCH) }),
    );
};

/** The body of a new order with so many lines; every call is another order. */
export const orderBodies = (run: string, lineCount: number): (() => string) => {
  let count = 0;
  const total = (lineCount * 2.55).toFixed(2);
  return () => {
    count += 1;
    const first = count * 7;
    return JSON.stringify({
      channel: 'web',
      externalId: `${run}-${count}`,
      placedAt: '2026-11-01T09:30:00Z',
      currency: 'GBP',
      customer: { id: `c-${count % 500}`, type: 'consumer', personal: { name: 'Ada Lovelace' } },
      shipTo: {
        personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
        city: 'London',
        postalCode: POSTAL_CODES[count % POSTAL_CODES.length],
        country: 'GB',
      },
      fulfillment: { method: 'ship', service: 'standard' },
      payments: [{ method: 'card', status: 'authorized', amount: total, reference: 'ch_1' }],
      lines: Array.from({ length: lineCount }, (_, index) => ({
        lineId: String(index + 1),
        sku: skuOf(first + index),
        name: 'Hanging heart T-light holder',
        quantity: 1,
        unitPrice: '2.55',
      })),
      total,
    });
  };
};

import type { Json } from './caller.js';

export type Units = Readonly<Record<string, number>>;
/** What is not as usual about an order; fields of the order itself, and short words for some of them. */
export type Wish = {
  readonly externalId?: string;
  readonly customerId?: string;
  readonly channel?: string;
  readonly postalCode?: string | null;
  readonly payment?: object;
  readonly [field: string]: Json;
};

const UNIT_PRICE = 2.5;

/** An order of so many units of each SKU at 2.50 pounds, to London, paid by card. */
export const orderOf = (units: Units, wish: Wish) => {
  const { customerId, postalCode = 'SW1Y 4JH', payment, ...more } = wish;
  const lines = Object.entries(units).map(([sku, quantity], index) => ({
    lineId: String(index + 1),
    sku,
    quantity,
    unitPrice: UNIT_PRICE.toFixed(2),
  }));
  const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const total = (count * UNIT_PRICE).toFixed(2);
  return {
    channel: 'web',
    placedAt: new Date().toISOString(),
    currency: 'GBP',
    customer: { id: customerId, type: 'consumer', personal: { name: 'Ada Lovelace' } },
    shipTo: {
      personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
      city: 'London',
      postalCode,
      country: 'GB',
    },
    fulfillment: { method: 'ship', service: 'standard' },
    payments: [{ method: 'card', status: 'authorized', amount: total, ...payment }],
    lines,
    total,
    ...more,
  };
};

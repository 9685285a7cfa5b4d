import { CanonicalOrder, validatorOf } from '@throughline/contracts';
import { contentHash } from '@throughline/kernel';
import { orderContentHash } from './order-content.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const address = {
  personal: { name: 'Ada Lovelace', phone: '+44 20 7946 0000', lines: ["12 St James's Square"] },
  city: 'London',
  region: 'Greater London',
  postalCode: 'SW1Y 4JH',
  country: 'GB',
  verified: true,
};

/** Every field that an order can have. */
const ORDER = {
  channel: 'web',
  externalId: '100045',
  placedAt: '2026-11-01T09:30:00Z',
  currency: 'GBP',
  taxIncluded: false,
  customer: {
    id: 'c-17',
    type: 'consumer',
    personal: { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+44' },
  },
  shipTo: address,
  billTo: address,
  fulfillment: {
    method: 'pickup',
    service: 'standard',
    locationId: 'store-1',
    promisedBy: '2026-11-03T09:30:00Z',
    notBefore: '2026-11-02T09:30:00Z',
  },
  payments: [{ method: 'card', status: 'paid', amount: '34.90', reference: 'ch_123' }],
  lines: [
    {
      lineId: '1',
      sku: '85123A',
      name: 'Hanging heart T-light holder',
      quantity: 6,
      unitPrice: '2.55',
      discount: '0.00',
      tax: '3.06',
      reservationId: 'r-1',
      attributes: { gift: { card: ['a', null], wrap: true } },
    },
  ],
  shipping: { price: '16.54', tax: '0.00' },
  discounts: [{ amount: '1.00', code: 'TEN', description: 'Ten percent' }],
  total: '34.90',
  purchaseOrder: 'PO-1',
  notes: 'Ring twice',
  tags: ['gift'],
  attributes: { till: 4 },
};

const validate = validatorOf(CanonicalOrder, { strict: true });
const isValid = (order: Json): boolean => validate(order).length === 0;

const hash = (order: Json): string => orderContentHash(order as unknown as CanonicalOrder);

const REMOVED = Symbol('removed');

/** Copies of `value`, each with another value in one place, as `change` says. */
const variants = (value: Json, change: (was: Json) => Json | typeof REMOVED): Json[] => {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]): Json[] => {
    const put = (other: Json | typeof REMOVED): Json => {
      if (Array.isArray(value))
        return value.flatMap((item, at) =>
          String(at) !== name ? [item] : other === REMOVED ? [] : [other],
        );
      const { [name]: _was, ...rest } = value as Record<string, Json>;
      void _was;
      return other === REMOVED ? rest : { ...rest, [name]: other };
    };
    return [put(change(member)), ...variants(member, change).map(put)];
  });
};

const changed = (was: Json): Json => {
  if (typeof was === 'string') return `${was}x`;
  if (typeof was === 'number') return was + 1;
  if (typeof was === 'boolean') return !was;
  if (was === null) return 0;
  return Array.isArray(was) ? [] : {};
};

const reversed = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
};

describe('the hash of what an order says', () => {
  it('does not know the order of fields', () => {
    expect(Object.keys(reversed(ORDER) as object)[0]).toBe('attributes');
    expect(hash(reversed(ORDER))).toBe(hash(ORDER));
  });

  it('tells orders apart exactly where the general hash does', () => {
    const lacking = [...variants(ORDER, () => null), ...variants(ORDER, () => REMOVED)];
    const orders = [ORDER, ...variants(ORDER, changed), ...lacking.filter(isValid)];
    expect(isValid(ORDER)).toBe(true);
    expect(orders.length).toBeGreaterThan(150);
    const groups = (hashOf: (order: Json) => string) =>
      [...Map.groupBy(orders.keys(), (at) => hashOf(orders[at]!)).values()].map((at) => [...at]);
    expect(groups(hash)).toEqual(groups(contentHash));
  });
});

import type { OrderMapping } from './mapping.js';

/** A small mapping with one rule of each kind. */
export const shopMapping: OrderMapping = {
  kind: 'orders',
  groupBy: 'order',
  window: 3,
  rejectOrders: [{ when: { column: 'order', matches: '^C' }, code: 'cancellation' }],
  rejectRows: [
    { when: { column: 'sku', in: ['POST'] }, code: 'fee', message: 'not goods' },
    { when: { column: 'quantity', atMost: 0 }, code: 'quantity-not-positive' },
  ],
  order: {
    channel: { constant: 'shop' },
    externalId: { column: 'order' },
    placedAt: { column: 'at', required: true },
    currency: { constant: 'GBP' },
    'shipTo.country': { column: 'country', map: { UK: 'GB', Unspecified: null } },
    'shipTo.postalCode': { postalCode: { country: 'shipTo.country', by: ['customer', 'order'] } },
    'shipTo.verified': { isSet: 'shipTo.postalCode' },
    'payments.0.method': { constant: 'card' },
    'payments.0.status': { constant: 'authorized' },
    'payments.0.amount': { computed: 'total' },
    'payments.0.reference': { template: 'shop-{order}' },
    total: { computed: 'total' },
  },
  line: {
    sku: { column: 'sku', transform: ['trim', 'upper'], required: true },
    quantity: { column: 'quantity', transform: ['integer'], required: true },
    unitPrice: { column: 'price', transform: ['decimal'], required: true },
  },
};

import { BUCKETS, type LineBuckets } from './order-buckets.js';
import { statusOf, type OrderStatus } from './order-status.js';

const totals = (units: Partial<LineBuckets>): LineBuckets => ({
  ...(Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0])) as LineBuckets),
  ordered: 10,
  cancelling: 0,
  ...units,
});

describe('the status of an approved order', () => {
  it.each<[OrderStatus, Partial<LineBuckets>]>([
    ['approved', { open: 10 }],
    ['approved', { open: 1, sourced: 9 }],
    ['confirmed', { sourced: 10 }],
    ['confirmed', { sourced: 9, backordered: 1 }],
    ['backordered', { backordered: 10 }],
    ['backordered', { backordered: 4, cancelled: 6 }],
    ['backordered', { backordered: 4, delivered: 6 }],
    ['in-fulfillment', { sourced: 9, picked: 1 }],
    ['in-fulfillment', { packed: 1, open: 9 }],
    ['partially-shipped', { packed: 1, shipped: 9 }],
    ['partially-shipped', { backordered: 1, shipped: 9 }],
    ['shipped', { shipped: 10 }],
    ['shipped', { shipped: 9, cancelled: 1 }],
    ['partially-delivered', { shipped: 9, delivered: 1 }],
    ['partially-delivered', { sourced: 9, lost: 1 }],
    ['delivered', { delivered: 10 }],
    ['partially-returned', { delivered: 10, returned: 3 }],
    ['partially-returned', { delivered: 7, returned: 6, returnedToOrigin: 3 }],
    ['partially-delivered', { delivered: 7, returned: 7, shipped: 3 }],
    ['returned', { delivered: 10, returned: 10 }],
    ['returned', { delivered: 7, returned: 7, returnedToOrigin: 2, cancelled: 1 }],
    ['returned-to-origin', { returnedToOrigin: 10 }],
    ['returned-to-origin', { returnedToOrigin: 8, lost: 2 }],
    ['lost', { lost: 9, cancelled: 1 }],
    ['delivered', { delivered: 7, returnedToOrigin: 2, lost: 1 }],
    ['delivered', { delivered: 9, cancelled: 1 }],
    ['cancelling', { packed: 10, cancelling: 1 }],
    ['cancelled', { cancelled: 10 }],
  ])('is %s', (status, units) =>
    expect(statusOf({ totals: totals(units), held: false, approved: true, confirmed: true })).toBe(
      status,
    ),
  );
});

describe('the status of an order that was not confirmed', () => {
  it.each<[OrderStatus, Partial<LineBuckets>]>([
    ['approved', { sourced: 9, backordered: 1 }],
    ['backordered', { backordered: 10 }],
  ])('is %s', (status, units) => {
    const standing = { held: false, approved: true, confirmed: false };
    expect(statusOf({ totals: totals(units), ...standing })).toBe(status);
  });
});

describe('the status before approval', () => {
  it.each<[OrderStatus, boolean, Partial<LineBuckets>]>([
    ['received', false, { open: 10 }],
    ['held', true, { open: 10 }],
    ['held', true, { open: 9, cancelled: 1 }],
    ['cancelled', true, { cancelled: 10 }],
  ])('is %s', (status, held, units) =>
    expect(statusOf({ totals: totals(units), held, approved: false, confirmed: false })).toBe(
      status,
    ),
  );
});

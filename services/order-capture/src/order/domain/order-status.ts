import type { LineBuckets } from './order-buckets.js';
import { handedOverOf } from './order-buckets.js';

export const ORDER_STATUSES = [
  'received',
  'held',
  'approved',
  'backordered',
  'confirmed',
  'in-fulfillment',
  'partially-shipped',
  'shipped',
  'partially-delivered',
  'delivered',
  'partially-returned',
  'returned',
  'returned-to-origin',
  'lost',
  'cancelling',
  'cancelled',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

type Standing = {
  readonly totals: LineBuckets;
  readonly held: boolean;
  readonly approved: boolean;
  readonly confirmed: boolean;
};

/**
 * The one word for where an order is: the first that applies, from its end backwards. Work that a
 * location was given but has not begun leaves an order confirmed.
 */
export const statusOf = ({ totals, held, approved, confirmed }: Standing): OrderStatus => {
  const { shipped, backordered, picked, packed, open } = totals;
  const wanted = totals.ordered - totals.cancelled;
  const handedOver = handedOverOf(totals);
  const waiting = wanted - (handedOver - shipped);
  if (wanted === 0) return 'cancelled';
  if (totals.cancelling > 0) return 'cancelling';
  if (!approved) return held ? 'held' : 'received';
  if (waiting === 0) return outcomeOf(totals);
  if (backordered === waiting) return 'backordered';
  if (handedOver > shipped) return 'partially-delivered';
  if (shipped === wanted) return 'shipped';
  if (shipped > 0) return 'partially-shipped';
  if (picked + packed > 0) return 'in-fulfillment';
  return open === 0 && confirmed ? 'confirmed' : 'approved';
};

/** What became of an order of which nothing is on its way or to come any more. */
const outcomeOf = ({ delivered, returned, returnedToOrigin }: LineBuckets): OrderStatus => {
  if (delivered === 0) return returnedToOrigin > 0 ? 'returned-to-origin' : 'lost';
  if (returned === 0) return 'delivered';
  return returned < delivered ? 'partially-returned' : 'returned';
};

import { formatAmount } from '@throughline/kernel';
import type { Quantities } from './domain/line-facts.js';
import type { HoldKind } from './domain/order.js';
import { BUCKETS, bucketsOf, type Buckets } from './domain/order-buckets.js';
import type { OrderSummary } from './domain/order-progress.js';

import type { OrderStatus } from './domain/order-status.js';

/** What never changes about an order and heads every answer about it. */
export type OrderHead = {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly channel: string;
  readonly externalId: string;
  readonly placedAt: string;
  readonly acceptedAt: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly customerId: string | null;
  readonly country: string | null;
};

/** What of an order changes with its events and every list shows. */
export type OrderStanding = {
  readonly holds: readonly {
    readonly holdId: string;
    readonly kind: HoldKind;
    readonly reason: string;
    readonly since: string;
  }[];
  /** Classes of what waits for a person. */
  readonly exceptions: readonly string[];
  readonly units: Buckets;
  /** Minor units of the order's currency. */
  readonly refundedMinor: number;
};

export type LineQuantities = {
  readonly lineId: string;
  readonly sku: string;
  readonly quantities: Buckets;
};

export type OrderItem = Omit<OrderHead, 'totalMinor'> &
  Omit<OrderStanding, 'refundedMinor'> & {
    readonly status: OrderStatus;
    /** Decimal strings of `currency`; `refunded` is all that was given back so far. */
    readonly total: string;
    readonly refunded: string;
    readonly lines?: readonly LineQuantities[];
  };

const shown = (buckets: Buckets): Buckets =>
  Object.fromEntries(BUCKETS.map((bucket) => [bucket, buckets[bucket]])) as Buckets;

export const standingOf = ({
  holds,
  exceptions,
  totals,
  refundedMinor,
}: OrderSummary): OrderStanding => ({
  holds: holds.map(({ holdId, kind, reason, at }) => ({ holdId, kind, reason, since: at })),
  exceptions: exceptions.map((exception) => exception.class),
  units: shown(totals),
  refundedMinor,
});

export const linesOf = ({ lines, attempt }: Quantities): LineQuantities[] =>
  [...lines].map(([lineId, line]) => ({
    lineId,
    sku: line.sku,
    quantities: shown(bucketsOf(line, attempt)),
  }));

export const itemOf = (
  { totalMinor, ...head }: OrderHead,
  status: OrderStatus,
  { refundedMinor, ...standing }: OrderStanding,
): OrderItem => ({
  ...head,
  status,
  total: formatAmount(totalMinor, head.currency),
  refunded: formatAmount(refundedMinor, head.currency),
  ...standing,
});

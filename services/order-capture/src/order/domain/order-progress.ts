import { assertNever } from '@throughline/kernel';
import { noQuantities, type Quantities } from './line-facts.js';
import type { Hold, OrderEvent } from './order.js';
import { totalsOf, type LineBuckets } from './order-buckets.js';
import { supersedes } from './order-parcels.js';
import { evolveQuantities } from './order-quantities.js';
import { statusOf, type OrderStatus } from './order-status.js';
import {
  acknowledged,
  isOfSourcing,
  lossDecided,
  parcelTold,
  paymentDeclined,
  sourcingFailed,
  SOURCING_TROUBLES,
  trackedEarly,
  undatedTold,
  without,
  type OrderException,
  type Troubles,
} from './order-troubles.js';

/** How far an order is and what stands in its way: what deciding, showing and listing it share. */
export type OrderProgress = {
  readonly quantities: Quantities;
  /** Open holds, oldest first. */
  readonly holds: readonly Hold[];
  /** What went wrong and was not overcome, beside the holds. */
  readonly troubles: Troubles;
  readonly approved: boolean;
  /** Every unit was reserved, or waited with a date. */
  readonly confirmed: boolean;
  /** All that was given back so far, in minor units of the order's currency. */
  readonly refundedMinor: number;
  /** When it was taken in (ISO 8601, UTC); empty while nothing was placed. */
  readonly acceptedAt: string;
};

export const notPlaced: OrderProgress = {
  quantities: noQuantities,
  holds: [],
  troubles: [],
  approved: false,
  confirmed: false,
  refundedMinor: 0,
  acceptedAt: '',
};

/** Folds one event into the progress of its order. */
export const evolveProgress = (progress: OrderProgress, event: OrderEvent): OrderProgress => {
  const quantities = evolveQuantities(progress.quantities, event);
  const moved = quantities === progress.quantities ? progress : { ...progress, quantities };
  const troubles = troublesAfter(progress, quantities, event);
  const next = troubles === progress.troubles ? moved : { ...moved, troubles };
  switch (event.type) {
    case 'OrderPlaced':
      return { ...next, acceptedAt: event.data.acceptedAt };
    case 'HoldPlaced':
      return { ...next, holds: [...next.holds, event.data] };
    case 'HoldReleased':
      return {
        ...next,
        holds: next.holds.filter(({ holdId }) => holdId !== event.data.holdId),
      };
    case 'OrderApproved':
      return { ...next, approved: true };
    case 'OrderConfirmed':
      return { ...next, confirmed: true };
    case 'PaymentRefunded':
      return { ...next, refundedMinor: next.refundedMinor + event.data.amountMinor };
    case 'AddressChanged':
    case 'PaymentAuthorized':
    case 'PaymentDeclined':
    case 'PaymentCaptured':
    case 'CancellationRequested':
    case 'CancellationSettled':
    case 'LinesCancelled':
    case 'CancellationRefused':
    case 'SourcingSettled':
    case 'SourcingFailed':
    case 'PromisesMoved':
    case 'RecallRequested':
    case 'FulfillmentProgressed':
    case 'ParcelProgressed':
    case 'ParcelTrackedEarly':
    case 'ReturnProgressed':
    case 'SourcingRequested':
    case 'DeliveryChanged':
    case 'ReshipmentRequested':
    case 'LossSettled':
    case 'ExceptionAcknowledged':
      return next;
    default:
      return assertNever(event);
  }
};

/** What is wrong with the order after an event; `quantities` are those after it. */
const troublesAfter = (
  { troubles, approved, acceptedAt, quantities: before }: OrderProgress,
  quantities: Quantities,
  event: OrderEvent,
): Troubles => {
  switch (event.type) {
    case 'PaymentAuthorized':
      return without(troubles, 'payment-declined');
    case 'PaymentDeclined':
      return approved ? paymentDeclined(troubles, event.data.reason, event.data.at) : troubles;
    case 'SourcingFailed':
      return event.data.attempt < before.attempt ? troubles : sourcingFailed(troubles, event.data);
    case 'SourcingSettled': {
      const overcome =
        event.data.attempt < before.attempt ? troubles : without(troubles, ...SOURCING_TROUBLES);
      return undatedTold(overcome, quantities, event.data.at ?? acceptedAt);
    }
    case 'PromisesMoved':
      return undatedTold(troubles, quantities, event.data.at ?? acceptedAt);
    case 'LinesCancelled':
      return undatedTold(troubles, quantities, acceptedAt);
    case 'ParcelProgressed': {
      const known = before.parcels.get(event.data.shipmentId);
      if (!supersedes(event.data, known)) return troubles;
      return parcelTold(troubles, event.data, known?.settled);
    }
    case 'ParcelTrackedEarly':
      return trackedEarly(troubles, event.data, quantities);
    case 'ReshipmentRequested':
    case 'LossSettled':
      return lossDecided(troubles, event.data);
    case 'ExceptionAcknowledged':
      return acknowledged(troubles, event.data.key);
    case 'OrderPlaced':
    case 'HoldPlaced':
    case 'HoldReleased':
    case 'AddressChanged':
    case 'OrderApproved':
    case 'PaymentCaptured':
    case 'PaymentRefunded':
    case 'CancellationRequested':
    case 'CancellationSettled':
    case 'CancellationRefused':
    case 'RecallRequested':
    case 'FulfillmentProgressed':
    case 'ReturnProgressed':
    case 'SourcingRequested':
    case 'DeliveryChanged':
    case 'OrderConfirmed':
      return troubles;
    default:
      return assertNever(event);
  }
};

/** What is shown of an order as a whole. */
export type OrderSummary = {
  readonly status: OrderStatus;
  readonly totals: LineBuckets;
  readonly holds: readonly Hold[];
  readonly exceptions: readonly OrderException[];
  readonly refundedMinor: number;
};

/** Derives the status of an order, its units and what in it waits for a person. */
export const summaryOf = (progress: OrderProgress): OrderSummary => {
  const { holds, approved, confirmed, troubles, refundedMinor } = progress;
  const totals = totalsOf(progress.quantities);
  const status = statusOf({ totals, held: holds.length > 0, approved, confirmed });
  return {
    status,
    totals,
    holds,
    refundedMinor,
    exceptions: [
      ...holds.map(({ holdId, kind, reason, at }) => ({
        key: `hold-${holdId}`,
        class: `hold-${kind}`,
        reason,
        since: at,
      })),
      ...troubles.filter((trouble) => isOpen(trouble, totals)),
    ],
  };
};

/** Once nothing is open or waits, sourcing has nothing to fail for, and of a cancelled order nothing is owed. */
const isOpen = (
  trouble: OrderException,
  { open, backordered, ordered, cancelled }: LineBuckets,
): boolean => {
  if (trouble.class === 'payment-declined') return cancelled < ordered;
  return open + backordered > 0 || !isOfSourcing(trouble);
};

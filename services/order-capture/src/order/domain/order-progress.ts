import { assertNever } from '@throughline/kernel';
import type { Hold, OrderEvent, ParcelFact, SourcingFailure } from './order.js';
import { totalsOf, type LineBuckets } from './order-buckets.js';
import { evolveQuantities, noQuantities, supersedes, type Quantities } from './order-quantities.js';
import { statusOf, type OrderStatus } from './order-status.js';

export const EXCEPTION_CLASSES = [
  'sourcing-failed',
  'mapping',
  'delivery-failed',
  'parcel-lost',
  'payment-declined',
] as const;

/** Something about an order that waits for a person; a hold's class is `hold-<kind>`. */
export type OrderException = {
  /** Names it within the order, always the same. */
  readonly key: string;
  readonly class: string;
  readonly reason: string;
  readonly since: string;
};

/** How far an order is and what stands in its way: what deciding, showing and listing it share. */
export type OrderProgress = {
  readonly quantities: Quantities;
  /** Open holds, oldest first. */
  readonly holds: readonly Hold[];
  /** What went wrong and was neither overcome nor acknowledged, beside the holds. */
  readonly troubles: readonly OrderException[];
  readonly approved: boolean;
};

export const notPlaced: OrderProgress = {
  quantities: noQuantities,
  holds: [],
  troubles: [],
  approved: false,
};

/** Folds one event into the progress of its order. */
export const evolveProgress = (progress: OrderProgress, event: OrderEvent): OrderProgress => {
  const quantities = evolveQuantities(progress.quantities, event);
  const next = quantities === progress.quantities ? progress : { ...progress, quantities };
  switch (event.type) {
    case 'HoldPlaced':
      return { ...next, holds: [...next.holds, event.data] };
    case 'HoldReleased':
      return {
        ...next,
        holds: next.holds.filter(({ holdId }) => holdId !== event.data.holdId),
      };
    case 'OrderApproved':
      return { ...next, approved: true };
    case 'PaymentAuthorized':
      return without(next, 'payment-declined');
    case 'PaymentDeclined':
      if (!next.approved) return next;
      return withTrouble(next, 'payment-declined', '', event.data.reason, event.data.at);
    case 'SourcingFailed':
      return event.data.attempt < progress.quantities.attempt
        ? next
        : sourcingFailed(next, event.data);
    case 'SourcingSettled':
      return event.data.attempt < progress.quantities.attempt
        ? next
        : without(next, ...SOURCING_TROUBLES);
    case 'ParcelProgressed':
      return supersedes(event.data, progress.quantities.parcels.get(event.data.shipmentId))
        ? parcelTold(next, event.data)
        : next;
    case 'ExceptionAcknowledged':
      return {
        ...next,
        troubles: next.troubles.filter(({ key }) => key !== event.data.key),
      };
    case 'OrderPlaced':
    case 'AddressChanged':
    case 'PaymentCaptured':
    case 'PaymentRefunded':
    case 'CancellationRequested':
    case 'CancellationSettled':
    case 'CancellationRefused':
    case 'LinesCancelled':
    case 'PromisesMoved':
    case 'RecallRequested':
    case 'FulfillmentProgressed':
    case 'ReturnProgressed':
    case 'OrderConfirmed':
      return next;
    default:
      return assertNever(event);
  }
};

type TroubleClass = (typeof EXCEPTION_CLASSES)[number];

/** What the next attempt that succeeds overcomes. */
const SOURCING_TROUBLES = ['sourcing-failed', 'mapping'] as const;
/** SKUs that the reason of an exception names; the order's event names all. */
const SKUS_NAMED_MAX = 10;

const without = (progress: OrderProgress, ...classes: readonly TroubleClass[]): OrderProgress => {
  const troubles = progress.troubles.filter((trouble) => !classes.some((c) => c === trouble.class));
  return troubles.length === progress.troubles.length ? progress : { ...progress, troubles };
};

/** A trouble that comes again is shown with its newest reason and time. */
const withTrouble = (
  progress: OrderProgress,
  kind: TroubleClass,
  what: string | number,
  reason: string,
  since: string,
): OrderProgress => {
  const key = what === '' ? kind : `${kind}-${what}`;
  const others = progress.troubles.filter((trouble) => trouble.key !== key);
  return { ...progress, troubles: [...others, { key, class: kind, reason, since }] };
};

/** SKUs that no catalogue lists are named, since whoever creates their items ends the trouble. */
const sourcingFailed = (progress: OrderProgress, failure: SourcingFailure): OrderProgress => {
  const { attempt, reason, at, skus = [] } = failure;
  const before = without(progress, ...SOURCING_TROUBLES);
  if (skus.length === 0) return withTrouble(before, 'sourcing-failed', attempt, reason, at);
  return withTrouble(before, 'mapping', attempt, `No item is known for ${listed(skus)}`, at);
};

const listed = (skus: readonly string[]): string => {
  const more = skus.length - SKUS_NAMED_MAX;
  const named = skus.slice(0, SKUS_NAMED_MAX).join(', ');
  return more > 0 ? `${named} and ${more} more` : named;
};

const parcelTold = (progress: OrderProgress, parcel: ParcelFact): OrderProgress => {
  const { shipmentId, status, at, reason } = parcel;
  const keys = [`delivery-failed-${shipmentId}`, `parcel-lost-${shipmentId}`];
  const troubles = progress.troubles.filter(({ key }) => !keys.includes(key));
  const overcome = { ...progress, troubles };
  if (status === 'delivery-failed')
    return withTrouble(
      overcome,
      'delivery-failed',
      shipmentId,
      reason ?? 'The carrier could not deliver the parcel',
      at,
    );
  if (status === 'lost')
    return withTrouble(
      overcome,
      'parcel-lost',
      shipmentId,
      reason ?? 'The carrier lost the parcel',
      at,
    );
  return overcome;
};

const isOfSourcing = (trouble: OrderException): boolean =>
  SOURCING_TROUBLES.some((kind) => kind === trouble.class);

/** What is shown of an order as a whole. */
export type OrderSummary = {
  readonly status: OrderStatus;
  readonly totals: LineBuckets;
  readonly holds: readonly Hold[];
  readonly exceptions: readonly OrderException[];
};

/** Derives the status of an order, its units and what in it waits for a person. */
export const summaryOf = (progress: OrderProgress): OrderSummary => {
  const { holds, approved, troubles } = progress;
  const totals = totalsOf(progress.quantities);
  const status = statusOf({ totals, held: holds.length > 0, approved });
  return {
    status,
    totals,
    holds,
    exceptions: [
      ...holds.map(({ holdId, kind, reason, at }) => ({
        key: `hold-${holdId}`,
        class: `hold-${kind}`,
        reason,
        since: at,
      })),
      // Once nothing is open any more there is nothing left that sourcing could fail for.
      ...troubles.filter((trouble) => totals.open > 0 || !isOfSourcing(trouble)),
    ],
  };
};

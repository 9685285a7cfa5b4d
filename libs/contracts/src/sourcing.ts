import {
  Count,
  Flag,
  Id,
  Ids,
  ListOf,
  Nested,
  OneOf,
  Optional,
  Quantity,
  Text,
  Time,
} from './rules.js';
import { Contract } from './message.js';
import { Delivery, LineQuantity } from './order.js';

export const RELEASE_REASONS = [
  'attempt-closed',
  'cancelled',
  'short',
  'rejected',
  'revoked',
] as const;
export type ReleaseReason = (typeof RELEASE_REASONS)[number];
export const RECALL_REASONS = ['cancelled', 'revoked'] as const;
export type RecallReason = (typeof RECALL_REASONS)[number];

export class Allocation {
  @Id() locationId!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

/** An allocation that became work; its fulfillment id is derived from order, attempt and location. */
export class ReleasedAllocation extends Allocation {
  @Id() fulfillmentId!: string;
}

export class BackorderedLine extends LineQuantity {
  /** When stock is expected (ISO 8601 date-time), null while nobody knows. */
  @Optional() @Time() promisedOn!: string | null;
}

/** Units of an order line that a checkout's hold stands behind. */
export class HeldLine extends LineQuantity {
  @Id() reservationId!: string;
}

/**
 * Attempt n asks inventory to reserve these allocations, all or nothing. On the final attempt it reserves
 * what is there and queues the rest, together with `backorders`, which no location can serve now.
 * `offerId` names stock that inventory had earmarked for this order's backorder. `held` is taken over from
 * checkout holds, wherever they lie; where they have less, the attempt is refused, also a final one.
 */
@Contract('oms.sourcing')
export class SourcingProposed {
  @Id() orderId!: string;
  @Quantity() attempt!: number;
  @Flag() final!: boolean;
  @Count() priority!: number;
  @Time() acceptedAt!: string;
  /** Only this location may serve the order (pickup, counter); null means any. */
  @Optional() @Id() onlyLocationId!: string | null;
  @Optional() @Id() offerId!: string | null;
  @ListOf(() => Allocation) allocations!: Allocation[];
  @ListOf(() => LineQuantity) backorders!: LineQuantity[];
  @Optional() @ListOf(() => HeldLine) held?: HeldLine[] | null;
  /** Whose share of the stock the order takes from. */
  @Optional() @Id() channel?: string | null;
  /** Only holds that were made for this channel may be taken over; absent: any that is named. */
  @Optional() @Id() holdsOfChannel?: string | null;
}

export class ReleasedReservation extends LineQuantity {
  @Quantity() attempt!: number;
  @Id() locationId!: string;
}

/**
 * Reservations and queue places that the order no longer needs. `closesAttempt` also closes that attempt:
 * inventory answers it no more, and releases what it may have reserved for it. `short` says that the
 * goods were not on the shelf, so stock on hand falls with the reservation.
 */
@Contract('oms.sourcing')
export class SourcingReleased {
  @Id() orderId!: string;
  @OneOf(RELEASE_REASONS) reason!: ReleaseReason;
  @Optional() @Quantity() closesAttempt!: number | null;
  @ListOf(() => ReleasedReservation) reservations!: ReleasedReservation[];
  @ListOf(() => LineQuantity) backorders!: LineQuantity[];
}

/** Attempt n is settled: these locations get work, and `backordered` (all that waits now) stays queued. */
@Contract('oms.sourcing')
export class OrderSourced {
  @Id() orderId!: string;
  @Id() orderNumber!: string;
  @Quantity() attempt!: number;
  @Count() priority!: number;
  @Nested(() => Delivery) delivery!: Delivery;
  @ListOf(() => ReleasedAllocation, { min: 1 }) allocations!: ReleasedAllocation[];
  @ListOf(() => BackorderedLine) backordered!: BackorderedLine[];
}

/** Attempt n found nothing to send now; all that is open waits in inventory's queue. */
@Contract('oms.sourcing')
export class OrderBackordered {
  @Id() orderId!: string;
  @Quantity() attempt!: number;
  @ListOf(() => BackorderedLine) backordered!: BackorderedLine[];
}

/** Supply moved: what the order waits for is expected at other times than it was told before. */
@Contract('oms.sourcing')
export class BackordersPromised {
  @Id() orderId!: string;
  @ListOf(() => BackorderedLine, { min: 1 }) lines!: BackorderedLine[];
}

/**
 * What a cancellation took out of sourcing at once; it is finally cancelled. The rest of the request, if any,
 * was recalled from fulfillments, which answer for it. With `recallId`: of what that recall's fulfillment refused,
 * as many units had come back to sourcing already, and are finally cancelled all the same. `refused` is asked for in
 * vain: sourcing has nothing more of it, because of other cancellations.
 */
@Contract('oms.sourcing')
export class CancellationSettled {
  @Id() orderId!: string;
  @Id() cancellationId!: string;
  @ListOf(() => LineQuantity) lines!: LineQuantity[];
  @Optional() @Id() recallId?: string | null;
  @Optional() @ListOf(() => LineQuantity) refused?: LineQuantity[] | null;
}

/** A fulfillment is asked to give up quantities; its own stream alone decides. */
@Contract('oms.sourcing')
export class RecallRequested {
  @Id() orderId!: string;
  @Id() recallId!: string;
  @Id() fulfillmentId!: string;
  @OneOf(RECALL_REASONS) reason!: RecallReason;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

/**
 * Sourcing cannot go on without a person, for example because no location is active. `skus` are those that
 * no catalogue lists, where that is why.
 */
@Contract('oms.sourcing')
export class SourcingFailed {
  @Id() orderId!: string;
  @Quantity() attempt!: number;
  @Text() reason!: string;
  @Optional() @Ids() skus?: string[] | null;
}

import type { DeliveryService, Message } from '@throughline/kernel';
import type {
  EarlyTracking,
  LineWish,
  ParcelContent,
  ParcelFact,
  Progress,
  ProgressTold,
  Promises,
  Recall,
  ReturnFact,
  Sourcing,
  SourcingFailure,
} from './milestones.js';
import type {
  Opening,
  OrderRequest,
  PlacedAddress,
  PlacedOrder,
  RequestedAddress,
} from './placed-order.js';

export * from './milestones.js';

/**
 * Why an order may be held; `payment`, `address`, `mapping` and `review` are also placed by the system
 * itself.
 */
export const HOLD_KINDS = [
  'payment',
  'fraud',
  'address',
  'review',
  'credit',
  'approval',
  'mapping',
  'manual',
] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

export type SkuWish = LineWish & { readonly sku: string };
/** `reservationId`: the checkout's hold that stands behind the line. */
export type ApprovedLine = SkuWish & { readonly reservationId?: string };

/** How the customer gets the goods, as whoever sources and ships them must know it. */
export type Delivery = {
  readonly method: 'ship' | 'pickup' | 'counter';
  readonly service: string;
  readonly locationId: string | null;
  readonly promisedBy: string | null;
  /** Locations get the work then (ISO 8601, UTC); absent: at once. */
  readonly notBefore?: string;
  readonly shipTo: (Omit<PlacedAddress, 'country' | 'verified'> & { country: string }) | null;
};

export type Hold = {
  readonly holdId: string;
  readonly kind: HoldKind;
  readonly reason: string;
  /** When it was placed (ISO 8601, UTC). */
  readonly at: string;
};

/** What a way in knows against an order that it takes: for a person to judge. */
export type Doubt = 'malformed-postal-code' | 'placed-ahead';

type Covered = { readonly currency: string; readonly coveredMinor: number };
type Decline = Covered & {
  readonly reason: string;
  readonly totalMinor: number;
  readonly at: string;
};
type Capture = {
  readonly fulfillmentId: string;
  readonly currency: string;
  readonly amountMinor: number;
};
type Refund = {
  readonly currency: string;
  readonly amountMinor: number;
  readonly reason: string;
  readonly referenceId: string;
};

/** Where and how the customer wants to get what is not handed over. */
export type DeliveryChange = {
  readonly method: Delivery['method'];
  readonly service?: string | null;
  readonly locationId?: string | null;
  readonly shipTo?: RequestedAddress | null;
};
/** What a person does about the exception `key`; `requestId` is the request's own. */
type Remedy = { readonly requestId: string; readonly key: string; readonly reason: string };
/** Units of a lost parcel and what a person decided about them. */
type LostUnits = {
  readonly shipmentId: string;
  readonly reason: string;
  readonly lines: readonly SkuWish[];
};
type Acknowledgement = { readonly key: string; readonly reason: string };
type Cancellation = { readonly cancellationId: string; readonly reason: string };
/**
 * What routing took out of sourcing at once for a cancellation; locations answer for the rest. With `recallId`: what a
 * location refused only because it had given it back already. `refused`: what nothing is left of.
 */
type Settlement = {
  readonly cancellationId: string;
  readonly lines: readonly LineWish[];
  readonly recallId?: string;
  readonly refused?: readonly LineWish[];
};

export type OrderCommand =
  | Message<
      'PlaceOrder',
      {
        readonly orderId: string;
        readonly orderNumber: string;
        readonly acceptedAt: string;
        readonly request: OrderRequest;
        /** Of the location that the order names, as far as it is known. */
        readonly opening?: Opening;
        readonly doubts?: readonly Doubt[];
        readonly holdsOfChannel?: string;
      }
    >
  | Message<'PlaceHold', Hold>
  | Message<
      'ReleaseHold',
      { readonly holdId: string; readonly reason: string; readonly at: string }
    >
  | Message<
      'CancelOrder',
      Cancellation & {
        /** null: all that can still be cancelled. */
        readonly lines: readonly LineWish[] | null;
        /** The open hold or other exception that this resolves, where that is why. */
        readonly holdId?: string;
        readonly exceptionKey?: string;
      }
    >
  | Message<
      'EditOrder',
      {
        readonly shipTo?: RequestedAddress;
        readonly service?: DeliveryService;
        readonly doubts?: readonly Doubt[];
        readonly at: string;
      }
    >
  | Message<'AcknowledgeException', Acknowledgement>
  | Message<'SourceAgain', Remedy>
  | Message<'ChangeDelivery', Remedy & { readonly delivery: DeliveryChange; readonly at: string }>
  | Message<'Reship', Remedy & { readonly shipmentId: string }>
  | Message<'RefundLoss', Remedy & { readonly shipmentId: string }>
  | Message<'RecordAuthorization', Covered>
  | Message<'RecordDecline', Decline & { readonly holdId: string }>
  | Message<'RecordCapture', Capture>
  | Message<'RecordRefund', Refund>
  | Message<'RecordSourcing', Sourcing>
  | Message<'RecordSourcingFailure', SourcingFailure>
  | Message<'RecordPromises', Promises>
  | Message<'RecordSettlement', Settlement>
  | Message<'RecordRecall', Recall>
  | Message<'RecordProgress', ProgressTold>
  | Message<'RecordParcel', ParcelFact & ParcelContent>
  | Message<'RecordEarlyTracking', EarlyTracking>
  | Message<'RecordReturn', ReturnFact>;

export type OrderEvent =
  | Message<'OrderPlaced', PlacedOrder>
  | Message<'HoldPlaced', Hold>
  | Message<
      'HoldReleased',
      {
        readonly holdId: string;
        readonly reason: string;
        readonly by: 'person' | 'payment' | 'address' | 'service' | 'cancellation';
      }
    >
  | Message<'AddressChanged', { readonly at: string; readonly shipTo: PlacedAddress }>
  | Message<'PaymentAuthorized', Covered>
  /** `holdId`: the hold that it caused; none once the order was approved. */
  | Message<'PaymentDeclined', Decline & { readonly holdId?: string }>
  | Message<'PaymentCaptured', Capture>
  | Message<'PaymentRefunded', Refund>
  | Message<
      'OrderApproved',
      {
        readonly acceptedAt: string;
        readonly priority: number;
        /** Where it was sold; absent in orders that were approved before it was told. */
        readonly channel?: string;
        /** Of the holds that lines name, only those of this channel; absent: all. */
        readonly holdsOfChannel?: string;
        readonly delivery: Delivery;
        readonly lines: readonly ApprovedLine[];
      }
    >
  | Message<
      'CancellationRequested',
      Cancellation & {
        readonly lines: readonly SkuWish[];
        /** Whether others had the order already and must hear of it. */
        readonly approved: boolean;
      }
    >
  | Message<'CancellationSettled', Settlement>
  /**
   * Units that are finally cancelled; each is told once. `reservationIds`: the checkout's holds that
   * are given up with them, because routing, which would take them over, never got the order.
   */
  | Message<
      'LinesCancelled',
      {
        readonly lines: readonly SkuWish[];
        readonly reservationIds?: readonly string[];
        readonly holdsOfChannel?: string;
      }
    >
  | Message<
      'CancellationRefused',
      {
        readonly recallId: string;
        /** `undone`: stored by the first release alone; nothing reads it. */
        readonly lines: readonly (LineWish & { readonly undone?: number })[];
        readonly at: string;
      }
    >
  | Message<'SourcingSettled', Sourcing>
  | Message<'SourcingFailed', SourcingFailure>
  /** Lines that wait are expected at other times than it was told before. */
  | Message<'PromisesMoved', Promises>
  | Message<'RecallRequested', Recall>
  | Message<'FulfillmentProgressed', Progress>
  | Message<'ParcelProgressed', ParcelFact & { readonly content?: ParcelContent }>
  | Message<'ParcelTrackedEarly', EarlyTracking>
  | Message<'ReturnProgressed', ReturnFact>
  | Message<'OrderConfirmed', Record<string, never>>
  /** A person wants the open and waiting units sourced once more; `delivery`: by other means. */
  | Message<
      'SourcingRequested',
      { readonly requestId: string; readonly reason: string; readonly delivery?: Delivery }
    >
  | Message<
      'DeliveryChanged',
      {
        readonly fulfillment: PlacedOrder['fulfillment'];
        readonly shipTo: PlacedAddress | null;
        readonly at: string;
      }
    >
  /** The units of a lost parcel are sent once more. */
  | Message<'ReshipmentRequested', LostUnits & { readonly requestId: string }>
  /** The units of a lost parcel are not sent again: their value is given back. */
  | Message<'LossSettled', LostUnits & { readonly settlementId: string }>
  | Message<'ExceptionAcknowledged', Acknowledgement>;

/** One rule that an order breaks: where, which, and in words. */
export type FieldProblem = {
  readonly field: string;
  readonly code: string;
  readonly message: string;
};

export type OrderRejection =
  | { readonly code: 'invalid-order'; readonly errors: readonly FieldProblem[] }
  | {
      readonly code: 'order-exists-with-other-content';
      /** Paths; see order-differences. */ readonly fields?: readonly string[];
    }
  | { readonly code: 'unknown-order' }
  | { readonly code: 'unknown-line'; readonly lineIds: readonly string[] }
  | { readonly code: 'unknown-hold'; readonly holdId: string }
  | { readonly code: 'unknown-exception'; readonly key: string }
  | { readonly code: 'unknown-cancellation'; readonly cancellationId: string }
  | { readonly code: 'already-approved' }
  | { readonly code: 'order-cancelled' }
  | { readonly code: 'address-incomplete'; readonly missing: string }
  /** The wish for another delivery lacks a field without which it cannot be done. */
  | { readonly code: 'delivery-incomplete'; readonly missing: string }
  /** The loss of this parcel is settled, in the other way. */
  | { readonly code: 'loss-settled'; readonly settled: 'reshipped' | 'refunded' }
  | {
      readonly code: 'not-cancellable';
      /** Units of the lines asked for that can still be cancelled. */
      readonly open: number;
      readonly lines: readonly (LineWish & { readonly open: number })[];
    };

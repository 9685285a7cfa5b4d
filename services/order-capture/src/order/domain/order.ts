import type { Message } from '@throughline/kernel';
import type {
  Opening,
  OrderRequest,
  PlacedAddress,
  PlacedOrder,
  RequestedAddress,
} from './placed-order.js';

/**
 * Why an order may be held; `payment`, `address` and `review` are also placed by the system
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

export type LineWish = { readonly lineId: string; readonly quantity: number };
export type SkuWish = LineWish & { readonly sku: string };
/** `reservationId`: the checkout's hold that stands behind the line. */
export type ApprovedLine = SkuWish & { readonly reservationId?: string };

/** How the customer gets the goods, as whoever sources and ships them must know it. */
export type Delivery = {
  readonly method: 'ship' | 'pickup' | 'counter';
  readonly service: string;
  readonly locationId: string | null;
  readonly promisedBy: string | null;
  readonly shipTo: (Omit<PlacedAddress, 'country' | 'verified'> & { country: string }) | null;
};

export type Hold = {
  readonly holdId: string;
  readonly kind: HoldKind;
  readonly reason: string;
  /** When it was placed (ISO 8601, UTC). */
  readonly at: string;
};

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

export type Sourcing = {
  readonly attempt: number;
  readonly allocations: readonly {
    readonly fulfillmentId: string;
    readonly locationId: string;
    readonly lines: readonly LineWish[];
  }[];
  /** All of the order that waits for stock after this attempt. */
  readonly backordered: readonly WaitingLine[];
};
/** `promisedOn`: when stock is expected for what waits; absent where nobody knows. */
export type WaitingLine = LineWish & { readonly promisedOn?: string };
type Promises = { readonly lines: readonly WaitingLine[] };
export type SourcingFailure = {
  readonly attempt: number;
  readonly reason: string;
  readonly at: string;
  /** Those that no catalogue lists, where that is why. */
  readonly skus?: readonly string[];
};
type Recall = {
  readonly recallId: string;
  readonly fulfillmentId: string;
  readonly reason: 'cancelled' | 'revoked';
  readonly lines: readonly LineWish[];
};

export const WORK_NUMBERS = [
  'released',
  'picked',
  'packed',
  'handedOver',
  'shorted',
  'cancelled',
] as const;
export type WorkNumber = (typeof WORK_NUMBERS)[number];
/** How one line of a fulfillment stands; a stored one names only the numbers that changed. */
export type LineProgress = { readonly lineId: string } & Partial<
  Readonly<Record<WorkNumber, number>>
>;

export const WORK_STEPS = [
  'released',
  'picked',
  'shorted',
  'rejected',
  'packed',
  'handed-over',
  'recalled',
] as const;
export type WorkStep = (typeof WORK_STEPS)[number];

export type Progress = {
  readonly fulfillmentId: string;
  readonly locationId: string;
  readonly attempt: number;
  readonly step: WorkStep;
  readonly at: string;
  readonly lines: readonly LineProgress[];
  readonly reason?: string;
  /** What the customer took away in person with this step; it counts as delivered. */
  readonly collected?: readonly LineWish[];
  readonly recall?: { readonly recallId: string; readonly refused: readonly LineWish[] };
};
/** What a location tells; `granted` is what it gave up for the recall. */
type ProgressTold = Progress & { readonly granted?: readonly LineWish[] };

export const PARCEL_STATUSES = [
  'labelled',
  'in-transit',
  'delivery-failed',
  'delivered',
  'returned-to-origin',
  'lost',
  'voided',
] as const;
export type ParcelStatus = (typeof PARCEL_STATUSES)[number];

export type ParcelFact = {
  readonly shipmentId: string;
  readonly status: ParcelStatus;
  readonly at: string;
  readonly reason?: string;
};
export type ParcelContent = {
  readonly fulfillmentId: string;
  readonly carrier: string;
  readonly trackingNumber: string;
  readonly lines: readonly LineWish[];
};

export type ReturnFact = {
  readonly returnId: string;
  readonly kind: 'customer' | 'return-to-origin';
  readonly step: 'received' | 'inspected';
  readonly at: string;
  readonly lines: readonly (LineWish & { readonly disposition?: string })[];
};

type AddressChange = { readonly at: string };
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
      }
    >
  | Message<'PlaceHold', Hold>
  | Message<'ReleaseHold', { readonly holdId: string; readonly reason: string }>
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
  | Message<'ChangeAddress', AddressChange & { readonly shipTo: RequestedAddress }>
  | Message<'AcknowledgeException', Acknowledgement>
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
  | Message<'RecordReturn', ReturnFact>;

export type OrderEvent =
  | Message<'OrderPlaced', PlacedOrder>
  | Message<'HoldPlaced', Hold>
  | Message<
      'HoldReleased',
      {
        readonly holdId: string;
        readonly reason: string;
        readonly by: 'person' | 'payment' | 'address' | 'cancellation';
      }
    >
  | Message<'AddressChanged', AddressChange & { readonly shipTo: PlacedAddress }>
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
      { readonly lines: readonly SkuWish[]; readonly reservationIds?: readonly string[] }
    >
  | Message<
      'CancellationRefused',
      {
        readonly recallId: string;
        readonly lines: readonly LineWish[];
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
  | Message<'ReturnProgressed', ReturnFact>
  | Message<'OrderConfirmed', Record<string, never>>
  | Message<'ExceptionAcknowledged', Acknowledgement>;

/** One rule that an order breaks: where, which, and in words. */
export type FieldProblem = {
  readonly field: string;
  readonly code: string;
  readonly message: string;
};

export type OrderRejection =
  | { readonly code: 'invalid-order'; readonly errors: readonly FieldProblem[] }
  | { readonly code: 'order-exists-with-other-content' }
  | { readonly code: 'unknown-order' }
  | { readonly code: 'unknown-line'; readonly lineIds: readonly string[] }
  | { readonly code: 'unknown-hold'; readonly holdId: string }
  | { readonly code: 'unknown-exception'; readonly key: string }
  | { readonly code: 'unknown-cancellation'; readonly cancellationId: string }
  | { readonly code: 'already-approved' }
  | { readonly code: 'order-cancelled' }
  | { readonly code: 'address-incomplete'; readonly missing: string }
  | {
      readonly code: 'not-cancellable';
      /** Units of the lines asked for that can still be cancelled. */
      readonly open: number;
      readonly lines: readonly (LineWish & { readonly open: number })[];
    };

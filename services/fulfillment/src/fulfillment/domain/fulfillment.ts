import type { Address, Message } from '@throughline/kernel';

/** Most packages of one fulfillment: one hand-over, and one message about it, can name them all. */
export const PACKAGES_MAX = 200;

export type DeliveryMethod = 'ship' | 'pickup' | 'counter';
export type Receiver = 'carrier' | 'customer';

/** How the customer gets the goods. `shipTo` is null where they are handed over at `locationId`. */
export type Delivery = {
  readonly method: DeliveryMethod;
  readonly service: string;
  readonly locationId: string | null;
  readonly promisedBy: string | null;
  /** The location gets the work then (ISO 8601, UTC); absent: at once. */
  readonly notBefore?: string;
  readonly shipTo: Address | null;
};

/** Units of one line, as a scan names them. */
export type LineWork = { readonly lineId: string; readonly quantity: number };
export type LineQuantity = LineWork & { readonly sku: string };

/**
 * How far one line is: released = to pick + picked + shorted + cancelled and picked >= packed >= handedOver.
 * `picked` includes what is packed, `packed` what is handed over.
 */
export type LineProgress = {
  readonly lineId: string;
  readonly sku: string;
  readonly released: number;
  readonly picked: number;
  readonly packed: number;
  readonly handedOver: number;
  readonly shorted: number;
  readonly cancelled: number;
};

/** What an event did to one line: how many units it is about, and where the line stands after it. */
export type MovedLine = { readonly quantity: number; readonly after: LineProgress };

/** Which work it is. Every event says it, so that each can be told to others by itself. */
export type Assignment = {
  readonly orderId: string;
  readonly locationId: string;
  readonly attempt: number;
};

export type Release = Assignment & {
  readonly orderNumber: string;
  readonly delivery: Delivery;
  readonly lines: readonly LineQuantity[];
};

export type Label = {
  readonly packageId: string;
  readonly shipmentId: string;
  readonly carrier: string;
  readonly trackingNumber: string;
};

export type PickItems = { readonly scanId: string; readonly lines: readonly LineWork[] };
export type ShortItems = PickItems & { readonly reason: string };
export type ClosePackage = {
  readonly packageId: string;
  /** Null: everything that is picked and not packed. */
  readonly lines: readonly LineWork[] | null;
  readonly weightGrams: number | null;
};
/** `receiver` null: whoever the delivery method says. */
export type HandOver = { readonly handOverId: string; readonly receiver: Receiver | null };
/** `orderId`: whose goods are wanted back; a recall for another order is not for this fulfillment. */
export type RecallLines = {
  readonly recallId: string;
  readonly orderId: string;
  readonly lines: readonly LineQuantity[];
};

export type FulfillmentCommand =
  /** `at`: when it is carried out (ISO 8601, UTC). */
  | Message<'ReleaseFulfillment', Release & { readonly at: string }>
  | Message<'ReleaseDue', { readonly at: string }>
  | Message<'AcceptWork', null>
  | Message<'RejectWork', { readonly reason: string }>
  | Message<'PickItems', PickItems>
  | Message<'ShortItems', ShortItems>
  | Message<'ClosePackage', ClosePackage>
  | Message<'AttachLabel', Label>
  | Message<'HandOver', HandOver>
  | Message<'RecallLines', RecallLines>;

/** A package, and its shipment where it had been labelled. */
export type PackageLabel = { readonly packageId: string; readonly shipmentId: string | null };

type Moved = Assignment & { readonly lines: readonly MovedLine[] };

export type FulfillmentEvent =
  | Message<'FulfillmentReleased', Release>
  /** The location is to get the work, but not before the time that the delivery names. */
  | Message<'FulfillmentScheduled', Release>
  /** Scheduled work is the location's from now on: as much of each line as was not recalled before. */
  | Message<'ScheduleEnded', Moved>
  | Message<'WorkAccepted', Assignment>
  | Message<'WorkRejected', Moved & { readonly reason: string }>
  | Message<'ItemsPicked', Moved & { readonly scanId: string }>
  | Message<'ItemsShorted', Moved & { readonly scanId: string; readonly reason: string }>
  | Message<
      'PackageClosed',
      Moved & {
        readonly packageId: string;
        readonly weightGrams: number | null;
        readonly orderNumber: string;
        readonly delivery: Delivery;
      }
    >
  | Message<'PackageLabelled', Label>
  | Message<
      'GoodsHandedOver',
      Moved & {
        readonly handOverId: string;
        readonly receiver: Receiver;
        readonly packages: readonly PackageLabel[];
      }
    >
  | Message<
      'LinesRecalled',
      /** `lines`: what was given up; quantity 0 where only a reopened package moved the line. */
      Moved & {
        readonly recallId: string;
        readonly refused: readonly LineQuantity[];
        /** Packages that were opened to get at recalled goods; their labels are void. */
        readonly reopened: readonly PackageLabel[];
      }
    >;

export type FulfillmentRejection =
  | { readonly code: 'unknown-fulfillment' }
  | { readonly code: 'fulfillment-closed' }
  | { readonly code: 'not-released-yet'; readonly notBefore: string }
  | { readonly code: 'unknown-line'; readonly lineId: string }
  | { readonly code: 'unknown-package'; readonly packageId: string }
  | ({ readonly code: 'over-pick' } & Surplus)
  | ({ readonly code: 'over-short' } & Surplus)
  | ({ readonly code: 'over-pack' } & Surplus)
  | { readonly code: 'nothing-to-pack' }
  | { readonly code: 'too-many-packages'; readonly packagesMax: number }
  | { readonly code: 'package-reopened'; readonly packageId: string }
  | { readonly code: 'nothing-to-hand-over'; readonly unlabelled: number }
  | {
      readonly code: 'wrong-receiver';
      readonly receiver: Receiver;
      readonly method: DeliveryMethod;
    }
  | { readonly code: 'nothing-to-reject' }
  | { readonly code: 'scan-reused'; readonly scanId: string };

/** More than there is on a line. */
export type Surplus = {
  readonly lineId: string;
  readonly requested: number;
  readonly open: number;
};

export type Package = {
  readonly lines: readonly LineQuantity[];
  readonly shipmentId: string | null;
  readonly state: 'packed' | 'handed-over' | 'reopened';
};

export type Fulfillment = {
  readonly assignment: Assignment | null;
  readonly orderNumber: string;
  readonly delivery: Delivery | null;
  /** When the location gets the work; null once it has it. */
  readonly scheduledFor: string | null;
  readonly lines: ReadonlyMap<string, LineProgress>;
  /** By package id, in the order in which they were closed. */
  readonly packages: ReadonlyMap<string, Package>;
  /** What each scan, package, hand-over and recall said, by its kind and id. */
  readonly scans: ReadonlyMap<string, string>;
  readonly accepted: boolean;
  readonly rejected: boolean;
};

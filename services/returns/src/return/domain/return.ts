import type { Message } from '@throughline/kernel';

export type ReturnKind = 'customer' | 'return-to-origin';
export type Disposition =
  'restock' | 'refurbish' | 'repair' | 'donate' | 'write-off' | 'return-to-vendor';

export type Units = { readonly lineId: string; readonly quantity: number };
export type Goods = Units & { readonly sku: string };
export type JudgedUnits = Units & { readonly disposition: Disposition };
export type JudgedGoods = Goods & { readonly disposition: Disposition };

export type ReturnCommand =
  | Message<'RecordDelivery', { readonly deliveryId: string; readonly lines: readonly Goods[] }>
  | Message<
      'OpenReturnToOrigin',
      {
        readonly orderId: string;
        readonly shipmentId: string;
        /** Where the parcel came from, and is expected again. */
        readonly locationId: string;
        readonly lines: readonly Goods[];
      }
    >
  /** A lost parcel is settled with the customer, who keeps these units of it should it turn up. */
  | Message<'WriteOffParcel', { readonly shipmentId: string; readonly lines: readonly Goods[] }>
  | Message<
      'RequestReturn',
      { readonly orderId: string; readonly lines: readonly Units[]; readonly reason: string }
    >
  | Message<'ApproveReturn', { readonly returnId: string }>
  | Message<
      'ReceiveReturn',
      {
        readonly returnId: string;
        readonly locationId: string;
        /** Null: everything that is still expected. */
        readonly lines: readonly Units[] | null;
      }
    >
  | Message<
      'InspectReturn',
      {
        readonly returnId: string;
        /** Where the goods are; null: the one place where some wait for inspection. */
        readonly locationId: string | null;
        /** Null: everything received and not inspected yet, back to stock. */
        readonly lines: readonly JudgedUnits[] | null;
        /** The customer gets the value of these units back. */
        readonly refund: boolean;
      }
    >;

export type ReturnEvent =
  | Message<'GoodsDelivered', { readonly deliveryId: string; readonly lines: readonly Goods[] }>
  | Message<
      'ReturnToOriginOpened',
      {
        readonly returnId: string;
        readonly shipmentId: string;
        readonly locationId: string;
        readonly lines: readonly Goods[];
      }
    >
  /** These goods of a parcel that is back came from the customer before: nothing more of them is expected. */
  | Message<
      'ReturnToOriginCovered',
      { readonly shipmentId: string; readonly lines: readonly Goods[] }
    >
  /** The customer cannot have these units: the parcel that they were in is back, or was written off. */
  | Message<
      'ReturnClaimVoided',
      { readonly returnId: string; readonly shipmentId: string; readonly lines: readonly Goods[] }
    >
  | Message<'ParcelWrittenOff', { readonly shipmentId: string; readonly lines: readonly Goods[] }>
  | Message<
      'ReturnRequested',
      { readonly returnId: string; readonly reason: string; readonly lines: readonly Goods[] }
    >
  | Message<'ReturnApproved', { readonly returnId: string }>
  | Message<
      'ReturnReceived',
      {
        readonly returnId: string;
        readonly kind: ReturnKind;
        readonly locationId: string;
        readonly lines: readonly Goods[];
      }
    >
  | Message<
      'ReturnInspected',
      {
        readonly returnId: string;
        readonly kind: ReturnKind;
        readonly locationId: string;
        readonly refund: boolean;
        /** Of a parcel that came back. */
        readonly shipmentId?: string;
        readonly lines: readonly JudgedGoods[];
      }
    >;

/** More was asked of a line than there is. */
export type Excess = {
  readonly lineId: string;
  readonly requested: number;
  readonly open: number;
};

export type ReturnRejection =
  /** Nothing of this order has reached the customer, or there is no such order. */
  | { readonly code: 'nothing-delivered'; readonly orderId: string }
  | {
      readonly code: 'not-returnable';
      readonly lines: readonly {
        readonly lineId: string;
        readonly requested: number;
        readonly returnable: number;
      }[];
    }
  | { readonly code: 'return-unknown'; readonly returnId: string }
  | { readonly code: 'return-voided'; readonly returnId: string }
  | { readonly code: 'not-approved'; readonly returnId: string }
  | { readonly code: 'over-receipt'; readonly lines: readonly Excess[] }
  | { readonly code: 'not-received'; readonly returnId: string }
  | { readonly code: 'over-inspection'; readonly lines: readonly Excess[] }
  | { readonly code: 'location-needed'; readonly locationIds: readonly string[] };

/** One return: how many units of each line are claimed, and how many have come. */
export type Return = {
  readonly kind: ReturnKind;
  /** The parcel that came back; null for the customer's own. */
  readonly shipmentId: string | null;
  readonly isApproved: boolean;
  readonly lines: ReadonlyMap<
    string,
    { readonly sku: string; readonly claimed: number; readonly received: number }
  >;
  /** Units that wait for inspection, by location and line; no entry is zero. */
  readonly waiting: ReadonlyMap<string, ReadonlyMap<string, number>>;
};

/** All returns of one order. */
export type OrderReturns = {
  /** What reached the customer, and how much of it the customer's returns claim. */
  readonly delivered: ReadonlyMap<
    string,
    { readonly sku: string; readonly quantity: number; readonly claimed: number }
  >;
  /** Parcels and collections that reached the customer, and what of each counts as being with the customer. */
  readonly deliveries: ReadonlyMap<string, readonly Goods[]>;
  /** Units of parcels that were settled as lost: should they turn up, no return can claim them. */
  readonly writtenOff: ReadonlyMap<string, readonly Goods[]>;
  /** Parcels that came back to where they came from. */
  readonly origins: ReadonlySet<string>;
  readonly returns: ReadonlyMap<string, Return>;
};

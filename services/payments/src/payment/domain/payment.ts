import type { Message } from '@throughline/kernel';

export type PaymentMethod =
  'card' | 'wallet' | 'bank' | 'cod' | 'invoice' | 'gift-card' | 'store-credit' | 'other';
export type MeansStatus = 'pending' | 'authorized' | 'paid' | 'failed';

/** One way in which the customer pays, as the channel stated it. */
export type Means = {
  readonly method: PaymentMethod;
  readonly status: MeansStatus;
  readonly amountMinor: number;
  readonly reference: string | null;
};

/** A line and its share of the order's total; the shares of all lines add up to the total. */
export type PricedLine = {
  readonly lineId: string;
  readonly quantity: number;
  readonly valueMinor: number;
};

export type Units = { readonly lineId: string; readonly quantity: number };

/** What was agreed when the order was placed. */
export type Agreement = {
  readonly currency: string;
  readonly totalMinor: number;
  readonly payments: readonly Means[];
  readonly lines: readonly PricedLine[];
};

export type HandOver = { readonly fulfillmentId: string; readonly lines: readonly Units[] };
export type DeclineReason = 'failed' | 'missing' | 'pending' | 'insufficient';
export type RefundReason = 'return' | 'cancellation' | 'loss' | 'manual';

/** Goods that came back. `shipmentId`: the parcel that came back to its origin. */
export type Returned = {
  readonly returnId: string;
  readonly shipmentId?: string;
  readonly lines: readonly Units[];
};
/** Goods that a carrier lost and that are not sent again. */
export type Loss = {
  readonly settlementId: string;
  readonly shipmentId: string;
  readonly lines: readonly Units[];
};
/** Goods that were lost and are handed over a second time. `shipmentId`: the parcel in which they were lost. */
export type Resending = {
  readonly requestId: string;
  readonly shipmentId?: string;
  readonly lines: readonly Units[];
};

export type PaymentCommand =
  | Message<'VerifyPayment', Agreement>
  | Message<'SettleHandOver', HandOver>
  | Message<
      'SettleCancellation',
      { readonly cancellationId: string; readonly lines: readonly Units[] }
    >
  | Message<'SettleReturn', Returned>
  | Message<'SettleLoss', Loss>
  | Message<'SendAgain', Resending>
  | Message<
      'RefundPayment',
      {
        readonly refundId: string;
        /** Decimal string with exactly the decimals of the order's currency. */
        readonly amount: string;
        readonly note: string;
      }
    >;

export type PaymentEvent =
  | Message<'PaymentAuthorized', Agreement & { readonly coveredMinor: number }>
  | Message<
      'PaymentDeclined',
      Agreement & { readonly coveredMinor: number; readonly reason: DeclineReason }
    >
  /** Goods left before this service knew the order: charged as soon as it does. */
  | Message<'HandOverNoted', HandOver>
  /** `amountMinor` is the value of the units, none for those that were charged with the parcel that was lost; the parts beside it say where it did not come from money already paid. */
  | Message<
      'PaymentCaptured',
      HandOver & {
        readonly currency: string;
        readonly amountMinor: number;
        readonly fromAuthorizationMinor: number;
        readonly receivableMinor: number;
      }
    >
  | Message<'UnitsCancelled', { readonly cancellationId: string; readonly lines: readonly Units[] }>
  | Message<'AuthorizationVoided', { readonly amountMinor: number; readonly referenceId: string }>
  | Message<'UnitsReturned', Returned>
  | Message<'UnitsLost', Loss>
  | Message<'UnitsSentAgain', Resending>
  | Message<
      'PaymentRefunded',
      {
        readonly currency: string;
        readonly amountMinor: number;
        readonly reason: RefundReason;
        readonly referenceId: string;
        readonly note: string | null;
      }
    >;

export type PaymentRejection =
  | { readonly code: 'payment-unknown' }
  | { readonly code: 'amount-malformed'; readonly currency: string }
  | {
      readonly code: 'refund-exceeds-captured';
      readonly requestedMinor: number;
      readonly refundableMinor: number;
      readonly currency: string;
    };

/** Units of one line, each kind cumulative. `quantity` is 0 while the order is not known yet. */
export type LineUnits = {
  readonly quantity: number;
  readonly valueMinor: number;
  readonly handedOver: number;
  readonly cancelled: number;
  /** Given back for: returned, or lost and not sent again. */
  readonly returned: number;
  /** Of `handedOver`, now or later: sent a second time, because the first parcel was lost. */
  readonly again: number;
};

/** Values of the units of one line, or of all lines, in minor units. */
export type UnitValues = {
  readonly handedOver: number;
  readonly cancelled: number;
  readonly returned: number;
};

/** A lost parcel may turn up at its origin: its units are given back once, and not if they were sent again. */
export type ParcelUnits = {
  readonly lost: number;
  readonly returned: number;
  readonly again: number;
};

export type Payment = {
  /** Undefined until the order is known. */
  readonly agreed:
    | {
        readonly currency: string;
        readonly totalMinor: number;
        /** Already received when the order was placed. */
        readonly paidMinor: number;
        readonly authorizedMinor: number;
      }
    | undefined;
  readonly lines: ReadonlyMap<string, LineUnits>;
  readonly values: UnitValues;
  /** Hand-overs that wait for the order to become known. */
  readonly noted: readonly HandOver[];
  /** What was moved so far, in minor units. */
  readonly booked: {
    /** The value of all goods handed over, those that are sent again once. */
    readonly charged: number;
    readonly fromAuthorization: number;
    readonly voided: number;
    readonly refunded: number;
    /** The part of `refunded` that people decided on. */
    readonly manual: number;
  };
  /** Units of parcels that were settled as lost or came back to their origin, by parcel and line. */
  readonly parcels: ReadonlyMap<string, ParcelUnits>;
  /** The latest cancellation, return or loss: money that becomes due to the customer is explained by it. */
  readonly givenBack:
    { readonly reason: Exclude<RefundReason, 'manual'>; readonly referenceId: string } | undefined;
};

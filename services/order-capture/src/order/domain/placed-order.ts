type Maybe<Value> = Value | null | undefined;

/** An address as a channel states it. */
export type RequestedAddress = {
  readonly personal?: Maybe<{
    readonly name?: Maybe<string>;
    readonly phone?: Maybe<string>;
    readonly lines?: Maybe<readonly string[]>;
  }>;
  readonly city?: Maybe<string>;
  readonly region?: Maybe<string>;
  readonly postalCode?: Maybe<string>;
  readonly country?: Maybe<string>;
  readonly verified?: Maybe<boolean>;
};

export type Method = 'ship' | 'pickup' | 'counter';

/**
 * The canonical order as a channel states it: amounts are decimal strings, times are UTC already.
 */
export type OrderRequest = {
  readonly channel: string;
  readonly externalId: string;
  readonly placedAt: string;
  readonly currency: string;
  readonly taxIncluded?: Maybe<boolean>;
  readonly customer?: Maybe<{
    readonly id?: Maybe<string>;
    readonly type?: Maybe<'consumer' | 'business'>;
    readonly personal?: Maybe<{
      readonly name?: Maybe<string>;
      readonly email?: Maybe<string>;
      readonly phone?: Maybe<string>;
    }>;
  }>;
  readonly shipTo?: Maybe<RequestedAddress>;
  readonly billTo?: Maybe<RequestedAddress>;
  readonly fulfillment?: Maybe<{
    readonly method: Method;
    readonly service?: Maybe<string>;
    readonly locationId?: Maybe<string>;
    readonly promisedBy?: Maybe<string>;
    readonly notBefore?: Maybe<string>;
  }>;
  readonly payments?: Maybe<
    readonly {
      readonly method: PaymentMethod;
      readonly status: PaymentStatus;
      readonly amount: string;
      readonly reference?: Maybe<string>;
    }[]
  >;
  readonly lines: readonly RequestedLine[];
  readonly shipping?: Maybe<{ readonly price: string; readonly tax?: Maybe<string> }>;
  readonly discounts?: Maybe<
    readonly {
      readonly amount: string;
      readonly code?: Maybe<string>;
      readonly description?: Maybe<string>;
    }[]
  >;
  readonly total: string;
  readonly purchaseOrder?: Maybe<string>;
  readonly notes?: Maybe<string>;
  readonly tags?: Maybe<readonly string[]>;
  readonly attributes?: Maybe<Attributes>;
};

/**
 * From when to when (ISO 8601, UTC) the location that an order names takes part: from the first instant on and
 * before the second; null where there is none.
 */
export type Opening = { readonly from: string | null; readonly to: string | null };

export type RequestedLine = {
  readonly lineId: string;
  readonly sku: string;
  readonly name?: Maybe<string>;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly discount?: Maybe<string>;
  readonly tax?: Maybe<string>;
  readonly reservationId?: Maybe<string>;
  readonly attributes?: Maybe<Attributes>;
};

export type PaymentMethod =
  'card' | 'wallet' | 'bank' | 'cod' | 'invoice' | 'gift-card' | 'store-credit' | 'other';
export type PaymentStatus = 'pending' | 'authorized' | 'paid' | 'failed';
type Attributes = Readonly<Record<string, unknown>>;

/** Who lives there stands in `personal`, so that a person can be forgotten. */
export type PlacedAddress = {
  readonly personal: {
    readonly subjectId: string;
    readonly name: string | null;
    readonly phone: string | null;
    readonly lines: readonly string[];
  };
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly verified: boolean;
};

/**
 * A line as accepted. What it does not have is left out, because orders may have thousands of
 * lines.
 */
export type PlacedLine = {
  readonly lineId: string;
  readonly sku: string;
  readonly name?: string;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly discountMinor?: number;
  readonly taxMinor?: number;
  /** The line's share of the order's total; the shares of all lines add up to it exactly. */
  readonly valueMinor: number;
  readonly reservationId?: string;
  readonly attributes?: Attributes;
};

/** An order as accepted: money in integer minor units of its currency, times in UTC. */
export type PlacedOrder = {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly channel: string;
  readonly externalId: string;
  readonly placedAt: string;
  /** Where lists have it, if `placedAt` is so far ahead that it would head them for long. */
  readonly listedAt?: string;
  readonly acceptedAt: string;
  readonly currency: string;
  readonly taxIncluded: boolean;
  readonly totalMinor: number;
  readonly customer: {
    readonly id: string | null;
    readonly type: 'consumer' | 'business';
    readonly personal: {
      readonly subjectId: string;
      readonly name: string | null;
      readonly email: string | null;
      readonly phone: string | null;
    };
  };
  readonly shipTo: PlacedAddress | null;
  readonly billTo: PlacedAddress | null;
  readonly fulfillment: {
    readonly method: Method;
    readonly service: string;
    readonly locationId: string | null;
    readonly promisedBy: string | null;
    readonly notBefore: string | null;
  };
  readonly payments: readonly {
    readonly method: PaymentMethod;
    readonly status: PaymentStatus;
    readonly amountMinor: number;
    readonly reference: string | null;
  }[];
  readonly lines: readonly PlacedLine[];
  /**
   * Of the checkout holds that lines name, only those of this channel may be used: the key that placed the order is limited
   * to channels. Absent: any.
   */
  readonly holdsOfChannel?: string;
  readonly shipping: { readonly priceMinor: number; readonly taxMinor: number } | null;
  readonly discounts: readonly {
    readonly amountMinor: number;
    readonly code: string | null;
    readonly description: string | null;
  }[];
  readonly purchaseOrder: string | null;
  /** Free text by or about a person. */
  readonly notes: {
    readonly personal: { readonly subjectId: string; readonly text: string };
  } | null;
  readonly tags: readonly string[];
  readonly attributes: Attributes;
};

/** What other services report of an order. */

export type LineWish = { readonly lineId: string; readonly quantity: number };

export type Sourcing = {
  readonly attempt: number;
  readonly allocations: readonly {
    readonly fulfillmentId: string;
    readonly locationId: string;
    readonly lines: readonly LineWish[];
  }[];
  /** All of the order that waits for stock after this attempt. */
  readonly backordered: readonly WaitingLine[];
  /** When it was told; absent in older events. */
  readonly at?: string;
};
/** `promisedOn`: when stock is expected for what waits; absent where it is not known. */
export type WaitingLine = LineWish & { readonly promisedOn?: string };
export type Promises = {
  readonly lines: readonly WaitingLine[];
  /** When it was told; absent in older events. */
  readonly at?: string;
};
export type SourcingFailure = {
  readonly attempt: number;
  readonly reason: string;
  readonly at: string;
  /** Those that no catalogue lists, where that is why. */
  readonly skus?: readonly string[];
};
export type Recall = {
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
export type ProgressTold = Progress & { readonly granted?: readonly LineWish[] };

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

/** A carrier reports a parcel whose hand-over has not been told in time. */
export type EarlyTracking = Pick<ParcelContent, 'carrier' | 'trackingNumber'> & {
  readonly shipmentId: string;
  readonly at: string;
};

export type ReturnFact = {
  readonly returnId: string;
  readonly kind: 'customer' | 'return-to-origin';
  readonly step: 'received' | 'inspected';
  readonly at: string;
  readonly lines: readonly (LineWish & { readonly disposition?: string })[];
};

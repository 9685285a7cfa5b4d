/** Where the units of a line, an order or an SKU are; every unit ordered is in exactly one other bucket. */
export const BUCKETS = [
  'open',
  'backordered',
  'sourced',
  'picked',
  'packed',
  'shipped',
  'delivered',
  'returnedToOrigin',
  'lost',
  'cancelled',
] as const;
export type Bucket = (typeof BUCKETS)[number];
/** `returned` is a part of `delivered`. */
export type Quantities = Readonly<Record<Bucket | 'ordered' | 'returned', number>>;

/** An order as `GET /v1/orders?include=lines` lists it. */
export type ListedOrder = {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly channel: string;
  readonly externalId: string;
  readonly status: string;
  readonly holds: readonly { readonly kind: string; readonly reason: string | null }[];
  readonly exceptions: readonly string[];
  readonly units: Quantities;
  readonly lines: readonly {
    readonly lineId: string;
    readonly sku: string;
    readonly quantities: Quantities;
  }[];
};

/** An exception as `GET /v1/exceptions` lists it. */
export type ListedException = {
  readonly orderId: string;
  readonly class: string;
  readonly reason: string | null;
  readonly nextActions: readonly string[];
};

/** A place in inventory's queue. */
export type QueuedLine = { readonly sku: string; readonly quantity: number };

/** What inventory has of an SKU at a location. */
export type StockLevel = { readonly sku: string; readonly reserved: number };

/** Stock that a checkout holds for a while; an order may take it over, or it is given back. */
export type HeldLine = {
  readonly sku: string;
  readonly quantity: number;
  readonly consumed: number;
  readonly released: number;
};

/** One thing that does not agree. */
export type Difference = {
  readonly check: string;
  /** The order or SKU it is about. */
  readonly subject: string;
  readonly detail: string;
};

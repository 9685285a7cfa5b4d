/** What the system answers, as far as the histories look at it. */

export const HANDED_OVER = ['shipped', 'delivered', 'returnedToOrigin', 'lost'] as const;
export const UNDER_WAY = ['open', 'backordered', 'sourced', 'picked', 'packed', 'shipped'] as const;

export type Quantities = Readonly<
  Record<
    | (typeof HANDED_OVER)[number]
    | (typeof UNDER_WAY)[number]
    | 'ordered'
    | 'cancelled'
    | 'returned',
    number
  >
>;

export type OrderLine = {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly value: string;
  readonly promisedOn: string | null;
  readonly cancelling: number;
  readonly quantities: Quantities;
};

export type OrderView = {
  readonly orderId: string;
  readonly status: string;
  readonly units: Quantities;
  readonly exceptions: readonly string[];
  readonly holds: readonly { readonly holdId: string; readonly kind: string }[];
  readonly lines: readonly OrderLine[];
  readonly fulfillments: readonly { readonly fulfillmentId: string }[];
};

export type FulfillmentLine = {
  readonly lineId: string;
  readonly quantity: number;
  readonly picked: number;
  readonly packed: number;
  readonly handedOver: number;
  readonly shorted: number;
  readonly cancelled: number;
};

export type FulfillmentView = {
  readonly fulfillmentId: string;
  readonly locationId: string;
  readonly status: string;
  readonly method: string;
  readonly lines: readonly FulfillmentLine[];
  readonly packages: readonly {
    readonly packageId: string;
    readonly shipmentId: string | null;
    readonly handedOverAt: string | null;
  }[];
};

export type ExceptionView = {
  readonly exceptionId: string;
  readonly class: string;
  readonly reason: string;
  readonly nextActions: readonly string[];
};

export type ReturnView = {
  readonly returnId: string;
  readonly kind: string;
  readonly status: string;
  readonly locationId: string | null;
  readonly lines: readonly {
    readonly lineId: string;
    readonly quantity: number;
    readonly received: number;
    readonly inspected: number;
  }[];
};

export type StockView = {
  readonly sku: string;
  readonly locationId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
};

export type MovementView = {
  readonly movementId: string;
  readonly type: string;
  readonly sku: string;
  readonly locationId: string;
  readonly condition: string;
  readonly quantity: number;
  readonly before: number;
  readonly after: number;
  readonly reference: string | null;
};

export type WaitingView = {
  readonly orderId: string;
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly offered: number;
  readonly onlyLocationId: string | null;
};

export type PaymentView = {
  readonly captured: string;
  readonly refunded: string;
  readonly receivable: string;
  readonly earned: string;
  readonly liability: string;
};

/** What tells whether anything of an order has changed. */
export const signatureOf = ({ status, exceptions, lines }: OrderView): string =>
  JSON.stringify([
    status,
    exceptions,
    lines.map(({ quantities, cancelling }) => [quantities, cancelling]),
  ]);

/** Nothing of it is on its way, to come, or waiting for a person. */
export const isAtRest = ({ exceptions, lines, holds }: OrderView): boolean =>
  exceptions.length === 0 &&
  holds.length === 0 &&
  lines.every(
    ({ quantities, cancelling }) =>
      cancelling === 0 && UNDER_WAY.every((bucket) => quantities[bucket] === 0),
  );

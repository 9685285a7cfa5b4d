import {
  BackordersPromised,
  FulfillmentHandedOver,
  FulfillmentPacked,
  FulfillmentPicked,
  FulfillmentRecalled,
  FulfillmentRejected,
  FulfillmentReleased,
  FulfillmentShorted,
  OrderBackordered,
  OrderSourced,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  RecallRequested,
  ReturnInspected,
  ReturnReceived,
  ShipmentDelivered,
  ShipmentDeliveryFailed,
  ShipmentInTransit,
  ShipmentLabelled,
  ShipmentLost,
  type ShipmentReturnedToOrigin,
  SourcingFailed,
  type CanonicalOrder,
  type ContractClass,
} from '@throughline/contracts';

export const AT = '2026-11-01T10:00:00.000Z';

const units = (quantity: number) => [{ lineId: '1', sku: 'A', quantity }];

/** Six units of A for 12.00 GBP to London. */
export const canonicalOrder = (
  externalId: string,
  overrides: Partial<CanonicalOrder> = {},
): CanonicalOrder => ({
  channel: 'web',
  externalId,
  placedAt: '2026-11-01T09:30:00Z',
  currency: 'GBP',
  customer: { id: 'c-17', personal: { name: 'Ada Lovelace', email: 'ada@example.com' } },
  shipTo: {
    personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
    city: 'London',
    postalCode: 'SW1Y 4JH',
    country: 'GB',
  },
  payments: [{ method: 'card', status: 'authorized', amount: '12.00', reference: 'ch_1' }],
  lines: [{ lineId: '1', sku: 'A', name: 'A thing', quantity: 6, unitPrice: '2.00' }],
  total: '12.00',
  ...overrides,
});

type Told = readonly [type: ContractClass, data: object];

export const paymentAuthorized = (orderId: string): PaymentAuthorized => ({
  orderId,
  currency: 'GBP',
  coveredMinor: 1200,
});

export const paymentDeclined = (orderId: string): PaymentDeclined => ({
  orderId,
  currency: 'GBP',
  coveredMinor: 0,
  totalMinor: 1200,
  reason: 'failed',
});

export const orderSourced = (
  orderId: string,
  allocated: number,
  waiting: number,
): OrderSourced => ({
  orderId,
  orderNumber: 'N',
  attempt: 1,
  priority: 0,
  delivery: {
    method: 'ship',
    service: 'standard',
    locationId: null,
    promisedBy: null,
    shipTo: null,
  },
  allocations: [{ fulfillmentId: `f-${orderId}`, locationId: 'london', lines: units(allocated) }],
  backordered:
    waiting === 0 ? [] : [{ ...units(waiting)[0]!, promisedOn: '2026-11-20T00:00:00.000Z' }],
});

export const backordersPromised = (
  orderId: string,
  promisedOn: string | null,
): BackordersPromised => ({ orderId, lines: [{ ...units(2)[0]!, promisedOn }] });

export const sourcingFailed = (orderId: string): SourcingFailed => ({
  orderId,
  attempt: 1,
  reason: 'no-location',
});

type Numbers = Partial<
  Record<'picked' | 'packed' | 'handedOver' | 'shorted' | 'cancelled', number>
>;

const progressOf = (orderId: string, released: number, numbers: Numbers) => ({
  orderId,
  fulfillmentId: `f-${orderId}`,
  locationId: 'london',
  attempt: 1,
  at: AT,
  progress: [
    {
      lineId: '1',
      sku: 'A',
      released,
      picked: 0,
      packed: 0,
      handedOver: 0,
      shorted: 0,
      cancelled: 0,
      ...numbers,
    },
  ],
});

const parcelOf = (orderId: string, quantity: number) => ({
  orderId,
  shipmentId: `s-${orderId}`,
  fulfillmentId: `f-${orderId}`,
  packageId: 'p1',
  locationId: 'london',
  at: AT,
  carrier: 'acme',
  trackingNumber: 'T-1',
  lines: units(quantity),
});

export const shipmentLost = (orderId: string): ShipmentLost => parcelOf(orderId, 4);
export const shipmentDelivered = (orderId: string): ShipmentDelivered => ({
  ...parcelOf(orderId, 4),
  at: '2026-11-05T10:00:00.000Z',
});
export const shipmentReturned = (orderId: string): ShipmentReturnedToOrigin => parcelOf(orderId, 4);
export const deliveryFailed = (orderId: string): ShipmentDeliveryFailed => ({
  ...parcelOf(orderId, 4),
  reason: 'Nobody at home',
});

/**
 * What the other services tell about an order of six units, of which two wait for stock, in order.
 */
export const milestonesOf = (orderId: string): readonly Told[] => {
  const returned = { orderId, returnId: `${orderId}.1`, kind: 'customer', at: AT } as const;
  const packed = {
    orderNumber: 'N',
    packageId: 'p1',
    weightGrams: 100,
    delivery: orderSourced(orderId, 4, 2).delivery,
    lines: units(4),
  };
  return [
    [PaymentDeclined, paymentDeclined(orderId)],
    [PaymentAuthorized, paymentAuthorized(orderId)],
    [SourcingFailed, sourcingFailed(orderId)],
    [
      OrderBackordered,
      { orderId, attempt: 1, backordered: orderSourced(orderId, 1, 6).backordered },
    ],
    [OrderSourced, { ...orderSourced(orderId, 4, 2), attempt: 2 }],
    [BackordersPromised, backordersPromised(orderId, '2026-11-27T00:00:00.000Z')],
    [
      RecallRequested,
      {
        orderId,
        recallId: 'r1',
        fulfillmentId: `f-${orderId}`,
        reason: 'revoked',
        lines: units(1),
      },
    ],
    [FulfillmentReleased, progressOf(orderId, 4, {})],
    [
      FulfillmentRecalled,
      { ...progressOf(orderId, 4, {}), recallId: 'r1', lines: [], refused: units(1) },
    ],
    [
      FulfillmentShorted,
      { ...progressOf(orderId, 4, { shorted: 1 }), reason: 'gone', lines: units(1) },
    ],
    [
      FulfillmentRejected,
      { ...progressOf(orderId, 4, { shorted: 1 }), reason: 'no', lines: units(1) },
    ],
    [FulfillmentPicked, progressOf(orderId, 4, { picked: 3, shorted: 1 })],
    [
      FulfillmentPacked,
      { ...progressOf(orderId, 4, { picked: 3, packed: 3, shorted: 1 }), ...packed },
    ],
    [ShipmentLabelled, parcelOf(orderId, 2)],
    [
      FulfillmentHandedOver,
      {
        ...progressOf(orderId, 4, { picked: 3, packed: 3, handedOver: 2, shorted: 1 }),
        receiver: 'carrier',
        packages: [{ packageId: 'p1', shipmentId: `s-${orderId}` }],
        lines: units(2),
      },
    ],
    [
      FulfillmentHandedOver,
      {
        ...progressOf(orderId, 4, { picked: 3, packed: 3, handedOver: 3, shorted: 1 }),
        receiver: 'customer',
        packages: [{ packageId: 'p2', shipmentId: null }],
        lines: units(1),
      },
    ],
    [
      PaymentCaptured,
      { orderId, fulfillmentId: `f-${orderId}`, currency: 'GBP', amountMinor: 600 },
    ],
    [ShipmentInTransit, parcelOf(orderId, 2)],
    [ShipmentDeliveryFailed, { ...parcelOf(orderId, 2), reason: 'Nobody at home' }],
    [ShipmentLost, { ...parcelOf(orderId, 2), at: '2026-11-05T10:00:00.000Z' }],
    [ShipmentDelivered, { ...parcelOf(orderId, 2), at: '2026-11-04T10:00:00.000Z' }],
    [ReturnReceived, { ...returned, locationId: 'london', lines: units(2) }],
    [
      ReturnInspected,
      {
        ...returned,
        locationId: 'london',
        refund: true,
        lines: [{ ...units(2)[0]!, disposition: 'restock' }],
      },
    ],
    [
      PaymentRefunded,
      { orderId, currency: 'GBP', amountMinor: 400, reason: 'return', referenceId: 'r' },
    ],
  ];
};

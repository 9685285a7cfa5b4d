import type { OrderCommand, OrderEvent, ParcelStatus, Progress } from './order.js';
import type { LineProgress, LineWish, WaitingLine } from './order.js';
import type { OrderRequest, PlacedAddress, PlacedOrder } from './placed-order.js';

export type Command<Type extends OrderCommand['type']> = Extract<
  OrderCommand,
  { readonly type: Type }
>;
export type Event<Type extends OrderEvent['type']> = Extract<OrderEvent, { readonly type: Type }>;

export const ORDER_ID = 'b2d9f0c4-9d1e-5a7b-8c3d-2e4f6a8b0c1d';
export const ORDER_NUMBER = '7K3M-9QXW-2TFA';
export const AT = '2026-11-01T10:00:00.000Z';
export const LATER = '2026-11-01T11:00:00.000Z';

export const address: PlacedAddress = {
  personal: {
    subjectId: ORDER_ID,
    name: 'Ada Lovelace',
    phone: null,
    lines: ["12 St James's Square"],
  },
  city: 'London',
  region: null,
  postalCode: 'SW1Y 4JH',
  country: 'GB',
  verified: false,
};

/** The order of `lines`, one unit of which costs 1.00. */
export const placedOrder = (
  lines: readonly (readonly [lineId: string, quantity: number])[] = [['1', 5]],
  overrides: Partial<PlacedOrder> = {},
): PlacedOrder => ({
  orderId: ORDER_ID,
  orderNumber: ORDER_NUMBER,
  channel: 'web',
  externalId: '100045',
  placedAt: '2026-11-01T09:30:00.000Z',
  acceptedAt: AT,
  currency: 'GBP',
  taxIncluded: false,
  totalMinor: lines.reduce((sum, [, quantity]) => sum + quantity * 100, 0),
  customer: {
    id: null,
    type: 'consumer',
    personal: { subjectId: ORDER_ID, name: null, email: null, phone: null },
  },
  shipTo: address,
  billTo: null,
  fulfillment: {
    method: 'ship',
    service: 'standard',
    locationId: null,
    promisedBy: null,
    notBefore: null,
  },
  payments: [],
  lines: lines.map(([lineId, quantity]) => ({
    lineId,
    sku: `SKU-${lineId}`,
    quantity,
    unitPrice: '1.00',
    valueMinor: quantity * 100,
  })),
  shipping: null,
  discounts: [],
  purchaseOrder: null,
  notes: null,
  tags: [],
  attributes: {},
  ...overrides,
});

export const placed = (...parameters: Parameters<typeof placedOrder>): Event<'OrderPlaced'> => ({
  type: 'OrderPlaced',
  data: placedOrder(...parameters),
});

/** A canonical order whose parts add up to its total of 34.90 GBP. */
export const request = (overrides: Partial<OrderRequest> = {}): OrderRequest => ({
  channel: 'web',
  externalId: '100045',
  placedAt: '2026-11-01T09:30:00.000Z',
  currency: 'GBP',
  taxIncluded: false,
  customer: {
    id: 'c-17',
    type: 'consumer',
    personal: { name: 'Ada Lovelace', email: 'ada@example.com', phone: null },
  },
  shipTo: {
    personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
    city: 'London',
    postalCode: 'SW1Y 4JH',
    country: 'GB',
  },
  fulfillment: { method: 'ship', service: 'standard' },
  payments: [{ method: 'card', status: 'authorized', amount: '34.90', reference: 'ch_123' }],
  lines: [
    { lineId: '1', sku: '85123A', quantity: 6, unitPrice: '2.55', discount: '0.00', tax: '3.06' },
  ],
  shipping: { price: '16.54', tax: '0.00' },
  total: '34.90',
  ...overrides,
});

export const place = (overrides: Partial<OrderRequest> = {}): Command<'PlaceOrder'> => ({
  type: 'PlaceOrder',
  data: {
    orderId: ORDER_ID,
    orderNumber: ORDER_NUMBER,
    acceptedAt: AT,
    request: request(overrides),
  },
});

export const held = (
  holdId = 'hold-1',
  kind: Event<'HoldPlaced'>['data']['kind'] = 'fraud',
  reason = 'looks odd',
): Event<'HoldPlaced'> => ({ type: 'HoldPlaced', data: { holdId, kind, reason, at: AT } });

export const released = (
  holdId = 'hold-1',
  by: Event<'HoldReleased'>['data']['by'] = 'person',
  reason = 'checked',
): Event<'HoldReleased'> => ({ type: 'HoldReleased', data: { holdId, reason, by } });

export const covered = { currency: 'GBP', coveredMinor: 500 };
export const authorized: Event<'PaymentAuthorized'> = { type: 'PaymentAuthorized', data: covered };
export const authorize: Command<'RecordAuthorization'> = {
  type: 'RecordAuthorization',
  data: covered,
};

const decline = {
  currency: 'GBP',
  coveredMinor: 0,
  totalMinor: 500,
  reason: 'The payment failed',
  at: AT,
};
export const declined = (holdId?: string): Event<'PaymentDeclined'> => ({
  type: 'PaymentDeclined',
  data: { ...decline, ...(holdId !== undefined && { holdId }) },
});
export const recordDecline = (holdId: string): Command<'RecordDecline'> => ({
  type: 'RecordDecline',
  data: { ...decline, holdId },
});

const { country: _country, verified: _verified, ...homeless } = address;
void _country;
void _verified;

/** The approval of an order to `address`. */
export const approved = (
  ...lines: readonly (readonly [lineId: string, quantity: number])[]
): Event<'OrderApproved'> => ({
  type: 'OrderApproved',
  data: {
    acceptedAt: AT,
    priority: 0,
    channel: 'web',
    delivery: {
      method: 'ship',
      service: 'standard',
      locationId: null,
      promisedBy: null,
      shipTo: { ...homeless, country: 'GB' },
    },
    lines: lines.map(([lineId, quantity]) => ({ lineId, sku: `SKU-${lineId}`, quantity })),
  },
});

export const wish = ([lineId, quantity]: readonly [string, number]): LineWish => ({
  lineId,
  quantity,
});

export type Waits = readonly (readonly [lineId: string, quantity: number, promisedOn?: string])[];

export const waiting = ([lineId, quantity, promisedOn]: Waits[number]): WaitingLine => ({
  lineId,
  quantity,
  ...(promisedOn !== undefined && { promisedOn }),
});

export const promise = (...lines: Waits): Command<'RecordPromises'> => ({
  type: 'RecordPromises',
  data: { lines: lines.map(waiting), at: LATER },
});

export const promised = (...lines: Waits): Event<'PromisesMoved'> => ({
  type: 'PromisesMoved',
  data: promise(...lines).data,
});

/** News of a parcel as its stream keeps them: the content once. */
export const parcelTold = (
  command: Command<'RecordParcel'>,
  isFirst = true,
): Event<'ParcelProgressed'> => {
  const { shipmentId, status, at, ...content } = command.data;
  return {
    type: 'ParcelProgressed',
    data: { shipmentId, status, at, ...(isFirst && { content }) },
  };
};

export type Wishes = readonly (readonly [lineId: string, quantity: number])[];

export const source = (
  attempt: number,
  allocations: Readonly<Record<string, Wishes>>,
  backordered: Waits = [],
): Command<'RecordSourcing'> => ({
  type: 'RecordSourcing',
  data: {
    attempt,
    allocations: Object.entries(allocations).map(([fulfillmentId, lines]) => ({
      fulfillmentId,
      locationId: `at-${fulfillmentId}`,
      lines: lines.map(wish),
    })),
    backordered: backordered.map(waiting),
    at: AT,
  },
});

export const sourced = (...parameters: Parameters<typeof source>): Event<'SourcingSettled'> => ({
  type: 'SourcingSettled',
  data: source(...parameters).data,
});

export type Numbers = Omit<LineProgress, 'lineId'>;

export const progress = (
  fulfillmentId: string,
  step: Progress['step'],
  lines: Readonly<Record<string, Numbers>>,
  details: Pick<Command<'RecordProgress'>['data'], 'collected' | 'recall' | 'granted'> = {},
): Command<'RecordProgress'> => ({
  type: 'RecordProgress',
  data: {
    fulfillmentId,
    locationId: `at-${fulfillmentId}`,
    attempt: 1,
    step,
    at: AT,
    lines: Object.entries(lines).map(([lineId, numbers]) => ({ lineId, ...numbers })),
    ...details,
  },
});

export const progressed = (
  ...parameters: Parameters<typeof progress>
): Event<'FulfillmentProgressed'> => {
  const { granted, ...data } = progress(...parameters).data;
  void granted;
  return { type: 'FulfillmentProgressed', data };
};

export const parcel = (
  shipmentId: string,
  status: ParcelStatus,
  lines: Wishes,
  at = AT,
): Command<'RecordParcel'> => ({
  type: 'RecordParcel',
  data: {
    shipmentId,
    status,
    at,
    fulfillmentId: 'f1',
    carrier: 'acme',
    trackingNumber: `T-${shipmentId}`,
    lines: lines.map(wish),
  },
});

export const confirmed: Event<'OrderConfirmed'> = { type: 'OrderConfirmed', data: {} };

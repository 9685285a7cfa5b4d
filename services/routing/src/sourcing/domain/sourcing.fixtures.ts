import type { LineQuantity } from './lines.js';
import type { Allocation, Explanation, Location, Picture, Stock } from './picture.js';
import { fulfillmentIdOf } from './attempt.js';
import type {
  Backordered,
  Delivery,
  HeldLine,
  HoldStock,
  OrderedLine,
  Place,
  SourcingCommand,
  SourcingEvent,
  StartSourcing,
} from './sourcing.js';

export const ORDER_ID = 'order-1';
export const LONDON = { lat: 51.5, lng: -0.1 };

export const line = (lineId: string, quantity: number, sku = `sku-${lineId}`): LineQuantity => ({
  lineId,
  sku,
  quantity,
});

/** North of London by so many degrees of latitude, about 111 km each. */
export const location = (locationId: string, north: number, active = true): Location => ({
  locationId,
  geo: { lat: LONDON.lat + north, lng: LONDON.lng },
  active,
});

export const stock = (locationId: string, sku: string, available: number): Stock => ({
  sku,
  locationId,
  available,
});

export const picture = (locations: readonly Location[], held: readonly Stock[]): Picture => ({
  locations,
  stock: held,
  active: locations.filter(({ active }) => active).length,
  inactive: locations.filter(({ active }) => !active).length,
});

export const SHIP: Delivery = {
  method: 'ship',
  service: 'standard',
  locationId: null,
  promisedBy: null,
  shipTo: {
    personal: { subjectId: 'subject-1', name: 'Ada Lovelace', lines: ["12 St James's Square"] },
    city: 'London',
    region: null,
    postalCode: 'SW1Y 4JH',
    country: 'GB',
  },
};
export const pickupAt = (locationId: string | null): Delivery => ({
  ...SHIP,
  method: 'pickup',
  locationId,
  shipTo: null,
});

export const ORDER = {
  orderId: ORDER_ID,
  orderNumber: '7K3M-9QXW-2TFA',
  acceptedAt: '2026-11-01T09:30:00Z',
  priority: 0,
  delivery: SHIP,
  destination: LONDON,
};

export const start = (
  lines: readonly OrderedLine[],
  seen: Picture,
  order: Partial<StartSourcing> = {},
): SourcingCommand => ({
  type: 'StartSourcing',
  data: { ...ORDER, lines, picture: seen, ...order },
});

export const started = (...lines: OrderedLine[]): SourcingEvent => ({
  type: 'SourcingStarted',
  data: { ...ORDER, lines },
});

/** Units of a line that a checkout's hold stands behind. */
export const heldLine = (
  lineId: string,
  quantity: number,
  reservationId = `hold-${lineId}`,
  sku?: string,
): HeldLine => ({ ...line(lineId, quantity, sku), reservationId });

/** What a hold has of a SKU; it is gone where that is nothing. */
export const holdHas = (
  quantity: number,
  sku = 'sku-a',
  reservationId = 'hold-a',
  locationId = 'near',
): HoldStock => ({
  reservationId,
  sku,
  locationId: quantity > 0 ? locationId : null,
  quantity,
});

export const at = (locationId: string, ...lines: LineQuantity[]): Allocation => ({
  locationId,
  lines,
});

const EXPLANATION: Explanation = {
  policyVersion: 'fewest-locations-then-nearest.1',
  engineVersion: 1,
  method: 'exact',
  steps: 0,
  candidates: [],
  others: { withoutStock: 0, inactive: 0, rankedLower: 0 },
};

type Proposed = Extract<SourcingEvent, { type: 'SourcingProposed' }>['data'];

export const proposed = (
  attempt: number,
  allocations: readonly Allocation[],
  more: Partial<Proposed> = {},
): SourcingEvent => ({
  type: 'SourcingProposed',
  data: {
    attempt,
    final: false,
    priority: ORDER.priority,
    acceptedAt: ORDER.acceptedAt,
    onlyLocationId: null,
    offerId: null,
    allocations,
    backorders: [],
    explanation: EXPLANATION,
    ...more,
  },
});

/** Inventory's answer to an attempt. */
export const reserved = (
  attempt: number,
  allocations: readonly Allocation[],
  backordered: readonly Backordered[] = [],
): SourcingCommand => ({ type: 'SettleAttempt', data: { attempt, allocations, backordered } });

export const placeAt = (attempt: number, locationId: string): Place => ({
  fulfillmentId: fulfillmentIdOf(ORDER_ID, attempt, locationId),
  attempt,
  locationId,
});

type Settled = Extract<SourcingEvent, { type: 'AttemptSettled' }>['data'];

export const settled = (
  attempt: number,
  allocations: readonly Allocation[],
  backordered: readonly Backordered[] = [],
  released: Settled['released'] = { reservations: [], backorders: [] },
): SourcingEvent => ({
  type: 'AttemptSettled',
  data: {
    orderNumber: ORDER.orderNumber,
    attempt,
    priority: ORDER.priority,
    delivery: SHIP,
    allocations: allocations.map((allocation) => ({
      ...allocation,
      fulfillmentId: fulfillmentIdOf(ORDER_ID, attempt, allocation.locationId),
    })),
    backordered,
    released,
  },
});

export const waits = (
  lineId: string,
  quantity: number,
  promisedOn: string | null = null,
): Backordered => ({ ...line(lineId, quantity), promisedOn });

export const cancel = (cancellationId: string, ...lines: LineQuantity[]): SourcingCommand => ({
  type: 'CancelLines',
  data: { cancellationId, lines },
});

type Cancelled = Extract<SourcingEvent, { type: 'LinesCancelled' }>['data'];

export const cancelled = (
  cancellationId: string,
  parts: Partial<Omit<Cancelled, 'cancellationId'>>,
): SourcingEvent => ({
  type: 'LinesCancelled',
  data: {
    cancellationId,
    open: [],
    waiting: [],
    inFlight: [],
    closes: null,
    recalls: [],
    ...parts,
  },
});

import { assertNever } from '@throughline/kernel';
import type { OrderEvent } from './order.js';
import { evolveProgress, notPlaced, type OrderProgress } from './order-progress.js';
import type { PlacedAddress, PlacedOrder } from './placed-order.js';

/** What deciding about an order needs to know of it. */
export type Order = {
  readonly orderId: string;
  readonly channel: string;
  /** Checkout holds, by the line that names one. */
  readonly reservations: ReadonlyMap<string, string>;
  /** Of these holds, only those of this channel are the order's to use; absent: all. */
  readonly holdsOfChannel?: string;
  readonly subjectId: string;
  readonly fulfillment: PlacedOrder['fulfillment'];
  readonly shipTo: PlacedAddress | null;
  readonly progress: OrderProgress;
  /** `stands`: covered, or a person said that it may go on without. */
  readonly payment: 'awaited' | 'declined' | 'stands';
  /** The hold that the newest decline placed. */
  readonly declineHoldId: string | null;
  readonly releasedHolds: ReadonlySet<string>;
  readonly acknowledged: ReadonlySet<string>;
  /** Ids of the cancellations that were asked for. */
  readonly cancellations: ReadonlySet<string>;
};

export const noOrder: Order = {
  orderId: '',
  channel: '',
  reservations: new Map(),
  subjectId: '',
  fulfillment: {
    method: 'ship',
    service: '',
    locationId: null,
    promisedBy: null,
    notBefore: null,
  },
  shipTo: null,
  progress: notPlaced,
  payment: 'awaited',
  declineHoldId: null,
  releasedHolds: new Set(),
  acknowledged: new Set(),
  cancellations: new Set(),
};

/** Folds one event into the state of its order. */
export const evolveOrder = (before: Order, event: OrderEvent): Order => {
  const order = { ...before, progress: evolveProgress(before.progress, event) };
  switch (event.type) {
    case 'OrderPlaced': {
      const { orderId, channel, customer, fulfillment, shipTo, lines, holdsOfChannel } = event.data;
      const { subjectId } = customer.personal;
      const reservations = reservationsOf(lines);
      const placed = { orderId, channel, reservations, subjectId, fulfillment, shipTo };
      return { ...order, ...placed, ...(holdsOfChannel !== undefined && { holdsOfChannel }) };
    }
    case 'HoldReleased':
      return holdReleased(order, before, event.data);
    case 'AddressChanged':
      return { ...order, shipTo: event.data.shipTo };
    case 'DeliveryChanged': {
      const { fulfillment, shipTo } = event.data;
      return { ...order, fulfillment, shipTo };
    }
    case 'PaymentAuthorized':
      return { ...order, payment: 'stands' };
    case 'PaymentDeclined': {
      const { holdId } = event.data;
      return { ...order, payment: 'declined', ...(holdId && { declineHoldId: holdId }) };
    }
    case 'CancellationRequested': {
      const cancellations = new Set(order.cancellations).add(event.data.cancellationId);
      return { ...order, cancellations };
    }
    case 'ExceptionAcknowledged':
      return { ...order, acknowledged: new Set(order.acknowledged).add(event.data.key) };
    case 'HoldPlaced':
    case 'PaymentCaptured':
    case 'PaymentRefunded':
    case 'OrderApproved':
    case 'CancellationSettled':
    case 'LinesCancelled':
    case 'CancellationRefused':
    case 'SourcingSettled':
    case 'SourcingFailed':
    case 'PromisesMoved':
    case 'RecallRequested':
    case 'FulfillmentProgressed':
    case 'ParcelProgressed':
    case 'ParcelTrackedEarly':
    case 'ReturnProgressed':
    case 'OrderConfirmed':
    case 'SourcingRequested':
    case 'ReshipmentRequested':
    case 'LossSettled':
      return order;
    default:
      return assertNever(event);
  }
};

const reservationsOf = (lines: PlacedOrder['lines']): ReadonlyMap<string, string> =>
  new Map(
    lines.flatMap(({ lineId, reservationId }): [string, string][] =>
      reservationId === undefined ? [] : [[lineId, reservationId]],
    ),
  );

type Release = Extract<OrderEvent, { readonly type: 'HoldReleased' }>['data'];

const holdReleased = (order: Order, before: Order, { holdId, by }: Release): Order => {
  const hold = before.progress.holds.find((open) => open.holdId === holdId);
  const releasedHolds = new Set(order.releasedHolds).add(holdId);
  // Whoever releases a payment hold by hand answers for the payment.
  const stands = hold?.kind === 'payment' && by === 'person';
  return { ...order, releasedHolds, ...(stands && { payment: 'stands' }) };
};

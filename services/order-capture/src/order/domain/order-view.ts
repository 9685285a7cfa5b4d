import { assertNever } from '@throughline/kernel';
import type { OrderEvent } from './order.js';
import { evolveProgress, notPlaced, type OrderProgress } from './order-progress.js';
import type { PlacedOrder } from './placed-order.js';

type Fulfillment = { readonly locationId: string; readonly attempt: number };
type Shipment = {
  readonly fulfillmentId: string;
  readonly carrier: string;
  readonly trackingNumber: string;
};

/** One order in full, as its page shows it. */
export type OrderView = {
  /** As placed, with the address as it is now; null before anything was placed. */
  readonly placed: PlacedOrder | null;
  /** The place that sold, where the order names it: what is sold elsewhere to be picked up only names where. */
  readonly soldAt: string | null;
  readonly progress: OrderProgress;
  readonly fulfillments: ReadonlyMap<string, Fulfillment>;
  readonly shipments: ReadonlyMap<string, Shipment>;
};

export const emptyView: OrderView = {
  placed: null,
  soldAt: null,
  progress: notPlaced,
  fulfillments: new Map(),
  shipments: new Map(),
};

/** Folds one event into the view of its order. */
export const evolveView = (before: OrderView, event: OrderEvent): OrderView => {
  const view = { ...before, progress: evolveProgress(before.progress, event) };
  switch (event.type) {
    case 'OrderPlaced':
      return { ...view, placed: event.data, soldAt: soldAt(event.data) };
    case 'AddressChanged':
      return view.placed
        ? { ...view, placed: { ...view.placed, shipTo: event.data.shipTo } }
        : view;
    case 'DeliveryChanged': {
      const { fulfillment, shipTo } = event.data;
      return view.placed ? { ...view, placed: { ...view.placed, fulfillment, shipTo } } : view;
    }
    case 'SourcingSettled': {
      const { attempt, allocations } = event.data;
      const fulfillments = new Map(view.fulfillments);
      for (const { fulfillmentId, locationId } of allocations)
        fulfillments.set(fulfillmentId, { locationId, attempt });
      return { ...view, fulfillments };
    }
    case 'FulfillmentProgressed': {
      const { fulfillmentId, locationId, attempt } = event.data;
      if (view.fulfillments.has(fulfillmentId)) return view;
      const fulfillments = new Map(view.fulfillments).set(fulfillmentId, { locationId, attempt });
      return { ...view, fulfillments };
    }
    case 'ParcelProgressed': {
      const { shipmentId, content } = event.data;
      if (!content || view.shipments.has(shipmentId)) return view;
      const { fulfillmentId, carrier, trackingNumber } = content;
      const shipment = { fulfillmentId, carrier, trackingNumber };
      return { ...view, shipments: new Map(view.shipments).set(shipmentId, shipment) };
    }
    case 'HoldPlaced':
    case 'HoldReleased':
    case 'PaymentAuthorized':
    case 'PaymentDeclined':
    case 'PaymentCaptured':
    case 'PaymentRefunded':
    case 'OrderApproved':
    case 'CancellationRequested':
    case 'CancellationSettled':
    case 'LinesCancelled':
    case 'CancellationRefused':
    case 'SourcingFailed':
    case 'PromisesMoved':
    case 'RecallRequested':
    case 'ParcelTrackedEarly':
    case 'ReturnProgressed':
    case 'OrderConfirmed':
    case 'SourcingRequested':
    case 'ReshipmentRequested':
    case 'LossSettled':
    case 'ExceptionAcknowledged':
      return view;
    default:
      return assertNever(event);
  }
};

const soldAt = ({ fulfillment: { method, locationId } }: PlacedOrder): string | null =>
  method === 'pickup' ? null : locationId;

/** Every location that an event says works on the order. */
export const locationsIn = (event: OrderEvent): readonly string[] => {
  switch (event.type) {
    case 'OrderPlaced':
    case 'DeliveryChanged':
      return event.data.fulfillment.locationId ? [event.data.fulfillment.locationId] : [];
    case 'SourcingSettled':
      return event.data.allocations.map(({ locationId }) => locationId);
    case 'FulfillmentProgressed':
      return [event.data.locationId];
    case 'HoldPlaced':
    case 'HoldReleased':
    case 'AddressChanged':
    case 'PaymentAuthorized':
    case 'PaymentDeclined':
    case 'PaymentCaptured':
    case 'PaymentRefunded':
    case 'OrderApproved':
    case 'CancellationRequested':
    case 'CancellationSettled':
    case 'LinesCancelled':
    case 'CancellationRefused':
    case 'SourcingFailed':
    case 'PromisesMoved':
    case 'RecallRequested':
    case 'ParcelProgressed':
    case 'ParcelTrackedEarly':
    case 'ReturnProgressed':
    case 'OrderConfirmed':
    case 'SourcingRequested':
    case 'ReshipmentRequested':
    case 'LossSettled':
    case 'ExceptionAcknowledged':
      return [];
    default:
      return assertNever(event);
  }
};

import {
  LossSettled,
  OrderApproved,
  OrderCancellationRequested,
  OrderConfirmed,
  OrderLinesCancelled,
  OrderPlaced,
  SourcingRequested,
} from '@throughline/contracts';
import type { RecordedEvent } from '@throughline/event-store';
import { assertNever, readableNumber } from '@throughline/kernel';
import { publish, publisher, type Published } from '@throughline/messaging';
import type { OrderEvent } from './domain/order.js';
import type { PlacedOrder } from './domain/placed-order.js';
import { orderCodec } from './order.codec.js';

export const ORDER_CATEGORY = 'order';
const PREFIX = `${ORDER_CATEGORY}-`;

/** The order id in the name of its stream. */
export const orderIdOf = (stream: string): string => stream.slice(PREFIX.length);

/**
 * What the world hears of an order. Milestones stay private: their own services have published
 * them.
 */
const mapped = (event: OrderEvent, { stream, metadata }: RecordedEvent): readonly Published[] => {
  const orderId = orderIdOf(stream);
  switch (event.type) {
    case 'OrderPlaced':
      return [publish(OrderPlaced, orderId, placedMessage(event.data))];
    case 'OrderApproved':
      return [
        publish(OrderApproved, orderId, {
          orderId,
          orderNumber: readableNumber(orderId),
          acceptedAt: event.data.acceptedAt,
          priority: event.data.priority,
          ...(event.data.channel !== undefined && { channel: event.data.channel }),
          ...limitOf(event.data),
          delivery: deliveryMessage(event.data.delivery),
          lines: [...event.data.lines],
        }),
      ];
    case 'CancellationRequested': {
      // Before approval nobody but payments knows the order, and payments hears of what is
      // cancelled.
      if (!event.data.approved) return [];
      const { cancellationId, lines } = event.data;
      const data = { orderId, cancellationId, lines: [...lines] };
      return [publish(OrderCancellationRequested, orderId, data)];
    }
    case 'LinesCancelled':
      return [cancelledMessage(orderId, event.data)];
    case 'OrderConfirmed':
      return [publish(OrderConfirmed, orderId, { orderId, confirmedAt: metadata.at })];
    case 'SourcingRequested':
    case 'ReshipmentRequested':
    case 'LossSettled':
      return [remedyMessage(orderId, event)];
    case 'HoldPlaced':
    case 'HoldReleased':
    case 'AddressChanged':
    case 'PaymentAuthorized':
    case 'PaymentDeclined':
    case 'PaymentCaptured':
    case 'PaymentRefunded':
    case 'CancellationSettled':
    case 'CancellationRefused':
    case 'SourcingSettled':
    case 'SourcingFailed':
    case 'PromisesMoved':
    case 'RecallRequested':
    case 'FulfillmentProgressed':
    case 'ParcelProgressed':
    case 'ParcelTrackedEarly':
    case 'DeliveryChanged':
    case 'ReturnProgressed':
    case 'ExceptionAcknowledged':
      return [];
    default:
      return assertNever(event);
  }
};

type Cancelled = Extract<OrderEvent, { readonly type: 'LinesCancelled' }>['data'];

const cancelledMessage = (orderId: string, cancelled: Cancelled): Published => {
  const { lines, reservationIds } = cancelled;
  const holds = reservationIds && { reservationIds: [...reservationIds], ...limitOf(cancelled) };
  return publish(OrderLinesCancelled, orderId, { orderId, lines: [...lines], ...holds });
};

const limitOf = ({ holdsOfChannel }: { readonly holdsOfChannel?: string }) =>
  holdsOfChannel !== undefined && { holdsOfChannel };

type Remedy = Extract<
  OrderEvent,
  { readonly type: 'SourcingRequested' | 'ReshipmentRequested' | 'LossSettled' }
>;

/** What a person decided about an exception and others carry out. */
const remedyMessage = (orderId: string, { type, data }: Remedy): Published => {
  switch (type) {
    case 'SourcingRequested': {
      const { requestId, delivery } = data;
      const changed = delivery && { delivery: deliveryMessage(delivery) };
      return publish(SourcingRequested, orderId, { orderId, requestId, ...changed, again: [] });
    }
    case 'ReshipmentRequested': {
      const { requestId, shipmentId, lines } = data;
      const again = [...lines];
      return publish(SourcingRequested, orderId, { orderId, requestId, shipmentId, again });
    }
    case 'LossSettled': {
      const { settlementId, shipmentId, lines } = data;
      return publish(LossSettled, orderId, {
        orderId,
        settlementId,
        shipmentId,
        lines: [...lines],
      });
    }
    default:
      return assertNever(type);
  }
};

const placedMessage = (order: PlacedOrder): OrderPlaced => ({
  orderId: order.orderId,
  orderNumber: order.orderNumber,
  channel: order.channel,
  externalId: order.externalId,
  placedAt: order.placedAt,
  acceptedAt: order.acceptedAt,
  currency: order.currency,
  totalMinor: order.totalMinor,
  customerId: order.customer.id,
  payments: [...order.payments],
  lines: order.lines.map(({ lineId, sku, name, quantity, valueMinor }) => ({
    lineId,
    sku,
    name: name ?? null,
    quantity,
    valueMinor,
  })),
});

type StoredDelivery = Extract<OrderEvent, { readonly type: 'OrderApproved' }>['data']['delivery'];

const deliveryMessage = ({ shipTo, ...delivery }: StoredDelivery): OrderApproved['delivery'] => ({
  ...delivery,
  shipTo: shipTo && {
    ...shipTo,
    personal: { ...shipTo.personal, lines: [...shipTo.personal.lines] },
  },
});

export const orderPublisher = publisher({
  service: 'order-capture',
  topic: 'oms.order',
  category: ORDER_CATEGORY,
  codec: orderCodec,
  map: mapped,
});

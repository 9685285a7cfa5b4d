import {
  FulfillmentHandedOver,
  LossSettled,
  ShipmentDelivered,
  ShipmentReturnedToOrigin,
  SourcingRequested,
  type LineQuantity,
} from '@throughline/contracts';
import type { CommandHandler } from '@throughline/event-store';
import { consumer, on, record, type Consumer } from '@throughline/messaging';
import type {
  Goods,
  OrderReturns,
  ReturnCommand,
  ReturnEvent,
  ReturnRejection,
} from './domain/return.js';

export type ReturnHandler = CommandHandler<
  ReturnCommand,
  ReturnEvent,
  OrderReturns,
  ReturnRejection
>;

const goodsOf = (lines: readonly LineQuantity[]): Goods[] =>
  lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));

/** A parcel arrived, or came back. */
const shipmentConsumer = (handle: ReturnHandler): Consumer =>
  consumer({
    group: 'returns.oms.shipment',
    topic: 'oms.shipment',
    handlers: [
      on(ShipmentDelivered, async (message) => {
        const { orderId, shipmentId, lines } = message.data;
        const data = { deliveryId: shipmentId, lines: goodsOf(lines) };
        const command = { type: 'RecordDelivery', data } as const;
        await record(handle, orderId, message, command, { likelyNew: true });
      }),
      on(ShipmentReturnedToOrigin, async (message) => {
        const { orderId, shipmentId, locationId, lines } = message.data;
        const data = { orderId, shipmentId, locationId, lines: goodsOf(lines) };
        await record(handle, orderId, message, { type: 'OpenReturnToOrigin', data });
      }),
    ],
  });

/** Goods handed over to the customer in person are delivered; the carrier's parcels are not yet. */
const fulfillmentConsumer = (handle: ReturnHandler): Consumer =>
  consumer({
    group: 'returns.oms.fulfillment',
    topic: 'oms.fulfillment',
    handlers: [
      on(FulfillmentHandedOver, async (message) => {
        const { orderId, receiver, lines } = message.data;
        if (receiver !== 'customer') return;
        const data = { deliveryId: message.id, lines: goodsOf(lines) };
        const command = { type: 'RecordDelivery', data } as const;
        await record(handle, orderId, message, command, { likelyNew: true });
      }),
    ],
  });

/** A lost parcel was settled with the customer, or sent again: should it turn up, it is not returned for money. */
const orderConsumer = (handle: ReturnHandler): Consumer =>
  consumer({
    group: 'returns.oms.order',
    topic: 'oms.order',
    handlers: [
      on(LossSettled, async (message) => {
        const { orderId, shipmentId, lines } = message.data;
        const data = { shipmentId, lines: goodsOf(lines) };
        await record(handle, orderId, message, { type: 'WriteOffParcel', data });
      }),
      on(SourcingRequested, async (message) => {
        const { orderId, shipmentId, again } = message.data;
        if (!shipmentId || again.length === 0) return;
        const data = { shipmentId, lines: goodsOf(again) };
        await record(handle, orderId, message, { type: 'WriteOffParcel', data });
      }),
    ],
  });

/** Everything that returns listens to. */
export const returnConsumers = (handle: ReturnHandler): readonly Consumer[] => [
  shipmentConsumer(handle),
  fulfillmentConsumer(handle),
  orderConsumer(handle),
];

import {
  ShipmentDelivered,
  ShipmentDeliveryFailed,
  ShipmentInTransit,
  ShipmentLabelled,
  ShipmentLost,
  ShipmentReturnedToOrigin,
  ShipmentTrackedEarly,
  ShipmentVoided,
  type ContractMessage,
  type ShipmentFact,
} from '@throughline/contracts';
import { consumer, on, type Consumer } from '@throughline/messaging';
import type { ParcelStatus } from './domain/order.js';
import type { RecordNews } from './order-news.js';
import { wishOf } from './wish.js';

/** Where the order's parcels are. */
export const shipmentConsumer = (record: RecordNews): Consumer => {
  const recordStatus = (
    status: ParcelStatus,
    message: ContractMessage<ShipmentFact>,
    reason?: string,
  ): Promise<void> => {
    const { shipmentId, fulfillmentId, carrier, trackingNumber, at, lines } = message.data;
    const content = { fulfillmentId, carrier, trackingNumber, lines: lines.map(wishOf) };
    const data = { shipmentId, status, at, ...(reason && { reason }), ...content };
    return record(message, { type: 'RecordParcel', data });
  };
  return consumer({
    group: 'order-capture.oms.shipment',
    topic: 'oms.shipment',
    handlers: [
      on(ShipmentLabelled, (message) => recordStatus('labelled', message)),
      on(ShipmentInTransit, (message) => recordStatus('in-transit', message)),
      on(ShipmentDelivered, (message) => recordStatus('delivered', message)),
      on(ShipmentDeliveryFailed, (message) =>
        recordStatus('delivery-failed', message, message.data.reason),
      ),
      on(ShipmentReturnedToOrigin, (message) => recordStatus('returned-to-origin', message)),
      on(ShipmentLost, (message) => recordStatus('lost', message)),
      on(ShipmentTrackedEarly, (message) => {
        const { shipmentId, carrier, trackingNumber, at } = message.data;
        const data = { shipmentId, carrier, trackingNumber, at };
        return record(message, { type: 'RecordEarlyTracking', data });
      }),
      on(ShipmentVoided, (message) => recordStatus('voided', message)),
    ],
  });
};

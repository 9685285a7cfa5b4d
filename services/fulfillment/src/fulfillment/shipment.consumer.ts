import { ShipmentLabelled } from '@throughline/contracts';
import { consumer, on, record, type Consumer } from '@throughline/messaging';
import type { FulfillmentHandler } from './fulfillment-handler.js';

/** Shipping made a label: the package that carries it may leave. */
export const shipmentConsumer = (handle: FulfillmentHandler): Consumer =>
  consumer({
    group: 'fulfillment.oms.shipment',
    topic: 'oms.shipment',
    handlers: [
      on(ShipmentLabelled, async (message) => {
        const { fulfillmentId, packageId, shipmentId, carrier, trackingNumber } = message.data;
        const data = { packageId, shipmentId, carrier, trackingNumber };
        const command = { type: 'AttachLabel', data } as const;
        await record(handle, fulfillmentId, message, command);
      }),
    ],
  });

import { ShipmentLabelled } from '@throughline/contracts';
import { causeOf, consumer, on, type Consumer } from '@throughline/messaging';
import { accepted, type FulfillmentHandler } from './fulfillment-handler.js';

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
        accepted(await handle(fulfillmentId, command, causeOf(message)), fulfillmentId);
      }),
    ],
  });

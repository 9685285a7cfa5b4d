import {
  FulfillmentHandedOver,
  FulfillmentPacked,
  FulfillmentRecalled,
} from '@throughline/contracts';
import { NO_STREAM } from '@throughline/event-store';
import { consumer, on, record, type Consumer } from '@throughline/messaging';
import { shipmentIdOf, type ShipmentHandler } from './shipment-handler.js';

/**
 * A package that is to be shipped gets its label, which is void when it is opened again; what the carrier takes is
 * in transit. Redelivery finds its own cause in each shipment's stream and writes nothing.
 */
export const fulfillmentConsumer = (handle: ShipmentHandler): Consumer =>
  consumer({
    group: 'shipping.oms.fulfillment',
    topic: 'oms.fulfillment',
    handlers: [
      on(FulfillmentPacked, async (message) => {
        const { fulfillmentId, packageId, delivery } = message.data;
        // What the customer collects needs no parcel.
        if (delivery.method !== 'ship') return;
        const { orderId, orderNumber, locationId, weightGrams, lines } = message.data;
        const { service, shipTo } = delivery;
        if (!shipTo) throw new Error(`Package ${packageId} of ${fulfillmentId} has no address`);
        const shipmentId = shipmentIdOf(fulfillmentId, packageId);
        const of = { shipmentId, orderId, orderNumber, fulfillmentId, packageId, locationId };
        const data = { ...of, service, shipTo, weightGrams: weightGrams ?? null, lines };
        const command = { type: 'CreateShipment', data } as const;
        await record(handle, shipmentId, message, command, { likelyNew: true });
      }),
      on(FulfillmentHandedOver, async (message) => {
        const at = new Date(message.data.at).toISOString();
        const command = { type: 'HandOver', data: { at } } as const;
        await Promise.all(
          message.data.packages.map(async ({ shipmentId }) => {
            // Handed to the customer: there is no shipment.
            if (shipmentId) await record(handle, shipmentId, message, command);
          }),
        );
      }),
      on(FulfillmentRecalled, async (message) => {
        const { fulfillmentId, reopened } = message.data;
        const at = new Date(message.data.at).toISOString();
        const command = { type: 'VoidShipment', data: { at } } as const;
        await Promise.all(
          (reopened ?? []).map(async ({ packageId, shipmentId: labelled }) => {
            const shipmentId = shipmentIdOf(fulfillmentId, packageId);
            // Told after it was packed: without a shipment it was one for the customer to collect.
            if (!labelled && (await handle.load(shipmentId)).revision === NO_STREAM) return;
            await record(handle, shipmentId, message, command);
          }),
        );
      }),
    ],
  });

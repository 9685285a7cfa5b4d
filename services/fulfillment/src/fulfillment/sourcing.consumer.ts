import { OrderSourced, RecallRequested, type Delivery } from '@throughline/contracts';
import { consumer, on, record, type Consumer } from '@throughline/messaging';
import type { Delivery as StoredDelivery } from './domain/fulfillment.js';
import type { FulfillmentHandler } from './fulfillment-handler.js';

const deliveryOf = ({ method, service, ...rest }: Delivery): StoredDelivery => ({
  method,
  service,
  locationId: rest.locationId ?? null,
  promisedBy: rest.promisedBy ?? null,
  ...(rest.notBefore && { notBefore: rest.notBefore }),
  shipTo: rest.shipTo ?? null,
});

/**
 * Routing decided: each location gets its work. Routing wants goods back: the fulfillment alone says what it
 * can still give. Redelivery finds its own cause in each stream and writes nothing.
 */
export const sourcingConsumer = (handle: FulfillmentHandler, now: () => string): Consumer =>
  consumer({
    group: 'fulfillment.oms.sourcing',
    topic: 'oms.sourcing',
    handlers: [
      on(OrderSourced, async (message) => {
        const { orderId, orderNumber, attempt, allocations } = message.data;
        const delivery = deliveryOf(message.data.delivery);
        await Promise.all(
          allocations.map(async ({ fulfillmentId, locationId, lines }) => {
            const work = { orderId, orderNumber, locationId, attempt, delivery, lines };
            const command = { type: 'ReleaseFulfillment', data: { ...work, at: now() } } as const;
            await record(handle, fulfillmentId, message, command, { likelyNew: true });
          }),
        );
      }),
      on(RecallRequested, async (message) => {
        const { orderId, fulfillmentId, recallId, lines } = message.data;
        const command = { type: 'RecallLines', data: { recallId, orderId, lines } } as const;
        await record(handle, fulfillmentId, message, command);
      }),
    ],
  });

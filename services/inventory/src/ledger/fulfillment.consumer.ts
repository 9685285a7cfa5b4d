import { FulfillmentHandedOver } from '@throughline/contracts';
import { causeByAsker, consumer, on, type Consumer } from '@throughline/messaging';
import type { Ledger } from './ledger.js';
import { done } from './messages.js';

/** Goods left a location: they leave the shelf, and the reservation that they were held by. */
export const fulfillmentConsumer = (ledger: Ledger): Consumer =>
  consumer({
    group: 'inventory.oms.fulfillment',
    topic: 'oms.fulfillment',
    handlers: [
      on(FulfillmentHandedOver, async (message) => {
        const { orderId, attempt, locationId, lines } = message.data;
        const data = { orderId, attempt, locationId, lines };
        done(await ledger.carryOut({ type: 'HandOverGoods', data }, causeByAsker(message)));
      }),
    ],
  });

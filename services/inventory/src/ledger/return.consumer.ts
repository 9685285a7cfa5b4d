import { ReturnInspected } from '@throughline/contracts';
import { causeByAsker, consumer, on, type Consumer } from '@throughline/messaging';
import type { Ledger } from './ledger.js';
import { done } from './messages.js';

/** Returned goods go back on the shelf of the location that received them, if they may be sold again. */
export const returnConsumer = (ledger: Ledger): Consumer =>
  consumer({
    group: 'inventory.oms.return',
    topic: 'oms.return',
    handlers: [
      on(ReturnInspected, async (message) => {
        const { orderId, returnId, locationId, lines } = message.data;
        const data = { orderId, returnId, locationId, lines };
        done(await ledger.carryOut({ type: 'TakeBackGoods', data }, causeByAsker(message)));
      }),
    ],
  });

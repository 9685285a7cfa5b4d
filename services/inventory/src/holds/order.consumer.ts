import { OrderLinesCancelled } from '@throughline/contracts';
import { causeOf, consumer, on, type Consumer } from '@throughline/messaging';
import type { Ledger } from '../ledger/ledger.js';
import { done, utcOf } from '../ledger/messages.js';

/** An order that was cancelled before anything was sourced gives up the checkout holds that it names. */
export const orderConsumer = (ledger: Ledger): Consumer =>
  consumer({
    group: 'inventory.oms.order',
    topic: 'oms.order',
    handlers: [
      on(OrderLinesCancelled, async (message) => {
        const reservationIds = message.data.reservationIds ?? [];
        if (reservationIds.length === 0) return;
        const { holdsOfChannel = null } = message.data;
        const data = { reservationIds, holdsOfChannel, givenUpAt: utcOf(message.time) };
        done(await ledger.carryOut({ type: 'GiveUpHolds', data }, causeOf(message)));
      }),
    ],
  });

import {
  FulfillmentHandedOver,
  FulfillmentRecalled,
  FulfillmentRejected,
  FulfillmentShorted,
} from '@throughline/contracts';
import { causeOf, consumer, on, type Consumer } from '@throughline/messaging';
import type { Carry } from './sourcing-handler.js';

/** What locations could not, would not or did send, and what they give back. */
export const fulfillmentConsumer = (carry: Carry): Consumer =>
  consumer({
    group: 'routing.oms.fulfillment',
    topic: 'oms.fulfillment',
    handlers: [
      on(FulfillmentShorted, async (message) => {
        const { orderId, fulfillmentId, lines } = message.data;
        const data = { reason: 'short', fulfillmentId, lines } as const;
        await carry(orderId, { type: 'ReturnLines', data }, causeOf(message));
      }),
      on(FulfillmentRejected, async (message) => {
        const { orderId, fulfillmentId, lines } = message.data;
        const data = { reason: 'rejected', fulfillmentId, lines } as const;
        await carry(orderId, { type: 'ReturnLines', data }, causeOf(message));
      }),
      on(FulfillmentRecalled, async (message) => {
        const { orderId, recallId, lines, refused } = message.data;
        const data = { recallId, lines, refused };
        await carry(orderId, { type: 'AnswerRecall', data }, causeOf(message));
      }),
      on(FulfillmentHandedOver, async (message) => {
        const { orderId, fulfillmentId, lines } = message.data;
        const data = { fulfillmentId, lines };
        await carry(orderId, { type: 'RecordHandOver', data }, causeOf(message));
      }),
    ],
  });

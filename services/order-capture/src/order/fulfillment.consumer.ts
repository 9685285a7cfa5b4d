import {
  FulfillmentHandedOver,
  FulfillmentPacked,
  FulfillmentPicked,
  FulfillmentRecalled,
  FulfillmentRejected,
  FulfillmentReleased,
  FulfillmentShorted,
  type ContractMessage,
  type FulfillmentProgress,
} from '@throughline/contracts';
import { consumer, on, type Consumer } from '@throughline/messaging';
import type { OrderCommand, WorkStep } from './domain/order.js';
import type { RecordNews } from './order-news.js';
import { wishOf } from './wish.js';

type Told = Extract<OrderCommand, { readonly type: 'RecordProgress' }>['data'];
type Details = Pick<Told, 'reason' | 'collected' | 'recall' | 'granted'>;

/** How far each location is with its part of the order. */
export const fulfillmentConsumer = (record: RecordNews): Consumer => {
  const recordStep = (
    step: WorkStep,
    message: ContractMessage<FulfillmentProgress>,
    details: Details = {},
  ): Promise<void> => {
    const { fulfillmentId, locationId, attempt, at, progress } = message.data;
    const lines = progress.map(
      ({ lineId, released, picked, packed, handedOver, shorted, cancelled }) => ({
        lineId,
        released,
        picked,
        packed,
        handedOver,
        shorted,
        cancelled,
      }),
    );
    const data = { fulfillmentId, locationId, attempt, step, at, lines, ...details };
    return record(message, { type: 'RecordProgress', data });
  };
  return consumer({
    group: 'order-capture.oms.fulfillment',
    topic: 'oms.fulfillment',
    handlers: [
      on(FulfillmentReleased, (message) => recordStep('released', message)),
      on(FulfillmentPicked, (message) => recordStep('picked', message)),
      on(FulfillmentPacked, (message) => recordStep('packed', message)),
      on(FulfillmentShorted, (message) =>
        recordStep('shorted', message, { reason: message.data.reason }),
      ),
      on(FulfillmentRejected, (message) =>
        recordStep('rejected', message, { reason: message.data.reason }),
      ),
      on(FulfillmentHandedOver, (message) => {
        const { receiver, lines } = message.data;
        // No carrier will report a delivery of what the customer took away in person.
        const details = receiver === 'customer' ? { collected: lines.map(wishOf) } : {};
        return recordStep('handed-over', message, details);
      }),
      on(FulfillmentRecalled, (message) => {
        const { recallId, lines, refused } = message.data;
        const recall = { recallId, refused: refused.map(wishOf) };
        return recordStep('recalled', message, { recall, granted: lines.map(wishOf) });
      }),
    ],
  });
};

import { ReturnInspected, ReturnReceived } from '@throughline/contracts';
import { consumer, on, type Consumer } from '@throughline/messaging';
import { record, type OrderHandler } from './order-handler.js';
import { wishOf } from './wish.js';

/** What came back of the order. A return that was only asked for moves nothing yet. */
export const returnConsumer = (handle: OrderHandler): Consumer =>
  consumer({
    group: 'order-capture.oms.return',
    topic: 'oms.return',
    handlers: [
      on(ReturnReceived, (message) => {
        const { returnId, kind, at } = message.data;
        const lines = message.data.lines.map(wishOf);
        const data = { returnId, kind, step: 'received', at, lines } as const;
        return record(handle, message, { type: 'RecordReturn', data });
      }),
      on(ReturnInspected, (message) => {
        const { returnId, kind, at } = message.data;
        const lines = message.data.lines.map((line) => ({
          ...wishOf(line),
          disposition: line.disposition,
        }));
        const data = { returnId, kind, step: 'inspected', at, lines } as const;
        return record(handle, message, { type: 'RecordReturn', data });
      }),
    ],
  });

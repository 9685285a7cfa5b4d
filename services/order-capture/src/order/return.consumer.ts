import { ReturnInspected, ReturnReceived } from '@throughline/contracts';
import { consumer, on, type Consumer } from '@throughline/messaging';
import type { RecordNews } from './order-news.js';
import { wishOf } from './wish.js';

/** What came back of the order. A return that was only asked for moves nothing yet. */
export const returnConsumer = (record: RecordNews): Consumer =>
  consumer({
    group: 'order-capture.oms.return',
    topic: 'oms.return',
    handlers: [
      on(ReturnReceived, (message) => {
        const { returnId, kind, at } = message.data;
        const lines = message.data.lines.map(wishOf);
        const data = { returnId, kind, step: 'received', at, lines } as const;
        return record(message, { type: 'RecordReturn', data });
      }),
      on(ReturnInspected, (message) => {
        const { returnId, kind, at } = message.data;
        const lines = message.data.lines.map((line) => ({
          ...wishOf(line),
          disposition: line.disposition,
        }));
        const data = { returnId, kind, step: 'inspected', at, lines } as const;
        return record(message, { type: 'RecordReturn', data });
      }),
    ],
  });

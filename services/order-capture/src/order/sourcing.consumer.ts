import {
  BackordersPromised,
  CancellationSettled,
  OrderBackordered,
  OrderSourced,
  RecallRequested,
  SourcingFailed,
  type BackorderedLine,
} from '@throughline/contracts';
import { consumer, on, type Consumer } from '@throughline/messaging';
import type { RecordNews } from './order-news.js';
import { wishOf } from './wish.js';

const waitingOf = (line: BackorderedLine) => ({
  ...wishOf(line),
  ...(line.promisedOn && { promisedOn: line.promisedOn }),
});

/** Where the order's lines come from, and what of them waits for stock. */
export const sourcingConsumer = (record: RecordNews): Consumer =>
  consumer({
    group: 'order-capture.oms.sourcing',
    topic: 'oms.sourcing',
    handlers: [
      on(OrderSourced, (message) => {
        const { attempt, allocations, backordered } = message.data;
        const data = {
          attempt,
          allocations: allocations.map(({ fulfillmentId, locationId, lines }) => ({
            fulfillmentId,
            locationId,
            lines: lines.map(wishOf),
          })),
          backordered: backordered.map(waitingOf),
          at: message.time,
        };
        return record(message, { type: 'RecordSourcing', data });
      }),
      on(OrderBackordered, (message) => {
        const { attempt, backordered } = message.data;
        const waiting = backordered.map(waitingOf);
        const data = { attempt, allocations: [], backordered: waiting, at: message.time };
        return record(message, { type: 'RecordSourcing', data });
      }),
      on(BackordersPromised, (message) => {
        const data = { lines: message.data.lines.map(waitingOf), at: message.time };
        return record(message, { type: 'RecordPromises', data });
      }),
      on(SourcingFailed, (message) => {
        const { attempt, reason, skus } = message.data;
        const data = { attempt, reason, at: message.time, ...(skus && { skus }) };
        return record(message, { type: 'RecordSourcingFailure', data });
      }),
      on(CancellationSettled, (message) => {
        const { cancellationId, lines, recallId, refused } = message.data;
        const data = {
          cancellationId,
          lines: lines.map(wishOf),
          ...(recallId && { recallId }),
          ...(refused && { refused: refused.map(wishOf) }),
        };
        return record(message, { type: 'RecordSettlement', data });
      }),
      on(RecallRequested, (message) => {
        const { recallId, fulfillmentId, reason, lines } = message.data;
        const data = { recallId, fulfillmentId, reason, lines: lines.map(wishOf) };
        return record(message, { type: 'RecordRecall', data });
      }),
    ],
  });

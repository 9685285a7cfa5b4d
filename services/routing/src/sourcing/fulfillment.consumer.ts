import {
  FulfillmentHandedOver,
  FulfillmentRecalled,
  FulfillmentRejected,
  FulfillmentShorted,
} from '@throughline/contracts';
import { causeOf, consumer, on, type Consumer } from '@throughline/messaging';
import type { ReadPicture } from '../picture/picture.query.js';
import type { Stock } from './domain/picture.js';
import type { Carry } from './sourcing-handler.js';

/** A location that rejects work is not asked for those goods again before this. */
const REJECTION_BARS_MS = 4 * 60 * 60 * 1_000;

const after = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

/** What the shelves of the location show of what was missing on them: more of it later means that goods came. */
const shelvesOf = async (
  read: ReadPicture,
  { locationId, lines }: FulfillmentShorted,
): Promise<readonly Stock[]> => {
  const skus = [...new Set(lines.map(({ sku }) => sku))];
  const { stock } = await read({ skus, onlyLocationId: null });
  return stock.filter((shelf) => shelf.locationId === locationId);
};

/** What locations could not, would not or did send, and what they give back. */
export const fulfillmentConsumer = (carry: Carry, read: ReadPicture): Consumer =>
  consumer({
    group: 'routing.oms.fulfillment',
    topic: 'oms.fulfillment',
    handlers: [
      on(FulfillmentShorted, async (message) => {
        const { orderId, fulfillmentId, lines, at } = message.data;
        const terms = { at, barredUntil: null, stock: await shelvesOf(read, message.data) };
        const data = { reason: 'short', fulfillmentId, lines, ...terms } as const;
        await carry(orderId, { type: 'ReturnLines', data }, causeOf(message));
      }),
      on(FulfillmentRejected, async (message) => {
        const { orderId, fulfillmentId, lines, at } = message.data;
        const terms = { at, barredUntil: after(at, REJECTION_BARS_MS), stock: [] };
        const data = { reason: 'rejected', fulfillmentId, lines, ...terms } as const;
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

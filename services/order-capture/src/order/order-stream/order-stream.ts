import type { EventStore, Position } from '@throughline/event-store';
import { ORDER_CATEGORY, orderIdOf } from '../order.publisher.js';

/** Answers the text of server-sent events, for as long as `signal` lasts. */
export type OrderStream = (
  after: Position | undefined,
  signal: AbortSignal,
) => AsyncIterable<string>;

/**
 * Tells what happens to orders as it happens (server-sent events of the HTML standard): from
 * `after` on, or from now. It names order and event; whoever wants more asks for the order, so no
 * personal data travels here.
 */
export const orderStream = (store: EventStore): OrderStream =>
  async function* (after, signal) {
    const from = after ?? (await store.head());
    // The connection is known to stand before anything happens.
    yield ': connected\n\n';
    for await (const { events } of store.subscribe([ORDER_CATEGORY], from, signal)) {
      const frames = events.map(({ position, type, stream, revision, metadata }) => {
        const data = { orderId: orderIdOf(stream), type, revision, at: metadata.at };
        return `id: ${position}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
      });
      if (frames.length > 0) yield frames.join('');
    }
  };

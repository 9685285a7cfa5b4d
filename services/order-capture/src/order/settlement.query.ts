import type { EventStore, Position } from '@throughline/event-store';
import type { LineWish } from './domain/order.js';
import { orderCodec } from './order.codec.js';
import { ORDER_CATEGORY } from './order.publisher.js';

export type Settled = {
  /** Taken out of sourcing at once; locations answer for the rest. */
  readonly lines: readonly LineWish[];
  /** Where all that followed from it is written, too. */
  readonly position: Position;
};

/**
 * What routing settled of a cancellation; waits for it a moment and answers undefined when it has
 * not come by then. `from` is the first revision of the order's stream where it may stand.
 */
export type SettlementQuery = (
  orderId: string,
  cancellationId: string,
  from: number,
) => Promise<Settled | undefined>;

/** Routing commonly answers within a tenth of this. */
const WAIT_MAX_MS = 1_000;
/** The pause before the second look; each later one is twice as long. */
const FIRST_PAUSE_MS = 20;

/**
 * Looks into the stream rather than for a word from this process's own consumers: those may run
 * elsewhere.
 */
export const settlementQuery =
  (store: EventStore): SettlementQuery =>
  async (orderId, cancellationId, from) => {
    const deadline = performance.now() + WAIT_MAX_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
      const recorded = await store.read(`${ORDER_CATEGORY}-${orderId}`, from);
      for (const { type, data } of recorded.map(orderCodec.decode))
        if (type === 'CancellationSettled' && data.cancellationId === cancellationId)
          return { lines: data.lines, position: recorded.at(-1)!.position };
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return undefined;
      await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)));
    }
  };

import { derivedId } from '@throughline/kernel';
import { thenOffers } from './attempt.js';
import { wantedOf } from './evolution.js';
import { add, subtract, summed, type Lines } from './lines.js';
import type { Place, Recall, Sourcing, SourcingEvent } from './sourcing.js';

/** The order was never given out; `work` is what was told of it, whether routing knows of it or not. */
export type Disowning = {
  readonly disownId: string;
  readonly work: readonly (Place & { readonly lines: Lines })[];
};

/**
 * The order was never given out, so nothing of it may go on: what has no place yet and what waits is let go, the attempt
 * under way is closed, and locations are asked for all that they have not handed over. Work that another than routing has
 * given out under the order's id is asked back too.
 */
export const disownOrder = (
  state: Sourcing,
  { disownId, work }: Disowning,
): readonly SourcingEvent[] => {
  const { open, waiting, inFlight } = state;
  const closes = inFlight && {
    attempt: inFlight.attempt,
    lines: add(wantedOf(inFlight), inFlight.cancelled),
  };
  const own = [...state.work.values()].map(({ lines, handedOver, ...place }) => ({
    ...place,
    lines: subtract(subtract(lines, handedOver), askedOf(state, place.fulfillmentId)),
  }));
  const foreign = work.filter(({ fulfillmentId }) => !state.work.has(fulfillmentId));
  const recalls = [...own, ...foreign]
    .filter(({ lines }) => lines.length > 0)
    .map((one): Recall => ({ ...one, recallId: derivedId(disownId, one.fulfillmentId) }));
  if (open.length + waiting.length + recalls.length === 0 && !closes) return [];
  const queued = waiting.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
  const data = { disownId, open, waiting: queued, closes, recalls };
  return thenOffers(state, [{ type: 'SourcingDisowned', data }]);
};

const askedOf = ({ recalls }: Sourcing, fulfillmentId: string): Lines =>
  summed(
    [...recalls.values()]
      .filter((recall) => recall.fulfillmentId === fulfillmentId)
      .flatMap(({ lines }) => lines),
  );

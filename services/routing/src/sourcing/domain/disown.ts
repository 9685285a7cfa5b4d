import { derivedId } from '@throughline/kernel';
import { thenOffers } from './attempt.js';
import { wantedOf } from './evolution.js';
import { add, subtract, summed, type Lines } from './lines.js';
import type { Answer, Place, Recall, Sourcing, SourcingEvent } from './sourcing.js';

/** Taken out of sourcing at once: not yet proposed, queued, under way. The rest is recalled. */
export type TakenOut = {
  readonly open: Lines;
  readonly waiting: Lines;
  /** The attempt of which this leaves nothing, and what it may have queued. */
  readonly closes: { readonly attempt: number; readonly lines: Lines } | null;
  readonly recalls: readonly Recall[];
};

/** An attempt that routing never made, and what it left in inventory's queue. */
export type Disbelieved = { readonly attempt: number; readonly lines: Lines };

/** `disbelieved`: attempts of others, which are closed. */
export type Disowned = {
  readonly disownId: string;
  readonly disbelieved?: readonly Disbelieved[];
};

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
  const { disbelieved } = state;
  const units = open.length + waiting.length + recalls.length + disbelieved.length;
  if (units === 0 && !closes) return [];
  const queued = waiting.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
  const data = {
    disownId,
    open,
    waiting: queued,
    closes,
    recalls,
    ...(disbelieved.length > 0 && { disbelieved }),
  };
  return thenOffers(state, [{ type: 'SourcingDisowned', data }]);
};

/**
 * Stock was reserved for an order that was never sourced. Order-capture is told; if it has not given the order out either,
 * it disowns it, and the attempt is closed.
 */
export const disbelieve = (
  { disbelieved, closed }: Sourcing,
  { attempt, backordered }: Answer,
): readonly SourcingEvent[] => {
  if (closed.has(attempt) || disbelieved.some((one) => one.attempt === attempt)) return [];
  const lines = backordered.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
  return [{ type: 'AnswerDisbelieved', data: { attempt, lines } }];
};

const askedOf = ({ recalls }: Sourcing, fulfillmentId: string): Lines =>
  summed(
    [...recalls.values()]
      .filter((recall) => recall.fulfillmentId === fulfillmentId)
      .flatMap(({ lines }) => lines),
  );

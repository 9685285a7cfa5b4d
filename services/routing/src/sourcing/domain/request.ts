import { thenOffers } from './attempt.js';
import { wantedOf } from './evolution.js';
import { add, type LineQuantity } from './lines.js';
import type { Sourcing, SourcingEvent, SourcingRequest } from './sourcing.js';

/**
 * A person wants it sourced once more: what waits is looked at with what is open, and nothing bars a location. An
 * attempt under way goes on, unless the goods are to go elsewhere: then it is closed. What locations work on stays.
 */
export const requestSourcing = (
  state: Sourcing,
  request: SourcingRequest,
): readonly SourcingEvent[] => {
  const { order, inFlight, requests } = state;
  if (!order || requests.has(request.requestId)) return [];
  const closes =
    inFlight && request.delivery
      ? { attempt: inFlight.attempt, lines: add(wantedOf(inFlight), inFlight.cancelled) }
      : null;
  const waiting = state.waiting.map(({ lineId, sku, quantity }): LineQuantity => ({
    lineId,
    sku,
    quantity,
  }));
  const data = { ...request, waiting, closes };
  return thenOffers(state, [{ type: 'SourcingReopened', data }]);
};

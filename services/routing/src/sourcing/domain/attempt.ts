import { derivedId } from '@throughline/kernel';
import { activeBars, barFailure, isOfferBarred, refusedAt, RETURNS_MAX } from './bars.js';
import { evolve, linesOf, wantedOf } from './evolution.js';
import { heldLinesOf } from './holds.js';
import { add, common, subtract, summed, type Lines } from './lines.js';
import type { Allocation, Picture } from './picture.js';
import { planOf, type Demand } from './plan.js';
import { promisedAnew, unpromised } from './promises.js';
import type {
  Answer,
  FailureReason,
  Order,
  Refusal,
  Released,
  Reservation,
  Sourcing,
  SourcingEvent,
} from './sourcing.js';

/** After this many refusals in one round the next proposal is final, so that every round ends. */
export const REFUSALS_MAX = 3;
/** A final proposal is refused for its holds alone; after as many refusals again it names none. */
export const REFUSALS_WITH_HOLDS_MAX = 2 * REFUSALS_MAX;

/** The one location that may serve the order, where the goods are handed over at it. */
export const onlyLocationOf = ({ delivery }: Pick<Order, 'delivery'>): string | null =>
  delivery.method === 'ship' ? null : delivery.locationId;

/** Fulfillment work of one location in one attempt. */
export const fulfillmentIdOf = (orderId: string, attempt: number, locationId: string): string =>
  derivedId(orderId, attempt, locationId);

/** Whether something is to be planned that waits for no answer. */
export const needsPlan = ({ order, open, inFlight, failure }: Sourcing): boolean =>
  order !== null && open.length > 0 && inFlight === null && failure === null;

/** Proposes what is open; nothing while an attempt is under way, or while what made it fail is still so. */
export const planAttempt = (
  state: Sourcing,
  picture: Picture,
  at?: string,
): readonly SourcingEvent[] => {
  const { order, open, inFlight, refusals } = state;
  if (!order || inFlight || open.length === 0) return [];
  const attempt = state.attempts + 1;
  const fails = (reason: FailureReason): readonly SourcingEvent[] =>
    reason === state.failure ? [] : [{ type: 'SourcingFailed', data: { attempt, reason } }];
  const reason = failureOf(order, state, picture);
  if (reason !== null) return fails(reason);
  const bars = activeBars(state, picture, at);
  const refused = refusedAt(open, onlyLocationOf(order), bars);
  const free = subtract(open, refused);
  const held = refusals < REFUSALS_WITH_HOLDS_MAX ? heldLinesOf({ ...state, open: free }) : [];
  const { barred, ...planned } = planRest(order, state, subtract(free, held), picture, bars);
  if (held.length + planned.allocations.length + planned.backorders.length === 0)
    return fails(barFailure([...refused, ...barred], onlyLocationOf(order), bars));
  const isNothing = held.length === 0 && planned.allocations.length === 0;
  const isFinal = planned.backorders.length > 0 || isNothing || refusals >= REFUSALS_MAX;
  const proposal = { ...planned, offerId: null, final: isFinal };
  return [proposed(order, attempt, held.length > 0 ? { ...proposal, held } : proposal)];
};

/** A plan for what no hold stands behind. */
const planRest = (
  order: Order,
  { known }: Sourcing,
  lines: Lines,
  picture: Picture,
  bars: Demand['bars'],
): Pick<Proposal, 'allocations' | 'backorders' | 'explanation'> & { readonly barred: Lines } => {
  if (lines.length === 0) return { allocations: [], backorders: [], barred: [], explanation: null };
  const onlyLocationId = onlyLocationOf(order);
  const { destination } = order;
  return planOf({ lines, destination, onlyLocationId, bars, known }, picture);
};

type Proposal = Pick<
  Extract<SourcingEvent, { type: 'SourcingProposed' }>['data'],
  'final' | 'offerId' | 'allocations' | 'backorders' | 'held' | 'explanation'
>;

const proposed = (order: Order, attempt: number, proposal: Proposal): SourcingEvent => ({
  type: 'SourcingProposed',
  data: {
    attempt,
    priority: order.priority,
    acceptedAt: order.acceptedAt,
    onlyLocationId: onlyLocationOf(order),
    ...proposal,
    ...(order.channel !== undefined && { channel: order.channel }),
    ...(proposal.held &&
      order.holdsOfChannel !== undefined && { holdsOfChannel: order.holdsOfChannel }),
  },
});

/** Why no plan can be made at all. Goods that are handed over at one location can come from nowhere else. */
const failureOf = (
  order: Order,
  { returns }: Sourcing,
  { locations }: Picture,
): FailureReason | null => {
  if (returns >= RETURNS_MAX) return 'too-many-returns';
  if (order.delivery.method === 'ship') return null;
  const only = onlyLocationOf(order);
  if (only === null) return 'no-location';
  const location = locations.find(({ locationId }) => locationId === only);
  if (!location) return 'unknown-location';
  return location.active ? null : 'inactive-location';
};

/** These events, and then whatever stock on offer can be taken without a plan. */
export const thenOffers = (
  state: Sourcing,
  events: readonly SourcingEvent[],
): readonly SourcingEvent[] => {
  let after = events.reduce(evolve, state);
  const all = [...events];
  while (after.order && !after.inFlight && after.offers.length > 0) {
    const event = answerOffer(after.order, after);
    all.push(event);
    after = evolve(after, event);
  }
  return all;
};

/**
 * Takes what the oldest offer has for lines that still wait. For lines that do not wait at all it is declined: if
 * inventory still queues them, those places are to go. Lines that are not to come from there leave the queue: the
 * stock would wait beside them for ever.
 */
const answerOffer = (order: Order, state: Sourcing): SourcingEvent => {
  const { offers, waiting, attempts } = state;
  const { offerId, locationId, lines: offered } = offers[0]!;
  const lines = common(offered, waiting);
  const taken = new Set(lines.map(({ lineId }) => lineId));
  const surplus = offered.filter(({ lineId }) => !taken.has(lineId));
  if (surplus.length > 0) return { type: 'OfferDeclined', data: { offerId, backorders: surplus } };
  const barred = lines.filter(({ sku }) => isOfferBarred(state, locationId, sku));
  if (barred.length > 0) {
    const stock = barred.map(({ sku, quantity }) => ({ sku, locationId, available: quantity }));
    return { type: 'BackordersReopened', data: { offerId, lines: barred, stock } };
  }
  const proposal = {
    allocations: [{ locationId, lines }],
    backorders: [],
    explanation: null,
    offerId,
    final: true,
  };
  return proposed(order, attempts + 1, proposal);
};

/** Inventory answered. What was cancelled meanwhile is let go: queue places first, then reservations. */
export const settleAttempt = (state: Sourcing, answer: Answer): readonly SourcingEvent[] => {
  const { order, inFlight } = state;
  if (!order || inFlight?.attempt !== answer.attempt) return lateAnswer(state, answer);
  const reserved = summed(answer.allocations.flatMap(({ lines }) => lines));
  const queued = subtract(linesOf(inFlight), reserved);
  const backorders = common(queued, inFlight.cancelled);
  const { kept, released } = letGo(answer, subtract(inFlight.cancelled, backorders));
  const waiting = add(state.waiting, unpromised(subtract(queued, backorders)));
  const { orderNumber, priority, delivery, orderId } = order;
  const { attempt, inventoryRevision } = answer;
  const allocations = kept.map((allocation): Released => ({
    ...allocation,
    fulfillmentId: fulfillmentIdOf(orderId, attempt, allocation.locationId),
  }));
  const data = {
    orderNumber,
    attempt,
    priority,
    delivery,
    allocations,
    backordered: promisedAnew(waiting, answer.backordered),
    released: { reservations: released, backorders },
    ...(inventoryRevision !== undefined && { inventoryRevision }),
  };
  return thenOffers(state, [{ type: 'AttemptSettled', data }]);
};

/** Takes `cancelled` out of what was reserved, from the lowest ranked location first. */
const letGo = (
  { attempt, allocations }: Answer,
  cancelled: Lines,
): { readonly kept: readonly Allocation[]; readonly released: readonly Reservation[] } => {
  if (cancelled.length === 0) return { kept: allocations, released: [] };
  let left = cancelled;
  const kept: Allocation[] = [];
  const released: Reservation[] = [];
  for (const { locationId, lines } of allocations.toReversed()) {
    const gone = common(lines, left);
    left = subtract(left, gone);
    released.push(...reservationsOf(attempt, locationId, gone));
    const rest = subtract(lines, gone);
    if (rest.length > 0) kept.unshift({ locationId, lines: rest });
  }
  return { kept, released };
};

const reservationsOf = (attempt: number, locationId: string, lines: Lines): Reservation[] =>
  lines.map((line) => ({ ...line, attempt, locationId }));

/** An answer to a closed attempt reserves for nobody; one to an attempt settled long ago is a repetition. */
const lateAnswer = (
  { closed }: Sourcing,
  { attempt, allocations }: Answer,
): readonly SourcingEvent[] => {
  const reservations = allocations.flatMap(({ locationId, lines }) =>
    reservationsOf(attempt, locationId, lines),
  );
  if (!closed.has(attempt) || reservations.length === 0) return [];
  return [{ type: 'LateReservationReleased', data: { attempt, reservations } }];
};

/**
 * Only the attempt under way can be refused; a refusal of a closed one left nothing behind. What no catalogue
 * lists cannot be sourced before it is there, and the order waits for it as a whole.
 */
export const refuseAttempt = (
  { inFlight, open }: Sourcing,
  refusal: Refusal,
): readonly SourcingEvent[] => {
  const { attempt, unknownSkus = [] } = refusal;
  if (inFlight?.attempt !== attempt) return [];
  const refused: SourcingEvent = { type: 'AttemptRefused', data: refusal };
  const wanted = new Set(add(open, wantedOf(inFlight)).map(({ sku }) => sku));
  const skus = unknownSkus.filter((sku) => wanted.has(sku));
  if (skus.length === 0) return [refused];
  return [refused, { type: 'SourcingFailed', data: { attempt, reason: 'unknown-sku', skus } }];
};

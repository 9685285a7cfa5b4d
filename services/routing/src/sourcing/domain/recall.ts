import { derivedId } from '@throughline/kernel';
import { fulfillmentIdOf, thenOffers } from './attempt.js';
import { wantedOf } from './evolution.js';
import { add, common, subtract, summed, type Lines } from './lines.js';
import type {
  Cancellation,
  PendingRecall,
  Place,
  Recall,
  RecallAnswer,
  RecallOutcome,
  RecallReason,
  Return,
  Revocation,
  Sourcing,
  SourcingEvent,
  Work,
} from './sourcing.js';

const NOTHING: readonly SourcingEvent[] = [];

const placeOf = ({ fulfillmentId, attempt, locationId }: Place): Place => ({
  fulfillmentId,
  attempt,
  locationId,
});

/** What cancellations ask locations for, without the recall that is answered. */
const askedBack = ({ recalls }: Sourcing, answered?: string): Lines =>
  summed(
    [...recalls.values()].flatMap(({ reason, recallId, lines }) =>
      reason === 'cancelled' && recallId !== answered ? lines : [],
    ),
  );

/** Units that come back while cancellations ask for such are not sourced before locations have answered. */
const heldBackOf = (state: Sourcing, lines: Lines): Lines =>
  common(lines, subtract(askedBack(state), state.heldBack));

/** A location did not find the goods, or refuses the work: what it still had of them comes back. */
export const returnLines = (
  state: Sourcing,
  { fulfillmentId, lines, ...why }: Return,
): readonly SourcingEvent[] => {
  const work = state.work.get(fulfillmentId);
  const gone = work ? common(lines, work.lines) : [];
  // Recalled meanwhile: those units were counted back already.
  if (!work || gone.length === 0) return NOTHING;
  const heldBack = heldBackOf(state, gone);
  const data = { ...placeOf(work), ...why, lines: gone };
  return [{ type: 'LinesReturned', data: heldBack.length > 0 ? { ...data, heldBack } : data }];
};

/** A count or damage took reserved stock: the location is asked for what it cannot send any more. */
export const revokeReservation = (
  state: Sourcing,
  { attempt, locationId, lines }: Revocation,
): readonly SourcingEvent[] => {
  if (!state.order) return NOTHING;
  const { orderId } = state.order;
  const work = state.work.get(fulfillmentIdOf(orderId, attempt, locationId));
  const affected = work ? common(lines, work.lines) : [];
  // Released or cancelled meanwhile: nobody waits for that reservation.
  if (!work || affected.length === 0) return NOTHING;
  const recallId = derivedId(orderId, 'revoked', work.fulfillmentId, state.recallsMade);
  const data = { ...placeOf(work), recallId, lines: affected };
  return [{ type: 'ReservationRevoked', data }];
};

/** The fulfillment alone decides what it gives back; each recall is answered once. */
export const answerRecall = (
  state: Sourcing,
  { recallId, lines, refused }: RecallAnswer,
): readonly SourcingEvent[] => {
  const recall = state.recalls.get(recallId);
  if (!recall) return NOTHING;
  const work = state.work.get(recall.fulfillmentId);
  const given = work ? common(lines, work.lines) : [];
  const { reason } = recall;
  const answer = { ...placeOf(recall), recallId, reason, lines: given, refused };
  if (reason === 'cancelled')
    return [
      { type: 'RecallAnswered', data: { ...answer, ...heldBackEnds(state, recall, refused) } },
    ];
  const heldBack = heldBackOf(state, given);
  return [
    { type: 'RecallAnswered', data: { ...answer, ...(heldBack.length > 0 && { heldBack }) } },
  ];
};

/**
 * What a location refuses it has handed over or given back before. As much as was held back is cancelled all the
 * same, so that none of it is sent; what no other cancellation asks for is wanted.
 */
const heldBackEnds = (
  state: Sourcing,
  { recallId, cancellationId }: PendingRecall,
  refused: Lines,
): Pick<RecallOutcome, 'settled' | 'reopened'> => {
  const { heldBack } = state;
  const lines = common(refused, heldBack);
  const rest = subtract(heldBack, lines);
  const reopened = subtract(rest, askedBack(state, recallId));
  return {
    ...(lines.length > 0 && cancellationId !== undefined && { settled: { cancellationId, lines } }),
    ...(reopened.length > 0 && { reopened }),
  };
};

/**
 * Goods left the building. Kept only where another location has the same line: it is what tells a later
 * cancellation whom to ask.
 */
export const recordHandOver = (
  { work }: Sourcing,
  data: { readonly fulfillmentId: string; readonly lines: Lines },
): readonly SourcingEvent[] => {
  const elsewhere = [...work.values()].filter(
    ({ fulfillmentId }) => fulfillmentId !== data.fulfillmentId,
  );
  const isShared = elsewhere.some(({ lines }) => common(lines, data.lines).length > 0);
  return work.has(data.fulfillmentId) && isShared ? [{ type: 'GoodsHandedOver', data }] : NOTHING;
};

/**
 * The customer wants less. First goes what has no place yet, then what waits in the queue, then what is under way
 * (let go when inventory answers; an attempt of which nothing is left is closed at once). The rest is
 * with locations, which are asked to give it back, the newest work first, and alone answer for it.
 */
export const cancelLines = (
  state: Sourcing,
  { cancellationId, lines }: Cancellation,
): readonly SourcingEvent[] => {
  // Approval and cancellation share topic and key: without an order there is nothing to take back.
  if (!state.order) return NOTHING;
  const wanted = summed(lines);
  const open = common(wanted, state.open);
  const withoutOpen = subtract(wanted, open);
  const waiting = common(withoutOpen, state.waiting);
  const withoutWaiting = subtract(withoutOpen, waiting);
  const underWay = state.inFlight ? wantedOf(state.inFlight) : [];
  const inFlight = common(withoutWaiting, underWay);
  const elsewhere = subtract(withoutWaiting, inFlight);
  const recalls = recallsOf(state, cancellationId, elsewhere);
  const refused = subtract(elsewhere, summed(recalls.flatMap((recall) => recall.lines)));
  const closes =
    state.inFlight && inFlight.length > 0 && subtract(underWay, inFlight).length === 0
      ? { attempt: state.inFlight.attempt, lines: add(underWay, state.inFlight.cancelled) }
      : null;
  const data = { cancellationId, open, waiting, inFlight, closes, recalls };
  const answer = refused.length > 0 ? { ...data, refused } : data;
  return thenOffers(state, [{ type: 'LinesCancelled', data: answer }]);
};

/**
 * Asks for `wanted` where it can most likely still be had; what is left over is asked for all the same, so that
 * its location says no and the customer gets an answer.
 */
const recallsOf = (state: Sourcing, cancellationId: string, wanted: Lines): readonly Recall[] => {
  if (wanted.length === 0) return [];
  const newestFirst = [...state.work.values()].sort(
    (a, b) => b.attempt - a.attempt || (a.locationId < b.locationId ? -1 : 1),
  );
  const asked = new Map<string, Lines>();
  let left = wanted;
  const ask = (at: Work, able: Lines): void => {
    const taken = common(left, able);
    left = subtract(left, taken);
    asked.set(at.fulfillmentId, add(asked.get(at.fulfillmentId) ?? [], taken));
  };
  const beyond = (at: Work, able: Lines): Lines =>
    subtract(able, asked.get(at.fulfillmentId) ?? []);
  for (const at of newestFirst) ask(at, stillThere(state, at, 'any'));
  // What stock is missing for comes back anyhow, and is not to be sourced again.
  for (const at of newestFirst) ask(at, beyond(at, stillThere(state, at, 'cancelled')));
  for (const at of newestFirst) ask(at, beyond(at, at.lines));
  return newestFirst.flatMap((at) => {
    const lines = asked.get(at.fulfillmentId)!;
    if (lines.length === 0) return [];
    return [{ ...placeOf(at), recallId: derivedId(cancellationId, at.fulfillmentId), lines }];
  });
};

/** What a location neither handed over nor is asked for already, for any reason or by a cancellation. */
const stillThere = (
  { recalls }: Sourcing,
  { fulfillmentId, lines, handedOver }: Work,
  askedFor: RecallReason | 'any',
): Lines => {
  const asked = [...recalls.values()].filter(
    (recall) =>
      recall.fulfillmentId === fulfillmentId && (askedFor === 'any' || recall.reason === askedFor),
  );
  return subtract(subtract(lines, handedOver), summed(asked.flatMap((recall) => recall.lines)));
};

import { assertNever } from '@throughline/kernel';
import { barsAfter, isBarFailure } from './bars.js';
import { holdsOf, holdStockAfter } from './holds.js';
import { add, subtract, summed, type LineQuantity, type Lines } from './lines.js';
import { stockKey, type Stock } from './picture.js';
import { promisedAnew } from './promises.js';
import type { InFlight, PendingRecall, Sourcing, SourcingEvent } from './sourcing.js';

/** An order that is approved after all begins after the attempts of others, unless these are further than any goes. */
const FOREIGN_ATTEMPT_MAX = 1_000;

export const initialState: Sourcing = {
  order: null,
  disowned: false,
  disbelieved: [],
  attempts: 0,
  open: [],
  inFlight: null,
  waiting: [],
  promisesToldAt: -1,
  work: new Map(),
  recalls: new Map(),
  recallsMade: 0,
  heldBack: [],
  offers: [],
  refusals: 0,
  known: [],
  holds: new Map(),
  holdStock: new Map(),
  bars: new Map(),
  returns: 0,
  requests: new Set(),
  closed: new Set(),
  failure: null,
  unknownSkus: [],
};

type Data<Type extends SourcingEvent['type']> = Extract<SourcingEvent, { type: Type }>['data'];

/** A line's units alone, whatever else is said of it. */
const unitsOnly = ({ lineId, sku, quantity }: LineQuantity): LineQuantity => ({
  lineId,
  sku,
  quantity,
});

/** All that an attempt is about, by line. */
export const linesOf = ({
  allocations,
  backorders,
  held,
}: Pick<InFlight, 'allocations' | 'backorders' | 'held'>): Lines =>
  summed([...held.map(unitsOnly), ...allocations.flatMap(({ lines }) => lines), ...backorders]);

/** What of an attempt is still wanted. */
export const wantedOf = (inFlight: InFlight): Lines =>
  subtract(linesOf(inFlight), inFlight.cancelled);

/** Folds one fact into the picture of where every unit is. */
export const evolve = (state: Sourcing, { type, data }: SourcingEvent): Sourcing => {
  switch (type) {
    case 'SourcingStarted': {
      const { lines, ...order } = data;
      const holds = holdsOf(lines);
      return { ...state, order, disowned: false, open: lines.map(unitsOnly), holds };
    }
    case 'SourcingProposed':
      return proposed(state, data);
    case 'AttemptRefused':
      return refused(state, data);
    case 'AttemptSettled':
      return settled(state, data);
    case 'LateReservationReleased':
      return { ...state, closed: without(state.closed, data.attempt) };
    case 'StockOffered':
      return { ...state, offers: [...state.offers, data] };
    case 'OfferDeclined':
      return offerWithout(state, data.offerId, data.backorders);
    case 'PromisesMoved':
      return {
        ...state,
        waiting: promisedAnew(state.waiting, data.lines),
        promisesToldAt: data.inventoryRevision,
      };
    case 'LinesReturned':
      return returned(state, data);
    case 'BackordersReopened':
      return reopened(state, data);
    case 'SourcingReopened':
      return requested(state, data);
    case 'ReservationRevoked':
      return recalled(state, [{ ...data, reason: 'revoked' }]);
    case 'RecallAnswered':
      return recallAnswered(state, data);
    case 'GoodsHandedOver':
      return handedOver(state, data);
    case 'LinesCancelled':
      return cancelled(state, data);
    case 'SourcingDisowned':
      return disowned(state, data);
    case 'AnswerDisbelieved':
      return {
        ...state,
        attempts: Math.max(state.attempts, Math.min(data.attempt, FOREIGN_ATTEMPT_MAX)),
        disbelieved: [...state.disbelieved, data],
      };
    case 'SourcingFailed':
      return failed(state, data);
    default:
      return assertNever(type);
  }
};

const proposed = (state: Sourcing, data: Data<'SourcingProposed'>): Sourcing => {
  const { attempt, offerId, allocations, backorders, held = [] } = data;
  const inFlight = { attempt, allocations, backorders, held, cancelled: [] };
  const lines = linesOf(inFlight);
  const next = { ...state, attempts: attempt, inFlight, failure: null, unknownSkus: [] };
  if (offerId === null) return { ...next, open: subtract(state.open, lines) };
  const offers = state.offers.filter((offer) => offer.offerId !== offerId);
  return { ...next, waiting: subtract(state.waiting, lines), offers };
};

/** What inventory says now is newer than what it said before. */
const refused = (state: Sourcing, { shortages, holds = [] }: Data<'AttemptRefused'>): Sourcing => {
  const open = state.inFlight ? add(state.open, wantedOf(state.inFlight)) : state.open;
  const refusals = state.refusals + 1;
  const holdStock = holdStockAfter(state.holdStock, holds);
  return {
    ...state,
    open,
    inFlight: null,
    refusals,
    known: knownAfter(state.known, shortages),
    holdStock,
  };
};

const settled = (
  state: Sourcing,
  { attempt, allocations, backordered, inventoryRevision }: Data<'AttemptSettled'>,
): Sourcing => {
  const work = new Map(state.work);
  for (const { fulfillmentId, locationId, lines } of allocations)
    work.set(fulfillmentId, { fulfillmentId, attempt, locationId, lines, handedOver: [] });
  // The round is over: what was learned in it is in the picture by the next one, and its holds are used up.
  const round = { refusals: 0, known: [], holds: new Map(), holdStock: new Map() };
  const promisesToldAt = inventoryRevision ?? state.promisesToldAt;
  return { ...state, ...round, inFlight: null, work, waiting: backordered, promisesToldAt };
};

const offerWithout = (state: Sourcing, offerId: string, gone: Lines): Sourcing => ({
  ...state,
  offers: state.offers.flatMap((offer) => {
    if (offer.offerId !== offerId) return [offer];
    const lines = subtract(offer.lines, gone);
    return lines.length > 0 ? [{ ...offer, lines }] : [];
  }),
});

const returned = (state: Sourcing, data: Data<'LinesReturned'>): Sourcing => {
  const { reason, fulfillmentId, locationId, lines, heldBack = [], barredUntil } = data;
  const next = cameBack(state, fulfillmentId, lines, heldBack);
  const barred = { ...next, bars: barsAfter(state.bars, data), returns: state.returns + 1 };
  if (reason === 'short' || barredUntil === undefined) return barred;
  // What it refuses to send lies there and is free: the picture will say so a moment later.
  const free = lines.map(({ sku, quantity }) => ({ sku, locationId, available: quantity }));
  return { ...barred, known: knownAfter(state.known, free) };
};

/** What waited for stock is open: all of the offer that may not be used. */
const reopened = (
  state: Sourcing,
  { offerId, lines, stock }: Data<'BackordersReopened'>,
): Sourcing => ({
  ...offerWithout(state, offerId, lines),
  waiting: subtract(state.waiting, lines),
  open: add(state.open, lines),
  known: knownAfter(state.known, stock),
});

const requested = (state: Sourcing, data: Data<'SourcingReopened'>): Sourcing => {
  const { requestId, delivery, destination, again, waiting, closes } = data;
  const { order, inFlight } = state;
  const underWay = closes && inFlight ? wantedOf(inFlight) : [];
  return {
    ...state,
    order: order && delivery ? { ...order, delivery, destination: destination ?? null } : order,
    open: add(add(add(state.open, waiting.map(unitsOnly)), underWay), again),
    waiting: subtract(state.waiting, waiting),
    inFlight: closes ? null : inFlight,
    closed: closes ? new Set(state.closed).add(closes.attempt) : state.closed,
    bars: new Map(),
    returns: 0,
    refusals: 0,
    known: [],
    failure: null,
    unknownSkus: [],
    requests: new Set(state.requests).add(requestId),
  };
};

/** What inventory says last of a shelf counts. */
const knownAfter = (known: readonly Stock[], told: readonly Stock[]): readonly Stock[] => {
  const stocks = new Map<string, Stock>();
  for (const stock of [...known, ...told]) stocks.set(stockKey(stock.locationId, stock.sku), stock);
  return [...stocks.values()];
};

const workWithout = (
  work: Sourcing['work'],
  fulfillmentId: string,
  lines: Lines,
): Sourcing['work'] => {
  const at = work.get(fulfillmentId);
  if (!at) return work;
  const next = new Map(work);
  const left = subtract(at.lines, lines);
  if (left.length > 0) next.set(fulfillmentId, { ...at, lines: left });
  else next.delete(fulfillmentId);
  return next;
};

const recalled = (state: Sourcing, made: readonly PendingRecall[]): Sourcing => {
  if (made.length === 0) return state;
  const recalls = new Map(state.recalls);
  for (const recall of made) recalls.set(recall.recallId, recall);
  return { ...state, recalls, recallsMade: state.recallsMade + made.length };
};

/** Units of a location's work are to be sourced again, unless a cancellation may want them. */
const cameBack = (state: Sourcing, fulfillmentId: string, lines: Lines, kept: Lines): Sourcing => ({
  ...state,
  work: workWithout(state.work, fulfillmentId, lines),
  open: add(state.open, subtract(lines, kept)),
  heldBack: add(state.heldBack, kept),
});

/** What the customer cancelled is gone; what stock was missing for is to be sourced again. */
const recallAnswered = (
  before: Sourcing,
  { recallId, reason, fulfillmentId, lines, ...parts }: Data<'RecallAnswered'>,
): Sourcing => {
  const recalls = new Map(before.recalls);
  recalls.delete(recallId);
  const state = { ...before, recalls };
  if (reason === 'revoked') return cameBack(state, fulfillmentId, lines, parts.heldBack ?? []);
  const { settled, reopened = [] } = parts;
  const taken = add(settled?.lines ?? [], reopened);
  return {
    ...state,
    work: workWithout(state.work, fulfillmentId, lines),
    open: add(state.open, reopened),
    heldBack: subtract(state.heldBack, taken),
  };
};

const handedOver = (
  state: Sourcing,
  { fulfillmentId, lines }: Data<'GoodsHandedOver'>,
): Sourcing => {
  const at = state.work.get(fulfillmentId);
  if (!at) return state;
  const done = { ...at, handedOver: add(at.handedOver, lines) };
  return { ...state, work: new Map(state.work).set(fulfillmentId, done) };
};

const cancelled = (state: Sourcing, data: Data<'LinesCancelled'>): Sourcing => {
  const { cancellationId, open, waiting, inFlight, closes, recalls } = data;
  const reason = 'cancelled';
  const asked = recalls.map((recall) => ({ ...recall, reason, cancellationId }) as const);
  const next = recalled(state, asked);
  const underWay = state.inFlight && {
    ...state.inFlight,
    cancelled: add(state.inFlight.cancelled, inFlight),
  };
  return {
    ...next,
    open: subtract(state.open, open),
    waiting: subtract(state.waiting, waiting),
    inFlight: closes ? null : underWay,
    closed: closes ? new Set(state.closed).add(closes.attempt) : state.closed,
    // With less to source, what failed may be gone: the next look at it tells.
    failure: null,
    unknownSkus: [],
  };
};

const disowned = (state: Sourcing, data: Data<'SourcingDisowned'>): Sourcing => {
  const { disownId, open, waiting, closes, recalls, disbelieved = [] } = data;
  const request = { cancellationId: disownId, open, waiting, inFlight: [], closes, recalls };
  const next = cancelled(state, request);
  const closed = new Set([...next.closed, ...disbelieved.map(({ attempt }) => attempt)]);
  return { ...next, closed, disbelieved: [], disowned: true };
};

/** What barred it is looked at with a new picture next time. */
const failed = (state: Sourcing, { reason, skus = [] }: Data<'SourcingFailed'>): Sourcing => {
  const known = isBarFailure(reason) ? [] : state.known;
  return { ...state, failure: reason, unknownSkus: skus, known };
};

const without = (attempts: ReadonlySet<number>, attempt: number): ReadonlySet<number> => {
  const left = new Set(attempts);
  left.delete(attempt);
  return left;
};

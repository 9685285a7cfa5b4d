import {
  BackordersPromised,
  CancellationSettled,
  LINES_MAX,
  OrderBackordered,
  OrderSourced,
  RecallRequested,
  SourcingFailed,
  SourcingProposed,
  SourcingReleased,
  type Delivery,
  type LineQuantity,
  type ReleasedReservation,
} from '@throughline/contracts';
import { assertNever } from '@throughline/kernel';
import { publish, publisher, type Published } from '@throughline/messaging';
import { add, summed, type Lines } from './domain/lines.js';
import type {
  Delivery as StoredDelivery,
  Recall,
  RecallReason,
  Reservation,
  SourcingEvent,
} from './domain/sourcing.js';
import { sourcingCodec } from './sourcing.codec.js';
import { CATEGORY } from './sourcing-handler.js';

type Data<Type extends SourcingEvent['type']> = Extract<SourcingEvent, { type: Type }>['data'];

const deliveryOf = ({ shipTo, ...delivery }: StoredDelivery): Delivery => ({
  ...delivery,
  shipTo: shipTo && {
    ...shipTo,
    personal: { ...shipTo.personal, lines: [...shipTo.personal.lines] },
  },
});

const allocationsOf = <Given extends { readonly lines: Lines }>(
  allocations: readonly Given[],
): (Omit<Given, 'lines'> & { lines: LineQuantity[] })[] =>
  allocations.map((allocation) => ({ ...allocation, lines: [...allocation.lines] }));

/** Lists in pieces that a message may carry; an order split over many locations has more parts than lines. */
const pieces = <Item>(items: readonly Item[]): Item[][] => {
  const made: Item[][] = [];
  for (let from = 0; from < items.length; from += LINES_MAX)
    made.push(items.slice(from, from + LINES_MAX));
  return made;
};

type Release = {
  readonly reason: SourcingReleased['reason'];
  readonly closesAttempt?: number | null;
  readonly reservations?: readonly Reservation[];
  readonly backorders?: Lines;
};

/** What the order no longer needs; nothing where it gives nothing back. */
const releases = (orderId: string, release: Release): Published[] => {
  const { reason, closesAttempt = null, reservations = [], backorders = [] } = release;
  const base = { orderId, reason, closesAttempt: null };
  const first: ReleasedReservation[][] = pieces(reservations);
  if (first.length === 0 && backorders.length === 0 && closesAttempt === null) return [];
  const [head = [], ...rest] = first;
  return [
    { ...base, closesAttempt, reservations: head, backorders: [...backorders] },
    ...rest.map((more) => ({ ...base, reservations: more, backorders: [] })),
  ].map((data) => publish(SourcingReleased, orderId, data));
};

const reservedAt = (
  { attempt, locationId }: { readonly attempt: number; readonly locationId: string },
  lines: Lines,
): Reservation[] => lines.map((line) => ({ ...line, attempt, locationId }));

const recallOf = (orderId: string, recall: Recall, reason: RecallReason): Published => {
  const { recallId, fulfillmentId, lines } = recall;
  const data = { orderId, recallId, fulfillmentId, reason, lines: [...lines] };
  return publish(RecallRequested, orderId, data);
};

const proposalOf = (orderId: string, data: Data<'SourcingProposed'>): Published => {
  const { attempt, final, priority, acceptedAt, onlyLocationId, offerId } = data;
  const allocations = allocationsOf(data.allocations);
  const backorders = [...data.backorders];
  const head = { orderId, attempt, final, priority, acceptedAt, onlyLocationId, offerId };
  return publish(SourcingProposed, orderId, {
    ...head,
    allocations,
    backorders,
    ...(data.held && { held: [...data.held] }),
    ...(data.channel !== undefined && { channel: data.channel }),
    ...(data.holdsOfChannel !== undefined && { holdsOfChannel: data.holdsOfChannel }),
  });
};

/** What was cancelled under way is given back before the rest becomes work. */
const settlementOf = (orderId: string, data: Data<'AttemptSettled'>): Published[] => {
  const { orderNumber, attempt, priority } = data;
  const released = releases(orderId, { reason: 'cancelled', ...data.released });
  const allocations = allocationsOf(data.allocations);
  const backordered = [...data.backordered];
  const delivery = deliveryOf(data.delivery);
  const sourced = { orderId, orderNumber, attempt, priority, delivery, allocations, backordered };
  if (allocations.length > 0) return [...released, publish(OrderSourced, orderId, sourced)];
  if (backordered.length === 0) return released;
  return [...released, publish(OrderBackordered, orderId, { orderId, attempt, backordered })];
};

const cancellationOf = (orderId: string, data: Data<'LinesCancelled'>): Published[] => {
  const { cancellationId, open, waiting, inFlight, closes, recalls } = data;
  const lines = [...summed([...open, ...waiting, ...inFlight])];
  const backorders = closes ? add(waiting, closes.lines) : waiting;
  const closesAttempt = closes && closes.attempt;
  return [
    publish(CancellationSettled, orderId, {
      orderId,
      cancellationId,
      lines,
      ...(data.refused && { refused: [...data.refused] }),
    }),
    ...releases(orderId, { reason: 'cancelled', closesAttempt, backorders }),
    ...recalls.map((recall) => recallOf(orderId, recall, 'cancelled')),
  ];
};

const reopeningOf = (
  orderId: string,
  { waiting, closes }: Data<'SourcingReopened'>,
): Published[] => {
  const backorders = closes ? add(waiting, closes.lines) : waiting;
  const closesAttempt = closes && closes.attempt;
  return releases(orderId, { reason: 'attempt-closed', closesAttempt, backorders });
};

const disowningOf = (orderId: string, data: Data<'SourcingDisowned'>): Published[] => {
  const { waiting, closes, recalls, disbelieved = [] } = data;
  const backorders = closes ? add(waiting, closes.lines) : waiting;
  const closesAttempt = closes && closes.attempt;
  return [
    ...releases(orderId, { reason: 'cancelled', closesAttempt, backorders }),
    ...disbelieved.flatMap(({ attempt, lines }) =>
      releases(orderId, { reason: 'cancelled', closesAttempt: attempt, backorders: lines }),
    ),
    ...recalls.map((recall) => recallOf(orderId, recall, 'cancelled')),
  ];
};

const recallAnswerOf = (orderId: string, data: Data<'RecallAnswered'>): Published[] => {
  const { reason, recallId, settled } = data;
  // A revoked reservation is gone already; there is nothing of it to release.
  const reservations = reason === 'cancelled' ? reservedAt(data, data.lines) : [];
  const released = releases(orderId, { reason: 'cancelled', reservations });
  if (!settled) return released;
  const { cancellationId, lines } = settled;
  const cancelled = { orderId, cancellationId, recallId, lines: [...lines] };
  return [...released, publish(CancellationSettled, orderId, cancelled)];
};

const failureOf = (orderId: string, { skus, ...failure }: Data<'SourcingFailed'>): Published =>
  publish(SourcingFailed, orderId, { orderId, ...failure, ...(skus && { skus: [...skus] }) });

const messagesOf = (orderId: string, { type, data }: SourcingEvent): readonly Published[] => {
  switch (type) {
    case 'SourcingProposed':
      return [proposalOf(orderId, data)];
    case 'AttemptSettled':
      return settlementOf(orderId, data);
    case 'LateReservationReleased':
      return releases(orderId, { reason: 'attempt-closed', reservations: data.reservations });
    case 'OfferDeclined':
      return releases(orderId, { reason: 'attempt-closed', backorders: data.backorders });
    case 'PromisesMoved':
      return [publish(BackordersPromised, orderId, { orderId, lines: [...data.lines] })];
    case 'LinesReturned': {
      const reservations = reservedAt(data, data.lines);
      return releases(orderId, { reason: data.reason, reservations });
    }
    case 'BackordersReopened':
      return releases(orderId, { reason: 'attempt-closed', backorders: data.lines });
    case 'SourcingReopened':
      return reopeningOf(orderId, data);
    case 'ReservationRevoked':
      return [recallOf(orderId, data, 'revoked')];
    case 'RecallAnswered':
      return recallAnswerOf(orderId, data);
    case 'LinesCancelled':
      return cancellationOf(orderId, data);
    case 'SourcingDisowned':
      return disowningOf(orderId, data);
    case 'AnswerDisbelieved': {
      const { attempt } = data;
      return [publish(SourcingFailed, orderId, { orderId, attempt, reason: 'never-sourced' })];
    }
    case 'SourcingFailed':
      return [failureOf(orderId, data)];
    case 'SourcingStarted':
    case 'AttemptRefused':
    case 'StockOffered':
    case 'GoodsHandedOver':
      return [];
    default:
      return assertNever(type);
  }
};

/** What the world hears of an order's sourcing. */
export const sourcingPublisher = publisher({
  service: 'routing',
  topic: 'oms.sourcing',
  category: CATEGORY,
  codec: sourcingCodec,
  map: (event, { stream }) => messagesOf(stream.slice(CATEGORY.length + 1), event),
});

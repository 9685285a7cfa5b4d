import { accept, assertNever, reject, type Decider, type Decision } from '@throughline/kernel';
import { addressHoldId, missingInAddress } from './initial-holds.js';
import type { Hold, OrderCommand, OrderEvent, OrderRejection } from './order.js';
import { cancel, isCancelled, recallAnswered, settled } from './order-cancellation.js';
import { acceptWithConsequences } from './order-consequences.js';
import { editOrder, serviceSettled } from './order-edit.js';
import { changedOf } from './order-quantities.js';
import { changeDelivery, refundLoss, reship, sourceAgain } from './order-remedies.js';
import { evolveOrder, noOrder, type Order } from './order-state.js';
import { placementOf } from './placement.js';

type Data<Type extends OrderCommand['type']> = Extract<
  OrderCommand,
  { readonly type: Type }
>['data'];
type OrderDecision = Decision<OrderEvent, OrderRejection>;

/**
 * An order from its acceptance on. It is approved exactly once, when its payment stands and nothing
 * holds it. From then on others act on it, and what they report is recorded as it comes: facts, in
 * any order, never refused.
 */
export const order: Decider<OrderCommand, OrderEvent, Order, OrderRejection> = {
  initialState: noOrder,

  decide: (command, state) => {
    if (command.type === 'PlaceOrder') return place(command.data, state);
    if (state.progress.acceptedAt === '') return reject({ code: 'unknown-order' });
    const { type, data } = command;
    const strangers = linesNamedBy(command).filter(({ lineId }) => !isLine(state, lineId));
    if (strangers.length > 0)
      return reject({ code: 'unknown-line', lineIds: strangers.map(({ lineId }) => lineId) });
    switch (type) {
      case 'PlaceHold':
        return placeHold(data, state);
      case 'ReleaseHold':
        return releaseHold(data, state);
      case 'CancelOrder': {
        const decision = cancel(data, state);
        return decision.ok ? acceptWithConsequences(state, ...decision.events) : decision;
      }
      case 'RecordSettlement': {
        const decision = settled(data, state);
        return decision.ok ? acceptWithConsequences(state, ...decision.events) : decision;
      }
      case 'EditOrder':
        return editOrder(data, state);
      case 'AcknowledgeException':
        return acknowledge(data, state);
      case 'RecordAuthorization':
        return authorized(data, state);
      case 'RecordDecline':
        return declined(data, state);
      case 'RecordCapture':
        return accept({ type: 'PaymentCaptured', data });
      case 'RecordRefund':
        return accept({ type: 'PaymentRefunded', data });
      case 'RecordSourcing':
        return acceptWithConsequences(state, { type: 'SourcingSettled', data });
      case 'RecordSourcingFailure':
        return accept({ type: 'SourcingFailed', data });
      case 'RecordPromises':
        return acceptWithConsequences(state, { type: 'PromisesMoved', data });
      case 'RecordRecall':
        return accept({ type: 'RecallRequested', data });
      case 'RecordProgress':
        return progressed(data, state);
      case 'RecordParcel':
        return parcelMoved(data, state);
      case 'RecordEarlyTracking':
        return accept({ type: 'ParcelTrackedEarly', data });
      case 'SourceAgain':
        return sourceAgain(data, state);
      case 'ChangeDelivery':
        return changeDelivery(data, state);
      case 'Reship':
        return reship(data, state);
      case 'RefundLoss':
        return refundLoss(data, state);
      case 'RecordReturn':
        return accept({ type: 'ReturnProgressed', data });
      default:
        return assertNever(type);
    }
  },

  evolve: evolveOrder,
};

const isLine = ({ progress }: Order, lineId: string): boolean =>
  progress.quantities.lines.has(lineId);

/** The lines that a command speaks of, whatever it says about them. */
const linesNamedBy = ({ type, data }: OrderCommand): readonly { readonly lineId: string }[] => {
  switch (type) {
    case 'RecordSourcing':
      return [...data.allocations.flatMap(({ lines }) => lines), ...data.backordered];
    case 'CancelOrder':
      return data.lines ?? [];
    case 'RecordPromises':
    case 'RecordSettlement':
    case 'RecordRecall':
    case 'RecordProgress':
    case 'RecordParcel':
    case 'RecordReturn':
      return data.lines;
    case 'PlaceOrder':
    case 'PlaceHold':
    case 'ReleaseHold':
    case 'EditOrder':
    case 'AcknowledgeException':
    case 'SourceAgain':
    case 'ChangeDelivery':
    case 'Reship':
    case 'RefundLoss':
    case 'RecordAuthorization':
    case 'RecordDecline':
    case 'RecordCapture':
    case 'RecordRefund':
    case 'RecordSourcingFailure':
    case 'RecordEarlyTracking':
      return [];
    default:
      return assertNever(type);
  }
};

const place = (data: Data<'PlaceOrder'>, state: Order): OrderDecision => {
  const { request, opening, doubts, holdsOfChannel, ...identity } = data;
  const known = { ...(opening && { opening }), ...(doubts && { doubts }) };
  const placement = placementOf(request, identity, known);
  if (!placement.ok) return reject({ code: 'invalid-order', errors: placement.errors });
  // The same content would have been recognised by its cause before it came here.
  if (state.progress.acceptedAt !== '') return reject({ code: 'order-exists-with-other-content' });
  const holds = placement.holds.map((hold): OrderEvent => ({ type: 'HoldPlaced', data: hold }));
  const { order } = placement;
  const placed = holdsOfChannel === undefined ? order : { ...order, holdsOfChannel };
  return accept<OrderEvent>({ type: 'OrderPlaced', data: placed }, ...holds);
};

const placeHold = (hold: Hold, { progress }: Order): OrderDecision => {
  if (progress.approved) return reject({ code: 'already-approved' });
  if (isCancelled(progress.quantities)) return reject({ code: 'order-cancelled' });
  return accept<OrderEvent>({ type: 'HoldPlaced', data: hold });
};

/** Without a country the goods cannot be sent, whatever a person says. */
const isUndeliverable = ({ fulfillment, shipTo }: Order): boolean =>
  fulfillment.method === 'ship' && !shipTo?.country;

const releaseHold = ({ holdId, reason, at }: Data<'ReleaseHold'>, state: Order): OrderDecision => {
  const hold = state.progress.holds.find((open) => open.holdId === holdId);
  // Two people may release the same hold: the second finds it done.
  if (!hold) return state.releasedHolds.has(holdId) ? accept() : reject(unknownHold(holdId));
  // Another hold of an address may go: the order's own goes on standing.
  if (holdId === addressHoldId(state.orderId) && isUndeliverable(state))
    return reject({ code: 'address-incomplete', missing: missingInAddress(state)! });
  const data = { holdId, reason, by: 'person' } as const;
  const settled = serviceSettled(holdId, at, state);
  return acceptWithConsequences(state, ...settled, { type: 'HoldReleased', data });
};

const unknownHold = (holdId: string): OrderRejection => ({ code: 'unknown-hold', holdId });

const acknowledge = (
  data: Data<'AcknowledgeException'>,
  { progress, acknowledged }: Order,
): OrderDecision => {
  if (progress.troubles.some(({ key }) => key === data.key))
    return accept<OrderEvent>({ type: 'ExceptionAcknowledged', data });
  return acknowledged.has(data.key)
    ? accept()
    : reject({ code: 'unknown-exception', key: data.key });
};

const authorized = (data: Data<'RecordAuthorization'>, state: Order): OrderDecision => {
  const events: OrderEvent[] = [{ type: 'PaymentAuthorized', data }];
  const hold = state.progress.holds.find(({ holdId }) => holdId === state.declineHoldId);
  if (hold)
    events.push({
      type: 'HoldReleased',
      data: { holdId: hold.holdId, reason: 'Payment is authorized', by: 'payment' },
    });
  return acceptWithConsequences(state, ...events);
};

const declined = ({ holdId, ...decline }: Data<'RecordDecline'>, state: Order): OrderDecision => {
  const { approved, holds, quantities } = state.progress;
  // Too late to hold what others have already; it is shown as an exception instead.
  if (approved || isCancelled(quantities))
    return accept<OrderEvent>({ type: 'PaymentDeclined', data: decline });
  if (holds.some((open) => open.holdId === state.declineHoldId))
    return accept<OrderEvent>({ type: 'PaymentDeclined', data: decline });
  const { reason, at } = decline;
  return accept<OrderEvent>(
    { type: 'PaymentDeclined', data: { ...decline, holdId } },
    { type: 'HoldPlaced', data: { holdId, kind: 'payment', reason, at } },
  );
};

/**
 * Keeps of a fulfillment's news only what changed: repeated numbers would swell the stream of a
 * long order.
 */
const progressed = (
  { granted = [], ...data }: Data<'RecordProgress'>,
  state: Order,
): OrderDecision => {
  const { lines: known } = state.progress.quantities;
  const lines = data.lines.flatMap(
    (news) => changedOf(known.get(news.lineId)!, data.fulfillmentId, news) ?? [],
  );
  const progress: OrderEvent = { type: 'FulfillmentProgressed', data: { ...data, lines } };
  return acceptWithConsequences(state, progress, ...recallAnswered(data, granted, state));
};

/** What is in a parcel is written down once, with the first news of it. */
const parcelMoved = (data: Data<'RecordParcel'>, state: Order): OrderDecision => {
  const { shipmentId, status, at, reason, ...content } = data;
  const isKnown = state.progress.quantities.parcels.has(shipmentId);
  const fact = { shipmentId, status, at, ...(reason !== undefined && { reason }) };
  return acceptWithConsequences(state, {
    type: 'ParcelProgressed',
    data: isKnown ? fact : { ...fact, content },
  });
};

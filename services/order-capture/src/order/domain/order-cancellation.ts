import { accept, derivedId, reject, type Decision } from '@throughline/kernel';
import { everyLine, type LineFacts, type Quantities } from './line-facts.js';
import type { LineWish, OrderCommand, OrderEvent, OrderRejection, Progress } from './order.js';
import { bucketsOf, handedOverOf } from './order-buckets.js';

import type { Order } from './order-state.js';

type Data<Type extends OrderCommand['type']> = Extract<
  OrderCommand,
  { readonly type: Type }
>['data'];
type Settlement = Data<'RecordSettlement'>;

/** Units of a line that may still be cancelled: neither asked for already nor handed over. */
const cancellableOf = (line: LineFacts, attempt: number): number =>
  Math.max(0, line.ordered - line.cancelRequested - handedOverOf(bucketsOf(line, attempt)));

/** A line that is named twice is meant with the sum. */
const summed = (wishes: readonly LineWish[]): LineWish[] => {
  const quantities = new Map<string, number>();
  for (const { lineId, quantity } of wishes)
    quantities.set(lineId, (quantities.get(lineId) ?? 0) + quantity);
  return [...quantities].map(([lineId, quantity]) => ({ lineId, quantity }));
};

/**
 * Cancels the given quantities, or without `lines` all that can still be cancelled. Before approval
 * that is final; afterwards routing says what it could take out of sourcing at once, and locations
 * answer for the rest.
 */
export const cancel = (
  { cancellationId, reason, lines: wishes, holdId, exceptionKey }: Data<'CancelOrder'>,
  order: Order,
): Decision<OrderEvent, OrderRejection> => {
  const { progress } = order;
  const { lines, attempt } = progress.quantities;
  // Whoever saw the hold meant an order that waits; released meanwhile, it goes its way. So it is with
  // other exceptions.
  if (holdId !== undefined && !progress.holds.some((open) => open.holdId === holdId))
    return reject({ code: 'unknown-hold', holdId });
  if (exceptionKey !== undefined && !progress.troubles.some(({ key }) => key === exceptionKey))
    return reject({ code: 'unknown-exception', key: exceptionKey });
  const wanted = wishes ? summed(wishes) : everythingOf(progress.quantities);
  const refused = wanted
    .map((wish) => ({ ...wish, open: cancellableOf(lines.get(wish.lineId)!, attempt) }))
    .filter(({ quantity, open }) => quantity > open);
  if (refused.length > 0) return notCancellable(refused);
  if (wanted.length === 0) return nothingLeft(progress.quantities);
  const named = wanted.map((wish) => ({ ...wish, sku: lines.get(wish.lineId)!.sku }));
  const { approved } = progress;
  const data = { cancellationId, reason, lines: named, approved };
  const request: OrderEvent = { type: 'CancellationRequested', data };
  if (approved) return accept(request);
  return accept(request, ...linesCancelled(wanted, order, holdsGivenUp(wanted, order)));
};

/** The checkout's holds that no line names any more once `wishes` are cancelled. */
const holdsGivenUp = (
  wishes: readonly LineWish[],
  { reservations, progress }: Order,
): readonly string[] => {
  const leaving = new Map(wishes.map(({ lineId, quantity }) => [lineId, quantity]));
  const isWanted = ([lineId]: readonly [lineId: string, reservationId: string]): boolean => {
    const { ordered, cancelRequested } = progress.quantities.lines.get(lineId)!;
    return ordered - cancelRequested > (leaving.get(lineId) ?? 0);
  };
  const wanted = new Set([...reservations].filter(isWanted).map(([, id]) => id));
  const named = wishes.flatMap(({ lineId }) => reservations.get(lineId) ?? []);
  return [...new Set(named)].filter((id) => !wanted.has(id));
};

const everythingOf = ({ lines, attempt }: Quantities): LineWish[] =>
  [...lines]
    .map(([lineId, line]) => ({ lineId, quantity: cancellableOf(line, attempt) }))
    .filter(({ quantity }) => quantity > 0);

/**
 * Asked to cancel everything when all was asked for already, that is done; handed over, it cannot
 * be.
 */
const nothingLeft = ({ lines }: Quantities): Decision<OrderEvent, OrderRejection> =>
  everyLine(lines, (line) => line.cancelRequested === line.ordered) ? accept() : notCancellable([]);

type Refused = Extract<OrderRejection, { readonly code: 'not-cancellable' }>['lines'];

const notCancellable = (lines: Refused): Decision<OrderEvent, OrderRejection> =>
  reject({
    code: 'not-cancellable',
    open: lines.reduce((sum, { open }) => sum + open, 0),
    lines,
  });

/** Whether every unit of the order is finally cancelled. */
export const isCancelled = ({ lines }: Quantities): boolean =>
  everyLine(lines, (line) => line.cancelled === line.ordered);

/** What is now finally cancelled, for those who hold its money. */
const linesCancelled = (
  wishes: readonly LineWish[],
  { progress, holdsOfChannel }: Order,
  reservationIds: readonly string[] = [],
): OrderEvent[] => {
  if (wishes.length === 0) return [];
  const { lines } = progress.quantities;
  const named = wishes.map((wish) => ({ ...wish, sku: lines.get(wish.lineId)!.sku }));
  const limit = holdsOfChannel !== undefined && { holdsOfChannel };
  const holds = reservationIds.length > 0 && { reservationIds, ...limit };
  return [{ type: 'LinesCancelled', data: { lines: named, ...holds } }];
};

/**
 * Routing took these units out of sourcing: nobody will send them any more. The rest of the
 * cancellation was recalled from locations.
 */
export const settled = (
  settlement: Settlement,
  order: Order,
): Decision<OrderEvent, OrderRejection> => {
  const { cancellationId, lines } = settlement;
  // The request is in this very stream before anybody hears of it.
  if (!order.cancellations.has(cancellationId))
    return reject({ code: 'unknown-cancellation', cancellationId });
  const event: OrderEvent = { type: 'CancellationSettled', data: settlement };
  return accept(event, ...linesCancelled(lines, order));
};

/**
 * A location gave up what a customer's cancellation asked back, or keeps it, which ends that part of
 * the cancellation. The recall's id tells whose it is, so that its answer may come before routing's
 * own word of it. What the location gives up for another reason is sourced again.
 */
export const recallAnswered = (
  { fulfillmentId, recall, at }: Progress,
  granted: readonly LineWish[],
  order: Order,
): OrderEvent[] => {
  if (!recall) return [];
  const { recallId, refused: lines } = recall;
  const isOurs = [...order.cancellations].some((id) => derivedId(id, fulfillmentId) === recallId);
  if (!isOurs) return [];
  const refusal: OrderEvent = { type: 'CancellationRefused', data: { recallId, lines, at } };
  return [...linesCancelled(granted, order), ...(lines.length > 0 ? [refusal] : [])];
};

import { accept, reject, type Decision } from '@throughline/kernel';
import type { LineWish, OrderCommand, OrderEvent, OrderRejection, SkuWish } from './order.js';
import { bucketsOf, handedOverOf } from './order-buckets.js';
import { everyLine, type LineFacts, type Quantities } from './order-quantities.js';
import type { Order } from './order-state.js';

type Cancel = Extract<OrderCommand, { readonly type: 'CancelOrder' }>['data'];

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
 * Cancels the given quantities, or without `lines` all that can still be cancelled. What no
 * location has is cancelled at once; the rest waits for the locations' answers to a recall.
 */
export const cancel = (
  { cancellationId, reason, lines: wishes, holdId }: Cancel,
  { progress }: Order,
): Decision<OrderEvent, OrderRejection> => {
  const { lines, attempt } = progress.quantities;
  // Whoever saw the hold meant an order that waits; released meanwhile, it goes its way.
  if (holdId !== undefined && !progress.holds.some((open) => open.holdId === holdId))
    return reject({ code: 'unknown-hold', holdId });
  const wanted = wishes ? summed(wishes) : everythingOf(progress.quantities);
  const refused = wanted
    .map((wish) => ({ ...wish, open: cancellableOf(lines.get(wish.lineId)!, attempt) }))
    .filter(({ quantity, open }) => quantity > open);
  if (refused.length > 0) return notCancellable(refused);
  if (wanted.length === 0) return nothingLeft(progress.quantities);
  const named = wanted.map((wish) => ({ ...wish, sku: lines.get(wish.lineId)!.sku }));
  const { approved } = progress;
  const data = { cancellationId, reason, lines: named, approved };
  return accept<OrderEvent>({ type: 'CancellationRequested', data });
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
export const isCancelled = ({ lines, attempt }: Quantities): boolean =>
  everyLine(
    lines,
    (line) =>
      line.cancelRequested === line.ordered && bucketsOf(line, attempt).cancelled === line.ordered,
  );

/** Units that have become finally cancelled and that nobody was told of yet. */
export const linesCancelled = ({ progress }: Order): OrderEvent[] => {
  const { lines, attempt } = progress.quantities;
  const cancelled: SkuWish[] = [];
  for (const [lineId, line] of lines) {
    if (line.cancelRequested <= line.cancelled) continue;
    const quantity = bucketsOf(line, attempt).cancelled - line.cancelled;
    if (quantity > 0) cancelled.push({ lineId, sku: line.sku, quantity });
  }
  return cancelled.length > 0 ? [{ type: 'LinesCancelled', data: { lines: cancelled } }] : [];
};

/**
 * A location keeps what a customer's cancellation asked back: that part of the cancellation is off.
 * Units that have become free elsewhere meanwhile serve it first, so only what still waits is
 * lowered.
 */
export const cancellationsRefused = ({ progress, recalls }: Order): OrderEvent[] =>
  [...recalls].flatMap(([recallId, { reason, refused = [], refusedAt, settled }]) => {
    if (settled || reason !== 'cancelled' || refused.length === 0 || !refusedAt) return [];
    const lines = refused.flatMap((wish) => loweredBy(progress.quantities, wish));
    return [{ type: 'CancellationRefused', data: { recallId, lines, at: refusedAt } }];
  });

const loweredBy = ({ lines, attempt }: Quantities, { lineId, quantity: refused }: LineWish) => {
  const line = lines.get(lineId);
  if (!line) return [];
  const quantity = Math.min(refused, bucketsOf(line, attempt).cancelling);
  const undone = Math.max(0, line.cancelled - (line.cancelRequested - quantity));
  return quantity > 0 ? [{ lineId, quantity, undone }] : [];
};

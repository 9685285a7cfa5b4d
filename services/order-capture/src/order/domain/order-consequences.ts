import { accept, fold, type Decision } from '@throughline/kernel';
import { everyLine } from './line-facts.js';
import type { ApprovedLine, OrderEvent, OrderRejection } from './order.js';
import { bucketsOf } from './order-buckets.js';
import { isCancelled } from './order-cancellation.js';

import { evolveOrder, type Order } from './order-state.js';
import { deliveryOf } from './placement.js';

const ORDINARY_PRIORITY = 0;

/** What was held for other reasons needs no one once all of it is cancelled. */
const holdsMoot = ({ progress }: Order): OrderEvent[] =>
  progress.holds.length > 0 && isCancelled(progress.quantities)
    ? progress.holds.map(({ holdId }) => ({
        type: 'HoldReleased',
        data: { holdId, reason: 'The order was cancelled', by: 'cancellation' },
      }))
    : [];

/** Once payment stands and nothing holds the order, what is left of it may be sourced. */
const approval = (order: Order): OrderEvent[] => {
  const { progress, payment, channel, holdsOfChannel } = order;
  const { acceptedAt } = progress;
  if (progress.approved || payment !== 'stands' || progress.holds.length > 0) return [];
  const lines = wantedLines(order);
  if (lines.length === 0) return [];
  const delivery = deliveryOf(order);
  const priority = ORDINARY_PRIORITY;
  const limit = lines.some(({ reservationId }) => reservationId !== undefined) &&
    holdsOfChannel !== undefined && { holdsOfChannel };
  const data = { acceptedAt, priority, channel, ...limit, delivery, lines };
  return [{ type: 'OrderApproved', data }];
};

/** What is left of the lines, and the holds that stand behind them. */
const wantedLines = ({ progress, reservations }: Order): ApprovedLine[] =>
  [...progress.quantities.lines].flatMap(([lineId, { sku, ordered, cancelRequested }]) => {
    const quantity = ordered - cancelRequested;
    const reservationId = reservations.get(lineId);
    const line = { lineId, sku, quantity, ...(reservationId !== undefined && { reservationId }) };
    return quantity > 0 ? [line] : [];
  });

/** Said once: every unit that is still wanted is reserved somewhere, or waits with a date. */
const confirmation = ({ progress }: Order): OrderEvent[] => {
  if (progress.confirmed || !progress.approved) return [];
  const { lines, attempt } = progress.quantities;
  const settled = everyLine(lines, (line) => {
    const { open, backordered } = bucketsOf(line, attempt);
    return open === 0 && (backordered === 0 || line.promisedOn !== null);
  });
  return settled && !isCancelled(progress.quantities) ? [{ type: 'OrderConfirmed', data: {} }] : [];
};

/** The order's own steps, in the order in which one makes way for the next. */
const STEPS = [holdsMoot, approval, confirmation];

/** Accepts the facts together with all that follows from them for the order itself. */
export const acceptWithConsequences = (
  order: Order,
  ...facts: readonly OrderEvent[]
): Decision<OrderEvent, OrderRejection> => {
  const events = [...facts];
  let now = fold({ evolve: evolveOrder }, order, facts);
  for (const step of STEPS) {
    const consequences = step(now);
    events.push(...consequences);
    now = fold({ evolve: evolveOrder }, now, consequences);
  }
  return accept(...events);
};

import { assertNever } from '@throughline/kernel';
import {
  newLine,
  newWork,
  noQuantities,
  withLines,
  type LineFacts,
  type Quantities,
  type Work,
} from './line-facts.js';
import { WORK_NUMBERS, type LineProgress, type OrderEvent, type WorkNumber } from './order.js';
import { bucketsOf } from './order-buckets.js';
import { lossSettled, parcelMoved, reshipped } from './order-parcels.js';

/** Folds one event into the quantities; events that move no quantity leave them as they are. */
export const evolveQuantities = (quantities: Quantities, event: OrderEvent): Quantities => {
  switch (event.type) {
    case 'OrderPlaced':
      return {
        ...noQuantities,
        lines: new Map(event.data.lines.map((l) => [l.lineId, newLine(l.sku, l.quantity)])),
      };
    case 'CancellationRequested':
      return withLines(quantities, event.data.lines, (line, { quantity }) => ({
        ...line,
        cancelRequested: line.cancelRequested + quantity,
      }));
    case 'CancellationRefused':
      return withLines(quantities, event.data.lines, (line, { quantity }) => ({
        ...line,
        cancelRequested: line.cancelRequested - quantity,
      }));
    case 'CancellationSettled':
      return settled(quantities, event.data);
    case 'LinesCancelled':
      return withLines(quantities, event.data.lines, (line, { quantity }) =>
        cancelled(line, quantity, quantities.attempt),
      );
    case 'PromisesMoved':
      return withLines(quantities, event.data.lines, (line, { promisedOn = null }) => ({
        ...line,
        promisedOn,
      }));
    case 'SourcingSettled':
      return sourced(quantities, event.data);
    case 'FulfillmentProgressed':
      return progressed(quantities, event.data);
    case 'ParcelProgressed':
      return parcelMoved(quantities, event.data);
    case 'ReshipmentRequested':
      return reshipped(quantities, event.data);
    case 'LossSettled':
      return lossSettled(quantities, event.data);
    case 'ReturnProgressed':
      return returned(quantities, event.data);
    case 'HoldPlaced':
    case 'HoldReleased':
    case 'AddressChanged':
    case 'PaymentAuthorized':
    case 'PaymentDeclined':
    case 'PaymentCaptured':
    case 'PaymentRefunded':
    case 'OrderApproved':
    case 'SourcingFailed':
    case 'RecallRequested':
    case 'ParcelTrackedEarly':
    case 'OrderConfirmed':
    case 'SourcingRequested':
    case 'DeliveryChanged':
    case 'ExceptionAcknowledged':
      return quantities;
    default:
      return assertNever(event);
  }
};

type Data<Type extends OrderEvent['type']> = Extract<OrderEvent, { readonly type: Type }>['data'];

/** Units that went while they waited do not wait any more, whatever becomes of the rest later. */
const cancelled = (line: LineFacts, quantity: number, attempt: number): LineFacts => {
  const next = { ...line, cancelled: line.cancelled + quantity };
  const { backordered } = bucketsOf(next, attempt);
  return line.attempt === attempt ? { ...next, backordered } : next;
};

/**
 * Units that a location refused, because it had given them back already, are asked for all the same; whichever is
 * heard first. What nothing is left of is asked for no more.
 */
const settled = (
  quantities: Quantities,
  { lines, recallId, refused = [] }: Data<'CancellationSettled'>,
): Quantities => {
  const asked = withLines(quantities, recallId ? lines : [], (line, { quantity }) => ({
    ...line,
    cancelRequested: line.cancelRequested + quantity,
  }));
  return withLines(asked, refused, (line, { quantity }) => ({
    ...line,
    cancelRequested: line.cancelRequested - quantity,
  }));
};

const withWork = (
  line: LineFacts,
  fulfillmentId: string,
  change: (work: Work) => Work,
): LineFacts => {
  const index = line.works.findIndex((work) => work.fulfillmentId === fulfillmentId);
  const work = change(line.works[index] ?? newWork(fulfillmentId));
  const works = index < 0 ? [...line.works, work] : line.works.with(index, work);
  return { ...line, works };
};

const withNumbers = (work: Work, news: LineProgress): Work => {
  const next = { ...work };
  for (const number of WORK_NUMBERS) next[number] = news[number] ?? work[number];
  return next;
};

const sourced = (quantities: Quantities, data: Data<'SourcingSettled'>): Quantities => {
  const { attempt, allocations, backordered } = data;
  const entries = allocations.flatMap(({ fulfillmentId, lines }) =>
    lines.map((line) => ({ ...line, fulfillmentId })),
  );
  const allocated = withLines(quantities, entries, (line, { fulfillmentId, quantity }) =>
    // The location's own word of it may have come before, and says the same.
    withWork(line, fulfillmentId, (work) => ({
      ...work,
      released: Math.max(work.released, quantity),
    })),
  );
  if (attempt < quantities.attempt) return allocated;
  return {
    ...withLines(allocated, backordered, (line, { quantity, promisedOn = null }) => ({
      ...line,
      backordered: quantity,
      attempt,
      promisedOn,
    })),
    attempt,
  };
};

/**
 * The newest news replace what was known: goods that are put back make numbers fall, and what one
 * fulfillment tells arrives in the order in which it was told.
 */
const progressed = (quantities: Quantities, data: Data<'FulfillmentProgressed'>): Quantities => {
  const { fulfillmentId, lines, collected = [] } = data;
  const told = withLines(quantities, lines, (line, news) =>
    withWork(line, fulfillmentId, (work) => withNumbers(work, news)),
  );
  return withLines(told, collected, (line, { quantity }) =>
    withWork(line, fulfillmentId, (work) => ({ ...work, collected: work.collected + quantity })),
  );
};

const returned = (quantities: Quantities, data: Data<'ReturnProgressed'>): Quantities => {
  const { returnId, kind, step, lines } = data;
  // A parcel that came back undelivered was never with the customer; the shipment tells where it
  // is.
  if (kind !== 'customer') return quantities;
  return withLines(quantities, lines, (line, { quantity }) => {
    const index = line.returns.findIndex((entry) => entry.returnId === returnId);
    const known = line.returns[index] ?? { returnId, received: 0, inspected: 0 };
    const entry = { ...known, [step]: known[step] + quantity };
    const returns = index < 0 ? [...line.returns, entry] : line.returns.with(index, entry);
    return { ...line, returns };
  });
};

/** The numbers of `news` that differ from what the line knows; undefined when none does. */
export const changedOf = (
  line: LineFacts,
  fulfillmentId: string,
  news: LineProgress,
): LineProgress | undefined => {
  const known = line.works.find((work) => work.fulfillmentId === fulfillmentId);
  const changed: { lineId: string } & Partial<Record<WorkNumber, number>> = {
    lineId: news.lineId,
  };
  let hasChanged = false;
  for (const number of WORK_NUMBERS) {
    const units = news[number];
    if (units === undefined || units === (known?.[number] ?? 0)) continue;
    changed[number] = units;
    hasChanged = true;
  }
  return hasChanged ? changed : undefined;
};

import {
  WORK_NUMBERS,
  type LineProgress,
  type LineWish,
  type OrderEvent,
  type ParcelStatus,
  type WorkNumber,
} from './order.js';

/** How one line of one fulfillment stands, as its newest message tells. */
export type Work = Readonly<Record<WorkNumber, number>> & {
  readonly fulfillmentId: string;
  /** Taken away by the customer in person; a part of `handedOver`. */
  readonly collected: number;
};

/** What the customer sent back of a line in one return. */
type Returned = {
  readonly returnId: string;
  readonly received: number;
  readonly inspected: number;
};

/** All that is known of one line; its buckets are derived from it and never stored. */
export type LineFacts = {
  readonly sku: string;
  readonly ordered: number;
  /** Asked to be cancelled, less what locations refused. */
  readonly cancelRequested: number;
  /** Finally cancelled: before approval, by routing's settlement or by a location's grant. */
  readonly cancelled: number;
  /** Waiting for stock after sourcing attempt `attempt`. */
  readonly backordered: number;
  readonly attempt: number;
  readonly works: readonly Work[];
  /** Units in parcels, by where the parcels are. */
  readonly inTransit: number;
  readonly delivered: number;
  readonly returnedToOrigin: number;
  readonly lost: number;
  readonly returns: readonly Returned[];
};

/** Where a parcel is and what is in it. */
export type Parcel = {
  readonly status: ParcelStatus;
  readonly at: string;
  readonly lines: readonly LineWish[];
};

export type Quantities = {
  readonly lines: ReadonlyMap<string, LineFacts>;
  readonly parcels: ReadonlyMap<string, Parcel>;
  /** The newest sourcing attempt that was settled; 0 before the first. */
  readonly attempt: number;
};

export const noQuantities: Quantities = { lines: new Map(), parcels: new Map(), attempt: 0 };

export const newLine = (sku: string, ordered: number): LineFacts => ({
  sku,
  ordered,
  cancelRequested: 0,
  cancelled: 0,
  backordered: 0,
  attempt: 0,
  works: [],
  inTransit: 0,
  delivered: 0,
  returnedToOrigin: 0,
  lost: 0,
  returns: [],
});

export const newWork = (fulfillmentId: string): Work => ({
  fulfillmentId,
  released: 0,
  picked: 0,
  packed: 0,
  handedOver: 0,
  shorted: 0,
  cancelled: 0,
  collected: 0,
});

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
      return withLines(quantities, event.data.lines, (line, { quantity }) => ({
        ...line,
        cancelled: line.cancelled + quantity,
      }));
    case 'SourcingSettled':
      return sourced(quantities, event.data);
    case 'FulfillmentProgressed':
      return progressed(quantities, event.data);
    case 'ParcelProgressed':
      return parcelMoved(quantities, event.data);
    case 'ReturnProgressed':
      return returned(quantities, event.data);
    default:
      return quantities;
  }
};

type Data<Type extends OrderEvent['type']> = Extract<OrderEvent, { readonly type: Type }>['data'];

/** Changes the named lines; the map is copied once, however many they are. */
const withLines = <Entry extends { readonly lineId: string }>(
  quantities: Quantities,
  entries: readonly Entry[],
  change: (line: LineFacts, entry: Entry) => LineFacts,
): Quantities => {
  if (entries.length === 0) return quantities;
  const lines = new Map(quantities.lines);
  for (const entry of entries) {
    const line = lines.get(entry.lineId);
    if (line) lines.set(entry.lineId, change(line, entry));
  }
  return { ...quantities, lines };
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
    ...withLines(allocated, backordered, (line, { quantity }) => ({
      ...line,
      backordered: quantity,
      attempt,
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

const PLACE = {
  labelled: undefined,
  'in-transit': 'inTransit',
  'delivery-failed': 'inTransit',
  delivered: 'delivered',
  'returned-to-origin': 'returnedToOrigin',
  lost: 'lost',
  voided: undefined,
} as const satisfies Record<ParcelStatus, keyof LineFacts | undefined>;

/**
 * A higher rank wins, whatever the times: a lost parcel may turn up by a scan that is older than the
 * loss, and one that is back at its origin is there, whatever was said before. A voided one was opened
 * before it left: its units are where the location says.
 */
const RANK: Readonly<Record<ParcelStatus, number>> = {
  labelled: 0,
  'in-transit': 1,
  'delivery-failed': 2,
  lost: 3,
  delivered: 4,
  'returned-to-origin': 5,
  voided: 6,
};

/** Whether news of a parcel say more than what is known: a higher rank, or the same one later. */
export const supersedes = (
  news: Pick<Parcel, 'status' | 'at'>,
  known: Parcel | undefined,
): boolean =>
  known === undefined ||
  RANK[news.status] > RANK[known.status] ||
  (RANK[news.status] === RANK[known.status] && news.at > known.at);

const parcelMoved = (quantities: Quantities, data: Data<'ParcelProgressed'>): Quantities => {
  const { shipmentId, status, at, content } = data;
  const known = quantities.parcels.get(shipmentId);
  if (!supersedes(data, known)) return quantities;
  const lines = known?.lines ?? content?.lines ?? [];
  const parcels = new Map(quantities.parcels).set(shipmentId, { status, at, lines });
  const from = known && PLACE[known.status];
  const to = PLACE[status];
  if (from === to) return { ...quantities, parcels };
  const moved = withLines(quantities, lines, (line, { quantity }) => ({
    ...line,
    ...(from && { [from]: line[from] - quantity }),
    ...(to && { [to]: line[to] + quantity }),
  }));
  return { ...moved, parcels };
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

/** Whether all lines are so; stops at the first that is not. */
export const everyLine = (
  lines: Quantities['lines'],
  isSo: (line: LineFacts) => boolean,
): boolean => {
  for (const line of lines.values()) if (!isSo(line)) return false;
  return true;
};

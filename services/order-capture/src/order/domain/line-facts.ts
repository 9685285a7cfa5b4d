import type { LineWish, ParcelStatus, WorkNumber } from './milestones.js';

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
  /** When all that waits is expected; null while unknown. */
  readonly promisedOn: string | null;
  readonly works: readonly Work[];
  /** Units in parcels, by where the parcels are. */
  readonly inTransit: number;
  readonly delivered: number;
  readonly returnedToOrigin: number;
  readonly lost: number;
  /** Left in parcels that were lost, and is sent once more: the new units stand in for them. */
  readonly reshipped: number;
  readonly returns: readonly Returned[];
};

/** Where a parcel is and what is in it. */
export type Parcel = {
  readonly status: ParcelStatus;
  readonly at: string;
  readonly lines: readonly LineWish[];
  /** What a person decided about it when it was lost. */
  readonly settled?: 'reshipped' | 'refunded';
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
  promisedOn: null,
  works: [],
  inTransit: 0,
  delivered: 0,
  returnedToOrigin: 0,
  lost: 0,
  reshipped: 0,
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

/** Changes the named lines; the map is copied once, however many they are. */
export const withLines = <Entry extends { readonly lineId: string }>(
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

/** Whether all lines are so; stops at the first that is not. */
export const everyLine = (
  lines: Quantities['lines'],
  isSo: (line: LineFacts) => boolean,
): boolean => {
  for (const line of lines.values()) if (!isSo(line)) return false;
  return true;
};

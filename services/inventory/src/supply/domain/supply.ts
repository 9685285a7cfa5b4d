/** A purchase order (with its ship notice) from a supplier, or goods that go from one location to another. */
export const SUPPLY_KINDS = ['purchase-order', 'transfer'] as const;
export type SupplyKind = (typeof SUPPLY_KINDS)[number];
/** `cancelled`: it ended before anything had come. */
export const SUPPLY_STATES = ['open', 'closed', 'cancelled'] as const;
export type SupplyState = (typeof SUPPLY_STATES)[number];
/** What became of the rest of a supply that is closed. */
export const CLOSURE_REASONS = ['cancelled', 'lost'] as const;
export type ClosureReason = (typeof CLOSURE_REASONS)[number];

/** What somebody says of a supply. Times are ISO 8601 in UTC with milliseconds. */
export type Terms = {
  readonly kind: SupplyKind;
  readonly locationId: string;
  readonly fromLocationId: string | null;
  readonly supplier: string | null;
  readonly reference: string | null;
};
export type LineTerms = {
  readonly lineId: string;
  readonly sku: string;
  readonly ordered: number;
  /** Null while nobody knows when. */
  readonly eta: string | null;
};
export type Wanted = Terms & { readonly lines: readonly LineTerms[] };

/** What became of a line: units, all but `surplus` of those ordered. */
export type Progress = {
  readonly dispatched: number;
  readonly received: number;
  /** What came although it was not, or not any more, expected. */
  readonly surplus: number;
  readonly lost: number;
  readonly cancelled: number;
};
export type SupplyLine = LineTerms & Progress;
export type Supply = Terms & {
  readonly supplyId: string;
  readonly state: SupplyState;
  readonly closedBecause: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly lines: readonly SupplyLine[];
};

export type EtaChange = {
  readonly lineId: string;
  readonly before: string | null;
  readonly after: string | null;
};

/** What is still to come of a line. */
export const inboundOf = ({ ordered, received, lost, cancelled }: SupplyLine): number =>
  ordered - received - lost - cancelled;

/** All that came of a line, expected or not. */
export const arrivedOf = ({ received, surplus }: Progress): number => received + surplus;

/** What has left for a transfer and was not seen to arrive. */
export const underWayOf = (line: Progress): number =>
  Math.max(0, line.dispatched - arrivedOf(line) - line.lost);

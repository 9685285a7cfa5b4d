import type { Exchange } from './client.js';

/** A line as it was ordered, with its own reckoning of what it is worth. */
export type BookedLine = {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly valueMinor: number;
};
export type Units = { readonly lineId: string; readonly quantity: number };

/** A package that was closed, and what is known of its way. */
export type BookedPackage = {
  readonly fulfillmentId: string;
  readonly packageId: string;
  readonly locationId: string;
  readonly lines: readonly Units[];
  shipmentId: string | undefined;
  /** When the hand-over that took it along was asked for. */
  leftAt: number | undefined;
  toCustomer: boolean;
  /** Opened again for a recall. */
  opened: boolean;
  /** What the carrier reported and the system took. */
  readonly reports: Set<string>;
  /** What was decided of it once it was lost. */
  remedy: 'reshipped' | 'refunded' | undefined;
};

export type BookedCancellation = {
  /** Null: all of the order. */
  readonly asked: readonly Units[] | null;
  readonly startedAt: number;
  /** Nothing of the order was being cancelled any more when it was looked at then. */
  settledAt: number | undefined;
};

/** Goods that were taken back and judged. */
export type BookedInspection = {
  readonly returnId: string;
  readonly kind: string;
  readonly locationId: string;
  readonly refund: boolean;
  readonly lines: readonly (Units & { readonly disposition: string })[];
};

export type Finding = {
  readonly rule: string;
  readonly text: string;
};

/** All that was sent and told of one order: what it is judged by. */
export class Book {
  orderId = '';
  readonly exchanges: Exchange[] = [];
  readonly packages = new Map<string, BookedPackage>();
  readonly cancellations: BookedCancellation[] = [];
  readonly inspections: BookedInspection[] = [];
  readonly findings: Finding[] = [];
  /** When each fulfillment was last asked to hand over. */
  readonly handOversAt = new Map<string, number>();
  byHandMinor = 0;

  constructor(
    readonly index: number,
    readonly lines: readonly BookedLine[],
    readonly currency: { readonly code: string; readonly decimals: number },
    readonly funds: { readonly paidMinor: number; readonly authorizedMinor: number },
    readonly method: string,
  ) {}

  /** Notes a broken rule, each once. */
  found(rule: string, text: string): void {
    if (this.findings.some((one) => one.rule === rule && one.text === text)) return;
    this.findings.push({ rule, text });
  }

  get left(): readonly BookedPackage[] {
    return [...this.packages.values()].filter(({ leftAt }) => leftAt !== undefined);
  }

  /** Units of a line that left, of the packages that `counts` says. */
  unitsLeft(lineId: string, counts: (one: BookedPackage) => boolean = () => true): number {
    return unitsOf(
      this.left.filter(counts).flatMap(({ lines }) => lines),
      lineId,
    );
  }

  /** Units of a line taken back, in the returns that count. */
  unitsBack(lineId: string, counts: (one: BookedInspection) => boolean = () => true): number {
    return unitsOf(
      this.inspections.filter(counts).flatMap(({ lines }) => lines),
      lineId,
    );
  }
}

export const unitsOf = (units: readonly Units[], lineId: string): number =>
  units.reduce((sum, one) => (one.lineId === lineId ? sum + one.quantity : sum), 0);

/** Where a parcel that left is, by what the carrier reported of it. */
export const endOf = ({ toCustomer, reports }: BookedPackage): string => {
  if (toCustomer) return 'delivered';
  for (const status of ['returned-to-origin', 'delivered', 'lost'])
    if (reports.has(status)) return status;
  return 'shipped';
};

/** Something in the ledger that contradicts itself. */
export type Difference = {
  readonly check: CheckName;
  readonly sku: string;
  readonly locationId: string | null;
  readonly orderId: string | null;
  readonly lineId: string | null;
  readonly expected: number;
  readonly actual: number;
  /** What else is known of it, by the check. */
  readonly facts: Readonly<Record<string, string | number | null>>;
};
export type CheckName = (typeof CHECK_NAMES)[number];

export const CHECK_NAMES = [
  'on-hand-is-the-sum-of-movements',
  'set-aside-is-the-sum-of-movements',
  'reserved-is-what-is-held',
  'promised-is-on-hand',
  'history-ends-where-the-shelf-stands',
  'alert-is-as-the-shelf-stands',
  'claim-adds-up',
  'parts-of-a-kit-agree',
  'claim-has-an-attempt',
  'ended-attempt-holds-nothing',
  'every-hold-ends',
  'offered-is-what-offers-hold',
  'queue-place-adds-up',
  'one-place-per-line',
  'every-offer-ends',
  'taken-covers-what-is-held',
  'taken-is-within-the-share',
  'supply-line-adds-up',
  'supply-is-what-movements-brought',
  'supply-state-fits-its-lines',
  'kit-is-as-in-the-catalogue',
  'issued-kit-adds-up',
  'issued-kits-cover-what-left',
] as const;

/**
 * One check: a statement over the SKUs from `$1` on and before `$2`; it has the time as `$3`. It answers `sku`,
 * `locationId`, `orderId`, `lineId`, `expected`, `actual` and `facts` of each difference.
 */
export type Check = { readonly name: CheckName; readonly sql: string };

/** SKUs of the page. */
export const within = (column: string): string => `${column} >= $1 and ${column} < $2`;

/** The columns of a difference that is about a shelf. */
export const OF_SHELF = `sku, location_id as "locationId", null as "orderId", null as "lineId"`;
export const NO_FACTS = `'{}'::jsonb as facts`;

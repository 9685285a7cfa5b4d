import { bucketsOf } from './order-buckets.js';
import type { Quantities } from './line-facts.js';
import type { EarlyTracking, OrderEvent, ParcelFact, SourcingFailure } from './order.js';
import { isUnderWay } from './order-parcels.js';

export const EXCEPTION_CLASSES = [
  'sourcing-failed',
  'mapping',
  'backorder-without-date',
  'tracked-before-hand-over',
  'delivery-failed',
  'parcel-lost',
  'lost-parcel-found',
  'payment-declined',
] as const;
export type TroubleClass = (typeof EXCEPTION_CLASSES)[number];

/** Something about an order that waits for a person; a hold's class is `hold-<kind>`. */
export type OrderException = {
  /** Names it within the order, always the same. */
  readonly key: string;
  readonly class: string;
  readonly reason: string;
  readonly since: string;
};

/** What went wrong, the oldest first. */
export type Troubles = readonly OrderException[];

/** What the next attempt that succeeds overcomes. */
export const SOURCING_TROUBLES = ['sourcing-failed', 'mapping'] as const;
/**
 * What a person may put aside. Older releases let a lost parcel be settled by word alone; what they
 * let go of otherwise has something open still.
 */
const MAY_BE_PUT_ASIDE: readonly string[] = [
  'lost-parcel-found',
  'payment-declined',
  'parcel-lost',
];
/** Names that the reason of an exception lists; the order's lines and events tell all. */
const NAMED_MAX = 10;

export const keyOf = (kind: TroubleClass, what: string | number = ''): string =>
  what === '' ? kind : `${kind}-${what}`;

/** Returns the same array where nothing goes, so that a fold can tell. */
const kept = (troubles: Troubles, isKept: (trouble: OrderException) => boolean): Troubles => {
  const left = troubles.filter(isKept);
  return left.length === troubles.length ? troubles : left;
};

export const without = (troubles: Troubles, ...classes: readonly TroubleClass[]): Troubles =>
  kept(troubles, (trouble) => !classes.some((c) => c === trouble.class));

const withoutKeys = (troubles: Troubles, ...keys: readonly string[]): Troubles =>
  kept(troubles, ({ key }) => !keys.includes(key));

/** A trouble that comes again is shown with its newest reason and time. */
const withTrouble = (
  troubles: Troubles,
  kind: TroubleClass,
  what: string | number,
  reason: string,
  since: string,
): Troubles => {
  const key = keyOf(kind, what);
  return [...withoutKeys(troubles, key), { key, class: kind, reason, since }];
};

const listed = (names: readonly string[]): string => {
  const more = names.length - NAMED_MAX;
  const named = names.slice(0, NAMED_MAX).join(', ');
  return more > 0 ? `${named} and ${more} more` : named;
};

export const paymentDeclined = (troubles: Troubles, reason: string, at: string): Troubles =>
  withTrouble(troubles, 'payment-declined', '', reason, at);

/** SKUs that no catalogue lists are named: an item for each ends the trouble. */
export const sourcingFailed = (troubles: Troubles, failure: SourcingFailure): Troubles => {
  const { attempt, reason, at, skus = [] } = failure;
  const before = without(troubles, ...SOURCING_TROUBLES);
  if (skus.length === 0) return withTrouble(before, 'sourcing-failed', attempt, reason, at);
  return withTrouble(before, 'mapping', attempt, `No item is known for ${listed(skus)}`, at);
};

/** Units that wait for stock without a date; `at` is when that was told. */
export const undatedTold = (
  troubles: Troubles,
  { lines, attempt }: Quantities,
  at: string,
): Troubles => {
  const undated = [...lines.values()].filter(
    (line) =>
      line.backordered > 0 && line.promisedOn === null && bucketsOf(line, attempt).backordered > 0,
  );
  if (undated.length === 0) return without(troubles, 'backorder-without-date');
  const known = troubles.find((trouble) => trouble.class === 'backorder-without-date');
  const reason = `No stock is expected for ${listed([...new Set(undated.map(({ sku }) => sku))])}`;
  if (known?.reason === reason) return troubles;
  return withTrouble(troubles, 'backorder-without-date', '', reason, known?.since ?? at);
};

/** What a parcel's news say; `settled` is what was decided when it was lost. */
export const parcelTold = (
  troubles: Troubles,
  { shipmentId, status, at, reason }: ParcelFact,
  settled: 'reshipped' | 'refunded' | undefined,
): Troubles => {
  const overcome = withoutKeys(
    troubles,
    keyOf('delivery-failed', shipmentId),
    keyOf('parcel-lost', shipmentId),
    ...(status === 'labelled' ? [] : [keyOf('tracked-before-hand-over', shipmentId)]),
  );
  if (status === 'delivered' && settled) {
    const what = settled === 'reshipped' ? 'units were sent again' : 'value was given back';
    const found = `The lost parcel was delivered after its ${what}`;
    return withTrouble(overcome, 'lost-parcel-found', shipmentId, found, at);
  }
  if (settled) return overcome;
  if (status === 'delivery-failed') {
    const failed = reason ?? 'The carrier could not deliver the parcel';
    return withTrouble(overcome, 'delivery-failed', shipmentId, failed, at);
  }
  if (status !== 'lost') return overcome;
  const lost = reason ?? 'The carrier lost the parcel';
  return withTrouble(overcome, 'parcel-lost', shipmentId, lost, at);
};

/** Its own news may have come before, by way of the hand-over. */
export const trackedEarly = (
  troubles: Troubles,
  { shipmentId, carrier, trackingNumber, at }: EarlyTracking,
  { parcels }: Quantities,
): Troubles => {
  if (isUnderWay(parcels.get(shipmentId)?.status)) return troubles;
  const reason = `${carrier} reports parcel ${trackingNumber}, of which no hand-over is known`;
  return withTrouble(troubles, 'tracked-before-hand-over', shipmentId, reason, at);
};

type Settled = Extract<
  OrderEvent,
  { readonly type: 'ReshipmentRequested' | 'LossSettled' }
>['data'];

export const lossDecided = (troubles: Troubles, { shipmentId }: Settled): Troubles =>
  withoutKeys(troubles, keyOf('parcel-lost', shipmentId));

/** A person answers for it. Units that wait are not served by that, so their trouble stays. */
export const acknowledged = (troubles: Troubles, key: string): Troubles =>
  kept(troubles, (trouble) => trouble.key !== key || !MAY_BE_PUT_ASIDE.includes(trouble.class));

export const isOfSourcing = (trouble: OrderException): boolean =>
  SOURCING_TROUBLES.some((kind) => kind === trouble.class);

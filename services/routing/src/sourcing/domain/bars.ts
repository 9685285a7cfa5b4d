import { unitsOf, type Lines } from './lines.js';
import { stockKey, type ActiveBar, type Picture, type Stock } from './picture.js';
import type { FailureReason, Sourcing, SourcingEvent } from './sourcing.js';

/** So often a location may give a SKU of an order back before only a person sends it there again. */
export const TRIES_MAX = 3;
/** The last guard: so often goods of an order may come back before a person has to look at it. */
export const RETURNS_MAX = 30;

/** Why a location is not asked for a SKU of this order. */
export type Bar = {
  readonly locationId: string;
  readonly sku: string;
  readonly reason: 'short' | 'rejected';
  /** When it happened; null in streams from before bars could end. */
  readonly since: string | null;
  /** A rejection ends then; null: not by time. */
  readonly until: string | null;
  /** Stock that the shelf showed when goods were missing there; more than it means that goods came. */
  readonly seen: number;
  readonly tries: number;
};

type Returned = Extract<SourcingEvent, { type: 'LinesReturned' }>['data'];

/** What a location gave back it is not asked for again for a while. */
export const barsAfter = (
  bars: Sourcing['bars'],
  { reason, locationId, lines, at, barredUntil, stock }: Returned,
): Sourcing['bars'] => {
  const next = new Map(bars);
  for (const sku of new Set(lines.map((line) => line.sku))) {
    const key = stockKey(locationId, sku);
    const units = unitsOf(lines.filter((line) => line.sku === sku));
    const shown = stock?.find((one) => one.sku === sku && one.locationId === locationId);
    next.set(key, {
      locationId,
      sku,
      reason,
      since: at ?? null,
      until: barredUntil ?? null,
      // A kit that is given back can be promised again at once: that alone is no new stock.
      seen: stock ? (shown?.available ?? 0) + units : Infinity,
      tries: (bars.get(key)?.tries ?? 0) + 1,
    });
  }
  return next;
};

/** The bars that hold at this time, with this picture of the shelves. */
export const activeBars = (
  { bars, known }: Pick<Sourcing, 'bars' | 'known'>,
  { stock }: Picture,
  at: string | undefined,
): ReadonlyMap<string, ActiveBar> => {
  const active = new Map<string, ActiveBar>();
  if (bars.size === 0) return active;
  const shown = new Map<string, number>();
  const show = ({ locationId, sku, available }: Stock): void => {
    shown.set(stockKey(locationId, sku), available);
  };
  stock.forEach(show);
  known.forEach(show);
  for (const [key, { sku, reason, until, seen, tries }] of bars) {
    const isOver =
      reason === 'rejected'
        ? until !== null && at !== undefined && at >= until
        : (shown.get(key) ?? 0) > seen;
    if (isOver && tries < TRIES_MAX) continue;
    active.set(key, { sku, reason, until: tries < TRIES_MAX ? until : null });
  }
  return active;
};

/**
 * Stock on offer for a backorder is free now. What was missing on the shelf left the stock with the short, so what
 * is offered from there is other goods, which may be tried; who rejected is not asked before the time is over.
 */
export const isOfferBarred = (
  { bars, returns }: Pick<Sourcing, 'bars' | 'returns'>,
  locationId: string,
  sku: string,
): boolean => {
  const bar = bars.get(stockKey(locationId, sku));
  if (!bar) return false;
  return bar.reason === 'rejected' || bar.tries >= TRIES_MAX || returns >= RETURNS_MAX;
};

/** What only one location may hand over, and what that location does not want to. */
export const refusedAt = (
  lines: Lines,
  onlyLocationId: string | null,
  bars: ReadonlyMap<string, ActiveBar>,
): Lines => {
  if (onlyLocationId === null || bars.size === 0) return [];
  return lines.filter(({ sku }) => bars.get(stockKey(onlyLocationId, sku))?.reason === 'rejected');
};

/** Why these lines cannot be sourced although there is stock of them. */
export const barFailure = (
  barred: Lines,
  onlyLocationId: string | null,
  bars: ReadonlyMap<string, ActiveBar>,
): FailureReason => {
  const skus = new Set(barred.map(({ sku }) => sku));
  const isRejected = [...bars.values()].some(
    ({ sku, reason }) => reason === 'rejected' && skus.has(sku),
  );
  if (!isRejected) return 'missing-everywhere';
  return onlyLocationId === null ? 'rejected-by-all' : 'rejected-by-location';
};

/** Whether that is why sourcing failed: time or stock may end it, so it is looked at again. */
export const isBarFailure = (failure: FailureReason | null): boolean =>
  failure === 'rejected-by-all' ||
  failure === 'rejected-by-location' ||
  failure === 'missing-everywhere';

import type { LineFacts, Quantities } from './line-facts.js';

/** Where the units of a line (or of a whole order) are; `returned` is a part of `delivered`. */
export const BUCKETS = [
  'ordered',
  'open',
  'backordered',
  'sourced',
  'picked',
  'packed',
  'shipped',
  'delivered',
  'returnedToOrigin',
  'lost',
  'cancelled',
  'returned',
] as const;
export type Bucket = (typeof BUCKETS)[number];
export type Buckets = Readonly<Record<Bucket, number>>;

/**
 * The buckets, and the units that were asked to be cancelled and that routing or a location must
 * still answer for; until then they are counted where they are.
 */
export type LineBuckets = Buckets & { readonly cancelling: number };

/**
 * What the fulfillments of a line have, summed, each number within the one before it. Units that are
 * sent once more were handed over, so they are a part of every number.
 */
const workSums = ({ works, reshipped }: LineFacts) => {
  const sums = { active: 0, picked: 0, packed: 0, handedOver: 0, collected: 0 };
  for (const work of works) {
    // Given up or short units leave the work from its end; what was handed over cannot.
    const active = Math.max(work.released - work.shorted - work.cancelled, work.handedOver);
    const packed = Math.min(Math.max(work.packed, work.handedOver), active);
    sums.active += active;
    sums.picked += Math.min(Math.max(work.picked, packed), active);
    sums.packed += packed;
    sums.handedOver += work.handedOver;
    sums.collected += Math.min(work.collected, work.handedOver);
  }
  if (reshipped === 0) return sums;
  const without = (units: number): number => Math.max(0, units - reshipped);
  const { active, picked, packed, handedOver, collected } = sums;
  return {
    active: without(active),
    picked: without(picked),
    packed: without(packed),
    handedOver: without(handedOver),
    collected,
  };
};

/**
 * Derives where every unit of a line is. News of different services arrive in any order, so they
 * may contradict each other for a while, for example when goods are sourced again before the short
 * is known: units are then counted where they got furthest, and never twice.
 */
export const bucketsOf = (line: LineFacts, attempt: number): LineBuckets => {
  let left = line.ordered;
  const take = (wanted: number): number => {
    const taken = Math.max(0, Math.min(wanted, left));
    left -= taken;
    return taken;
  };
  const work = workSums(line);
  const inParcels = line.inTransit + line.delivered + line.returnedToOrigin + line.lost;
  const handedOver = Math.max(work.handedOver, inParcels + work.collected);
  const packedOrFurther = Math.max(work.packed, handedOver);
  const pickedOrFurther = Math.max(work.picked, packedOrFurther);

  const delivered = take(line.delivered + work.collected);
  const returnedToOrigin = take(line.returnedToOrigin);
  const lost = take(line.lost);
  const shipped = take(handedOver - delivered - returnedToOrigin - lost);
  // Whoever has the units gave them up: news that still count them somewhere are late.
  const cancelled = take(line.cancelled);
  const packed = take(packedOrFurther - handedOver);
  const picked = take(pickedOrFurther - packedOrFurther);
  const sourced = take(work.active - pickedOrFurther);
  const backordered = take(line.attempt === attempt ? line.backordered : 0);
  return {
    ordered: line.ordered,
    open: left,
    backordered,
    sourced,
    picked,
    packed,
    shipped,
    delivered,
    returnedToOrigin,
    lost,
    cancelled,
    returned: Math.min(returnedUnits(line), delivered),
    cancelling: Math.max(0, line.cancelRequested - line.cancelled),
  };
};

const returnedUnits = ({ returns }: LineFacts): number =>
  returns.reduce((sum, { received, inspected }) => sum + Math.max(received, inspected), 0);

/** Units of the line that left for the customer or were handed to them. */
export const handedOverOf = (buckets: Buckets): number =>
  buckets.shipped + buckets.delivered + buckets.returnedToOrigin + buckets.lost;

const NAMES = [...BUCKETS, 'cancelling'] as const;
const NONE: LineBuckets = {
  ordered: 0,
  open: 0,
  backordered: 0,
  sourced: 0,
  picked: 0,
  packed: 0,
  shipped: 0,
  delivered: 0,
  returnedToOrigin: 0,
  lost: 0,
  cancelled: 0,
  returned: 0,
  cancelling: 0,
};

/** The buckets of all lines together. */
export const totalsOf = ({ lines, attempt }: Quantities): LineBuckets => {
  const totals: Record<(typeof NAMES)[number], number> = { ...NONE };
  for (const line of lines.values()) {
    const buckets = bucketsOf(line, attempt);
    for (const name of NAMES) totals[name] += buckets[name];
  }
  return totals;
};

import { distanceMeters, type GeoPoint } from '@throughline/kernel';
import { chooseLocations, type Cover, type Holder, type Want } from './cover.js';
import { unitsOf, type LineQuantity, type Lines } from './lines.js';
import {
  stockKey,
  type ActiveBar,
  type Allocation,
  type Candidate,
  type Elimination,
  type Explanation,
  type Picture,
  type Plan,
  type Stock,
} from './picture.js';

export const POLICY_VERSION = 'fewest-locations-then-nearest.1';
export const ENGINE_VERSION = 1;
/** Candidates that an explanation lists; the others are counted. */
export const CANDIDATES_MAX = 50;
/** Stands for the distance of a location that nobody can place: farther than any sum of known ones. */
const UNKNOWN_DISTANCE = 1e12;
/** Reasons that a bar gives. */
const BARRED: ReadonlySet<Elimination> = new Set(['rejected-order', 'fell-short']);
const NOTHING: readonly Part[] = [];

/** What is to be sourced, and what the order and its past rule out. */
export type Demand = {
  readonly lines: Lines;
  readonly destination: GeoPoint | null;
  readonly onlyLocationId: string | null;
  /** What locations are not asked for, by `stockKey`. */
  readonly bars: ReadonlyMap<string, ActiveBar>;
  /** What is really there, as inventory said; overrides the picture. */
  readonly known: readonly Stock[];
};

/** All lines of one SKU: they share its stock. */
type Need = { readonly sku: string; readonly quantity: number; readonly lines: Lines };
/** What one location has of one need, named by its place in the list of needs. */
type Part = { readonly need: number; readonly available: number };
type Ranked = {
  readonly locationId: string;
  readonly distance: number | null;
  readonly eliminated: Elimination | null;
  readonly parts: readonly Part[];
  /** What it has and is not asked for. */
  readonly barred: readonly Part[];
};

/**
 * Decides which locations serve which lines: the nearest location that has everything; otherwise the fewest
 * locations that cover all that can be covered, and the nearest of as few. A SKU is split over
 * locations only where no single one has it whole. What no location has goes to `backorders`, unless barred
 * locations have some. Equal inputs give an equal plan and an equal explanation, whatever the order of the picture's rows.
 */
export const planOf = (demand: Demand, picture: Picture): Plan => {
  const needs = needsOf(demand.lines);
  const ranked = rankedOf(demand, needs, picture);
  const eligible = ranked.filter(({ eliminated }) => eliminated === null);
  const wants = wantsOf(needs, eligible);
  const cover = chooseLocations(
    wants.filter(({ target }) => target > 0),
    eligible.map(({ locationId, distance }) => ({
      locationId,
      cost: distance ?? UNKNOWN_DISTANCE,
    })),
  );
  const chosen = new Set(cover.chosen);
  const given = new Map<string, LineQuantity[]>(
    cover.chosen.map((candidate) => [eligible[candidate]!.locationId, []]),
  );
  const backorders: LineQuantity[] = [];
  const barred: LineQuantity[] = [];
  needs.forEach(({ lines }, index) => {
    const { allocated, left } = dealt(lines, sharesOf(wants[index]!, chosen));
    // In the queue it would be offered the very stock that it is not to have.
    (isBarredSomewhere(ranked, index) ? barred : backorders).push(...left);
    for (const { candidate, line } of allocated)
      given.get(eligible[candidate]!.locationId)!.push(line);
  });
  return {
    allocations: [...given].map(([locationId, lines]): Allocation => ({ locationId, lines })),
    backorders,
    barred,
    explanation: explained({ needs, ranked, picture, cover, given, bars: demand.bars }),
  };
};

/** Whether some of a need lies where only a bar keeps it from being used. */
const isBarredSomewhere = (ranked: readonly Ranked[], index: number): boolean =>
  ranked.some(
    ({ eliminated, barred }) =>
      (eliminated === null || BARRED.has(eliminated)) && barred.some(({ need }) => need === index),
  );

const needsOf = (lines: Lines): Need[] => {
  const bySku = new Map<string, LineQuantity[]>();
  for (const line of lines) {
    const same = bySku.get(line.sku);
    if (same) same.push(line);
    else bySku.set(line.sku, [line]);
  }
  return [...bySku].map(([sku, same]) => ({ sku, quantity: unitsOf(same), lines: same }));
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Every location that holds any of it, in the order of rank: nearest first, unknown last, then by id. */
const rankedOf = (demand: Demand, needs: readonly Need[], picture: Picture): Ranked[] => {
  const { destination, bars } = demand;
  const locations = new Map(picture.locations.map((location) => [location.locationId, location]));
  const ranked = [...heldBy(demand, needs, picture)].map(([locationId, held]): Ranked => {
    const isBarred = ({ need }: Part) => bars.has(stockKey(locationId, needs[need]!.sku));
    const barred = bars.size > 0 ? held.filter(isBarred) : NOTHING;
    const parts = barred.length > 0 ? held.filter((part) => !isBarred(part)) : held;
    const location = locations.get(locationId);
    const distance =
      destination && location?.geo ? distanceMeters(destination, location.geo) : null;
    const isOut = eliminationOf(demand, locationId, location?.active);
    const eliminated =
      isOut ?? (parts.length === 0 ? barOf(barred, locationId, needs, bars) : null);
    return { locationId, distance, eliminated, parts, barred };
  });
  return ranked.sort(
    (a, b) =>
      (a.distance ?? UNKNOWN_DISTANCE) - (b.distance ?? UNKNOWN_DISTANCE) ||
      byText(a.locationId, b.locationId),
  );
};

/** What each location has of what is needed; inventory's own word overrides the picture. */
const heldBy = (
  { known }: Demand,
  needs: readonly Need[],
  { stock }: Picture,
): ReadonlyMap<string, readonly Part[]> => {
  const needOf = new Map(needs.map(({ sku }, need) => [sku, need]));
  const overridden = new Set(known.map(({ locationId, sku }) => stockKey(locationId, sku)));
  const held = new Map<string, Part[]>();
  const hold = ({ sku, locationId, available }: Stock): void => {
    const need = needOf.get(sku);
    if (need === undefined || available <= 0) return;
    const parts = held.get(locationId);
    if (parts) parts.push({ need, available });
    else held.set(locationId, [{ need, available }]);
  };
  for (const row of stock)
    if (overridden.size === 0 || !overridden.has(stockKey(row.locationId, row.sku))) hold(row);
  known.forEach(hold);
  return held;
};

const eliminationOf = (
  { onlyLocationId }: Demand,
  locationId: string,
  active: boolean | undefined,
): Elimination | null => {
  if (active === undefined) return 'unknown-location';
  if (!active) return 'inactive';
  if (onlyLocationId !== null && onlyLocationId !== locationId) return 'other-location-named';
  return null;
};

/** All that it has is barred. */
const barOf = (
  barred: readonly Part[],
  locationId: string,
  needs: readonly Need[],
  bars: Demand['bars'],
): Elimination => {
  const isRejected = barred.some(
    ({ need }) => bars.get(stockKey(locationId, needs[need]!.sku))?.reason === 'rejected',
  );
  return isRejected ? 'rejected-order' : 'fell-short';
};

/** Who can give how much of each need: only those that have it whole, where there are any. */
const wantsOf = (needs: readonly Need[], eligible: readonly Ranked[]): Want[] => {
  const holders = needs.map((): Holder[] => []);
  eligible.forEach(({ parts }, candidate) => {
    for (const { need, available } of parts) {
      const quantity = Math.min(available, needs[need]!.quantity);
      holders[need]!.push({ candidate, quantity });
    }
  });
  return needs.map(({ quantity }, need) => {
    const able = holders[need]!;
    const whole = able.filter((holder) => holder.quantity === quantity);
    if (whole.length > 0) return { target: quantity, holders: whole };
    const units = able.reduce((sum, holder) => sum + holder.quantity, 0);
    return { target: Math.min(quantity, units), holders: able };
  });
};

type Share = { readonly candidate: number; left: number };

/** What the chosen locations can give of one SKU: most first, so that it is split into few pieces. */
const sharesOf = ({ holders }: Want, chosen: ReadonlySet<number>): Share[] =>
  holders
    .filter(({ candidate }) => chosen.has(candidate))
    .sort((a, b) => b.quantity - a.quantity || a.candidate - b.candidate)
    .map(({ candidate, quantity }) => ({ candidate, left: quantity }));

type Dealt = {
  readonly allocated: { readonly candidate: number; readonly line: LineQuantity }[];
  readonly left: LineQuantity[];
};

/** Hands the shares of one SKU to its lines: whole lines first, then pieces, and what is left of them. */
const dealt = (lines: Lines, shares: readonly Share[]): Dealt => {
  const allocated: Dealt['allocated'] = [];
  const give = (share: Share, line: LineQuantity): void => {
    share.left -= line.quantity;
    allocated.push({ candidate: share.candidate, line });
  };
  const inPieces = lines.filter((line) => {
    const share = shares.find(({ left }) => left >= line.quantity);
    if (share) give(share, line);
    return !share;
  });
  const left = inPieces.flatMap((line) => {
    let open = line.quantity;
    for (const share of shares) {
      const quantity = Math.min(open, share.left);
      if (quantity > 0) give(share, { ...line, quantity });
      open -= quantity;
    }
    return open > 0 ? [{ ...line, quantity: open }] : [];
  });
  return { allocated, left };
};

const explained = (made: {
  readonly needs: readonly Need[];
  readonly ranked: readonly Ranked[];
  readonly picture: Picture;
  readonly cover: Cover;
  readonly given: ReadonlyMap<string, readonly LineQuantity[]>;
  readonly bars: Demand['bars'];
}): Explanation => {
  const { needs, ranked, picture, cover, given, bars } = made;
  // Every chosen location is told, however far down the rank it stands.
  const listed = ranked.filter(
    ({ locationId }, index) => index < CANDIDATES_MAX || given.has(locationId),
  );
  const holders = new Set(ranked.map(({ locationId }) => locationId));
  const holding = picture.locations.filter(({ locationId }) => holders.has(locationId));
  const active = holding.filter((location) => location.active).length;
  return {
    policyVersion: POLICY_VERSION,
    engineVersion: ENGINE_VERSION,
    method: cover.method,
    steps: cover.steps,
    candidates: listed.map((candidate) => candidateOf(candidate, needs, given, bars)),
    others: {
      withoutStock: Math.max(0, picture.active - active),
      inactive: Math.max(0, picture.inactive - (holding.length - active)),
      rankedLower: ranked.length - listed.length,
    },
  };
};

const candidateOf = (
  { locationId, distance, eliminated, parts, barred }: Ranked,
  needs: readonly Need[],
  given: ReadonlyMap<string, unknown>,
  bars: Demand['bars'],
): Candidate => {
  let lines = 0;
  let units = 0;
  let whole = 0;
  for (const { need, available } of parts) {
    const { quantity, lines: wanted } = needs[need]!;
    units += Math.min(available, quantity);
    if (available < quantity) continue;
    lines += wanted.length;
    whole += 1;
  }
  return {
    locationId,
    chosen: given.has(locationId),
    eliminated,
    distanceMeters: distance,
    lines,
    units,
    servesAll: whole === needs.length,
    ...(barred.length > 0 && {
      barred: barred.map(({ need }) => bars.get(stockKey(locationId, needs[need]!.sku))!),
    }),
  };
};

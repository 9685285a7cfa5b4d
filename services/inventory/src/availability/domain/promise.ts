import {
  DAY_MS,
  dueOf,
  mayServe,
  UNCOUNTED_UNITS,
  type Inbound,
  type Part,
  type Share,
  type Shelf,
  type Waiting,
} from './goods.js';
import { servedOf, type Claim } from './served.js';

/** All that bears on what can be promised of one SKU. Locations that are not active are not in it. */
export type Supplied = {
  /** What one unit takes: itself, or the parts of a kit. */
  readonly parts: readonly Part[];
  readonly shelves: readonly Shelf[];
  readonly inbound: readonly Inbound[];
  /** Of the parts: who waits for a kit waits for each of them. */
  readonly waiting: readonly Waiting[];
  /** Null where the channel has none. */
  readonly share: Share | null;
  /** In how many days any quantity can be had; null where nobody knows. */
  readonly leadTimeDays: number | null;
};

export type LocationPromise = { readonly locationId: string; readonly available: number };
export type Promised = {
  readonly available: number;
  readonly locations: readonly LocationPromise[];
};
export type Outlook = {
  /** What can be promised for a time, in all and per location by id. */
  at(date: number): Promised;
  /** Now, and every later time from which on there may be more. */
  readonly dates: readonly number[];
  /** The first time at which so many units can be had; null where nobody knows. */
  earliest(quantity: number): number | null;
};

/** One part at one location: what can be had of it when. */
type Spot = {
  readonly base: number;
  readonly lots: readonly { readonly due: number; readonly units: number }[];
  /** From when on it is never short. */
  readonly endlessFrom: number;
  /** What those wait for whom no other location may serve. */
  readonly owed: number;
};
type PartSpots = {
  readonly perKit: number;
  readonly spots: ReadonlyMap<string, Spot>;
  /** What others wait for, and where it may come from. */
  readonly claims: readonly Claim[];
};

/**
 * What can be promised of a SKU, and when (available to promise).
 *
 * At a location: what is on hand and neither reserved nor kept as safety stock, and what comes by the date, less
 * what is owed to those whom only this location may serve, less the channel's buffer. Of a kit the minimum
 * over its parts, in whole kits. In all: the sum, less what those can get of it whom several locations may serve,
 * and no more than is left of the channel's share.
 */
export const promiseOf = (supplied: Supplied, now: number): Outlook => {
  const { share, leadTimeDays, shelves, inbound } = supplied;
  const locationIds = [
    ...new Set([...shelves, ...inbound].map(({ locationId }) => locationId)),
  ].sort();
  const parts = supplied.parts.map((part) => spotsOf(supplied, part, now));
  const buffer = share?.buffer ?? 0;
  const room = share === null || share.quota === null ? Infinity : share.quota - share.taken;

  const at = (date: number): Promised => {
    const locations = locationIds.map((locationId) => {
      const kits = Math.min(...parts.map((part) => kitsAt(part, locationId, date)));
      return { locationId, available: Math.max(0, kits - buffer) };
    });
    const sum = locations.reduce((units, { available }) => units + available, 0);
    const owed = Math.max(...parts.map((part) => owedOf(part, locations)));
    return { available: Math.max(0, Math.min(sum - owed, room)), locations };
  };
  const dates = datesOf(parts, now);
  return {
    at,
    dates,
    earliest: (quantity) => {
      if (quantity > room) return null;
      const byLead = leadTimeDays === null ? Infinity : now + leadTimeDays * DAY_MS;
      const first = dates.find((date) => date < byLead && at(date).available >= quantity);
      return first ?? (byLead === Infinity ? null : byLead);
    },
  };
};

const spotsOf = (supplied: Supplied, { sku, perKit }: Part, now: number): PartSpots => {
  const shelves = supplied.shelves.filter((shelf) => shelf.sku === sku);
  const inbound = supplied.inbound.filter((lot) => lot.sku === sku);
  const shelfAt = new Map(shelves.map((shelf) => [shelf.locationId, shelf]));
  const lotsAt = Map.groupBy(inbound, ({ locationId }) => locationId);
  const locationIds = [...new Set([...shelfAt.keys(), ...lotsAt.keys()])];
  const claims = supplied.waiting
    .filter((waiting) => waiting.sku === sku)
    .map((waiting) => ({
      units: waiting.units,
      locationIds: locationIds.filter((locationId) => mayServe(waiting, locationId)),
    }));
  const spots = locationIds.map((locationId): [string, Spot] => {
    const owed = claims.filter(({ locationIds: [only, other] }) => !other && only === locationId);
    return [
      locationId,
      spotOf(shelfAt.get(locationId), lotsAt.get(locationId) ?? [], unitsOf(owed), now),
    ];
  });
  const several = claims.filter((claim) => claim.locationIds.length > 1);
  return { perKit, spots: new Map(spots), claims: merged(several) };
};

const unitsOf = (claims: readonly Claim[]): number =>
  claims.reduce((sum, { units }) => sum + units, 0);

const spotOf = (
  shelf: Shelf | undefined,
  inbound: readonly Inbound[],
  owed: number,
  now: number,
): Spot => ({
  base: shelf ? shelf.onHand - shelf.reserved - shelf.safetyStock : 0,
  lots: inbound.flatMap(({ eta, units }) =>
    eta === null ? [] : [{ due: dueOf(eta, now), units }],
  ),
  endlessFrom: shelf?.uncounted ? now + (shelf.leadTimeDays ?? 0) * DAY_MS : Infinity,
  owed,
});

/** Claims on the same locations are one. */
const merged = (claims: readonly Claim[]): Claim[] => {
  const byPlaces = new Map<string, Claim>();
  for (const { units, locationIds } of claims) {
    const key = JSON.stringify(locationIds);
    const known = byPlaces.get(key)?.units ?? 0;
    byPlaces.set(key, { units: known + units, locationIds });
  }
  return [...byPlaces.values()];
};

const kitsAt = ({ perKit, spots }: PartSpots, locationId: string, date: number): number => {
  const spot = spots.get(locationId);
  if (!spot) return 0;
  const { base, lots, endlessFrom, owed } = spot;
  const come = lots.reduce((sum, { due, units }) => (due <= date ? sum + units : sum), base);
  const units = date >= endlessFrom ? UNCOUNTED_UNITS : come;
  return Math.floor(Math.max(0, units - owed) / perKit);
};

/** Kits that cannot be made of what locations have for them once those are served who wait for the part. */
const owedOf = ({ perKit, claims }: PartSpots, locations: readonly LocationPromise[]): number => {
  if (claims.length === 0) return 0;
  const units = new Map(
    locations.map(({ locationId, available }) => [locationId, available * perKit]),
  );
  return Math.ceil(servedOf(claims, units) / perKit);
};

const datesOf = (parts: readonly PartSpots[], now: number): number[] => {
  const dates = new Set([now]);
  for (const { spots } of parts)
    for (const { lots, endlessFrom } of spots.values()) {
      for (const { due } of lots) dates.add(due);
      if (endlessFrom !== Infinity) dates.add(endlessFrom);
    }
  return [...dates].sort((a, b) => a - b);
};

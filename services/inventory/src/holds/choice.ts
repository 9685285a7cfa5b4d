import { distanceMeters, type GeoPoint } from '@throughline/kernel';
import type { Allocation, Shelf, Shortage } from '../ledger/domain/ledger.js';

export type Wish = { readonly sku: string; readonly quantity: number };
/** What a location has free of the SKUs that are wished for. */
export type Place = {
  readonly locationId: string;
  readonly geo: GeoPoint | null;
  readonly available: ReadonlyMap<string, number>;
};
export type Choice = {
  readonly allocations: readonly Allocation[];
  /** What all locations together have too little of; then nothing is allocated. */
  readonly shortages: readonly Shortage[];
};

type Ranked = Place & { readonly distance: number };

/**
 * Where a checkout's wish is held: at the nearest location that has all of it; otherwise, again and again, at
 * the one that has most of what is still missing. Ties go to the nearer, then to the smaller id. Without a
 * destination all are equally near.
 */
export const choose = (
  wishes: readonly Wish[],
  places: readonly Place[],
  destination: GeoPoint | null,
): Choice => {
  const ranked = places
    .map((place) => ({ ...place, distance: distanceOf(place, destination) }))
    .sort((a, b) => a.distance - b.distance || (a.locationId < b.locationId ? -1 : 1));
  const shortages = shortagesOf(wishes, places);
  if (shortages.length > 0) return { allocations: [], shortages };
  const whole = ranked.find((place) => unitsAt(place, wishes) === unitsOf(wishes));
  const allocations = whole ? [allocationAt(whole, wishes)] : spread(wishes, ranked);
  return { allocations, shortages: [] };
};

const distanceOf = ({ geo }: Place, destination: GeoPoint | null): number => {
  if (!destination) return 0;
  return geo ? distanceMeters(geo, destination) : Number.MAX_SAFE_INTEGER;
};

const unitsOf = (wishes: readonly Wish[]): number =>
  wishes.reduce((sum, { quantity }) => sum + quantity, 0);

const atPlace = ({ available }: Place, { sku, quantity }: Wish): number =>
  Math.min(quantity, available.get(sku) ?? 0);

const unitsAt = (place: Place, wishes: readonly Wish[]): number =>
  wishes.reduce((sum, wish) => sum + atPlace(place, wish), 0);

const shortagesOf = (wishes: readonly Wish[], places: readonly Place[]): Shortage[] =>
  wishes.flatMap(({ sku, quantity }) => {
    const available = places.reduce((sum, place) => sum + (place.available.get(sku) ?? 0), 0);
    return available < quantity ? [{ sku, locationId: null, requested: quantity, available }] : [];
  });

const allocationAt = (place: Place, wishes: readonly Wish[]): Allocation => ({
  locationId: place.locationId,
  lines: wishes.flatMap((wish) => {
    const quantity = atPlace(place, wish);
    return quantity > 0 ? [{ lineId: wish.sku, sku: wish.sku, quantity }] : [];
  }),
});

const spread = (wishes: readonly Wish[], ranked: readonly Ranked[]): Allocation[] => {
  const allocations: Allocation[] = [];
  let left = wishes;
  let places = ranked;
  while (unitsOf(left) > 0) {
    const still = left;
    const best = places.reduce((one, other) =>
      unitsAt(other, still) > unitsAt(one, still) ? other : one,
    );
    allocations.push(allocationAt(best, left));
    left = left.map((wish) => ({ ...wish, quantity: wish.quantity - atPlace(best, wish) }));
    places = places.filter((place) => place !== best);
  }
  return allocations;
};

/** What a shelf really had when it was asked, which is newer than what was read of it. */
export type Known = Shelf & { readonly available: number };

/** The places as they are known to be now. */
export const corrected = (places: readonly Place[], known: readonly Known[]): Place[] =>
  places.map((place) => {
    const available = new Map(place.available);
    for (const { sku, locationId, available: units } of known)
      if (locationId === place.locationId) available.set(sku, units);
    return { ...place, available };
  });

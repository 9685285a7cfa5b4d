import type { GeoPoint } from '@throughline/kernel';
import type { Lines } from './lines.js';

/** What one location can promise of one SKU. */
export type Stock = {
  readonly sku: string;
  readonly locationId: string;
  readonly available: number;
};

export type Location = {
  readonly locationId: string;
  readonly geo: GeoPoint | null;
  readonly active: boolean;
};

/** What routing believes at the moment of a decision, as far as it matters for the wanted SKUs. */
export type Picture = {
  /** Every location that holds any of the wanted SKUs, and the one that the order names. */
  readonly locations: readonly Location[];
  /** Only what is there: `available` is positive. */
  readonly stock: readonly Stock[];
  /** How many locations there are in all, to count those that hold nothing. */
  readonly active: number;
  readonly inactive: number;
};

export const EMPTY_PICTURE: Picture = { locations: [], stock: [], active: 0, inactive: 0 };

export type Allocation = { readonly locationId: string; readonly lines: Lines };

export type Elimination =
  'unknown-location' | 'inactive' | 'other-location-named' | 'rejected-order' | 'fell-short';

/** Why a location is not asked for a SKU of an order now; `until` null: until a person says so, or goods come. */
export type ActiveBar = {
  readonly sku: string;
  readonly reason: 'short' | 'rejected';
  readonly until: string | null;
};

/** One location that holds some of what is wanted: why it is out, or the terms that it was ranked by. */
export type Candidate = {
  readonly locationId: string;
  readonly chosen: boolean;
  readonly eliminated: Elimination | null;
  readonly distanceMeters: number | null;
  /** Lines that it could serve whole, and units that it could serve in all. */
  readonly lines: number;
  readonly units: number;
  readonly servesAll: boolean;
  /** What it is not asked for, where that is so. */
  readonly barred?: readonly ActiveBar[];
};

/**
 * How the locations were found. `exact`: no plan has fewer locations, and none with as few is nearer;
 * `bounded`: none has fewer, a nearer one may exist; `greedy`: too large to be sure of either.
 */
export type Method = 'exact' | 'bounded' | 'greedy';

export type Explanation = {
  readonly policyVersion: string;
  readonly engineVersion: number;
  readonly method: Method;
  /** Work done to find it, in counted steps. */
  readonly steps: number;
  readonly candidates: readonly Candidate[];
  /** Locations that are not listed, by reason. */
  readonly others: {
    readonly withoutStock: number;
    readonly inactive: number;
    readonly rankedLower: number;
  };
};

export type Plan = {
  readonly allocations: readonly Allocation[];
  readonly backorders: Lines;
  /** What is left of SKUs that barred locations have. */
  readonly barred: Lines;
  readonly explanation: Explanation;
};

export const stockKey = (locationId: string, sku: string): string => `${locationId}\u001f${sku}`;

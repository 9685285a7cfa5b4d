import { allocate } from '@throughline/kernel';
import { chance } from '../chance.js';
import type { Location } from './locations.js';

export type Demand = { readonly sku: string; readonly name: string; readonly units: number };
export type Stock = {
  readonly sku: string;
  readonly locationId: string;
  readonly quantity: number;
};

export type OpeningStockOptions = {
  readonly seed: string;
  /** Stock of an ordinary item as a multiple of its demand. */
  readonly factor: number;
  /** Share of all demanded units that the stock shall not cover. */
  readonly shortRate: number;
};

export type OpeningStock = {
  readonly stock: readonly Stock[];
  readonly understocked: number;
  readonly unitsDemanded: number;
  readonly unitsShort: number;
};

/** How much of an item a location of a type holds, against others, and from which demand on it holds any. */
const SHARES: Readonly<Record<string, { readonly weight: number; readonly from: number }>> = {
  warehouse: { weight: 12, from: 0 },
  'fulfillment-center': { weight: 4, from: 10 },
  '3pl': { weight: 2, from: 50 },
  store: { weight: 1, from: 200 },
  'dark-store': { weight: 1, from: 200 },
};
const WIDE_RANGE_FROM = 100;
/** Small locations hold this share of the items that are popular enough for them. */
const SMALL_RANGE = 0.5;
const DEVIATION = 0.25;
const SHORTFALL_MIN = 0.1;
const SHORTFALL_SPREAD = 0.5;

/** Chooses items, in an order given by the seed, until the wanted number of units is missing. */
const shortfalls = (
  demands: readonly Demand[],
  { seed, shortRate }: OpeningStockOptions,
): ReadonlyMap<string, number> => {
  const total = demands.reduce((sum, { units }) => sum + units, 0);
  let wanted = Math.round(total * shortRate);
  const shuffled = demands
    .map((demand) => ({ ...demand, place: chance(seed, demand.sku, 'understocked') }))
    .sort((a, b) => a.place - b.place);
  const missing = new Map<string, number>();
  for (const { sku, units } of shuffled) {
    const share = SHORTFALL_MIN + SHORTFALL_SPREAD * chance(seed, sku, 'shortfall');
    const short = Math.round(units * share);
    if (short === 0 || short > wanted) continue;
    missing.set(sku, short);
    wanted -= short;
  }
  return missing;
};

const weightAt = (location: Location, { sku, units }: Demand, seed: string): number => {
  const share = SHARES[location.type];
  if (!share || units < share.from) return 0;
  const isSmall = share.from >= WIDE_RANGE_FROM;
  if (isSmall && chance(seed, sku, location.id, 'range') >= SMALL_RANGE) return 0;
  // Nobody hits the plan exactly.
  const deviation = DEVIATION * (2 * chance(seed, sku, location.id, 'share') - 1);
  return Math.round(1_000 * share.weight * (1 + deviation));
};

/**
 * Stock that covers a demand but for a chosen share, spread over locations by their type: warehouses hold
 * everything, stores what sells. The same seed, demand and locations give the same stock.
 */
export const openingStock = (
  demands: readonly Demand[],
  locations: readonly Location[],
  options: OpeningStockOptions,
): OpeningStock => {
  const { seed, factor } = options;
  const missing = shortfalls(demands, options);
  const stock: Stock[] = [];
  let [unitsDemanded, unitsShort] = [0, 0];
  for (const demand of demands) {
    const short = missing.get(demand.sku);
    const units = short === undefined ? Math.ceil(demand.units * factor) : demand.units - short;
    const weights = locations.map((location) => weightAt(location, demand, seed));
    allocate(units, weights).forEach((quantity, index) => {
      if (quantity > 0) stock.push({ sku: demand.sku, locationId: locations[index]!.id, quantity });
    });
    unitsDemanded += demand.units;
    unitsShort += Math.max(0, demand.units - units);
  }
  return { stock, understocked: missing.size, unitsDemanded, unitsShort };
};

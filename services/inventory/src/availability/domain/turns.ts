import { DAY_MS, mayServe, type Inbound, type Part, type Shelf } from './goods.js';
import { Lots, THERE } from './lots.js';

/** A line that waits, at its place in the queue. */
export type Place = {
  readonly sku: string;
  /** What one unit takes: itself, or the parts of a kit. */
  readonly parts: readonly Part[];
  /** Units, or whole kits, that nothing is offered for yet. */
  readonly units: number;
  readonly onlyLocationId: string | null;
  readonly declined: readonly string[];
  /** What was promised before; null where nothing was. */
  readonly promisedOn: number | null;
  /** Since when no supply covers it and its lead time counts. */
  readonly uncoveredSince: number | null;
};
export type Dated = Pick<Place, 'promisedOn' | 'uncoveredSince'>;
/** What there is for those who wait. Locations that are not active are not in it. */
export type Supplies = {
  readonly shelves: readonly Shelf[];
  readonly inbound: readonly Inbound[];
  /** In how many days any quantity can be had, where that is known. */
  readonly leadTimeDays: ReadonlyMap<string, number>;
};

/**
 * When each of those who wait gets what they wait for: in turn, each takes what comes first of what the others
 * before left, where they may have it from. A kit is made at one location, once the last of its parts is there. What
 * no supply covers comes by lead time, counted from when that began, so that the promise does not move as time
 * goes by. Null where nobody knows. `places` are in turn.
 */
export const datesInTurn = (
  places: readonly Place[],
  supplies: Supplies,
  now: number,
): readonly Dated[] => {
  const stocks = [...stocksOf(supplies, now)];
  // Nothing is left anywhere for those who wait for the same.
  const gone = new Set<string>();
  return places.map((place) => {
    const isFree = place.onlyLocationId === null && place.declined.length === 0;
    const sites = isFree ? stocks : stocks.filter(([locationId]) => mayServe(place, locationId));
    const { missing, last } = serve(place, gone.has(place.sku) ? [] : sites);
    if (missing > 0 && isFree) gone.add(place.sku);
    if (missing > 0) return byLeadTime(place, { missing, last, sites, supplies, now });
    // It is about to be offered: what was promised stands.
    const promisedOn = last === THERE ? (place.promisedOn ?? now) : last;
    return { promisedOn, uncoveredSince: null };
  });
};

/** By location, in order; then by SKU. */
type Stocks = ReadonlyMap<string, ReadonlyMap<string, Lots>>;
type Site = readonly [string, ReadonlyMap<string, Lots>];

const stocksOf = ({ shelves, inbound }: Supplies, now: number): Stocks => {
  const counted = shelves.filter(({ uncounted }) => !uncounted);
  const endless = new Set(shelves.filter((one) => one.uncounted).map(keyOf));
  const lots = Map.groupBy(inbound, keyOf);
  const shelfAt = new Map(counted.map((shelf) => [keyOf(shelf), shelf]));
  const stocks = new Map<string, Map<string, Lots>>();
  for (const one of [...counted, ...inbound].sort(byLocation)) {
    const { sku, locationId } = one;
    const site = stocks.get(locationId) ?? new Map<string, Lots>();
    stocks.set(locationId, site);
    if (!site.has(sku) && !endless.has(keyOf(one)))
      site.set(sku, new Lots(shelfAt.get(keyOf(one)), lots.get(keyOf(one)) ?? [], now));
  }
  return stocks;
};

const keyOf = ({
  sku,
  locationId,
}: {
  readonly sku: string;
  readonly locationId: string;
}): string => JSON.stringify([sku, locationId]);

const byLocation = (a: { locationId: string }, b: { locationId: string }): number =>
  a.locationId < b.locationId ? -1 : a.locationId > b.locationId ? 1 : 0;

/** Takes what comes first, wherever that is. Answers what nothing is left for, and when the last of the rest comes. */
const serve = (
  { parts, units }: Place,
  sites: readonly Site[],
): { readonly missing: number; readonly last: number } => {
  let missing = units;
  let last = THERE;
  while (missing > 0) {
    const next = firstOf(parts, sites);
    if (!next) break;
    const taken = Math.min(missing, next.kits);
    for (const { sku, perKit } of parts) next.site.get(sku)!.take(taken * perKit);
    missing -= taken;
    last = Math.max(last, next.due);
  }
  return { missing, last };
};

type Next = {
  readonly site: ReadonlyMap<string, Lots>;
  readonly due: number;
  readonly kits: number;
};

const firstOf = (parts: readonly Part[], sites: readonly Site[]): Next | undefined => {
  let first: { readonly site: ReadonlyMap<string, Lots>; readonly due: number } | undefined;
  for (const [, site] of sites) {
    const due = dueAt(parts, site);
    if (due !== undefined && (!first || due < first.due)) first = { site, due };
    if (due === THERE) break;
  }
  if (!first) return undefined;
  const { site, due } = first;
  const kits = parts.map(({ sku, perKit }) => Math.floor(site.get(sku)!.by(due) / perKit));
  return { site, due, kits: Math.min(...kits) };
};

/** When the next whole kit can be made at a location. */
const dueAt = (parts: readonly Part[], site: ReadonlyMap<string, Lots>): number | undefined => {
  let latest = THERE;
  for (const { sku, perKit } of parts) {
    const due = site.get(sku)?.dueFor(perKit);
    if (due === undefined) return undefined;
    latest = Math.max(latest, due);
  }
  return latest;
};

type Rest = {
  readonly missing: number;
  readonly last: number;
  readonly sites: readonly Site[];
  readonly supplies: Supplies;
  readonly now: number;
};

/**
 * What is missing is ordered to where it is sooner complete. Of a kit, each part that is or comes there in time
 * need not be ordered; its own lead time goes before those of its parts.
 */
const byLeadTime = (place: Place, { missing, last, sites, supplies, now }: Rest): Dated => {
  const since = place.uncoveredSince ?? now;
  const { parts } = place;
  const own = parts.length > 1 ? supplies.leadTimeDays.get(place.sku) : undefined;
  const days = own === undefined ? parts.map(({ sku }) => leadTimeOf(place, sku, supplies)) : [own];
  const ordered = days.map((lead) => (lead === undefined ? Infinity : since + lead * DAY_MS));
  let complete = Math.max(...ordered);
  if (parts.length > 1 && own === undefined)
    for (const [, site] of sites) {
      const dates = parts.map(
        ({ sku, perKit }, index) => site.get(sku)?.dueFor(missing * perKit) ?? ordered[index]!,
      );
      complete = Math.min(complete, Math.max(...dates));
    }
  if (complete === Infinity) return { promisedOn: null, uncoveredSince: null };
  return { promisedOn: Math.max(last, complete), uncoveredSince: since };
};

/** The shortest way to any quantity: ordered anew, or at a location that nobody counts. */
const leadTimeOf = (
  place: Place,
  sku: string,
  { shelves, leadTimeDays }: Supplies,
): number | undefined => {
  const endless = shelves
    .filter((shelf) => shelf.uncounted && shelf.sku === sku && mayServe(place, shelf.locationId))
    .map((shelf) => shelf.leadTimeDays ?? 0);
  const own = leadTimeDays.get(sku);
  const days = own === undefined ? endless : [...endless, own];
  return days.length === 0 ? undefined : Math.min(...days);
};

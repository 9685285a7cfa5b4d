/** What availability is told from. Times are milliseconds since 1970, so that days can be added to them. */
export const DAY_MS = 86_400_000;

/** More than anybody may ask for: what goods that nobody counts show. */
export const UNCOUNTED_UNITS = 1_000_000;

export type Part = { readonly sku: string; readonly perKit: number };
export type Shelf = {
  readonly sku: string;
  readonly locationId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly safetyStock: number;
  /** Never short from so many days on. */
  readonly uncounted: boolean;
  readonly leadTimeDays: number | null;
};
/** What is expected at a location; `eta` null while nobody knows when. */
export type Inbound = {
  readonly sku: string;
  readonly locationId: string;
  readonly eta: number | null;
  readonly units: number;
};
/** Units that somebody waits for, and where they may come from. */
export type Waiting = {
  readonly sku: string;
  readonly units: number;
  readonly onlyLocationId: string | null;
  readonly declined: readonly string[];
};
/** A channel's share of what is asked for. */
export type Share = {
  readonly quota: number | null;
  readonly taken: number;
  readonly buffer: number;
};

/**
 * Goods that should be there but are not may come any moment, or never: nobody is promised them before the end
 * of the next day (UTC). The time moves once a day only, so that promises by it stand still in between.
 */
export const overdueUntil = (now: number): number => (Math.floor(now / DAY_MS) + 2) * DAY_MS;

/** When expected goods count as there. */
export const dueOf = (eta: number, now: number): number => (eta > now ? eta : overdueUntil(now));

/** Where goods may come from for those who wait. */
export const mayServe = (
  { onlyLocationId, declined }: Pick<Waiting, 'onlyLocationId' | 'declined'>,
  locationId: string,
): boolean =>
  (onlyLocationId === null || onlyLocationId === locationId) && !declined.includes(locationId);

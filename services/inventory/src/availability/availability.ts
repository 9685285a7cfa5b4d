import { distanceMeters, instantAt, type GeoPoint } from '@throughline/kernel';
import type { Asked } from './availability.query.js';
import type { Inbound, Shelf } from './domain/goods.js';
import { promiseOf, type Outlook, type Promised } from './domain/promise.js';

/** Times of a timeline that are shown; `earliest` looks at all of them. */
const TIMELINE_MAX = 100;

export type LocationAvailability = {
  readonly locationId: string;
  readonly available: number;
  /** Expected, whenever: of a kit's parts nothing is shown. */
  readonly inbound?: number;
  readonly onHand?: number;
  readonly reserved?: number;
  readonly safetyStock?: number;
  /** Nobody counts its goods: they can be had `leadTimeDays` after they are ordered. */
  readonly uncounted?: boolean;
  readonly leadTimeDays?: number | null;
  /** As the crow flies; null where nobody knows, absent where nobody asked. */
  readonly distanceMeters?: number | null;
};
export type Availability = {
  readonly sku: string;
  readonly available: number;
  /** When so many can be had as were asked for; null where nobody knows. */
  readonly earliest: { readonly date: string; readonly quantity: number } | null;
  /** In how many days any quantity can be had. */
  readonly leadTimeDays: number | null;
  /** Nearest first where a destination was named, else by id. */
  readonly locations: readonly LocationAvailability[];
  /** From when on how many can be had. */
  readonly timeline: readonly { readonly date: string; readonly available: number }[];
};

export type Wish = {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What `available` is told for; never before `now`. */
  readonly date: number;
  readonly quantity: number;
  readonly destination: GeoPoint | null;
};

/** What can be promised of a SKU, as it is answered. */
export const availabilityOf = (asked: Asked, wish: Wish): Availability => {
  const outlook = promiseOf(asked, wish.now);
  const { quantity } = wish;
  const earliest = outlook.earliest(quantity);
  const promised = outlook.at(Math.max(wish.date, wish.now));
  return {
    sku: asked.sku,
    available: promised.available,
    earliest: earliest === null ? null : { date: instantAt(earliest), quantity },
    leadTimeDays: asked.leadTimeDays,
    locations: locationsOf(asked, promised, wish.destination),
    timeline: timelineOf(outlook),
  };
};

/** What could be promised at a time that has passed: only what is known of then. */
export const availabilityThen = (asked: Asked, at: number): Availability => {
  const promised = promiseOf({ ...asked, leadTimeDays: null }, at).at(at);
  return {
    sku: asked.sku,
    available: promised.available,
    earliest: null,
    leadTimeDays: null,
    locations: locationsOf(asked, promised, null),
    timeline: [],
  };
};

const timelineOf = ({ dates, at }: Outlook): Availability['timeline'] => {
  const steps = dates.map((date) => ({ date: instantAt(date), available: at(date).available }));
  return steps
    .filter(({ available }, index) => available !== steps[index - 1]?.available)
    .slice(0, TIMELINE_MAX);
};

const locationsOf = (
  asked: Asked,
  { locations }: Promised,
  destination: GeoPoint | null,
): LocationAvailability[] => {
  const shelves = new Map(asked.shelves.map((shelf) => [shelf.locationId, shelf]));
  const inbound = Map.groupBy(asked.inbound, ({ locationId }) => locationId);
  const shown = locations.map(({ locationId, available }) => ({
    locationId,
    available,
    ...(!asked.isKit && goodsOf(shelves.get(locationId), inbound.get(locationId) ?? [])),
    ...(destination && {
      distanceMeters: distanceTo(destination, asked.places.get(locationId)),
    }),
  }));
  const distance = ({ distanceMeters: meters }: LocationAvailability): number => meters ?? Infinity;
  return shown.filter(hasAny).sort((a, b) => compare(distance(a), distance(b)));
};

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

const distanceTo = (destination: GeoPoint, place: GeoPoint | null | undefined): number | null =>
  place ? distanceMeters(destination, place) : null;

const hasAny = ({ available, onHand = 0, inbound = 0, uncounted }: LocationAvailability): boolean =>
  available + onHand + inbound > 0 || uncounted === true;

const goodsOf = (shelf: Shelf | undefined, inbound: readonly Inbound[]) => ({
  onHand: shelf?.onHand ?? 0,
  reserved: shelf?.reserved ?? 0,
  safetyStock: shelf?.safetyStock ?? 0,
  inbound: inbound.reduce((sum, { units }) => sum + units, 0),
  uncounted: shelf?.uncounted ?? false,
  leadTimeDays: shelf?.leadTimeDays ?? null,
});

/** WGS 84 coordinates in degrees. */
export type GeoPoint = { readonly lat: number; readonly lng: number };

/** What identifies a person, apart from the facts of the order, so that it can be encrypted and forgotten. */
export type PersonalName = {
  readonly subjectId: string;
  readonly name?: string | null;
  readonly email?: string | null;
  readonly phone?: string | null;
};

/** A postal address; who lives there stands in `personal`. `country` is ISO 3166-1 alpha-2. */
export type Address = {
  readonly personal: PersonalName & { readonly lines: readonly string[] };
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string;
};

const EARTH_RADIUS_KM = 6371.0088;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in whole metres (haversine formula, mean Earth radius of IUGG). */
export const distanceMeters = (from: GeoPoint, to: GeoPoint): number => {
  const lat = radians(to.lat - from.lat) / 2;
  const lng = radians(to.lng - from.lng) / 2;
  const a =
    Math.sin(lat) ** 2 +
    Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * Math.sin(lng) ** 2;
  return Math.round(2 * EARTH_RADIUS_KM * 1000 * Math.asin(Math.min(1, Math.sqrt(a))));
};

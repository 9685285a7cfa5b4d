import type { GeoPoint } from '@throughline/kernel';
import { tableRows } from './tables.js';

/**
 * What a place was found by: the whole postal code (in Britain its outward code), the area that the
 * code begins with, or only the country.
 */
export type Precision = 'postal-code' | 'area' | 'country';
export type Located = GeoPoint & { readonly precision: Precision };

/** Point of every known area, by country and the first characters of its postal codes. */
type Areas = ReadonlyMap<string, GeoPoint>;

/** No area is named by more characters than this. */
const PREFIX_MAX = 6;
/** Where a British code of outward and inward part ends: `SW1Y 4JH` is outward `SW1Y`. */
const INWARD_LENGTH = 3;
const OUTWARD_MAX = 4;
const BRITISH: ReadonlySet<string> = new Set(['GB', 'GG', 'IM', 'JE']);

const keyOf = (country: string, prefix: string): string => `${country} ${prefix}`;

const load = (): Areas => {
  const areas = new Map<string, GeoPoint>();
  for (const row of tableRows('countries.csv')) {
    const [country, lat, lng] = row.split(',');
    areas.set(keyOf(country!, ''), { lat: Number(lat), lng: Number(lng) });
  }
  for (const row of tableRows('areas.csv')) {
    const [country, prefix, lat, lng] = row.split(',');
    areas.set(keyOf(country!, prefix!), { lat: Number(lat), lng: Number(lng) });
  }
  return areas;
};

let loaded: Areas | undefined;

const plainCode = (country: string, postalCode: string): string => {
  const code = postalCode.toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (BRITISH.has(country) && code.length > OUTWARD_MAX) return code.slice(0, -INWARD_LENGTH);
  return code;
};

/** Some write the country in front of the code (`LV-1001`, `D-10115`); the tables never do. */
const withoutCountry = (country: string, code: string): string => {
  if (code.startsWith(country) && /^\d/.test(code.slice(country.length)))
    return code.slice(country.length);
  return code.replace(/^[A-Z](?=\d{4,5}$)/, '');
};

/**
 * Where a postal code lies, good enough to rank by distance and to pick a zone. Takes an ISO 3166-1 alpha-2
 * country and, if known, a postal code in any usual spelling; falls back from the code to its area and
 * then to the country's middle. `undefined` for a country that it does not know.
 */
export const locate = ({
  country,
  postalCode,
}: {
  readonly country: string;
  readonly postalCode?: string | null;
}): Located | undefined => {
  loaded ??= load();
  const known = country.toUpperCase();
  const code = withoutCountry(known, plainCode(known, postalCode ?? ''));
  for (let length = Math.min(code.length, PREFIX_MAX); length > 0; length -= 1) {
    const point = loaded.get(keyOf(known, code.slice(0, length)));
    if (point) return { ...point, precision: length === code.length ? 'postal-code' : 'area' };
  }
  const middle = loaded.get(keyOf(known, ''));
  return middle && { ...middle, precision: 'country' };
};

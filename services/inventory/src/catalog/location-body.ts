import {
  Coordinates,
  Country,
  Flag,
  LOCATION_TYPES,
  Nested,
  OneOf,
  Optional,
  Text,
  Texts,
  type LocationType,
} from '@throughline/contracts';
import { locate } from '@throughline/geo';
import type { Location, Stored } from './catalog.codec.js';

const ADDRESS_LINES_MAX = 10;

export class LocationAddress {
  @Optional() @Texts(ADDRESS_LINES_MAX) lines?: string[] | null;
  @Optional() @Text() city?: string | null;
  @Optional() @Text() region?: string | null;
  @Optional() @Text(20) postalCode?: string | null;
  @Country() country!: string;
}

export class LocationBody {
  @OneOf(LOCATION_TYPES) type!: LocationType;
  @Text() name!: string;
  @Nested(() => LocationAddress) address!: LocationAddress;
  @Optional() @Nested(() => Coordinates) geo?: Coordinates | null;
  @Optional() @Texts() capabilities?: string[] | null;
  @Optional() @Flag() active?: boolean | null;
}

const placeOf = (
  { geo }: LocationBody,
  address: Location['address'],
): Pick<Location, 'geo' | 'geoPrecision'> => {
  if (geo) return { geo: { lat: geo.lat, lng: geo.lng }, geoPrecision: 'given' };
  const found = locate(address);
  if (!found) return { geo: null, geoPrecision: null };
  return { geo: { lat: found.lat, lng: found.lng }, geoPrecision: found.precision };
};

/** A location of its body; where no coordinates are given, its postal code or country tells them. */
export const locationOf = (body: LocationBody): Location => {
  const { lines, city, region, postalCode, country } = body.address;
  const address = {
    lines: lines ?? [],
    city: city ?? null,
    region: region ?? null,
    postalCode: postalCode ?? null,
    country,
  };
  return {
    type: body.type,
    name: body.name,
    address,
    ...placeOf(body, address),
    capabilities: body.capabilities ?? [],
    active: body.active ?? true,
  };
};

export const locationAnswer = (locationId: string, { document, version }: Stored<Location>) => ({
  locationId,
  ...document,
  version,
});
export type LocationAnswer = ReturnType<typeof locationAnswer>;

import {
  Attributes,
  Coordinates,
  Count,
  Country,
  Flag,
  ListOf,
  LOCATION_TYPES,
  Nested,
  OneOf,
  Optional,
  Text,
  Texts,
  Time,
  UNITS_MAX,
  type FieldError,
  type LocationType,
} from '@throughline/contracts';
import { locate } from '@throughline/geo';
import { instantOf } from '@throughline/kernel';
import type { Location, Stored } from './catalog.codec.js';
import { costFaults, costsAnswer, costsOf } from './location-costs.js';
import { HOURS_MAX, hoursFaults, LocationCutOff, LocationOpeningHours } from './location-hours.js';

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
  /** A pop-up store takes part from one instant to the other; where one is absent, always. */
  @Optional() @Time() activeFrom?: string | null;
  @Optional() @Time() activeTo?: string | null;
  @Optional() @Text() timeZone?: string | null;
  @Optional()
  @ListOf(() => LocationOpeningHours, { max: HOURS_MAX })
  openingHours?: LocationOpeningHours[] | null;
  @Optional()
  @ListOf(() => LocationCutOff, { max: HOURS_MAX })
  cutOffs?: LocationCutOff[] | null;
  /** How many orders it can take on in a day. */
  @Optional() @Count(UNITS_MAX) dailyCapacity?: number | null;
  /** By name: plain numbers, or money as `{ amount, currency }`. */
  @Optional() @Attributes() costs?: Record<string, unknown> | null;
}

/** What the shape of a body cannot tell. */
export const locationFaults = (body: LocationBody): FieldError[] => {
  const { activeFrom, activeTo, costs } = body;
  const isEmpty = activeFrom && activeTo && Date.parse(activeFrom) >= Date.parse(activeTo);
  return [
    ...(isEmpty
      ? [{ field: 'activeTo', code: 'range', message: 'must be later than activeFrom' }]
      : []),
    ...hoursFaults(body),
    ...costFaults(costs ?? {}),
  ];
};

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
    activeFrom: instantOf(body.activeFrom ?? '') ?? null,
    activeTo: instantOf(body.activeTo ?? '') ?? null,
    timeZone: body.timeZone ?? null,
    openingHours: body.openingHours ?? null,
    cutOffs: body.cutOffs?.map(cutOffOf) ?? null,
    dailyCapacity: body.dailyCapacity ?? null,
    costs: body.costs ? costsOf(body.costs) : null,
  };
};

const cutOffOf = ({ day, time, service }: LocationCutOff): LocationCutOff => ({
  day: day ?? null,
  time,
  service: service ?? null,
});

/** A location as it is answered: `active` as it was stated, `open` as it is now. */
export const locationAnswer = (
  locationId: string,
  { document, version, open }: Stored<Location> & { readonly open: boolean },
) => ({
  locationId,
  ...document,
  activeFrom: document.activeFrom ?? null,
  activeTo: document.activeTo ?? null,
  open,
  timeZone: document.timeZone ?? null,
  openingHours: document.openingHours ?? [],
  cutOffs: document.cutOffs ?? [],
  dailyCapacity: document.dailyCapacity ?? null,
  costs: costsAnswer(document.costs ?? {}),
  version,
});
export type LocationAnswer = ReturnType<typeof locationAnswer>;

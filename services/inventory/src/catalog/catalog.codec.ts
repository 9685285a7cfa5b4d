import type { LocationType } from '@throughline/contracts';
import { codecOf } from '@throughline/event-store';
import type { GeoPoint, Message } from '@throughline/kernel';
import type { Costs } from './location-costs.js';
import type { LocationCutOff, LocationOpeningHours } from './location-hours.js';

/** Category of the streams `catalog-item-<sku>` and `catalog-location-<id>`. */
export const CATALOG_CATEGORY = 'catalog';

export type Item = {
  readonly name: string;
  readonly weightGrams: number | null;
  readonly dimensionsMm: {
    readonly length: number;
    readonly width: number;
    readonly height: number;
  } | null;
  readonly barcodes: readonly string[];
  /** What a kit consists of. */
  readonly components: readonly { readonly sku: string; readonly quantity: number }[];
  /** In how many days any quantity can be had, from a supplier or from production. */
  readonly leadTimeDays?: number | null;
  readonly cost: { readonly amountMinor: number; readonly currency: string } | null;
  readonly attributes: Readonly<Record<string, unknown>>;
};

/** How the coordinates were found: given with the location, or by its postal code, as exactly as that allows. */
export type GeoPrecision = 'given' | 'postal-code' | 'area' | 'country';
export type Location = {
  readonly type: LocationType;
  readonly name: string;
  readonly address: {
    readonly lines: readonly string[];
    readonly city: string | null;
    readonly region: string | null;
    readonly postalCode: string | null;
    readonly country: string;
  };
  readonly geo: GeoPoint | null;
  readonly geoPrecision: GeoPrecision | null;
  readonly capabilities: readonly string[];
  readonly active: boolean;
  /** Where it takes part for a time only (ISO 8601, UTC). */
  readonly activeFrom?: string | null;
  readonly activeTo?: string | null;
  /** What opening hours and cut-offs are in. */
  readonly timeZone?: string | null;
  readonly openingHours?: readonly Readonly<LocationOpeningHours>[] | null;
  readonly cutOffs?: readonly Readonly<LocationCutOff>[] | null;
  /** How many orders it can take on in a day. */
  readonly dailyCapacity?: number | null;
  readonly costs?: Costs | null;
};

export type Stored<Document> = { readonly document: Document; readonly version: number };

export type CatalogEvent =
  | Message<'ItemChanged', { readonly sku: string; readonly version: number; readonly item: Item }>
  | Message<
      'LocationChanged',
      {
        readonly locationId: string;
        readonly version: number;
        readonly location: Location;
        /** Whether it takes part now, where that may be something else than `active`. */
        readonly open?: boolean;
      }
    >;

export const catalogCodec = codecOf<CatalogEvent>({
  ItemChanged: { version: 1 },
  LocationChanged: { version: 1 },
});

import { gatherer, type GeoPoint } from '@throughline/kernel';
import type { Database } from '@throughline/service-kit';
import { LRUCache } from 'lru-cache';
import type { Place } from './choice.js';

const SKUS_PER_READ = 500;
/** What the catalogue lists once it lists for ever, so refusals need not ask again. */
const KNOWN_MAX = 50_000;

/** What each location has free of each SKU, kits by their parts; and which of the SKUs there are. */
const PLACES = `
  with asked as (select distinct sku from unnest($1::text[]) as sku),
  parts as (
    select a.sku as wished, coalesce(k.sku, a.sku) as sku, coalesce(k.quantity, 1) as per_kit,
      count(*) over (partition by a.sku) as of_kit
    from asked a left join kit_components k on k.kit_sku = a.sku
  )
  select wished as sku, b.location_id as "locationId",
    min(floor(b.available / per_kit))::bigint as available, (array_agg(l.document -> 'geo'))[1] as geo
  from parts
  -- Shelf by shelf: as one join Postgres prefers to read all shelves that there are.
  cross join lateral (
    select location_id, available from balances s
    where s.sku = parts.sku and s.available > 0 offset 0
  ) as b
  join locations l using (location_id)
  where l.active
  group by wished, of_kit, b.location_id having count(*) = of_kit
  order by wished, b.location_id`;

const KNOWN_SKUS = 'select sku as id from items where sku = any($1)';
const KNOWN_LOCATIONS = 'select location_id as id from locations where location_id = any($1)';

const OWN = `
  select coalesce(r.kit_sku, r.sku) as sku, r.location_id as "locationId",
    min((r.quantity - r.consumed - r.released) / coalesce(r.per_kit, 1))::bigint as available
  from attempts a join reservations r using (attempt_id)
  where a.order_id = $1 and a.owner = 'checkout' and a.outcome = 'reserved'
  group by 1, 2`;

type Row = { sku: string; locationId: string; available: number; geo: GeoPoint | null };

export type PlacesQuery = {
  /** The active locations that have some of these SKUs; a place's own hold counts as free for it. */
  places(skus: readonly string[], reservationId: string | null): Promise<Place[]>;
  /** Those of the SKUs that no catalogue lists. */
  unknownSkus(skus: readonly string[]): Promise<string[]>;
  unknownLocations(locationIds: readonly string[]): Promise<string[]>;
};

/** Reads for many checkouts at once what is free where. */
export const placesQuery = (database: Database): PlacesQuery => {
  const free = gatherer<readonly string[], readonly Row[]>({
    batchMax: SKUS_PER_READ,
    weightOf: (skus) => skus.length,
    run: async (asked) => {
      const rows = await database.query<Row>(PLACES, [[...new Set(asked.flat())]], 'places');
      const bySku = new Map<string, Row[]>();
      for (const row of rows) bySku.set(row.sku, [...(bySku.get(row.sku) ?? []), row]);
      return asked.map((skus) => ({ result: skus.flatMap((sku) => bySku.get(sku) ?? []) }));
    },
  });
  return {
    places: async (skus, reservationId) => {
      const rows = [...(await free(skus))];
      if (reservationId !== null)
        rows.push(...(await database.query<Row>(OWN, [reservationId], 'own-hold')));
      return placesOf(rows);
    },
    unknownSkus: unknownOf(database, 'known-skus', KNOWN_SKUS),
    unknownLocations: unknownOf(database, 'known-locations', KNOWN_LOCATIONS),
  };
};

/** Which of the ids are not listed; those that are known to be are not asked for again. */
const unknownOf = (database: Database, name: string, text: string) => {
  const known = new LRUCache<string, true>({ max: KNOWN_MAX });
  return async (ids: readonly string[]): Promise<string[]> => {
    const asked = ids.filter((id) => !known.has(id));
    if (asked.length === 0) return [];
    for (const { id } of await database.query<{ id: string }>(text, [asked], name))
      known.set(id, true);
    return asked.filter((id) => !known.has(id));
  };
};

const placesOf = (rows: readonly Row[]): Place[] => {
  const places = new Map<string, Place & { available: Map<string, number> }>();
  for (const { sku, locationId, available, geo } of rows) {
    const known = places.get(locationId);
    const place = known ?? { locationId, geo: geo ?? null, available: new Map() };
    place.available.set(sku, (place.available.get(sku) ?? 0) + available);
    places.set(locationId, place);
  }
  return [...places.values()];
};

import { ItemChanged, LocationChanged } from '@throughline/contracts';
import { locate } from '@throughline/geo';
import { gatherer, type GeoPoint } from '@throughline/kernel';
import { consumer, on, type Consumer } from '@throughline/messaging';
import type { Database } from '@throughline/service-kit';
import { newestOf, savedAll } from './newest.js';

const ROWS_MAX = 1_000;

const ADD_ITEMS = `
  insert into item (sku) select * from unnest($1::text[]) on conflict do nothing`;

const UPSERT = `
  insert into location as known (location_id, active, lat, lng, version)
  select * from unnest($1::text[], $2::boolean[], $3::float8[], $4::float8[], $5::bigint[])
  on conflict (location_id) do update
    set active = excluded.active, lat = excluded.lat, lng = excluded.lng, version = excluded.version
    where excluded.version > known.version`;

type Row = {
  readonly locationId: string;
  readonly active: boolean;
  readonly geo: GeoPoint | null;
  readonly version: number;
};

/** As its owner says; otherwise as far as its postal code tells. */
const geoOf = ({ geo, country, postalCode }: LocationChanged): GeoPoint | null =>
  geo ?? locate({ country, postalCode }) ?? null;

const locationsIn = (database: Database) =>
  gatherer<Row, void>({
    batchMax: ROWS_MAX,
    run: async (rows) => {
      const newest = newestOf(rows, ({ locationId }) => locationId);
      await database.query(
        UPSERT,
        [
          newest.map(({ locationId }) => locationId),
          newest.map(({ active }) => active),
          newest.map(({ geo }) => geo?.lat ?? null),
          newest.map(({ geo }) => geo?.lng ?? null),
          newest.map(({ version }) => version),
        ],
        'picture-location',
      );
      return savedAll(rows);
    },
  });

const itemsIn = (database: Database) =>
  gatherer<string, void>({
    batchMax: ROWS_MAX,
    run: async (skus) => {
      await database.query(ADD_ITEMS, [[...new Set(skus)].sort()], 'picture-item');
      return savedAll(skus);
    },
  });

/** Keeps routing's picture of locations, of which the newest version wins, and which items there are. */
export const catalogConsumer = (database: Database): Consumer => {
  const saveLocation = locationsIn(database);
  const saveItem = itemsIn(database);
  return consumer({
    group: 'routing.oms.catalog',
    topic: 'oms.catalog',
    handlers: [
      on(LocationChanged, ({ data }) => {
        const { locationId, active, version } = data;
        return saveLocation({ locationId, active, version, geo: geoOf(data) });
      }),
      on(ItemChanged, ({ data }) => saveItem(data.sku)),
    ],
  });
};

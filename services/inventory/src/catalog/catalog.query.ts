import {
  sortValues,
  pageOf,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import type { Item, Location, Stored } from './catalog.codec.js';
import { itemAnswer, type ItemAnswer } from './item-body.js';
import { locationAnswer, type LocationAnswer } from './location-body.js';

export type CatalogQuery = {
  item(sku: string): Promise<Stored<Item> | undefined>;
  items(page: PageRequest): Promise<Page<ItemAnswer>>;
  location(locationId: string): Promise<OpenLocation | undefined>;
  /** Of these, where they are given. */
  locations(page: PageRequest, among?: readonly string[]): Promise<Page<LocationAnswer>>;
};

/** A location, and whether it takes part now. */
export type OpenLocation = Stored<Location> & { readonly open: boolean };
type Row<Stored> = Stored & { readonly id: string };

const ITEM = 'select sku as id, version, document from items where sku = $1';
const ITEMS = 'select sku as id, version, document from items where sku > $1 order by sku limit $2';
const LOCATION = `select location_id as id, version, document, active as open from locations
  where location_id = $1`;
const LOCATIONS = `select location_id as id, version, document, active as open from locations
  where location_id > $1 and ($3::text[] is null or location_id = any($3))
  order by location_id limit $2`;

/** The catalogue as it stands now. */
export const catalogQuery = (database: Database): CatalogQuery => {
  const page = async <Found, Answer>(
    name: string,
    text: string,
    { limit, after }: PageRequest,
    answerOf: (id: string, stored: Found) => Answer,
    ...more: readonly unknown[]
  ): Promise<Page<Answer>> => {
    const [last] = after ? sortValues(after, ['text']) : [''];
    const rows = await database.query<Row<Found>>(text, [last, limit + 1, ...more], name);
    return pageOf(
      rows,
      limit,
      ({ id }) => [id],
      (row) => answerOf(row.id, row),
    );
  };

  return {
    item: async (sku) => (await database.query<Row<Stored<Item>>>(ITEM, [sku], 'item'))[0],
    items: (request) => page('items', ITEMS, request, itemAnswer),
    location: async (locationId) =>
      (await database.query<Row<OpenLocation>>(LOCATION, [locationId], 'location'))[0],
    locations: (request, among) =>
      page('locations', LOCATIONS, request, locationAnswer, among ?? null),
  };
};

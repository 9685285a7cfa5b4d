import { gatherer, type Settled } from '@throughline/kernel';
import type { Database } from '@throughline/service-kit';
import type { Location, Picture, Stock } from '../sourcing/domain/picture.js';

/** Which part of the picture a decision needs. */
export type PictureOf = {
  readonly skus: readonly string[];
  /** Read even where it holds nothing, to tell whether it exists. */
  readonly onlyLocationId: string | null;
};
export type ReadPicture = (wanted: PictureOf) => Promise<Picture>;

/** SKUs that share one read; an order with more of them is read by itself. */
const BATCH_SKUS_MAX = 2_000;
const CONCURRENT_MAX = 2;
/** Locations read of one SKU, those with the most stock: what bounds a read where thousands hold it. */
const LOCATIONS_PER_SKU_MAX = 2_000;

const STOCK = `
  select wanted.sku, json_agg(json_build_array(held.location_id, held.available)) as stock
  from unnest($1::text[]) as wanted(sku)
  cross join lateral (
    select location_id, available from availability
    where availability.sku = wanted.sku and available > 0
    order by available desc, location_id limit ${LOCATIONS_PER_SKU_MAX}
  ) held
  group by wanted.sku`;

const LOCATIONS = `
  select location_id as "locationId", active, lat, lng from location where location_id = any($1)`;

const COUNTS = `
  select count(*) filter (where active) as active, count(*) filter (where not active) as inactive
  from location`;

type StockRow = { readonly sku: string; readonly stock: readonly (readonly [string, number])[] };
type LocationRow = {
  readonly locationId: string;
  readonly active: boolean;
  readonly lat: number | null;
  readonly lng: number | null;
};
type CountsRow = Pick<Picture, 'active' | 'inactive'>;

/** Reads the picture that decisions are made on; decisions of the same moment share their reads. */
export const pictureReader = (database: Database): ReadPicture =>
  gatherer<PictureOf, Picture>({
    batchMax: BATCH_SKUS_MAX,
    concurrentMax: CONCURRENT_MAX,
    weightOf: ({ skus }) => skus.length,
    run: (wanted) => readAll(database, wanted),
  });

const readAll = async (
  database: Database,
  wanted: readonly PictureOf[],
): Promise<Settled<Picture>[]> => {
  const skus = new Set(wanted.flatMap((each) => each.skus));
  const [rows, counts] = await Promise.all([
    database.query<StockRow>(STOCK, [[...skus]], 'picture-stock'),
    database.query<CountsRow>(COUNTS, [], 'picture-counts'),
  ]);
  const stock = new Map(rows.map((row) => [row.sku, stockOf(row)]));
  const ids = new Set(wanted.flatMap(({ onlyLocationId: id }) => (id === null ? [] : [id])));
  for (const held of stock.values()) for (const { locationId } of held) ids.add(locationId);
  const found = await database.query<LocationRow>(LOCATIONS, [[...ids]], 'picture-locations');
  const locations = new Map(found.map((row) => [row.locationId, locationOf(row)]));
  const { active, inactive } = counts[0]!;
  return wanted.map((each) => ({
    result: { ...partOf(each, stock, locations), active, inactive },
  }));
};

const stockOf = ({ sku, stock }: StockRow): Stock[] =>
  stock.map(([locationId, available]) => ({ sku, locationId, available }));

const locationOf = ({ locationId, active, lat, lng }: LocationRow): Location => ({
  locationId,
  active,
  geo: lat === null || lng === null ? null : { lat, lng },
});

/** One decision's own part of what was read for many. */
const partOf = (
  { skus, onlyLocationId }: PictureOf,
  stock: ReadonlyMap<string, readonly Stock[]>,
  locations: ReadonlyMap<string, Location>,
): Pick<Picture, 'stock' | 'locations'> => {
  const own = skus.flatMap((sku) => stock.get(sku) ?? []);
  const ids = new Set(own.map(({ locationId }) => locationId));
  if (onlyLocationId !== null) ids.add(onlyLocationId);
  return { stock: own, locations: [...ids].flatMap((id) => locations.get(id) ?? []) };
};

import { gatherer } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import type { Opening } from '../order/domain/placed-order.js';

/** When a location takes part; undefined where nobody has told of it so far. */
export type OpeningQuery = (locationId: string) => Promise<Opening | undefined>;

const LOCATIONS_MAX = 500;
const CONCURRENT_MAX = 2;

const OPENINGS = `
  select location_id as "locationId", active_from as "from", active_to as "to"
  from location where location_id = any($1)`;

type Row = { readonly locationId: string; readonly from: Date | null; readonly to: Date | null };

/** Orders of the same moment share their reads. */
export const openingQuery = (database: Database): OpeningQuery =>
  gatherer<string, Opening | undefined>({
    batchMax: LOCATIONS_MAX,
    concurrentMax: CONCURRENT_MAX,
    run: async (locationIds) => {
      const ids = [...new Set(locationIds)];
      const rows = await database.query<Row>(OPENINGS, [ids], 'openings');
      const openings = new Map(rows.map((row) => [row.locationId, openingOf(row)]));
      return locationIds.map((locationId) => ({ result: openings.get(locationId) }));
    },
  });

const openingOf = ({ from, to }: Row): Opening => ({
  from: from?.toISOString() ?? null,
  to: to?.toISOString() ?? null,
});

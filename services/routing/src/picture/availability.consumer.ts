import { AvailabilityChanged } from '@throughline/contracts';
import { gatherer } from '@throughline/kernel';
import { consumer, on, type Consumer } from '@throughline/messaging';
import type { Database } from '@throughline/service-kit';
import { newestOf, savedAll } from './newest.js';

const ROWS_MAX = 1_000;

const UPSERT = `
  insert into availability as held (sku, location_id, available, version)
  select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
  on conflict (sku, location_id) do update
    set available = excluded.available, version = excluded.version
    where excluded.version > held.version`;

type Row = Pick<AvailabilityChanged, 'sku' | 'locationId' | 'available' | 'version'>;

/** Keeps routing's picture of stock. The newest version wins, so an old or repeated message changes nothing. */
export const availabilityConsumer = (database: Database): Consumer => {
  const save = gatherer<Row, void>({
    batchMax: ROWS_MAX,
    run: async (rows) => {
      const newest = newestOf(rows, ({ sku, locationId }) => JSON.stringify([sku, locationId]));
      await database.query(
        UPSERT,
        [
          newest.map(({ sku }) => sku),
          newest.map(({ locationId }) => locationId),
          newest.map(({ available }) => available),
          newest.map(({ version }) => version),
        ],
        'picture-availability',
      );
      return savedAll(rows);
    },
  });
  return consumer({
    group: 'routing.oms.availability',
    topic: 'oms.availability',
    handlers: [on(AvailabilityChanged, ({ data }) => save(data))],
  });
};

import { LocationChanged } from '@throughline/contracts';
import { consumer, on, type Consumer } from '@throughline/messaging';
import type { Database } from '@throughline/postgres';

const UPSERT = `
  insert into location as known (location_id, version) values ($1, $2)
  on conflict (location_id) do update set version = excluded.version
    where excluded.version > known.version`;

/** Keeps which locations there are; one that closes stays, since goods may still come in there. */
export const locationConsumer = (database: Database): Consumer =>
  consumer({
    group: 'returns.oms.catalog',
    topic: 'oms.catalog',
    handlers: [
      on(LocationChanged, async ({ data: { locationId, version } }) => {
        await database.query(UPSERT, [locationId, version]);
      }),
    ],
  });

import { LocationChanged } from '@throughline/contracts';
import { consumer, on, type Consumer } from '@throughline/messaging';
import { timestampOf, type Database } from '@throughline/postgres';

const UPSERT = `
  insert into location as known (location_id, active_from, active_to, version)
  values ($1, $2, $3, $4)
  on conflict (location_id) do update
    set active_from = excluded.active_from, active_to = excluded.active_to, version = excluded.version
    where excluded.version > known.version`;

/** Keeps when locations take part. The newest version wins, so an old or repeated message changes nothing. */
export const locationConsumer = (database: Database): Consumer =>
  consumer({
    group: 'order-capture.oms.catalog',
    topic: 'oms.catalog',
    handlers: [
      on(LocationChanged, async ({ data }) => {
        const { locationId, activeFrom = null, activeTo = null, version } = data;
        await database.query(UPSERT, [
          locationId,
          activeFrom && timestampOf(activeFrom),
          activeTo && timestampOf(activeTo),
          version,
        ]);
      }),
    ],
  });

import type { Database } from '@throughline/postgres';
import { streamsSetAside } from '@throughline/telemetry';
import { parkedMessages, parkedOldestSeconds } from './bus-metrics.js';
import { STREAM_KEY } from './unreadable-events.js';

type GroupRow = {
  group_name: string;
  parked: number;
  streams: number;
  oldest_seconds: number;
};

/** Measures what is parked in a service's schema. The answer is to be called every few seconds. */
export const measureParked = (service: string, database: Database): (() => Promise<void>) => {
  const seen = new Set<string>();
  return async () => {
    const rows = await database.query<GroupRow>(
      `select group_name, count(*) as parked,
         count(distinct message_key) filter (where starts_with(message_key, '${STREAM_KEY}')) as streams,
         extract(epoch from now() - min(parked_at))::float8 as oldest_seconds
       from bus_parked group by group_name`,
      [],
      'bus-parked-gauges',
    );
    for (const { group_name: group } of rows) seen.add(group);
    for (const group of seen) {
      const row = rows.find(({ group_name: name }) => name === group);
      parkedMessages.set({ service, group }, row?.parked ?? 0);
      streamsSetAside.set({ service, reader: group }, row?.streams ?? 0);
    }
    const oldest = Math.max(0, ...rows.map((row) => row.oldest_seconds));
    parkedOldestSeconds.set({ service }, oldest);
  };
};

import type { Database } from '@throughline/postgres';
import { parkedMessages, parkedOldestSeconds } from './bus-metrics.js';

type GroupRow = { group_name: string; parked: number; oldest_seconds: number };

/** Measures what is parked in a service's schema. The answer is to be called every few seconds. */
export const measureParked = (service: string, database: Database): (() => Promise<void>) => {
  const seen = new Set<string>();
  return async () => {
    const rows = await database.query<GroupRow>(
      `select group_name, count(*) as parked, extract(epoch from now() - min(parked_at))::float8 as oldest_seconds
       from bus_parked group by group_name`,
      [],
      'bus-parked-gauges',
    );
    for (const { group_name: group } of rows) seen.add(group);
    for (const group of seen) {
      const parked = rows.find((row) => row.group_name === group)?.parked ?? 0;
      parkedMessages.set({ service, group }, parked);
    }
    const oldest = Math.max(0, ...rows.map((row) => row.oldest_seconds));
    parkedOldestSeconds.set({ service }, oldest);
  };
};

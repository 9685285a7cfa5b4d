import type { EventStore } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import { projectionFaults } from '@throughline/read-model';
import type { Task } from '@throughline/service-kit';

const REMEMBER_EVERY_MS = 5_000;
const REMEMBER = 'insert into known_log (epoch) values ($1) on conflict do nothing';

/** Whether a log is the one that its service has always had, and not an older one that was restored. */
export type KnownLog = { isWhole(): Promise<boolean>; readonly task: Task };

/**
 * A restore begins a new epoch (docs/operations/restore.md); from then on the log is not whole, until a person says that it
 * is. Nor is one that is behind what a read model has seen of it.
 */
export const knownLog = (store: EventStore, database: Database): KnownLog => {
  const remember = async (): Promise<void> => {
    await database.query(REMEMBER, [await store.epoch()], 'remember-log');
  };
  return {
    isWhole: async () => {
      const [known] = await database.query<{ readonly epoch: string }>(
        'select epoch from known_log',
        [],
        'known-log',
      );
      if (known?.epoch !== (await store.epoch())) return false;
      return (await projectionFaults(database, store)).length === 0;
    },
    task: { name: 'remember-log', everyMs: REMEMBER_EVERY_MS, run: remember },
  };
};

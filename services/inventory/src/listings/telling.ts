import type { EventMetadata } from '@throughline/event-store';
import { newId } from '@throughline/kernel';
import type { Database, Runtime } from '@throughline/service-kit';
import type { PoolClient } from 'pg';
import { channelTelling } from './channel-telling.js';
import { kitTelling } from './kit-telling.js';

/** How somebody is kept informed of something that is worked out from shelves. */
export type Telling<Key> = {
  /** What was told last and is not so any more, of these SKUs and the kits that they are parts of. */
  stale(database: Database, skus: readonly string[]): Promise<readonly Key[]>;
  /**
   * Locks what was told, looks again, writes down what it is now and appends that to the log. False where somebody
   * else has told it meanwhile.
   */
  tell(tx: PoolClient, keys: readonly Key[], metadata: EventMetadata): Promise<boolean>;
};

/** Tells channels and routing what has become of these SKUs, where it is something else than they know. */
export type Tell = (skus: readonly string[]) => Promise<void>;

/** What changes faster than it can be told is told by the next message, or looked through later. */
const ROUNDS_MAX = 20;

/**
 * Tells once whoever else tells at the same time. It looks again until there is nothing to tell: another one
 * may have looked before what was told here could be seen, and have found nothing amiss.
 */
export const tellerOf = ({
  database,
  now,
  committed,
}: Pick<Runtime, 'database' | 'now' | 'committed'>): Tell => {
  const tellAll = async <Key>(telling: Telling<Key>, skus: readonly string[]): Promise<void> => {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const keys = await telling.stale(database, skus);
      if (keys.length === 0) return;
      const id = newId();
      const metadata = { at: now(), causationId: id, correlationId: id };
      const isTold = await database.transaction((tx) => telling.tell(tx, keys, metadata));
      if (isTold) committed();
    }
  };
  return async (skus) => {
    await tellAll(kitTelling, skus);
    await tellAll(channelTelling, skus);
  };
};

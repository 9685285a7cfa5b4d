import type { EventStoreDb } from './event-store-db.js';
import type { StoreNews } from './event-store-db-outage.js';

export * from './codec.js';
export * from './command-handler.js';
export * from './event-store.js';
export * from './one-stream.js';
export * from './postgres-log.js';
export type { EventStoreDb, StoreState } from './event-store-db.js';

/**
 * The event store on the EventStoreDB (KurrentDB) that a connection string names (`esdb://...`). `news` hears what goes on
 * behind its answers. Connects when it is used; the client is loaded only here, since most processes need none.
 */
export const openEventStoreDb = async (
  connectionString: string,
  news?: StoreNews,
): Promise<EventStoreDb> => {
  const { EventStoreDb: Adapter } = await import('./event-store-db.js');
  return new Adapter(connectionString, news);
};

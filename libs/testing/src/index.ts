import type { EventStoreDouble } from './event-store-double/event-store-double.js';

export * from './compiled.js';
export * from './database.js';
export * from './decider-spec.js';
export * from './golden-history.js';
export * from './golden-suite.js';
export * from './golden-types.js';
export * from './service-harness.js';
export * from './until.js';
export * from './faulty-network.js';
export * from './kafka.js';
export type { EventStoreDouble } from './event-store-double/event-store-double.js';

/** See `event-store-double.ts`. Loaded when it is asked for: few specs need it. */
export const startDouble = async (port = 0): Promise<EventStoreDouble> => {
  const { startEventStoreDouble } = await import('./event-store-double/event-store-double.js');
  return startEventStoreDouble(port);
};

import { setTimeout as delay } from 'node:timers/promises';
import type { EventStore } from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import { projectionFaults, projectionsStopped } from '@throughline/read-model';
import type { HealthCheck } from './health.controller.js';
import type { RunningService, Streams } from './running-service.js';

/** Well within the time that a probe waits: a pod with slow stores serves on. */
const PROJECTIONS_MS = 1_500;

/**
 * Whether each service reaches its database, with the log in it, and all that use it the event store beside it (`streams`); and
 * whether their read models are of the log that is there. A store that is slow serves, and is asked by everybody: to take its users
 * out of service would help none of them.
 */
export const storeChecks = (
  services: readonly RunningService[],
  streams: Streams | undefined,
): HealthCheck[] => [
  ...services.map(({ definition: { name }, runtime: { database } }) => ({
    name,
    check: async () => {
      await database.query('select 1');
      return true;
    },
  })),
  ...(streams && services.some(({ runtime: { store } }) => store === streams)
    ? [{ name: 'event store', check: () => stateOf(streams) }]
    : []),
  ...services.filter(({ parts }) => parts.projections.length > 0).map(projectionsCheck),
];

const stateOf = async (streams: Streams): ReturnType<HealthCheck['check']> => {
  const state = await streams.state();
  if (state === true) return true;
  return 'slow' in state ? { degraded: state.slow } : state.away;
};

const projectionsCheck = ({
  definition: { name },
  runtime: { database, store },
}: RunningService): HealthCheck => ({
  name: `${name} projections`,
  check: async () => {
    const looked = new AbortController();
    const late = delay(
      PROJECTIONS_MS,
      { degraded: 'not known: the stores answer slowly' },
      {
        signal: looked.signal,
      },
    );
    try {
      return await Promise.race([projectionsState(database, store), late]);
    } catch (error) {
      // Whether the stores are there is said above.
      if (error instanceof TransientError) return { degraded: `not known: ${error.message}` };
      throw error;
    } finally {
      looked.abort();
      late.catch(() => undefined);
    }
  },
});

const projectionsState = async (
  database: Database,
  store: EventStore,
): ReturnType<HealthCheck['check']> => {
  const faults = await projectionFaults(database, store);
  if (faults.length > 0) return faults.join(' ');
  const stopped = await projectionsStopped(database);
  return stopped.length === 0 || { degraded: stopped.join(' ') };
};

import { TransientError } from '@throughline/kernel';
import { gauge, histogram, onScrape } from '@throughline/telemetry';
import type pg from 'pg';
import type { Turns } from './turns.js';

const seconds = histogram(
  { name: 'oms_sql_seconds', help: 'Statements and transactions, with the wait for a connection' },
  ['service', 'outcome'],
);
const connections = gauge(
  { name: 'oms_pool_connections', help: 'Connections to Postgres that are open' },
  ['service', 'state'],
);
const waiting = gauge(
  { name: 'oms_pool_waiting', help: 'Requests that wait for a connection to Postgres' },
  ['service'],
);

export type PoolMetrics = {
  /** Notes how long `work` took and how it ended; passes its result or error on. */
  measure<Result>(work: () => Promise<Result>): Promise<Result>;
  stop(): void;
};

const NOT_MEASURED: PoolMetrics = { measure: (work) => work(), stop: () => undefined };

/** Measures a pool under the name of its service; a pool without one is not measured. */
export const measurePool = (
  service: string | undefined,
  pool: pg.Pool,
  turns: Turns,
): PoolMetrics => {
  if (service === undefined) return NOT_MEASURED;
  const end = onScrape(() => {
    const { totalCount, idleCount } = pool;
    connections.set({ service, state: 'idle' }, idleCount);
    connections.set({ service, state: 'busy' }, totalCount - idleCount);
    waiting.set({ service }, turns.waiting);
  });
  const ok = seconds.labels(service, 'ok');
  return {
    measure: async (work) => {
      const startedAt = performance.now();
      const tookSeconds = (): number => (performance.now() - startedAt) / 1_000;
      try {
        const result = await work();
        ok.observe(tookSeconds());
        return result;
      } catch (error) {
        const outcome = error instanceof TransientError ? 'transient' : 'error';
        seconds.observe({ service, outcome }, tookSeconds());
        throw error;
      }
    },
    stop: end,
  };
};

import { Pool } from 'undici';
import type { System } from './system.js';

/** Durations in milliseconds. */
export type Measured = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** Value below which the given share of the sample lies (nearest rank). */
export const percentile = (sample: readonly number[], share: number): number => {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
};

/** Runs `work` from so many callers at once for a while; counts what was finished. */
export const load = async (
  callers: number,
  durationMs: number,
  work: (caller: number) => Promise<void>,
): Promise<Measured> => {
  const startedAt = performance.now();
  const latencies: number[] = [];
  const call = async (_: unknown, caller: number): Promise<void> => {
    for (;;) {
      const before = performance.now();
      if (before - startedAt >= durationMs) return;
      await work(caller);
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
};

/** A keep-alive client of the system's API that demands the expected status. */
export const apiOf = ({ origin, key }: Pick<System, 'origin' | 'key'>, connections: number) => {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    close: () => pool.close(),
    call: async <Answer>(
      method: 'GET' | 'POST' | 'PUT',
      path: string,
      expected: readonly number[],
      body?: string,
    ): Promise<Answer> => {
      const answer = await pool.request({ method, path, headers, body });
      const text = await answer.body.text();
      if (!expected.includes(answer.statusCode))
        throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as Answer;
    },
  };
};
export type Api = ReturnType<typeof apiOf>;

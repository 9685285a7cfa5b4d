import { setTimeout as delay } from 'node:timers/promises';
import {
  apiOf,
  orderBodies,
  percentile,
  seedStock,
  type Api,
  type System,
} from '@throughline/bench';
import { startCrowd } from './crowd.js';

const TICK_MS = 20;
/** Connections of the ordinary client. */
const CONNECTIONS = 100;
/** An order that is not answered by then is not answered. */
const ANSWER_MS = 10_000;
const KEYS = 5;
const QUIET_MS = 10_000;

export type GreedyOptions = {
  /** Ordinary orders a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly slow: number;
  readonly greedy: number;
};

type Say = (text: string) => void;

/**
 * Ordinary orders at a steady rate, first alone and then beside slow and greedy clients. Answers what went wrong: an ordinary
 * order that was not taken.
 */
export const besideGreed = async (
  system: Pick<System, 'origin' | 'key'>,
  { rate, seconds, slow, greedy }: GreedyOptions,
  say: Say,
): Promise<string[]> => {
  const admin = apiOf(system, 4);
  await seedStock(admin);
  const keyOf = async (name: string): Promise<string> => {
    const body = JSON.stringify({ name, roles: ['admin'] });
    const made = await admin.call<{ key: string }>('POST', '/v1/access/keys', [200, 201], body);
    return made.key;
  };
  const ordinary = apiOf({ origin: system.origin, key: await keyOf('ordinary') }, CONNECTIONS);
  const keys = await Promise.all(
    Array.from({ length: KEYS }, (_, index) => keyOf(`crowd ${index}`)),
  );
  try {
    report('alone', await orders(ordinary, 'alone', rate, QUIET_MS), say);
    const crowd = startCrowd({ origin: system.origin, keys, slow, greedy });
    const beside = await orders(ordinary, 'beside', rate, seconds * 1_000);
    for (const [name, ended] of Object.entries(await crowd.stop()))
      say(
        `  ${name}: ${Object.entries(ended)
          .map(([how, times]) => `${how} ${times}x`)
          .join(', ')}`,
      );
    return report(`beside ${slow} slow and ${greedy} greedy clients`, beside, say);
  } finally {
    await Promise.all([ordinary.close(), admin.close()]);
  }
};

type Answered = {
  readonly latencies: readonly number[];
  readonly failed: ReadonlyMap<string, number>;
};

/** Sends so many orders a second, whether or not those before are answered; times count from when each was due. */
const orders = async (
  api: Api,
  run: string,
  rate: number,
  durationMs: number,
): Promise<Answered> => {
  const nextBody = orderBodies(`${run}-${Date.now()}`, 1);
  const latencies: number[] = [];
  const failed = new Map<string, number>();
  const place = async (dueAt: number): Promise<void> => {
    try {
      await Promise.race([
        api.call('POST', '/v1/orders', [201], nextBody()),
        delay(ANSWER_MS, undefined, { ref: false }).then(() => {
          throw new Error(`no answer within ${ANSWER_MS / 1_000} s`);
        }),
      ]);
      latencies.push(performance.now() - dueAt);
    } catch (error) {
      const why = (error as Error).message.slice(0, 100);
      failed.set(why, (failed.get(why) ?? 0) + 1);
    }
  };
  const startedAt = performance.now();
  const placed: Promise<void>[] = [];
  while (performance.now() - startedAt < durationMs) {
    const due = ((performance.now() - startedAt) / 1_000) * rate;
    while (placed.length < due) placed.push(place(startedAt + (placed.length / rate) * 1_000));
    await delay(TICK_MS);
  }
  await Promise.all(placed);
  return { latencies, failed };
};

const report = (when: string, { latencies, failed }: Answered, say: Say): string[] => {
  const [p50, p99] = [0.5, 0.99].map((share) => Math.round(percentile(latencies, share)));
  say(`${when}: ${latencies.length} orders answered, p50 ${p50} ms, p99 ${p99} ms`);
  return [...failed].map(([why, times]) => `${times} orders ${when}: ${why}`);
};

import { apiOf, orderBodies, seedStock, startDistributed, type Api } from '@throughline/bench';
import type { ServiceName } from '@throughline/kernel';

/** Those that an order needs on its way to the floor. */
const SERVICES: readonly ServiceName[] = [
  'order-capture',
  'payments',
  'routing',
  'inventory',
  'fulfillment',
];
const WITHIN_MS = 10_000;
const TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 50;
/** Longer than what the dead one's return disturbs. */
const REST_MS = 15_000;
const ROUNDS_WARM = 20;

const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

/** Time from POST until a location may pick the order, in milliseconds. */
const released = async (api: Api, body: string): Promise<number> => {
  const startedAt = performance.now();
  const until = startedAt + TIMEOUT_MS;
  let orderId: string | undefined;
  for (;;) {
    try {
      orderId ??= (await api.call<{ orderId: string }>('POST', '/v1/orders', [200, 201], body))
        .orderId;
      const path = `/v1/fulfillments?orderId=${orderId}`;
      const { items } = await api.call<{ items: readonly unknown[] }>('GET', path, [200]);
      if (items.length > 0) return performance.now() - startedAt;
    } catch (error) {
      // The dead one may have been asked; whoever takes its place answers.
      if (performance.now() > until) throw error;
    }
    if (performance.now() > until) throw new Error(`${orderId} was not released in time`);
    await sleep(LOOK_EVERY_MS);
  }
};

/**
 * Two processes of every service on a real Kafka. One of each is killed with -9 in turn, and orders are sent at once: how long
 * until they are released for picking? Each partition that the dead one had has to be taken over.
 */
export const failover = async (port: number, dataFolder: string): Promise<string[]> => {
  const system = await startDistributed(port, dataFolder, ['--replicas', '2']);
  const api = apiOf(system, ROUNDS_WARM);
  const problems: string[] = [];
  try {
    await seedStock(api);
    const nextBody = orderBodies('failover', 3);
    const all = (): Promise<number[]> =>
      Promise.all(Array.from({ length: ROUNDS_WARM }, () => released(api, nextBody())));
    await all();
    say(`with both of each: ${Math.max(...(await all())).toFixed(0)} ms`);
    for (const service of SERVICES) {
      const { pid } = system.processes().find(({ name }) => name === `${service}-1`)!;
      process.kill(pid, 'SIGKILL');
      const longest = Math.max(...(await all()));
      say(`one ${service} killed: ${longest.toFixed(0)} ms`);
      if (longest > WITHIN_MS) problems.push(`${service} was taken over after ${longest} ms`);
      await sleep(REST_MS);
    }
    return problems;
  } finally {
    await api.close();
    await system.stop();
  }
};

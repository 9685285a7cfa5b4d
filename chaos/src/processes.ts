import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  apiOf,
  orderBodies,
  seedStock,
  startDistributed,
  type Api,
  type Distributed,
  type RunningProcess,
} from '@throughline/bench';
import { SERVICE_NAMES } from '@throughline/kernel';

const CLI = fileURLToPath(new URL('../../tools/cli/dist/main.js', import.meta.url));
const CLIENTS = 8;
const BACK_TIMEOUT_MS = 120_000;
/** What every queue has to be drained within, after the last of the dead is back. */
const DRAINED_WITHIN_MS = 60_000;
const DRAIN_TIMEOUT_MS = 300_000;
const LOOK_EVERY_MS = 250;
/** Between two orders of a client, so that orders come in as long as processes are killed. */
const ORDER_PAUSE_MS = 1_000;
const RETRIES_MAX = 200;
const STEADY_MS = 2_000;

/** Not services: they have no queues. */
const OTHERS: ReadonlySet<string> = new Set(['kafka', 'gateway']);
const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

export type ProcessesOptions = {
  readonly port: number;
  readonly dataFolder: string;
  readonly orders: number;
  readonly replicas: number;
};

/**
 * Every service as a process of its own on a real Kafka. While orders come in and the simulator brings them
 * to their customers, each process, the broker and Postgres are killed with -9 in turn; each is started again. Then
 * nothing may be lost, doubled, oversold or stuck.
 */
export const killProcesses = async (options: ProcessesOptions): Promise<string[]> => {
  const { port, dataFolder, orders, replicas } = options;
  const more = ['--replicas', String(replicas)];
  const system = await startDistributed(port, dataFolder, more);
  const api = apiOf(system, CLIENTS);
  try {
    await seedStock(api);
    const simulated = cli(system, 'simulate', '--until-idle', '20', '--stuck-after', '120');
    const placed = new AbortController();
    const placing = placeAll(api, orders).finally(() => placed.abort());
    const killed = await killInTurn(system, placed.signal);
    say(`${killed} processes were killed with -9, and are back`);
    const backAt = performance.now();
    const bodies = await placing;
    const drainedMs = await untilDrained(system, api, backAt);
    const problems: string[] = [];
    if (drainedMs > DRAINED_WITHIN_MS)
      problems.push(`the queues took ${(drainedMs / 1000).toFixed(0)} s to drain`);
    say(`every queue drained ${(drainedMs / 1000).toFixed(1)} s after the last restart`);
    if ((await simulated) !== 0) problems.push('the simulator failed');
    problems.push(...(await lostOrDoubled(api, bodies)), ...(await parkedMessages(api)));
    if ((await cli(system, 'reconcile')) !== 0) problems.push('the books do not balance');
    return problems;
  } finally {
    await api.close();
    await system.stop();
  }
};

const cli = (system: Distributed, ...commandArguments: readonly string[]): Promise<number | null> =>
  new Promise((resolve) =>
    spawn(
      process.execPath,
      [CLI, ...commandArguments, '--url', system.origin, '--key', system.key],
      {
        stdio: 'inherit',
      },
    ).once('exit', (code) => resolve(code)),
  );

/** Sends an order until it is acknowledged: an error or a 503 says nothing about what became of it. */
const place = async (api: Api, body: string): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      await api.call('POST', '/v1/orders', [200, 201], body);
      return;
    } catch (error) {
      if (tries === RETRIES_MAX) throw error;
      await sleep(LOOK_EVERY_MS);
    }
  }
};

/** Places all orders, at a pace that lasts while the killing goes on; answers their bodies. */
const placeAll = async (api: Api, orders: number): Promise<readonly string[]> => {
  const nextBody = orderBodies('chaos', 3);
  const bodies = Array.from({ length: orders }, nextBody);
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < bodies.length) {
      const body = bodies[next]!;
      next += 1;
      await place(api, body);
      await sleep(ORDER_PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  say(`${orders} orders placed`);
  return bodies;
};

/** Kills one process after the other, each at least once, until `over`; answers how many. */
const killInTurn = async (system: Distributed, over: AbortSignal): Promise<number> => {
  const names = [...system.processes().map(({ name }) => name), 'postgres'];
  let killed = 0;
  while (killed < names.length || !over.aborted) {
    await sleep(STEADY_MS);
    const name = names[killed % names.length]!;
    const before = pidOf(system, name);
    process.kill(before, 'SIGKILL');
    say(`killed ${name}`);
    await untilBack(system, name, before);
    killed += 1;
  }
  return killed;
};

const pidOf = (system: Distributed, name: string): number =>
  name === 'postgres'
    ? system.postgresPid()
    : system.processes().find((one) => one.name === name)!.pid;

/** Waits until another process has taken its place, and until every process says that it is ready. */
const untilBack = async (system: Distributed, name: string, before: number): Promise<void> => {
  const deadline = performance.now() + BACK_TIMEOUT_MS;
  for (;;) {
    const ports = system.processes().filter((one) => one.name !== 'kafka');
    const ready = await Promise.all(ports.map(({ port }) => isReady(port)));
    if (pidOf(system, name) !== before && ready.every(Boolean)) return;
    if (performance.now() > deadline) throw new Error(`${name} did not come back`);
    await sleep(LOOK_EVERY_MS);
  }
};

const isReady = async (port: number): Promise<boolean> => {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
};

type Reader = { readonly group: string; readonly lagMessages: number | null };

/** What the brokers say that a service's readers have not handled yet; `Infinity` where they cannot say just now. */
const behind = async (api: Api, service: string): Promise<number> => {
  try {
    const path = `/v1/${service}/consumers`;
    const { items } = await api.call<{ items: readonly Reader[] }>('GET', path, [200]);
    return items.reduce((sum, { lagMessages }) => sum + (lagMessages ?? Infinity), 0);
  } catch {
    return Infinity;
  }
};

/** How long the oldest event of a process waits to be published, in seconds. */
const unpublished = async ({ metricsPort }: RunningProcess): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const ages = [...text.matchAll(/^oms_relay_age_seconds\{.*\} (\S+)$/gm)];
  return Math.max(0, ...ages.map(([, seconds]) => Number(seconds)));
};

/** Time from `since` until nothing waits anywhere, for a moment. Throws when that never happens. */
const untilDrained = async (system: Distributed, api: Api, since: number): Promise<number> => {
  let quietSince: number | undefined;
  for (;;) {
    const services = system.processes().filter(({ name }) => !OTHERS.has(name));
    const waiting = await Promise.all([
      ...SERVICE_NAMES.map((service) => behind(api, service)),
      ...services.map(unpublished),
    ]);
    const isQuiet = waiting.every((sum) => sum === 0);
    quietSince = isQuiet ? (quietSince ?? performance.now()) : undefined;
    if (quietSince !== undefined && performance.now() - quietSince > STEADY_MS)
      return quietSince - since;
    if (performance.now() - since > DRAIN_TIMEOUT_MS)
      throw new Error(`Still waiting: ${waiting.join(', ')}`);
    await sleep(LOOK_EVERY_MS);
  }
};

/** Nothing needs a person. */
const parkedMessages = async (api: Api): Promise<string[]> => {
  const problems: string[] = [];
  for (const service of SERVICE_NAMES) {
    const path = `/v1/${service}/dead-letters`;
    const { items } = await api.call<{ items: readonly unknown[] }>('GET', path, [200]);
    if (items.length > 0) problems.push(`${service} has parked ${items.length} messages or more`);
  }
  return problems;
};

/** Every order is there once: sending it again finds it, and the list has no other. */
const lostOrDoubled = async (api: Api, bodies: readonly string[]): Promise<string[]> => {
  const problems: string[] = [];
  for (const body of bodies)
    await api.call('POST', '/v1/orders', [200], body).catch((error: unknown) => {
      problems.push(`lost: ${String(error)}`);
    });
  let listed = 0;
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: unknown[]; nextCursor: string | null } = await api.call(
      'GET',
      `/v1/orders?limit=200${cursor && `&cursor=${cursor}`}`,
      [200],
    );
    listed += page.items.length;
    cursor = page.nextCursor;
  }
  say(`${listed} orders in the list of ${bodies.length} placed`);
  if (listed !== bodies.length) problems.push(`${listed} orders listed, ${bodies.length} placed`);
  return problems;
};

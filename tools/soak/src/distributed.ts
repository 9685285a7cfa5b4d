import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf, startDistributed, type Distributed } from '@throughline/bench';
import type { System } from './standalone.js';

const POSTGRES = 'postgres';
/** A broker is no HTTP server; it is there when the services say so. */
const BROKER = 'kafka';
const FROZEN_SHARE = 0.4;
const FROZEN_MS = { shortest: 1_500, longest: 9_000 };
const BACK_TIMEOUT_MS = 180_000;
const LOOK_EVERY_MS = 250;
/** Ready for so long without a break, all is well again. */
const STEADY_MS = 1_500;

/** Every service as a process of its own on Kafka; any of them, the broker or Postgres may be hurt. */
export const startProcesses = async (port: number, dataFolder: string): Promise<System> => {
  const system = await startDistributed(port, dataFolder);
  return {
    origin: system.origin,
    key: system.key,
    hurt: async (random) => {
      const names = [...system.processes().map(({ name }) => name), POSTGRES];
      const name = names[Math.floor(random() * names.length)]!;
      return random() < FROZEN_SHARE ? freeze(system, name, random()) : kill(system, name);
    },
    stop: async () => {
      await system.stop();
    },
  };
};

const pidOf = (system: Distributed, name: string): number =>
  name === POSTGRES
    ? system.postgresPid()
    : system.processes().find((one) => one.name === name)!.pid;

const kill = async (system: Distributed, name: string): Promise<string> => {
  const before = pidOf(system, name);
  process.kill(before, 'SIGKILL');
  await until(`${name} to come back`, async () => pidOf(system, name) !== before);
  await untilSteady(system);
  return `${name} was killed with -9, and is back`;
};

/** A frozen process neither answers nor closes its connections. */
const freeze = async (system: Distributed, name: string, share: number): Promise<string> => {
  const pid = pidOf(system, name);
  const family = name === POSTGRES ? [pid, ...childrenOf(pid)] : [pid];
  const durationMs = FROZEN_MS.shortest + share * (FROZEN_MS.longest - FROZEN_MS.shortest);
  signal(family, 'SIGSTOP');
  await delay(durationMs);
  signal(family, 'SIGCONT');
  await untilSteady(system);
  return `${name} was frozen for ${(durationMs / 1_000).toFixed(1)} s, and goes on`;
};

/** A child of Postgres may have ended by itself since it was listed. */
const signal = (pids: readonly number[], name: 'SIGCONT' | 'SIGSTOP'): void => {
  for (const pid of pids)
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
};

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + BACK_TIMEOUT_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await delay(LOOK_EVERY_MS);
  }
};

const isReady = async (port: number): Promise<boolean> => {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
    signal: AbortSignal.timeout(LOOK_EVERY_MS * 8),
  }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
};

const untilSteady = (system: Distributed): Promise<void> => {
  let since: number | undefined;
  return until('every process to be ready', async () => {
    const servers = system.processes().filter(({ name }) => name !== BROKER);
    const ready = await Promise.all(servers.map(({ port }) => isReady(port)));
    since = ready.every(Boolean) ? (since ?? performance.now()) : undefined;
    return since !== undefined && performance.now() - since > STEADY_MS;
  });
};

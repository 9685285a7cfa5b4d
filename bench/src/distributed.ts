import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { refuseTakenPort } from '@throughline/service-kit';
import {
  familyCpuSeconds,
  cpuSeconds,
  peakMegabytes,
  postmasterOf,
  untilReady,
  type System,
} from './system.js';

const MAIN = new URL('../../tools/processes/dist/main.js', import.meta.url);

export type RunningProcess = {
  readonly name: string;
  readonly port: number;
  /** Kafka has none. */
  readonly metricsPort?: number;
  readonly pid: number;
};

/** Every service as a process of its own, on a Kafka and a Postgres of their own. */
export type Distributed = System & {
  /** What runs just now: gateway, services and the broker. */
  processes(): readonly RunningProcess[];
};

/** Starts the services as processes on a data folder, with further arguments, and waits until all are ready. */
export const startDistributed = async (
  port: number,
  dataFolder: string,
  more: readonly string[] = [],
): Promise<Distributed> => {
  await refuseTakenPort(port);
  const child = spawn(
    process.execPath,
    [fileURLToPath(MAIN), '--port', String(port), '--data-dir', dataFolder, ...more],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(origin, child);
  const { pid: postgresPid, connectionString } = postmasterOf(dataFolder);
  const processes = (): readonly RunningProcess[] =>
    JSON.parse(readFileSync(join(dataFolder, 'processes.json'), 'utf8'));
  const nodes = (): readonly RunningProcess[] =>
    processes().filter(({ name, pid }) => name !== 'kafka' && existsSync(`/proc/${pid}`));
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
  return {
    origin,
    key: readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim(),
    dataFolder,
    pid: child.pid!,
    postgresPid,
    connectionString,
    processes,
    usage: () => ({
      nodeSeconds: sum(nodes().map(({ pid }) => cpuSeconds(pid))),
      postgresSeconds: familyCpuSeconds(postgresPid()),
      nodePeakMegabytes: sum(nodes().map(({ pid }) => peakMegabytes(pid))),
    }),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '@throughline/kernel';
import { refuseTakenPort } from '@throughline/service-kit';
import { Pool } from 'undici';

const READY_TIMEOUT_MS = 180_000;
const LOOK_EVERY_MS = 100;
const CLOCK_TICKS_PER_SECOND = 100;
const MAIN = fileURLToPath(new URL('../../services/standalone/dist/main.js', import.meta.url));

/** CPU seconds used so far, and peak memory, of the Node process and of Postgres with its children. */
export type Usage = {
  readonly nodeSeconds: number;
  readonly postgresSeconds: number;
  readonly nodePeakMegabytes: number;
};

/** The whole system in a process of its own, spoken to over HTTP alone. */
export type System = {
  readonly origin: string;
  readonly key: string;
  readonly dataFolder: string;
  readonly pid: number;
  /** Of the server process; Postgres may get another one when it dies. */
  postgresPid(): number;
  /** Of the database `throughline`. */
  readonly connectionString: string;
  usage(): Usage;
  /** Ends it in order and answers its exit code. */
  stop(): Promise<number | null>;
  /** Ends it at once, as `kill -9` does; Postgres is left to its fate. */
  kill(): Promise<void>;
};

/** A new, empty data folder for one run. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'throughline-run-'));

/** Starts the system, or another build of it, on a data folder and waits until it is ready. Throws `StartError`. */
export const startSystem = async (
  port: number,
  dataFolder: string,
  main = MAIN,
): Promise<System> => {
  // Another system's answers must not be taken for those of this one.
  await refuseTakenPort(port);
  const child = spawn(process.execPath, [main, '--port', String(port), '--data-dir', dataFolder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(origin, child);
  const { pid: postgresPid, connectionString } = postmasterOf(dataFolder);
  return {
    origin,
    key: readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim(),
    dataFolder,
    pid: child.pid!,
    postgresPid,
    connectionString,
    usage: () => ({
      nodeSeconds: cpuSeconds(child.pid!),
      postgresSeconds: familyCpuSeconds(postgresPid()),
      nodePeakMegabytes: peakMegabytes(child.pid!),
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

/** The embedded Postgres of a data folder: who it is just now, and how to reach its database. */
export const postmasterOf = (
  dataFolder: string,
): { readonly pid: () => number; readonly connectionString: string } => {
  const lines = (): string[] =>
    readFileSync(join(dataFolder, 'postgres/postmaster.pid'), 'utf8').split('\n');
  const password = readFileSync(join(dataFolder, 'postgres-password'), 'utf8').trim();
  return {
    pid: () => Number(lines()[0]),
    connectionString: `postgres://throughline:${password}@127.0.0.1:${lines()[3]}/throughline`,
  };
};

/** Waits until the origin says that it is ready. Throws when its process has ended or takes too long. */
export const untilReady = async (origin: string, child: ChildProcess): Promise<void> => {
  const pool = new Pool(origin);
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new StartError('The system did not start');
    try {
      const { statusCode, body } = await pool.request({ method: 'GET', path: '/health/ready' });
      await body.dump();
      if (statusCode === 200) break;
    } catch {
      // Not listening yet.
    }
    if (performance.now() > deadline) throw new StartError('The system was not ready in time');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  await pool.close();
};

/** Fields of a process from `state` on; undefined when it has ended. */
const statOf = (pid: number): string[] | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
};

/** CPU seconds of a process; with `withEnded` also the time of children that have ended. */
export const cpuSeconds = (pid: number, withEnded = false): number => {
  const stat = statOf(pid);
  if (!stat) return 0;
  const ticks = Number(stat[11]) + Number(stat[12]);
  const ended = withEnded ? Number(stat[13]) + Number(stat[14]) : 0;
  return (ticks + ended) / CLOCK_TICKS_PER_SECOND;
};

/** Process ids of a Postgres server's children. */
export const childrenOf = (postmaster: number): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => Number(statOf(pid)?.[1]) === postmaster);

/** CPU seconds of a server and all its children. */
export const familyCpuSeconds = (postmaster: number): number =>
  childrenOf(postmaster).reduce(
    (seconds, pid) => seconds + cpuSeconds(pid),
    cpuSeconds(postmaster, true),
  );

export const peakMegabytes = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
};

import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { StartError } from '@throughline/kernel';
import pg from 'pg';
import { createCluster, serverFolder, spawnServer } from './embedded-binaries.js';
import type { HeldFolder } from './held-folder.js';

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;
const LOOK_EVERY_MS = 50;
const LOG_TAIL_CHARACTERS = 2_000;

/** Durable as in production; sized for a developer's machine. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=400',
  'shared_buffers=256MB',
  'fsync=on',
  'synchronous_commit=on',
  'max_wal_size=4GB',
  'checkpoint_timeout=15min',
  'jit=off',
];

/**
 * What the cluster's folder says of itself, for example "18"; undefined where there is none. Throws `StartError` where
 * it may not be looked at: it must not be taken for a missing one.
 */
export const clusterVersion = (folder: string): string | undefined => {
  try {
    return readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new StartError(`${folder} cannot be read: ${message}`, { cause: error });
  }
};

/** A Postgres of our own. When it dies without having been stopped, it is started again on the same port. */
export class EmbeddedServer {
  #process!: ChildProcess;
  #isStopping = false;
  #again: Promise<void> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly settings: readonly string[],
    /** Of the database `postgres`, as superuser. */
    readonly connectionString: string,
    private readonly onDeath: (words: string) => void,
  ) {}

  /**
   * Starts on a free local port, on the cluster in `<dataFolder>/postgres`, which is made where missing. A
   * server that a killed process left behind is stopped first. `onDeath` hears the last words of a
   * server that died. Throws `StartError` with them when the server does not come up.
   */
  static async start(
    held: HeldFolder,
    {
      settings = [],
      onDeath = () => undefined,
    }: { readonly settings?: readonly string[]; readonly onDeath?: (words: string) => void } = {},
  ): Promise<EmbeddedServer> {
    const folder = join(held.path, 'postgres');
    const passwordFile = join(held.path, 'postgres-password');
    if (clusterVersion(folder) === undefined) {
      // Made aside, so that a start that was cut off does not leave half a cluster in its place.
      const unfinished = `${folder}-unfinished`;
      for (const old of [folder, unfinished]) rmSync(old, { recursive: true, force: true });
      await serverFolder(unfinished);
      writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
      await createCluster(unfinished, passwordFile);
      renameSync(unfinished, folder);
    }
    await stopAbandonedServer(held);
    const port = await freePort();
    const password = passwordIn(passwordFile);
    const server = new EmbeddedServer(
      folder,
      [...SETTINGS, `port=${port}`, ...settings],
      `postgres://throughline:${password}@127.0.0.1:${port}/postgres`,
      onDeath,
    );
    await server.#start();
    return server;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#again;
    await stopProcess(this.#process);
  }

  async #start(): Promise<void> {
    const flags = this.settings.flatMap((setting) => ['-c', setting]);
    const server = await spawnServer(this.folder, flags);
    this.#process = server;
    let words = '';
    server.stderr!.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-LOG_TAIL_CHARACTERS);
    });
    server.once('error', (error) => {
      words += error.message;
    });
    await untilReady(server, this.connectionString, () => words);
    server.once('exit', () => {
      if (this.#isStopping) return;
      this.onDeath(words);
      this.#again = this.#startAgain();
    });
  }

  /** The dead server's children may hold its memory for a moment, so one try is not enough. */
  async #startAgain(): Promise<void> {
    while (!this.#isStopping) {
      await pause();
      try {
        return await this.#start();
      } catch (error) {
        this.onDeath(String(error));
      }
    }
  }
}

const passwordIn = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { message } = error as Error;
    throw new StartError(`The password of the Postgres beside it is lost: ${message}`, {
      cause: error,
    });
  }
};

/** Creates a database where it is missing, optionally as a copy of a template. */
export const createDatabase = async (
  connectionString: string,
  name: string,
  template?: string,
): Promise<string> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    const copy = template ? ` template ${pg.escapeIdentifier(template)}` : '';
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}${copy}`);
  } finally {
    await client.end();
  }
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.toString();
};

const untilReady = async (
  server: ChildProcess,
  connectionString: string,
  words: () => string,
): Promise<void> => {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const isUp = await answers(connectionString);
    if (hasEnded(server)) throw new StartError(`Postgres did not start:\n${words()}`);
    if (isUp) return;
    if (performance.now() > deadline) {
      server.kill('SIGKILL');
      throw new StartError(
        `Postgres was not ready within ${START_TIMEOUT_MS / 1000} s:\n${words()}`,
      );
    }
    await pause();
  }
};

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

const answers = async (connectionString: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};

const stopProcess = async (server: ChildProcess): Promise<void> => {
  if (hasEnded(server)) return;
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  // SIGINT is Postgres' fast shutdown: it ends sessions and writes a checkpoint.
  server.kill('SIGINT');
  const timer = setTimeout(() => server.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
};

/**
 * A parent killed with -9 leaves its server running: stops the one of this data folder, if there is one. Who holds the
 * folder may do so: the server's owner is gone. Where the
 * server was killed too, waits until its children are gone and takes its lock file away: a process number that
 * nobody collects (a container without an init) or that another program got would keep Postgres from starting.
 */
export const stopAbandonedServer = async ({ path }: HeldFolder): Promise<void> => {
  const folder = join(path, 'postgres');
  const file = join(folder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (isServerOf(folder, pid)) process.kill(pid, 'SIGINT');
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  while (isServerOf(folder, pid) || processesIn(folder).length > 0) {
    if (performance.now() > deadline)
      for (const left of [pid, ...processesIn(folder)]) killAtOnce(left);
    await pause();
  }
  rmSync(file, { force: true });
};

const killAtOnce = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
};

/** Processes that work in a folder, as every process of a server does; none where the system does not say. */
const processesIn = (folder: string): number[] => {
  if (!existsSync('/proc/self')) return [];
  const real = realpathSync(folder);
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === real;
      } catch {
        return false;
      }
    });
};

/** Process ids are used again: a live one is ours only when its command line names program and folder. */
const isServerOf = (folder: string, pid: number): boolean => {
  const commandLine = commandLineOf(pid);
  return commandLine.includes('postgres') && commandLine.includes(`-D ${folder} `);
};

/** Empty when there is no such process, or no way to know. */
const commandLineOf = (pid: number): string => {
  try {
    if (existsSync('/proc/self'))
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' });
  } catch {
    return '';
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve((address as { port: number }).port));
    });
  });

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));

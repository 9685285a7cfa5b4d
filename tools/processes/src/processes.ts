import { execFile } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { anyBroker, KafkaBroker } from '@throughline/kafka-broker';
import { StartError } from '@throughline/kernel';
import {
  createDatabase,
  EmbeddedServer,
  makeFolder,
  reachDatabase,
  type HeldFolder,
} from '@throughline/postgres';
import { refuseTakenPort } from '@throughline/service-kit';
import { holdDataFolder, SERVICES } from '@throughline/standalone';
import type { ProcessesArguments } from './arguments.js';
import { GATEWAY, plansOf } from './plans.js';
import { Supervised, type Plan } from './supervised.js';

const ROOT = join(import.meta.dirname, '../../..');
const READY_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 250;
const MIGRATE_TIMEOUT_MS = 120_000;

type Say = (text: string) => void;

export type Processes = {
  readonly logFolder: string;
  /** Resolves when everything has been stopped. */
  readonly ended: Promise<void>;
};

/**
 * Starts every service as processes of its own, with Postgres and Kafka where none are given, and keeps
 * them running until `signal` aborts. Ready when it resolves. What runs is listed in `processes.json` of the data folder.
 */
export const startProcesses = async (
  options: ProcessesArguments,
  say: Say,
  signal: AbortSignal,
): Promise<Processes> => {
  const { dataFolder, port, replicas, split } = options;
  const { DATABASE_URL, KAFKA_BROKERS } = process.env;
  await refuseTakenPort(port);
  if (DATABASE_URL) await reachDatabase('DATABASE_URL', DATABASE_URL);
  const held = await holdDataFolder(dataFolder, { command: 'npm run services' });
  const logFolder = join(dataFolder, 'logs');
  makeFolder(logFolder);
  const listing = new Listing(join(dataFolder, 'processes.json'));
  const ends: Ends = [async () => held.release()];
  const stopAll = async (): Promise<void> => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const environment = {
      DATABASE_URL: DATABASE_URL || (await startPostgres(held, say, ends)),
      KAFKA_BROKERS: KAFKA_BROKERS || (await startKafka(dataFolder, say, ends, listing)),
    };
    say('Bringing schemas and topics up to date ...');
    await migrateAll({ ...environment, ADMIN_KEY_FILE: join(dataFolder, 'admin-key') });
    const services = SERVICES.map(({ name }) => name);
    const place = { services, root: ROOT, logFolder, port, freePort, replicas, split };
    const plans = await plansOf({ ...place, environment });
    const supervise = async (some: readonly Plan[]): Promise<void> => {
      const supervised = superviseAll(some, say, listing);
      ends.push(() => Promise.all(supervised.map((one) => one.stop())));
      await Promise.all(some.map((plan) => untilReady(plan, signal)));
    };
    say(`Starting ${plans.length - 1} processes ...`);
    await supervise(plans.filter(({ name }) => name !== GATEWAY));
    // Last, so that whoever can reach it reaches everything.
    await supervise(plans.filter(({ name }) => name === GATEWAY));
    const ended = new Promise<void>((resolve) => {
      const stop = (): void => {
        say('Stopping ...');
        resolve(stopAll());
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    return { logFolder, ended };
  } catch (error) {
    await stopAll();
    throw error;
  }
};

type Ends = (() => Promise<unknown>)[];
type Listed = {
  readonly name: string;
  readonly port: number;
  /** Kafka has none. */
  readonly metricsPort?: number;
  readonly pid: number | undefined;
};

/** What runs, in a file that others may read. */
class Listing {
  readonly #entries: (() => Listed)[] = [];

  constructor(private readonly file: string) {}

  add(entry: () => Listed): void {
    this.#entries.push(entry);
    this.write();
  }

  /** Whoever reads the file finds a whole list, the old or the new one. */
  write(): void {
    const listed = this.#entries.map((entry) => entry());
    writeFileSync(`${this.file}.new`, `${JSON.stringify(listed, null, 2)}\n`);
    renameSync(`${this.file}.new`, this.file);
  }
}

const startPostgres = async (held: HeldFolder, say: Say, ends: Ends): Promise<string> => {
  say('Starting Postgres ...');
  const server = await EmbeddedServer.start(held, {
    onDeath: () => say('postgres: died; starting it again'),
  });
  ends.push(() => server.stop());
  return createDatabase(server.connectionString, 'throughline');
};

/** A broker of our own (or the ones of `KAFKA_BROKERS`); ours comes back on its port whenever it dies. */
const startKafka = async (
  dataFolder: string,
  say: Say,
  ends: Ends,
  listing: Listing,
): Promise<string> => {
  say('Starting Kafka ...');
  const folder = join(dataFolder, 'kafka');
  const started = await anyBroker({ folder, say });
  const address = started.brokers.join(',');
  if (started.from === 'given') return address;
  const again = { folder, port: Number(address.split(':').at(-1)), runtime: started.from };
  let { broker } = started;
  let isStopping = false;
  listing.add(() => ({ name: 'kafka', port: again.port, pid: broker.pid }));
  const keepUp = async (): Promise<void> => {
    while (!isStopping) {
      await broker.ended;
      if (isStopping) return;
      say('kafka: died; starting it again');
      try {
        broker = await KafkaBroker.start(again);
        listing.write();
      } catch (error) {
        say(`kafka: ${(error as Error).message}`);
        await delay(LOOK_EVERY_MS);
      }
    }
  };
  const keeping = keepUp();
  ends.push(async () => {
    isStopping = true;
    await broker.stop();
    await keeping;
  });
  return address;
};

const migrateAll = async (environment: Readonly<Record<string, string>>): Promise<void> => {
  const program = join(ROOT, 'services/standalone/dist/migrate.js');
  try {
    await promisify(execFile)(process.execPath, ['--enable-source-maps', program], {
      env: { ...process.env, LOG_LEVEL: 'warn', ...environment },
      timeout: MIGRATE_TIMEOUT_MS,
    });
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string };
    throw new StartError(stderr?.trim() || message, { cause: error });
  }
};

const superviseAll = (plans: readonly Plan[], say: Say, listing: Listing): Supervised[] =>
  plans.map((plan) => {
    const one = new Supervised(plan, (change) => {
      say(`${plan.name}: ${change}`);
      listing.write();
    });
    one.start();
    const { name, port, metricsPort } = plan;
    listing.add(() => ({ name, port, metricsPort, pid: one.pid }));
    return one;
  });

const untilReady = async ({ name, port, logFile }: Plan, signal: AbortSignal): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!signal.aborted) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    if (performance.now() > deadline) {
      const words = readFileSync(logFile, 'utf8').slice(-2_000);
      throw new StartError(`${name} was not ready within ${READY_TIMEOUT_MS / 1000} s:\n${words}`);
    }
    await delay(LOOK_EVERY_MS);
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { attemptAll, type Attempt, type Attempted } from './attempts.js';
import { percentile, type Measured } from './load.js';
import { cpuSeconds } from './system.js';
import {
  stockTextbook,
  textbookDatabase,
  textbookReserved,
  WAYS,
  type Order,
  type WayName,
} from './textbook.js';

const SERVER = fileURLToPath(new URL('./textbook-server.js', import.meta.url));
const CONNECTIONS = 20;

export type TextbookRun = {
  readonly connectionString: string;
  readonly port: number;
  readonly clients: number;
  readonly attempts: number;
  readonly units: number;
  readonly sku: string;
};

/** What a textbook way did: how often it lost a race, units reserved in the end, CPU of its server. */
export type TextbookMeasured = Attempted & {
  readonly retries: number;
  readonly reserved: readonly [number, number];
  readonly serverCpuSeconds: number;
};

/** So many attempts at a textbook way, over HTTP to a bare server in a process of its own. */
export const overHttp = async (
  way: WayName,
  { connectionString, port, clients, attempts, units, sku }: TextbookRun,
): Promise<TextbookMeasured> => {
  const database = textbookDatabase(connectionString, 1);
  await stockTextbook(database, sku, units);
  const child = spawn(
    process.execPath,
    [SERVER, way, String(port), String(CONNECTIONS), connectionString],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const origin = `http://127.0.0.1:${port}`;
  const attempt: Attempt = {
    path: '/reservations',
    body: JSON.stringify({ lines: [{ sku, quantity: 1 }] }),
  };
  let left = attempts;
  try {
    const cpuBefore = cpuSeconds(child.pid!);
    const next = (): Attempt | undefined => ((left -= 1) < 0 ? undefined : attempt);
    const attempted = await attemptAll({ origin, key: 'none', clients, next });
    const serverCpuSeconds = cpuSeconds(child.pid!) - cpuBefore;
    const { retries } = (await (await fetch(`${origin}/retries`)).json()) as { retries: number };
    const reserved = await textbookReserved(database);
    return { ...attempted, retries, reserved, serverCpuSeconds };
  } finally {
    child.kill('SIGKILL');
    await database.stop();
  }
};

/** The same without HTTP, called from this process. */
export const direct = async (
  way: WayName,
  { connectionString, clients, attempts, units, sku }: TextbookRun,
): Promise<Measured & { readonly retries: number }> => {
  const database = textbookDatabase(connectionString, CONNECTIONS);
  await stockTextbook(database, sku, units);
  const order: Order = { sku, quantity: 1 };
  const latencies: number[] = [];
  let left = attempts;
  let retries = 0;
  const caller = async (): Promise<void> => {
    while ((left -= 1) >= 0) {
      const before = performance.now();
      const reserved = await WAYS[way](database, order);
      retries += reserved.retries;
      latencies.push(performance.now() - before);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: clients }, caller));
  const seconds = (performance.now() - startedAt) / 1000;
  await database.stop();
  return {
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    retries,
  };
};

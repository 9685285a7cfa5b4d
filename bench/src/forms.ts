import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { plainInserts } from './baseline.js';
import { startDistributed } from './distributed.js';
import { capture, flow, ReleaseWatch, type Costed } from './flow.js';
import { apiOf, type Measured } from './load.js';
import { seedStock } from './orders.js';
import { startSystem, temporaryFolder, type System } from './system.js';

const CONNECTIONS = 32;
const LINES = 3;

/** What one form of the system reaches, beside plain inserts on its Postgres. */
export type FormMeasured = {
  readonly form: string;
  readonly plain: Measured;
  readonly captured: Costed;
  readonly released: Costed;
};

const measureForm = async (
  form: string,
  system: System,
  orders: number,
  durationMs: number,
): Promise<FormMeasured> => {
  const api = apiOf(system, 4);
  try {
    await seedStock(api);
    const plain = await plainInserts(system.connectionString, CONNECTIONS, durationMs);
    const watch = new ReleaseWatch(api);
    const released = await flow(system, 'forms-flow', orders, watch);
    const captured = await capture(system, 'forms', CONNECTIONS, LINES, durationMs);
    await watch.until(watch.releasedAt.size + captured.orders);
    return { form, plain, captured, released };
  } finally {
    await api.close();
    await system.stop();
  }
};

/** The whole system in one process, and as processes on Kafka, one after the other in the same run. */
export const compareForms = async (
  port: number,
  orders: number,
  durationMs: number,
): Promise<readonly FormMeasured[]> => {
  const folder = temporaryFolder();
  try {
    const one = await startSystem(port, join(folder, 'one'));
    const embedded = await measureForm('one process, embedded bus', one, orders, durationMs);
    const many = await startDistributed(port, join(folder, 'many'));
    const distributed = await measureForm('processes on Kafka', many, orders, durationMs);
    return [embedded, distributed];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

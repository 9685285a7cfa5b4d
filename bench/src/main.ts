import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eventAppends, plainInserts } from './baseline.js';
import { contention } from './contention.js';
import { compareForms } from './forms.js';
import { capture, flow, ReleaseWatch, type Costed } from './flow.js';
import { importFiles } from './import.js';
import { apiOf, type Measured } from './load.js';
import { mixed } from './mixed.js';
import { comparePairs } from './pairs.js';
import { seedStock } from './orders.js';
import { machine, measuredRow, rounded, say } from './report.js';
import { standby } from './standby.js';
import { startSystem, temporaryFolder, type System } from './system.js';
import { seeded } from './zipf.js';

const CALLERS = [1, 8, 32];
const LINES = [1, 3, 30];
const MIXED_CLIENTS = 64;
const MILLISECONDS = 1000;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8099' },
    seconds: { type: 'string', default: '4' },
    orders: { type: 'string', default: '3000' },
    attempts: { type: 'string', default: '50000' },
    units: { type: 'string', default: '10000' },
    clients: { type: 'string', default: '200' },
    pairs: { type: 'string', default: '10' },
    against: { type: 'string' },
    only: { type: 'string', default: 'appends,flow,capture' },
  },
});
const durationMs = Number(values.seconds) * MILLISECONDS;
const parts = new Set(values.only.split(','));

const ratio = (measured: Measured, plain: Measured): string =>
  (measured.perSecond / plain.perSecond).toFixed(3);
const costedRow = (name: string, costed: Costed): string =>
  `${measuredRow(name, costed)}  node ${rounded(costed.nodeMsPerOrder, 2)} ms  ` +
  `postgres ${rounded(costed.postgresMsPerOrder, 2)} ms per order  peak ${costed.nodePeakMegabytes} MB`;

/** Measures on a system of its own. */
const alone = async <Result>(measure: (one: System) => Promise<Result>): Promise<Result> => {
  const own = temporaryFolder();
  const one = await startSystem(Number(values.port), join(own, 'data'));
  try {
    return await measure(one);
  } finally {
    await one.stop();
    rmSync(own, { recursive: true, force: true });
  }
};

if (values.against !== undefined) {
  say(machine);
  const numbers = { port: Number(values.port), orders: Number(values.orders), durationMs };
  await comparePairs({ ...numbers, pairs: Number(values.pairs), against: values.against });
  process.exit(0);
}

if (parts.has('forms')) {
  say(machine);
  const orders = Number(values.orders);
  for (const measured of await compareForms(Number(values.port), orders, durationMs)) {
    const { form, plain, released, captured } = measured;
    say(form);
    say(measuredRow('plain inserts, 32 callers', plain));
    say(costedRow('POST to released for picking, 3 lines', released));
    say(costedRow('capture, 3 lines, 32 connections', captured));
    say(`  ratios ${ratio(released, plain)}, ${ratio(captured, plain)}\n`);
  }
  process.exit(0);
}

if (parts.has('contention') || parts.has('mixed')) {
  const problems: string[] = [];
  const numbers = { attempts: Number(values.attempts), units: Number(values.units) };
  const hot = { ...numbers, clients: Number(values.clients), port: Number(values.port) + 1 };
  const wide = { clients: MIXED_CLIENTS, durationMs, random: seeded(1) };
  if (parts.has('contention')) problems.push(...(await alone((one) => contention(one, hot))));
  if (parts.has('mixed')) problems.push(...(await alone((one) => mixed(one, wide))));
  for (const problem of problems) say(`PROBLEM: ${problem}`);
  process.exit(problems.length === 0 ? 0 : 1);
}

if (parts.has('import')) {
  const problems = await alone(importFiles);
  for (const problem of problems) say(`PROBLEM: ${problem}`);
  process.exit(problems.length === 0 ? 0 : 1);
}

if (parts.has('standby')) {
  await standby(Number(values.port), durationMs);
  process.exit(0);
}

const folder = temporaryFolder();
const system = await startSystem(Number(values.port), join(folder, 'data'));
try {
  say(machine);
  const api = apiOf(system, 4);
  await seedStock(api);
  const watch = new ReleaseWatch(api);

  if (parts.has('appends'))
    for (const callers of CALLERS) {
      const plain = await plainInserts(system.connectionString, callers, durationMs);
      const appends = await eventAppends(system.connectionString, callers, durationMs);
      say(measuredRow(`plain inserts, ${callers} callers`, plain));
      say(measuredRow(`event appends, ${callers} callers`, appends));
      say(`  ratio ${(appends.perSecond / plain.perSecond).toFixed(2)}\n`);
    }

  if (parts.has('flow')) {
    const plain = await plainInserts(system.connectionString, 32, durationMs);
    say(measuredRow('plain inserts, 32 callers', plain));
    const released = await flow(system, 'flow', Number(values.orders), watch);
    say(costedRow(`POST to released for picking, 3 lines`, released));
    say(`  ratio ${(released.perSecond / plain.perSecond).toFixed(3)}\n`);
  }

  if (parts.has('capture'))
    for (const lines of LINES)
      for (const connections of CALLERS) {
        const run = `capture-${lines}-${connections}`;
        const plain = await plainInserts(system.connectionString, connections, durationMs);
        const captured = await capture(system, run, connections, lines, durationMs);
        say(measuredRow(`plain inserts, ${connections} callers`, plain));
        say(costedRow(`capture, ${lines} lines, ${connections} connections`, captured));
        say(`  ratio ${(captured.perSecond / plain.perSecond).toFixed(2)}\n`);
        // The next row starts on a quiet system.
        await watch.until(watch.releasedAt.size + captured.orders);
      }
  await api.close();
} finally {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
}

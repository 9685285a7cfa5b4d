import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runProgram } from '@throughline/service-kit';
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

/** The command line, with numbers as numbers. */
const given = () => {
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
  const { seconds, port, orders, attempts, units, clients, pairs, against, only } = values;
  return {
    port: Number(port),
    durationMs: Number(seconds) * MILLISECONDS,
    orders: Number(orders),
    attempts: Number(attempts),
    units: Number(units),
    clients: Number(clients),
    pairs: Number(pairs),
    against,
    parts: new Set(only.split(',')),
  };
};
type Given = ReturnType<typeof given>;

const ratio = (measured: Measured, plain: Measured): string =>
  (measured.perSecond / plain.perSecond).toFixed(3);
const costedRow = (name: string, costed: Costed): string =>
  `${measuredRow(name, costed)}  node ${rounded(costed.nodeMsPerOrder, 2)} ms  ` +
  `postgres ${rounded(costed.postgresMsPerOrder, 2)} ms per order  peak ${costed.nodePeakMegabytes} MB`;

/** Measures on a system of its own. */
const alone = async <Result>(
  port: number,
  measure: (one: System) => Promise<Result>,
): Promise<Result> => {
  const own = temporaryFolder();
  const one = await startSystem(port, join(own, 'data'));
  try {
    return await measure(one);
  } finally {
    await one.stop();
    rmSync(own, { recursive: true, force: true });
  }
};

const forms = async ({ port, orders, durationMs }: Given): Promise<void> => {
  say(machine);
  for (const measured of await compareForms(port, orders, durationMs)) {
    const { form, plain, released, captured } = measured;
    say(form);
    say(measuredRow('plain inserts, 32 callers', plain));
    say(costedRow('POST to released for picking, 3 lines', released));
    say(costedRow('capture, 3 lines, 32 connections', captured));
    say(`  ratios ${ratio(released, plain)}, ${ratio(captured, plain)}\n`);
  }
};

const hotSkus = async ({ port, parts, durationMs, ...numbers }: Given): Promise<string[]> => {
  const { attempts, units, clients } = numbers;
  const hot = { attempts, units, clients, port: port + 1 };
  const wide = { clients: MIXED_CLIENTS, durationMs, random: seeded(1) };
  return [
    ...(parts.has('contention') ? await alone(port, (one) => contention(one, hot)) : []),
    ...(parts.has('mixed') ? await alone(port, (one) => mixed(one, wide)) : []),
  ];
};

const appends = async ({ connectionString }: System, durationMs: number): Promise<void> => {
  for (const callers of CALLERS) {
    const plain = await plainInserts(connectionString, callers, durationMs);
    const appended = await eventAppends(connectionString, callers, durationMs);
    say(measuredRow(`plain inserts, ${callers} callers`, plain));
    say(measuredRow(`event appends, ${callers} callers`, appended));
    say(`  ratio ${(appended.perSecond / plain.perSecond).toFixed(2)}\n`);
  }
};

const captures = async (system: System, durationMs: number, watch: ReleaseWatch): Promise<void> => {
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
};

const whole = async (system: System, { parts, durationMs, orders }: Given): Promise<void> => {
  say(machine);
  const api = apiOf(system, 4);
  await seedStock(api);
  const watch = new ReleaseWatch(api);
  if (parts.has('appends')) await appends(system, durationMs);
  if (parts.has('flow')) {
    const plain = await plainInserts(system.connectionString, 32, durationMs);
    say(measuredRow('plain inserts, 32 callers', plain));
    const released = await flow(system, 'flow', orders, watch);
    say(costedRow(`POST to released for picking, 3 lines`, released));
    say(`  ratio ${(released.perSecond / plain.perSecond).toFixed(3)}\n`);
  }
  if (parts.has('capture')) await captures(system, durationMs, watch);
  await api.close();
};

/** Measures what was asked for; answers what was wrong. */
const run = async (options: Given): Promise<readonly string[]> => {
  const { port, durationMs, orders, pairs, against, parts } = options;
  if (against !== undefined) {
    say(machine);
    await comparePairs({ port, orders, durationMs, pairs, against });
  } else if (parts.has('forms')) await forms(options);
  else if (parts.has('contention') || parts.has('mixed')) return hotSkus(options);
  else if (parts.has('import')) return alone(port, importFiles);
  else if (parts.has('standby')) await standby(port, durationMs);
  else await alone(port, (system) => whole(system, options));
  return [];
};

await runProgram(async () => {
  const problems = await run(given());
  for (const problem of problems) say(`PROBLEM: ${problem}`);
  process.exit(problems.length === 0 ? 0 : 1);
});

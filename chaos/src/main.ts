import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startDistributed, startSystem, temporaryFolder } from '@throughline/bench';
import { StartError } from '@throughline/kernel';
import { runProgram } from '@throughline/service-kit';
import { failover } from './failover.js';
import { besideGreed } from './greedy.js';
import { hotSku } from './hot-sku.js';
import { killImport } from './kill-import.js';
import { postgresOutage } from './postgres-outage.js';
import { killInventory } from './kill-inventory.js';
import { killProcesses } from './processes.js';

const USAGE = `Usage: npm run chaos -- COMMAND [--port 8098] [--rounds 20] [--kills 4] [--seed 1]

  hot-sku                       64 clients, 300 one-unit orders, the last 100 units of one SKU
  postgres-outage               Postgres killed with -9 and frozen under load
  kill-import FILE --mapping FILE --locations FILE --postal-codes FILE
                                the whole process killed with -9 in the middle of an import, the
                                simulator running; then every unit is reconciled
  kill-inventory [--kills 200]  checkouts hold, give back and forget, orders are cancelled and shipped, while the
                                process or a session of Postgres is killed with -9 at random moments
  processes [--orders 2000] [--replicas 1]
                                every service a process on Kafka; each of them, the broker and Postgres
                                killed with -9 in turn while orders go from POST to delivered
  greedy [--rate 200] [--seconds 120] [--slow 300] [--greedy 300] [--processes] [--system FOLDER]
                                200 ordinary orders a second beside slow and greedy clients, with keys and without; in
                                one process, as processes on Kafka, or the build of another checkout
  failover                      two processes of every service; how soon one takes over from the other`;

const COMMANDS: readonly string[] = [
  'hot-sku',
  'postgres-outage',
  'kill-import',
  'kill-inventory',
  'processes',
  'greedy',
  'failover',
];

const ROOT = resolve(import.meta.dirname, '../..');

/** Mulberry32: a small seeded generator, so that a run can be repeated. */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

/** The command line. Throws `StartError` where it names no command that there is. */
const given = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '8098' },
      rounds: { type: 'string', default: '20' },
      kills: { type: 'string' },
      seed: { type: 'string', default: '1' },
      orders: { type: 'string', default: '2000' },
      replicas: { type: 'string', default: '1' },
      rate: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '120' },
      slow: { type: 'string', default: '300' },
      greedy: { type: 'string', default: '300' },
      processes: { type: 'boolean', default: false },
      system: { type: 'string', default: ROOT },
      'data-dir': { type: 'string' },
      mapping: { type: 'string', default: 'samples/online-retail.mapping.json' },
      locations: { type: 'string', default: 'samples/online-retail.locations.json' },
      'postal-codes': { type: 'string', default: 'samples/postal-codes.csv' },
    },
  });
  const [command = '', file] = positionals;
  if (!COMMANDS.includes(command) || (command === 'kill-import' && file === undefined))
    throw new StartError(USAGE);
  const dataFolder = values['data-dir'] ?? join(temporaryFolder(), 'data');
  return { command, file, values, port: Number(values.port), dataFolder };
};

const run = async ({
  command,
  file,
  values,
  port,
  dataFolder,
}: ReturnType<typeof given>): Promise<string[]> => {
  if (command === 'kill-import' && file !== undefined)
    return killImport({
      port,
      dataFolder,
      kills: Number(values.kills ?? 4),
      file,
      mapping: values.mapping,
      locations: values.locations,
      postalCodes: values['postal-codes'],
      random: seeded(Number(values.seed)),
    });
  if (command === 'kill-inventory')
    return killInventory({
      port,
      dataFolder,
      kills: Number(values.kills ?? 200),
      random: seeded(Number(values.seed)),
    });
  if (command === 'processes') {
    const [orders, replicas] = [Number(values.orders), Number(values.replicas)];
    return killProcesses({ port, dataFolder, orders, replicas });
  }
  if (command === 'failover') return failover(port, dataFolder);
  const standalone = join(resolve(values.system), 'services/standalone/dist/main.js');
  const system = values.processes
    ? await startDistributed(port, dataFolder)
    : await startSystem(port, dataFolder, standalone);
  try {
    if (command === 'greedy') return await besideGreed(system, crowdOf(values), say);
    return command === 'hot-sku'
      ? await hotSku(system, Number(values.rounds))
      : await postgresOutage(system);
  } finally {
    await system.stop();
  }
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const crowdOf = ({ rate, seconds, slow, greedy }: ReturnType<typeof given>['values']) => ({
  rate: Number(rate),
  seconds: Number(seconds),
  slow: Number(slow),
  greedy: Number(greedy),
});

await runProgram(async () => {
  const options = given();
  process.stdout.write(`seed ${options.values.seed}, data in ${options.dataFolder}\n`);
  const problems = await run(options);
  for (const problem of problems) process.stdout.write(`PROBLEM: ${problem}\n`);
  process.stdout.write(problems.length === 0 ? 'VERDICT: holds\n' : 'VERDICT: broken\n');
  process.exit(problems.length === 0 ? 0 : 1);
});

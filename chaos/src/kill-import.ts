import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startSystem, type System } from '@throughline/bench';

/** Time between two kills: the first within seconds of the import's start. */
const PAUSE_MIN_MS = 4_000;
const PAUSE_SPREAD_MS = 12_000;
const CLI = fileURLToPath(new URL('../../tools/cli/dist/main.js', import.meta.url));

export type KillImportOptions = {
  readonly port: number;
  readonly dataFolder: string;
  readonly kills: number;
  /** Orders to import, how their rows become orders, and the places where stock lies. */
  readonly file: string;
  readonly mapping: string;
  readonly locations: string;
  readonly postalCodes: string;
  readonly random: () => number;
};

const cli = (system: System, ...commandArguments: readonly string[]): ChildProcess =>
  spawn(process.execPath, [CLI, ...commandArguments, '--url', system.origin, '--key', system.key], {
    stdio: 'inherit',
  });

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

/**
 * Imports while the simulator runs, and kills the whole process (and every other time Postgres with it) with
 * -9 at random moments; each time it is started again on the same data. Then every unit is reconciled.
 */
export const killImport = async (options: KillImportOptions): Promise<string[]> => {
  const { port, dataFolder, kills, file, mapping, locations, postalCodes, random } = options;
  let system = await startSystem(port, dataFolder);
  const folder = ['--data-dir', dataFolder];
  const stock = ['--from-orders', file, '--mapping', mapping, '--locations', locations];
  if ((await exitOf(cli(system, 'import', 'stock', ...stock, ...folder))) !== 0)
    return ['the stock was not imported'];
  const orders = [file, '--mapping', mapping, '--postal-codes', postalCodes];
  const imported = exitOf(cli(system, 'import', 'orders', ...orders, ...folder));
  const simulated = exitOf(cli(system, 'simulate', '--until-idle', '20', '--connections', '12'));
  for (let kill = 1; kill <= kills; kill += 1) {
    await pause(PAUSE_MIN_MS + random() * PAUSE_SPREAD_MS);
    const postgres = system.postgresPid();
    const isBoth = kill % 2 === 0;
    await system.kill();
    if (isBoth) process.kill(postgres, 'SIGKILL');
    process.stdout.write(`\nkill ${kill}: the process${isBoth ? ' and Postgres' : ''}\n`);
    system = await startSystem(port, dataFolder);
  }
  const problems: string[] = [];
  if ((await imported) !== 0) problems.push('the import failed');
  if ((await simulated) !== 0) problems.push('the simulator failed');
  const books = ['--orders-file', file, '--mapping', mapping];
  if ((await exitOf(cli(system, 'reconcile', ...books))) !== 0)
    problems.push('the books do not balance');
  const again = await exitOf(cli(system, 'import', 'orders', ...orders, '--from-start', ...folder));
  if (again !== 0) problems.push('the second import failed');
  if ((await exitOf(cli(system, 'reconcile', ...books))) !== 0)
    problems.push('the books do not balance after the second import');
  await system.stop();
  return problems;
};

import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSystem, type System } from '@throughline/bench';

const CLI = fileURLToPath(new URL('../../tools/cli/dist/main.js', import.meta.url));

export type KillImportOptions = {
  readonly port: number;
  readonly dataFolder: string;
  readonly kills: number;
  /** Arguments of `import orders`, for example a file and `--mapping FILE`. */
  readonly importArguments: readonly string[];
  readonly random: () => number;
};

const cli = (system: System, ...commandArguments: readonly string[]): ChildProcess =>
  spawn(process.execPath, [CLI, ...commandArguments, '--url', system.origin, '--key', system.key], {
    stdio: 'inherit',
  });

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

/**
 * Imports while the simulator runs, and kills the whole process (and every other time Postgres with it) with
 * -9 at random moments; each time it is started again on the same data. Then it reconciles.
 */
export const killImport = async (options: KillImportOptions): Promise<string[]> => {
  const { port, dataFolder, kills, importArguments, random } = options;
  let system = await startSystem(port, dataFolder);
  const importing = cli(
    system,
    'import',
    'orders',
    ...importArguments,
    '--rejects',
    join(dataFolder, '../rejects.csv'),
  );
  const simulating = cli(system, 'simulate', '--speed', 'max', '--until-idle', '20');
  const imported = exitOf(importing);
  const simulated = exitOf(simulating);
  for (let kill = 1; kill <= kills && importing.exitCode === null; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, 3_000 + random() * 12_000));
    const postgres = system.postgresPid();
    await system.kill();
    if (kill % 2 === 0) process.kill(postgres, 'SIGKILL');
    process.stdout.write(`\nkill ${kill}: the process${kill % 2 === 0 ? ' and Postgres' : ''}\n`);
    system = await startSystem(port, dataFolder);
  }
  const problems: string[] = [];
  if ((await imported) !== 0) problems.push('the import failed');
  if ((await simulated) !== 0) problems.push('the simulator failed');
  const reconciled = await exitOf(cli(system, 'reconcile', '--orders-file', ...importArguments));
  if (reconciled !== 0) problems.push('the books do not balance');
  await system.stop();
  return problems;
};

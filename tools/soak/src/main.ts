import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { temporaryFolder } from '@throughline/bench';
import { runProgram } from '@throughline/service-kit';
import { soakArguments, USAGE, type HistoriesArguments } from './arguments.js';
import { startProcesses } from './distributed.js';
import { fuzz, reportFuzz } from './fuzz/fuzz.js';
import { freePort } from './free-port.js';
import { playHistories } from './histories.js';
import { report } from './report.js';
import { startStandalone } from './standalone.js';

const LEDGER = resolve(import.meta.dirname, '../../test/soak.mjs');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const histories = async (given: HistoriesArguments): Promise<number> => {
  const { seed, orders, kills, requests, only, system, processes } = given;
  const dataFolder = join(temporaryFolder(), 'data');
  say(`seed ${seed}, ${orders} orders, ${kills} kills, data in ${dataFolder}`);
  const port = await freePort();
  const running = processes
    ? await startProcesses(port, dataFolder)
    : await startStandalone({ port, dataFolder, system });
  try {
    const verdict = await playHistories(running, { seed, orders, kills }, say);
    await report(verdict, seed, say);
    const wrong = verdict.books.length + verdict.problems.length;
    say(
      wrong === 0
        ? `${orders} orders, seed ${seed}: nothing found`
        : `${wrong} FOUND, seed ${seed}`,
    );
    if (requests === 0) return wrong === 0 ? 0 : 1;
    say(`${requests} generated requests ...`);
    const answered = await fuzz(running, verdict.client, { seed, requests, only });
    return wrong + reportFuzz(answered, seed, say) === 0 ? 0 : 1;
  } finally {
    await running.stop();
  }
};

await runProgram(async () => {
  const given = soakArguments(process.argv.slice(2));
  if (given === 'help') say(USAGE);
  else if (given.command === 'ledger')
    process.exit(
      spawnSync(process.execPath, [LEDGER, ...given.more], { stdio: 'inherit' }).status ?? 1,
    );
  else process.exit(await histories(given));
});

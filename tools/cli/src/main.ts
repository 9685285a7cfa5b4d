import { Command, InvalidArgumentError, Option } from 'commander';
import { DATA_DIR_DEFAULT, URL_DEFAULT } from './config.js';
import { importOrders, type ImportOrdersOptions } from './orders/import-orders.js';
import { summaryOf } from './orders/summary.js';
import { wordsFor } from './terminal/failure.js';

const CONNECTIONS_DEFAULT = 8;

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
};

const withServer = (command: Command): Command =>
  command
    .addOption(new Option('--url <url>', 'the server').env('THROUGHLINE_URL').default(URL_DEFAULT))
    .option('--key <key>', 'API key; else THROUGHLINE_KEY, else <data-dir>/admin-key')
    .option('--data-dir <folder>', "the server's data folder", DATA_DIR_DEFAULT)
    .option('--connections <count>', 'requests at a time', whole, CONNECTIONS_DEFAULT);

const finish =
  <Args extends unknown[]>(work: (...args: Args) => Promise<boolean>) =>
  async (...args: Args): Promise<void> => {
    try {
      if (!(await work(...args))) process.exitCode = 1;
    } catch (error) {
      console.error(wordsFor(error));
      process.exitCode = 1;
    }
  };

const program = new Command('throughline').description('Command line client of Throughline');
const importing = program.command('import').description('bring orders, stock and locations in');

withServer(importing.command('orders'))
  .description('import orders from CSV or NDJSON files (each also as .gz)')
  .argument('<files...>')
  .option('--mapping <file>', 'how rows become orders; not needed for canonical NDJSON')
  .option('--postal-codes <file>', 'CSV with country and postal_code, to draw postal codes from')
  .option('--rejects <file>', 'where to write what was not accepted')
  .option('--limit <orders>', 'stop after so many orders', whole)
  .option('--from-start', 'do not go on where an interrupted import was')
  .option('--dry-run', 'do everything but the posting')
  .action(
    finish(async (files: string[], options: ImportOrdersOptions) => {
      const report = await importOrders(files, options);
      console.log(summaryOf(report));
      return report.isAccounted;
    }),
  );

await program.parseAsync();

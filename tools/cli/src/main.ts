import { Command, InvalidArgumentError, Option } from 'commander';
import { DATA_DIR_DEFAULT, URL_DEFAULT } from './config.js';
import { importOrders } from './orders/import-orders.js';
import type { ImportOrdersOptions } from './orders/import-run.js';
import { summaryOf } from './orders/summary.js';
import {
  importLocations,
  stockCommand,
  type LocationsOptions,
  type StockCommandOptions,
} from './stock/stock-command.js';
import { complain, say } from './terminal/say.js';
import { wordsFor } from './terminal/failure.js';

const CONNECTIONS_DEFAULT = 8;
const FACTOR_DEFAULT = 1.1;
const SHORT_RATE_DEFAULT = 0.04;

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
};

const share = (text: string): number => {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be from 0 to 1.');
  return value;
};

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be above 0.');
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
      complain(wordsFor(error));
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
      say(summaryOf(report));
      return report.isAccounted;
    }),
  );

withServer(importing.command('stock'))
  .description('import items and opening stock from CSV or NDJSON files')
  .argument('[files...]')
  .option('--mapping <file>', 'how rows become items and stock; with --from-orders, orders')
  .option('--locations <file>', 'locations to put first (JSON, NDJSON or CSV)')
  .option('--rejects <file>', 'where to write what was not accepted')
  .option('--from-orders <files...>', 'make stock up from the demand in these files of orders')
  .option('--out <folder>', 'where to write what --from-orders makes; <data-dir>/imports else')
  .option('--seed <text>', 'another seed makes other stock', '1')
  .option('--factor <number>', 'stock as a multiple of the demand', positive, FACTOR_DEFAULT)
  .option('--short-rate <share>', 'share of units that stock lacks', share, SHORT_RATE_DEFAULT)
  .option('--dry-run', 'with --from-orders: write the files, import nothing')
  .action(finish((files: string[], options: StockCommandOptions) => stockCommand(files, options)));

withServer(importing.command('locations'))
  .description('put locations from a JSON, NDJSON or CSV file')
  .argument('<file>')
  .action(finish((file: string, options: LocationsOptions) => importLocations(file, options)));

await program.parseAsync();

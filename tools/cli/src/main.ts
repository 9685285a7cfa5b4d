import { Command, InvalidArgumentError, Option } from 'commander';
import { DATA_DIR_DEFAULT, URL_DEFAULT } from './config.js';
import { importOrders } from './orders/import-orders.js';
import type { ImportOrdersOptions } from './orders/import-run.js';
import { isFine, summaryOf } from './orders/summary.js';
import { addOperations } from './ops/commands.js';
import { reconcile, type ReconcileOptions } from './reconcile/reconcile.js';
import { simulate, type SimulateOptions } from './simulate/simulate.js';
import {
  importLocations,
  stockCommand,
  type LocationsOptions,
  type StockCommandOptions,
} from './stock/stock-command.js';
import { complain, say } from './terminal/say.js';
import { wordsFor } from './terminal/failure.js';

const CONNECTIONS_DEFAULT = 8;
const IDLE_SECONDS = 10;
const FACTOR_DEFAULT = 1.5;
const SHORT_RATE_DEFAULT = 0.04;

type SimulateCommandOptions = Omit<SimulateOptions, 'untilIdle'> & {
  readonly untilIdle?: string | true;
};

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

const address = (text: string): string => {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError(`It must be an address such as ${URL_DEFAULT}.`);
};

const withServer = (command: Command): Command =>
  command
    .addOption(
      new Option('--url <url>', 'the server')
        .env('THROUGHLINE_URL')
        .argParser(address)
        .default(URL_DEFAULT),
    )
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

const speed = (text: string): number => (text === 'max' ? Infinity : positive(text));

/** Ends the work at Ctrl-C in good order; a second one ends it at once. */
const interrupted = (): AbortSignal => {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
};

const program = new Command('throughline').description('Command line client of Throughline');
const importing = program.command('import').description('bring orders, stock and locations in');

withServer(importing.command('orders'))
  .description('import orders from CSV or NDJSON files (each also as .gz)')
  .argument('<files...>')
  .option('--mapping <file>', 'how rows become orders; not needed for canonical NDJSON')
  .option('--channel <id>', "of these orders, in place of the mapping's")
  .option('--postal-codes <file>', 'CSV with country and postal_code, to draw postal codes from')
  .option('--rejects <file>', 'where to write what was not accepted')
  .option('--limit <orders>', 'stop after so many orders', whole)
  .option('--from-start', 'do not go on where an interrupted import was')
  .option('--dry-run', 'do everything but the posting')
  .action(
    finish(async (files: string[], options: ImportOrdersOptions) => {
      const report = await importOrders(files, options);
      say(summaryOf(report));
      return isFine(report);
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

withServer(program.command('simulate'))
  .description('play warehouse staff, carriers and customers')
  .addOption(
    new Option('--speed <factor>', 'times faster than life, or max')
      .argParser(speed)
      .default(Infinity, 'max'),
  )
  .option('--seed <text>', 'all choices follow from it', '1')
  .option('--short-rate <share>', 'lines of which something is not on the shelf', share, 0.01)
  .option('--delivery-failure-rate <share>', 'first deliveries that fail', share, 0.02)
  .option('--lost-rate <share>', 'parcels that are lost', share, 0.001)
  .option('--return-rate <share>', 'delivered parcels of which something comes back', share, 0.05)
  .option('--until-idle [seconds]', 'end when nothing was left to do for so long')
  .option('--stuck-after <seconds>', 'with --until-idle: fail when orders hang so long', whole, 120)
  .action(
    finish(({ untilIdle, ...options }: SimulateCommandOptions) => {
      const idle = untilIdle === true ? IDLE_SECONDS : untilIdle && whole(untilIdle);
      const signal = interrupted();
      return simulate({ ...options, signal, ...(idle && { untilIdle: idle }) });
    }),
  );

withServer(program.command('reconcile'))
  .description('add up every unit of every order and say what does not agree')
  .option('--orders-file <files...>', 'files of orders that must all be there')
  .option('--mapping <file>', 'how rows of the files become orders')
  .option('--channel <id>', "of these orders, in place of the mapping's")
  .option('--csv <file>', 'write the table per SKU')
  .option('--open-csv <file>', 'write every order with open units')
  .option('--show <rows>', 'rows of each list to print', whole, 20)
  .action(finish((options: ReconcileOptions) => reconcile(options)));

addOperations(program, { withServer, finish, whole });

// Whoever reads the output may have seen enough (`| head`); that is no fault.
process.stdout.on('error', () => process.exit());
await program.parseAsync();

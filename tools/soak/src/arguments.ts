import { parseArgs } from 'node:util';
import { StartError } from '@throughline/kernel';

export const USAGE = `Usage: npm run soak -- COMMAND

  ledger [--minutes 10] [--seed N]
      histories of ledger commands on one Postgres while connections are killed (the default)
  histories [--seed N] [--orders 200] [--kills 2] [--system FOLDER] [--processes]
      random histories of orders over HTTP against a system that is started for them and killed
      with -9; everything is brought to rest and judged by what was sent and answered.
      --system runs the build of another checkout; --processes every service as a process on Kafka`;

export type HistoriesArguments = {
  readonly command: 'histories';
  readonly seed: number;
  readonly orders: number;
  readonly kills: number;
  readonly system: string | undefined;
  readonly processes: boolean;
};
export type LedgerArguments = { readonly command: 'ledger'; readonly more: readonly string[] };

const ORDERS_MAX = 100_000;
const SEED_MAX = 2 ** 31 - 1;
const KILLS_MAX = 1_000;

const whole = (name: string, text: string, least: number, most: number): number => {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new StartError(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`);
};

/** Reads the command line of `npm run soak`. Throws `StartError`. */
export const soakArguments = (
  argv: readonly string[],
): HistoriesArguments | LedgerArguments | 'help' => {
  if (argv.includes('--help')) return 'help';
  const [command] = argv;
  if (command === undefined || command.startsWith('--')) return { command: 'ledger', more: argv };
  if (command === 'ledger') return { command, more: argv.slice(1) };
  if (command !== 'histories') throw new StartError(`There is no ${command}.\n\n${USAGE}`);
  const options = {
    seed: { type: 'string', default: String(Date.now() % SEED_MAX) },
    orders: { type: 'string', default: '200' },
    kills: { type: 'string', default: '2' },
    system: { type: 'string' },
    processes: { type: 'boolean', default: false },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ args: argv.slice(1), options }));
  } catch (error) {
    throw new StartError((error as Error).message);
  }
  return {
    command,
    seed: whole('seed', values.seed, 0, SEED_MAX),
    orders: whole('orders', values.orders, 1, ORDERS_MAX),
    kills: whole('kills', values.kills, 0, KILLS_MAX),
    system: values.system,
    processes: values.processes,
  };
};

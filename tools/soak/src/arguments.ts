import { parseArgs } from 'node:util';
import { StartError } from '@throughline/kernel';

export const USAGE = `Usage: npm run soak -- COMMAND

  ledger [--minutes 10] [--seed N]
      histories of ledger commands on one Postgres while connections are killed (the default)
  histories [--seed N] [--orders 200] [--kills 2] [--system FOLDER] [--processes]
      random histories of orders over HTTP against a system that is started for them and killed
      with -9; everything is brought to rest and judged by what was sent and answered.
      --system runs the build of another checkout; --processes every service as a process on Kafka
  fuzz [--seed N] [--requests 50000] [--only INDEX] [--orders 60] [--system FOLDER] [--processes]
      a few histories, and then generated requests of every route and kind, most of them with
      something wrong; each answer and what is left is judged. --only sends one of them again`;

export type HistoriesArguments = {
  readonly command: 'histories' | 'fuzz';
  readonly seed: number;
  /** Generated requests after the histories. */
  readonly requests: number;
  /** Only the one with this number. */
  readonly only: number | undefined;
  readonly orders: number;
  readonly kills: number;
  readonly system: string | undefined;
  readonly processes: boolean;
};
export type LedgerArguments = { readonly command: 'ledger'; readonly more: readonly string[] };

const ORDERS_MAX = 100_000;
const SEED_MAX = 2 ** 31 - 1;
const KILLS_MAX = 1_000;
const REQUESTS_MAX = 10_000_000;
/** Histories are played with kills; before a fuzz they only leave something to ask for. */
const DEFAULTS = {
  histories: { orders: '200', kills: '2', requests: '0' },
  fuzz: { orders: '60', kills: '0', requests: '50000' },
} as const;

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
  if (command !== 'histories' && command !== 'fuzz')
    throw new StartError(`There is no ${command}.

${USAGE}`);
  const options = {
    seed: { type: 'string', default: String(Date.now() % SEED_MAX) },
    orders: { type: 'string', default: DEFAULTS[command].orders },
    kills: { type: 'string', default: DEFAULTS[command].kills },
    requests: { type: 'string', default: DEFAULTS[command].requests },
    only: { type: 'string' },
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
    requests: whole('requests', values.requests, 0, REQUESTS_MAX),
    only: values.only === undefined ? undefined : whole('only', values.only, 0, REQUESTS_MAX),
    system: values.system,
    processes: values.processes,
  };
};

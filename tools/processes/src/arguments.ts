import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartError } from '@throughline/kernel';

export type ProcessesArguments = {
  /** Of the gateway. */
  readonly port: number;
  readonly dataFolder: string;
  /** Processes of each service and role. */
  readonly replicas: number;
  /** HTTP and consumers in processes of their own. */
  readonly split: boolean;
};

export const USAGE = `Usage: npm run services -- [--port 8080] [--data-dir data-services] [--replicas 1] [--split]

  --port N        where the gateway listens (default 8080)
  --data-dir DIR  where everything that is started here is kept, with a log of each process (default ./data-services)
  --replicas N    processes of each service (default 1, at most 4)
  --split         run the routes of a service (api) and its consumers (worker) in processes of their own

Environment: DATABASE_URL, KAFKA_BROKERS, EVENTSTORE_URL. Without the first two a Postgres and a Kafka of its own are
started; without the third, streams lie in Postgres. Everything else is passed on to the services.`;

const REPLICAS_MAX = 4;

const whole = (name: string, value: string, most: number): number => {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new StartError(`--${name} must be a whole number from 1 to ${most}, not "${value}"`);
};

/** Reads the command line of `npm run services`. Throws `StartError`. */
export const processesArguments = (argv: readonly string[]): ProcessesArguments | 'help' => {
  const options = {
    port: { type: 'string', default: '8080' },
    'data-dir': { type: 'string', default: 'data-services' },
    replicas: { type: 'string', default: '1' },
    split: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options }));
  } catch (error) {
    throw new StartError((error as Error).message);
  }
  if (values.help) return 'help';
  return {
    port: whole('port', values.port, 65_535),
    dataFolder: resolve(values['data-dir']),
    replicas: whole('replicas', values.replicas, REPLICAS_MAX),
    split: values.split,
  };
};

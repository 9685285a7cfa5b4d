import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { holdFolder } from '@throughline/postgres';
import { anyBroker, type AnyBroker } from './any-broker.js';
import { KAFKA_VERSION } from './assembly.js';
import { brokerAnswers } from './broker-answers.js';
import type { KafkaBroker } from './kafka-broker.js';

const USAGE = `Usage: npm run kafka -- [--port 9092] [--data-dir data-kafka]

  --port N        where to listen (default 9092)
  --data-dir DIR  where everything is kept (default ./data-kafka)

Uses the first that is there: the brokers in KAFKA_BROKERS; Docker (image apache/kafka:${KAFKA_VERSION});
Java 17 or newer, with Kafka ${KAFKA_VERSION} fetched once by Maven.`;

const RUNTIME_NAMES = { docker: 'Docker', java: 'Java' };
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const fail = (line: string, code: number): void => {
  process.stderr.write(`${line}\n`);
  process.exitCode = code;
};

/** Port and data folder of the command line; undefined when help is wanted. Throws when they are wrong. */
const readArguments = (
  argv: readonly string[],
): { readonly port: number; readonly folder: string } | undefined => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string', default: '9092' },
      'data-dir': { type: 'string', default: 'data-kafka' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port must be a whole number from 1 to 65535, not "${values.port}"`);
  return { port, folder: resolve(values['data-dir']) };
};

const next = (brokers: readonly string[]): string => `Try next, in another terminal:

  KAFKA_BROKERS=${brokers.join(',')} npm run services
`;

/** Given brokers are not ours to start; all there is to say is whether they answer. */
const report = async (brokers: readonly string[]): Promise<void> => {
  say('KAFKA_BROKERS is set, so nothing is started.');
  for (const broker of brokers) {
    const isThere = await brokerAnswers(broker);
    if (isThere) say(`  ${broker} answers.`);
    else fail(`  ${broker} does not answer (only brokers without TLS are asked).`, 1);
  }
  if (!process.exitCode) say(`\n${next(brokers)}`);
};

/** Stops once, in order; a second signal ends this process at once, and the broker with it. */
const stopOnSignals = (broker: KafkaBroker): void => {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      say('Stopping ...');
      void broker.stop();
    });
  void broker.ended.then(() => {
    if (isStopping) return say('Stopped; the data is kept for the next start.');
    fail(`Kafka has ended by itself:\n${broker.lastWords()}`, 1);
  });
};

const welcome = ({ from, brokers }: AnyBroker & { from: 'docker' | 'java' }, folder: string) =>
  say(`
Kafka ${KAFKA_VERSION} is ready, run by ${RUNTIME_NAMES[from]}.

  Brokers  ${brokers.join(',')}
  Data     ${from === 'java' ? relative(process.cwd(), folder) || '.' : 'in a Docker volume'}

${next(brokers)}
Ctrl-C stops it; everything is kept for the next start.
`);

const main = async ({ port, folder }: { port: number; folder: string }): Promise<void> => {
  try {
    if (!process.env.KAFKA_BROKERS) holdFolder(folder, 'npm run kafka');
    const kafka = await anyBroker({ folder: join(folder, 'kafka'), port, say });
    if (kafka.from === 'given') return await report(kafka.brokers);
    stopOnSignals(kafka.broker);
    welcome(kafka, join(folder, 'kafka'));
  } catch (error) {
    fail((error as Error).message, 1);
  }
};

try {
  const wanted = readArguments(process.argv.slice(2));
  if (wanted) await main(wanted);
  else say(USAGE);
} catch (error) {
  fail(`${(error as Error).message}\n\n${USAGE}`, 2);
}

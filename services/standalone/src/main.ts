import { relative } from 'node:path';
import { createLogger } from '@throughline/service-kit';
import { startTracing } from '@throughline/telemetry';
import { standaloneArguments, USAGE, UsageError, type StandaloneArguments } from './arguments.js';
import { startStandalone, type Standalone } from './standalone.js';

const STOP_TIMEOUT_MS = 20_000;
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

const welcome = ({ port }: StandaloneArguments, { adminKeyFile }: Standalone): void => {
  const origin = `http://localhost:${port}`;
  const nearby = relative(process.cwd(), adminKeyFile);
  const keyFile = nearby.startsWith('..') ? adminKeyFile : nearby;
  say(`
Throughline is ready.

  API        ${origin}/v1
  API docs   ${origin}/docs
  Health     ${origin}/health/ready
  Admin key  ${keyFile}

Try next:

  curl -s ${origin}/v1/orders -H "Authorization: Bearer $(cat '${keyFile}')"
  npm run simulate          plays warehouse, carrier and customers
  npm run import -- --help  brings in orders and stock from files

Ctrl-C stops it; everything is kept for the next start.
`);
};

/** Stops once, in order; a second signal or too long a wait ends the process at once. */
const stopOnSignals = (...parts: readonly { stop(): Promise<void> }[]): void => {
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) process.exit(1);
    isStopping = true;
    say('Stopping ...');
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    for (const part of parts) await part.stop();
    say('Stopped.');
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());
};

try {
  const options = standaloneArguments(process.argv.slice(2), process.env);
  if (options === 'help') {
    say(USAGE);
  } else {
    const logger = createLogger(process.env.LOG_LEVEL ?? 'warn');
    const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    // One process for trying it out: whoever wants to see traces wants to see all.
    const tracing = await startTracing({
      service: 'throughline',
      ratio: 1,
      ...(endpoint && { endpoint }),
    });
    const standalone = await startStandalone(options, logger);
    stopOnSignals(standalone, tracing);
    welcome(options, standalone);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}

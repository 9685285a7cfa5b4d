import { createLogger, logLevelConfig, runProgram, STOP_SIGNALS } from '@throughline/service-kit';
import { startTracing } from '@throughline/telemetry';
import { standaloneArguments, USAGE, type StandaloneArguments } from './arguments.js';
import { nextSteps } from './next-steps.js';
import { startStandalone, type Standalone } from './standalone.js';

const STOP_TIMEOUT_MS = 20_000;
const say = (text: string): boolean => process.stdout.write(`${text}\n`);
// The terminal that it spoke to may be closed; what was started has to be stopped all the same.
process.stdout.on('error', () => undefined);

const welcome = (options: StandaloneArguments): void => {
  const origin = `http://localhost:${options.port}`;
  const { adminKeyFile, commands } = nextSteps(options);
  say(`
Throughline is ready.

  Start here ${origin}
  API        ${origin}/v1
  API docs   ${origin}/docs
  Health     ${origin}/health/ready
  Admin key  ${adminKeyFile}

Try next, in another terminal:

${commands}

Ctrl-C stops it; everything is kept for the next start.
`);
};

/** Stops once, in order, also while it is still starting; a second signal or too long a wait ends the process at once. */
const stopOnSignals = (
  starting: Promise<Standalone>,
  tracing: { stop(): Promise<void> },
): AbortSignal => {
  const stopping = new AbortController();
  const stop = async (): Promise<void> => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
    say('Stopping ...');
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    await (await starting).stop();
    await tracing.stop();
    say('Stopped.');
    process.exit(0);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, () => void stop());
  return stopping.signal;
};

await runProgram(async () => {
  const options = standaloneArguments(process.argv.slice(2), process.env);
  if (options === 'help') return void say(USAGE);
  const { unused } = options;
  if (unused.length > 0)
    say(`${unused.join(' and ')}: not used by npm start, but by npm run services.`);
  const logger = createLogger(logLevelConfig(process.env, 'warn'));
  // One process for trying it out: whoever wants to see traces wants to see all.
  const tracing = await startTracing({ service: 'throughline', ratio: 1 });
  const starting = startStandalone(options, logger);
  const stopping = stopOnSignals(starting, tracing);
  await starting;
  if (!stopping.aborted) welcome(options);
});

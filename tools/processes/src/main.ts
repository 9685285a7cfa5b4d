import { relative } from 'node:path';
import { runProgram, STOP_SIGNALS } from '@throughline/service-kit';
import { nextSteps } from '@throughline/standalone';
import { processesArguments, USAGE, type ProcessesArguments } from './arguments.js';
import { startProcesses, type Processes } from './processes.js';

const say = (text: string): boolean => process.stdout.write(`${text}\n`);
// The terminal that it spoke to may be closed; what was started has to be stopped all the same.
process.stdout.on('error', () => undefined);

const welcome = (options: ProcessesArguments, { logFolder }: Processes): void => {
  const origin = `http://localhost:${options.port}`;
  const { adminKeyFile, commands } = nextSteps(options);
  say(`
Throughline is ready: each service in a process of its own.

  Start here ${origin}
  API        ${origin}/v1
  API docs   ${origin}/docs
  Admin key  ${adminKeyFile}
  Logs       ${relative(process.cwd(), logFolder)}

Try next, in another terminal:

${commands}

A process that dies is started again. Ctrl-C stops them all.
`);
};

await runProgram(async () => {
  const options = processesArguments(process.argv.slice(2));
  if (options === 'help') return void say(USAGE);
  const stopping = new AbortController();
  for (const signal of STOP_SIGNALS)
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(1);
      stopping.abort();
    });
  const processes = await startProcesses(options, say, stopping.signal);
  if (!stopping.signal.aborted) welcome(options, processes);
  await processes.ended;
  say('Stopped.');
  process.exit(0);
});

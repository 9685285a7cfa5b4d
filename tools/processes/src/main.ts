import { relative } from 'node:path';
import { ArgumentsError, processesArguments, USAGE, type ProcessesArguments } from './arguments.js';
import { startProcesses, type Processes } from './processes.js';

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

const welcome = ({ port }: ProcessesArguments, { adminKeyFile, logFolder }: Processes): void => {
  const origin = `http://localhost:${port}`;
  const nearby = (path: string): string => relative(process.cwd(), path);
  say(`
Throughline is ready: each service in a process of its own.

  API        ${origin}/v1
  API docs   ${origin}/docs
  Admin key  ${nearby(adminKeyFile)}
  Logs       ${nearby(logFolder)}

Try next:

  curl -s ${origin}/v1/orders -H "Authorization: Bearer $(cat '${nearby(adminKeyFile)}')"

A process that dies is started again. Ctrl-C stops them all.
`);
};

try {
  const options = processesArguments(process.argv.slice(2));
  if (options === 'help') {
    say(USAGE);
  } else {
    const stopping = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (stopping.signal.aborted) process.exit(1);
        stopping.abort();
      });
    const processes = await startProcesses(options, say, stopping.signal);
    if (!stopping.signal.aborted) welcome(options, processes);
    await processes.ended;
    say('Stopped.');
    process.exit(0);
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(error instanceof ArgumentsError ? 2 : 1);
}

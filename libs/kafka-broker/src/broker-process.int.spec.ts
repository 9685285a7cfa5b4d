import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { until } from '@throughline/testing';

// Compiled before the specs run; the parent must be a process of its own, which can be killed.
const module = pathToFileURL(join(import.meta.dirname, '../dist/broker-process.js')).href;
const PARENT = `
  import { BrokerProcess } from '${module}';
  const program = {
    command: 'sleep',
    values: ['3600'],
    terminate: (process) => process.kill('SIGTERM'),
    kill: (process) => process.kill('SIGKILL'),
    lastResort: ({ pid }) => 'kill -9 ' + pid,
  };
  process.stdout.write(String(new BrokerProcess(program, 2).pid));
`;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('a broker does not outlive the process that started it, even one that is killed', async () => {
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', PARENT], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [pid] = (await once(parent.stdout, 'data')).map(Number) as [number];
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid), { what: 'the broker has ended', deadlineMs: 30_000 });
});

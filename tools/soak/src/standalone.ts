import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { untilReady } from '@throughline/bench';

const ROOT = resolve(import.meta.dirname, '../../..');

/** What the histories are played against. */
export type System = {
  readonly origin: string;
  readonly key: string;
  /** Kills something of it with -9, or freezes it for a while; resolves when all is well again. */
  hurt(random: () => number): Promise<string>;
  stop(): Promise<void>;
};

export type StandaloneOptions = {
  readonly port: number;
  readonly dataFolder: string;
  /** Folder of the checkout whose build is run; ours where it is absent. */
  readonly system: string | undefined;
};

/** The whole system in a process of its own, which may be killed at any moment. */
export const startStandalone = async (options: StandaloneOptions): Promise<System> => {
  const { port, dataFolder, system = ROOT } = options;
  const origin = `http://127.0.0.1:${port}`;
  const program = join(resolve(system), 'services/standalone/dist/main.js');
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [program, '--port', String(port), '--data-dir', dataFolder], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, LOG_LEVEL: 'silent' },
    });
    await untilReady(origin, child);
  };
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill(signal);
    await ended;
  };
  await start();
  return {
    origin,
    key: readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim(),
    hurt: async () => {
      await end('SIGKILL');
      await start();
      return 'the process was killed with -9, and is back';
    },
    stop: () => end('SIGTERM'),
  };
};

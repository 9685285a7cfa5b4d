import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const RELEASE_TIMEOUT_MS = 3_000;
const LOOK_EVERY_MS = 50;
/** Below the ports that systems give to outgoing connections, so that no client takes ours while we are away. */
const PORTS = { first: 20_000, count: 10_000, tries: 50 };

/** A local port that nobody listens on. */
export const freePort = async (): Promise<number> => {
  for (let left = PORTS.tries; left > 0; left -= 1) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port from ${PORTS.first} on`);
};

/** Waits a moment for one that is just ending, then throws: another program's answers must not be taken for ours. */
export const untilPortIsFree = (port: number): Promise<void> =>
  untilReleased(
    async () => !(await isFree(port)),
    () => `Another program listens on port ${port}`,
  );

/** Notes which process works on the data of a folder, and what in its command line tells it from others. */
export const noteHolder = (folder: string, pid: number, mark: string): void =>
  writeFileSync(holderFile(folder), `${pid}\n${mark}`);

/**
 * Waits a moment for a broker that is just ending to let go of a folder, then throws. Kafka's own lock does not do: it
 * is asked for after the controller has begun to write.
 */
export const untilFolderIsFree = (folder: string): Promise<void> =>
  untilReleased(
    () => holderOf(folder) !== undefined,
    () => `Another Kafka (process ${holderOf(folder)}) works on the data in ${folder}`,
  );

const holderFile = (folder: string): string => join(folder, 'broker.pid');

/** Process ids are used again: a live one is the holder only when its command line has the mark. */
const holderOf = (folder: string): number | undefined => {
  const file = holderFile(folder);
  if (!existsSync(file)) return undefined;
  const [pid = '', mark = ''] = readFileSync(file, 'utf8').split('\n');
  return commandLineOf(pid).includes(mark) ? Number(pid) : undefined;
};

/** Empty when there is no such process, or no way to know. */
const commandLineOf = (pid: string): string => {
  try {
    if (existsSync('/proc/self'))
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', pid], { encoding: 'utf8' });
  } catch {
    return '';
  }
};

const untilReleased = async (
  isHeld: () => boolean | Promise<boolean>,
  words: () => string,
): Promise<void> => {
  const deadline = performance.now() + RELEASE_TIMEOUT_MS;
  while (await isHeld()) {
    if (performance.now() > deadline) throw new Error(words());
    await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
  }
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

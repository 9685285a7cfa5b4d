import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stopAbandonedServer } from '@throughline/postgres';
import { UsageError } from './arguments.js';

/** Layout of the data folder; a release that cannot read an older one counts it up. */
const FORMAT = '1';
const POSTGRES = '18';
const MARKER = 'throughline-format';
const LOCK = 'throughline.pid';

/**
 * Takes hold of a data folder: makes it where missing, refuses one that is somebody else's, of another
 * version, or in use. Answers how to let go of it. Throws `UsageError` with what to do.
 */
export const holdDataFolder = async (folder: string, reset: boolean): Promise<() => void> => {
  const marker = join(folder, MARKER);
  const lock = join(folder, LOCK);
  if (existsSync(folder) && !existsSync(marker) && readdirSync(folder).length > 0)
    throw new UsageError(`${folder} holds other files; choose an empty folder with --data-dir`);
  refuseWhileInUse(folder, lock);
  if (reset) {
    await stopAbandonedServer(folder);
    rmSync(folder, { recursive: true, force: true });
  }
  if (existsSync(marker)) refuseOtherVersion(folder, readFileSync(marker, 'utf8').trim());
  mkdirSync(folder, { recursive: true });
  writeFileSync(marker, `${FORMAT} postgres-${POSTGRES}\n`);
  writeFileSync(lock, `${process.pid}\n`);
  return () => rmSync(lock, { force: true });
};

const refuseOtherVersion = (folder: string, found: string): void => {
  if (found === `${FORMAT} postgres-${POSTGRES}`) return;
  throw new UsageError(
    `${folder} was written by another version of Throughline (format "${found}", this one reads ` +
      `"${FORMAT} postgres-${POSTGRES}"). Choose another folder with --data-dir, or start over with --reset.`,
  );
};

const refuseWhileInUse = (folder: string, lock: string): void => {
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, 'utf8'));
  if (pid === process.pid || !isThroughline(pid)) return;
  throw new UsageError(`${folder} is in use by a running Throughline (process ${pid})`);
};

/** After a crash the number may have gone to any other process, so its command line is looked at. */
const isThroughline = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes('standalone');
};

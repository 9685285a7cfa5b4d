import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '@throughline/kernel';

/** What is locked, and who has locked it. */
const LOCK = 'throughline.lock';
const HOLDER = 'throughline.pid';
/** Files in a held folder that are only there because of it. */
export const HELD_FILES: readonly string[] = [LOCK, HOLDER];
const SQLITE_BUSY = 5;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOENT: 'the system keeps no folders there',
};

const cannot = (what: string, error: unknown): StartError => {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new StartError(`${what}: ${REASONS[code] ?? message}`, { cause: error });
};

const isFolder = (path: string): boolean | undefined =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory();

/**
 * Makes a folder and its parents where they are missing. Not `recursive`: where the system makes no folders (`/proc`),
 * Node's own loop never ends. Throws `StartError`.
 */
export const makeFolder = (path: string): void => {
  try {
    const found = isFolder(path);
    if (found === false) throw new StartError(`${path} is no folder`);
    if (found) return;
    makeFolder(dirname(path));
    mkdirSync(path);
  } catch (error) {
    if (error instanceof StartError) throw error;
    // Another process may have been faster.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' || !isFolder(path)) throw cannot(`${path} cannot be made`, error);
  }
};

/** A folder that this process alone works in, until it lets go of it or ends, however it ends. */
export type HeldFolder = { readonly path: string; release(): void };

/**
 * Takes hold of a folder, which is made where missing. The lock is one of the operating system, on a file that SQLite
 * opens: it ends with its process, so that no crash leaves one behind, and no other process is ever mistaken for its
 * holder. `command` tells others who holds it. Throws `StartError`.
 */
export const holdFolder = (path: string, command: string): HeldFolder => {
  const folder = resolve(path);
  makeFolder(folder);
  const holder = join(folder, HOLDER);
  let lock: DatabaseSync | undefined;
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    lock = new DatabaseSync(join(folder, LOCK), { timeout: 0 });
    lock.exec('pragma journal_mode = memory; begin exclusive');
    writeFileSync(holder, `${process.pid} ${command}\n`);
  } catch (error) {
    lock?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY)
      throw new StartError(`${folder} is in use by ${holderIn(holder)}`, { cause: error });
    throw cannot(`${folder} cannot be used`, error);
  }
  return {
    path: folder,
    release: () => {
      if (!lock.isOpen) return;
      rmSync(holder, { force: true });
      lock.close();
    },
  };
};

const holderIn = (file: string): string => {
  try {
    const [, pid, command] = /^(\d+) (.+)/.exec(readFileSync(file, 'utf8')) ?? [];
    if (pid) return `a running "${command}" (process ${pid})`;
  } catch {
    // It has taken hold just now, and not said so yet.
  }
  return 'a running Throughline';
};

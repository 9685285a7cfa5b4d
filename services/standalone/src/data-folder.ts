import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '@throughline/kernel';
import {
  HELD_FILES,
  holdFolder,
  stopAbandonedServer,
  type HeldFolder,
} from '@throughline/postgres';

/** Layout of the data folder; a release that cannot read an older one counts it up. */
const FORMAT = '1';
const POSTGRES = '18';
const CONTENT = `${FORMAT} postgres-${POSTGRES}`;
const MARKER = 'throughline-format';
/** One of these makes a folder ours; releases before this one left the second where services ran apart. */
const MARKS = [MARKER, 'processes.json'];
const ADVICE = 'choose another folder with --data-dir';

/**
 * Takes hold of a data folder: makes it where missing, refuses one that holds other files, is of another version, or in
 * use by any other command. `command` is what the others are told. Throws `StartError` with what to do.
 */
export const holdDataFolder = async (
  folder: string,
  { command, reset = false }: { readonly command: string; readonly reset?: boolean },
): Promise<HeldFolder> => {
  refuseOtherFiles(folder);
  const held = hold(folder, command);
  try {
    if (reset) {
      await stopAbandonedServer(held);
      for (const file of filesIn(folder))
        rmSync(join(folder, file), { recursive: true, force: true });
    }
    const marker = join(folder, MARKER);
    if (existsSync(marker)) refuseOtherVersion(folder, readFileSync(marker, 'utf8').trim());
    else writeFileSync(marker, `${CONTENT}\n`);
    return held;
  } catch (error) {
    held.release();
    throw error;
  }
};

const hold = (folder: string, command: string): HeldFolder => {
  try {
    return holdFolder(folder, command);
  } catch (error) {
    throw new StartError(`${(error as Error).message}; ${ADVICE}`, { cause: error });
  }
};

/** What is in a folder beside the lock, which has to stay for as long as anybody may look at it. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((file) => !HELD_FILES.includes(file));

const isOurs = (folder: string): boolean => {
  if (MARKS.some((mark) => existsSync(join(folder, mark)))) return true;
  try {
    return filesIn(folder).length === 0;
  } catch {
    // A file, nothing, or locked away: taking hold of it says what is wrong.
    return true;
  }
};

const refuseOtherFiles = (folder: string): void => {
  if (isOurs(folder)) return;
  throw new StartError(`${folder} holds other files; choose an empty folder with --data-dir`);
};

const refuseOtherVersion = (folder: string, found: string): void => {
  if (found === CONTENT) return;
  throw new StartError(
    `${folder} was written by another version of Throughline (format "${found}", this one reads ` +
      `"${CONTENT}"). Choose another folder with --data-dir, or start over with --reset.`,
  );
};

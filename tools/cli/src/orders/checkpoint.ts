import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Position } from './frontier.js';
import type { Tally } from './ledger.js';

/** Where an interrupted import goes on: file by index, position in it, and all that was settled before. */
export type Checkpoint = {
  readonly fingerprint: string;
  readonly fileIndex: number;
  readonly position: Position;
  readonly tally: Tally;
  /** Rows of the files before `fileIndex`. */
  readonly rowsBefore: number;
  /** Length of the rejects file that belongs to this state. */
  readonly rejectsBytes: number;
};

export const checkpointPath = (rejectsPath: string): string => `${rejectsPath}.checkpoint.json`;

/** The checkpoint of an interrupted run over the same input, if there is one and its rejects are still there. */
export const readCheckpoint = (
  path: string,
  fingerprint: string,
  rejectsPath: string,
): Checkpoint | undefined => {
  try {
    const checkpoint = JSON.parse(readFileSync(path, 'utf8')) as Checkpoint;
    const isSame = checkpoint.fingerprint === fingerprint;
    return isSame && statSync(rejectsPath).size >= checkpoint.rejectsBytes ? checkpoint : undefined;
  } catch {
    // None, or not whole: the import starts at the beginning, which repeats work and doubles nothing.
    return undefined;
  }
};

/** Replaces the checkpoint in one step, so that a crash leaves the old or the new one. */
export const writeCheckpoint = (path: string, checkpoint: Checkpoint): void => {
  writeFileSync(`${path}.new`, JSON.stringify(checkpoint));
  renameSync(`${path}.new`, path);
};

export const removeCheckpoint = (path: string): void => rmSync(path, { force: true });

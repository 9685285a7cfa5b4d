import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '@throughline/kernel';

/** What the person has to change before the command can run; shown without a stack. */
export class UsageError extends StartError {
  override readonly name = 'UsageError';
}

export type ServerOptions = {
  readonly url: string;
  readonly key?: string;
  readonly dataDir: string;
};

export const URL_DEFAULT = 'http://localhost:8080';
export const DATA_DIR_DEFAULT = './data';

/** The API key: given, or from the environment, or the one that the server left in its data folder. */
export const keyOf = ({ key, dataDir }: ServerOptions): string => {
  const given = key ?? process.env['THROUGHLINE_KEY'];
  if (given) return given;
  const path = join(dataDir, 'admin-key');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new UsageError(
      `No API key: pass --key, set THROUGHLINE_KEY, or name the server's data folder with --data-dir (there is no ${path})`,
    );
  }
};

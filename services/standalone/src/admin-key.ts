import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ensureAdminKey } from '@throughline/access';
import type { Database } from '@throughline/postgres';

/**
 * Makes sure that somebody can get in, with the key that `file` keeps: one that is in force already, or a new
 * one. False when the file is missing although other keys are in force.
 */
export const keepAdminKey = async (database: Database, file: string): Promise<boolean> => {
  const existing = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  const key = await ensureAdminKey(database, { existing });
  if (key !== undefined && key !== existing) writeFileSync(file, `${key}\n`, { mode: 0o600 });
  return key !== undefined || existing !== undefined;
};

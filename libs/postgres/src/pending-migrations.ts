import { readdirSync } from 'node:fs';
import type { Database } from './database.js';
import type { MigrationSet } from './migrate.js';

const EXTENSION = '.sql';

/**
 * Migrations that have not run yet in the database's schema. Those that have run and are not known here are
 * no matter: a newer release has made them, and this one can live with them.
 */
export const pendingMigrations = async (
  database: Database,
  sets: readonly MigrationSet[],
): Promise<readonly string[]> => {
  const pending: string[] = [];
  for (const { folder, table } of sets) {
    const [found] = await database.query<{ isThere: boolean }>(
      `select to_regclass(quote_ident($1) || '.' || quote_ident($2)) is not null as "isThere"`,
      [database.options.schema, table],
    );
    const run = found!.isThere
      ? await database.query<{ name: string }>(`select name from ${table}`)
      : [];
    const names = new Set(run.map(({ name }) => name));
    pending.push(
      ...readdirSync(folder)
        .filter((file) => file.endsWith(EXTENSION))
        .map((file) => file.slice(0, -EXTENSION.length))
        .filter((name) => !names.has(name)),
    );
  }
  return pending;
};

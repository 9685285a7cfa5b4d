import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

/** A folder of SQL migrations and the table that remembers which of them have run. */
export type MigrationSet = { readonly folder: URL; readonly table: string };

const MIGRATION_TIMEOUT_MS = 60_000;

/**
 * Brings a schema up to date: creates it where it is missing and runs each set's new migrations in
 * order, one at a time in the whole database (advisory lock, others wait). Throws when a migration fails; it is rolled back.
 */
export const migrate = async (options: {
  readonly connectionString: string;
  readonly schema: string;
  readonly sets: readonly MigrationSet[];
}): Promise<void> => {
  for (const { folder, table } of options.sets)
    await runner({
      databaseUrl: {
        connectionString: options.connectionString,
        connectionTimeoutMillis: MIGRATION_TIMEOUT_MS,
        statement_timeout: MIGRATION_TIMEOUT_MS,
      },
      dir: fileURLToPath(folder),
      direction: 'up',
      schema: options.schema,
      createSchema: true,
      migrationsSchema: options.schema,
      createMigrationsSchema: true,
      migrationsTable: table,
      advisoryLockMode: 'wait',
      log: () => undefined,
    });
};

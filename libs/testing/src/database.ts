import { randomUUID } from 'node:crypto';
import { LOG_MIGRATIONS } from '@throughline/event-store';
import { BUS_MIGRATIONS } from '@throughline/messaging';
import { createDatabase, Database, LEASE_MIGRATIONS, migrate } from '@throughline/postgres';
import { PROJECTION_MIGRATIONS } from '@throughline/read-model';

const serverUrl = (): string => {
  const url = process.env.TEST_POSTGRES_URL;
  if (!url) throw new Error('No Postgres: run the tests with `npm test` or `npm run jest`');
  return url;
};

/** Connection string of a new, empty database on the Postgres of this test run. */
export const freshDatabaseUrl = (): Promise<string> =>
  createDatabase(serverUrl(), `test_${randomUUID().replaceAll('-', '')}`);

/** A service's schema on a new database, with the platform's tables and the given migrations. Stop it after use. */
export const freshDatabase = async (options: {
  readonly schema: string;
  readonly migrations?: URL;
  readonly connectionsMax?: number;
}): Promise<Database> => {
  const connectionString = await freshDatabaseUrl();
  const { schema, migrations, connectionsMax = 8 } = options;
  await migrate({
    connectionString,
    schema,
    sets: [
      LOG_MIGRATIONS,
      BUS_MIGRATIONS,
      PROJECTION_MIGRATIONS,
      LEASE_MIGRATIONS,
      ...(migrations ? [{ folder: migrations, table: 'migrations' }] : []),
    ],
  });
  return new Database({ connectionString, schema, applicationName: 'test', connectionsMax });
};

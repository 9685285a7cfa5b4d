import { setTimeout as delay } from 'node:timers/promises';
import { LOG_MIGRATIONS } from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import { BUS_MIGRATIONS } from '@throughline/messaging';
import {
  LEASE_MIGRATIONS,
  migrate,
  pendingMigrations,
  type Database,
  type MigrationSet,
} from '@throughline/postgres';
import { PROJECTION_MIGRATIONS } from '@throughline/read-model';
import type { Logger } from 'pino';
import type { ServiceDefinition } from './service.js';

/** Whoever migrates for us should be done by then. */
const WAIT_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 1_000;

const KIT_MIGRATIONS: MigrationSet = {
  folder: new URL('../migrations', import.meta.url),
  table: 'kit_migrations',
};

const setsOf = ({ migrations }: ServiceDefinition): readonly MigrationSet[] => [
  LOG_MIGRATIONS,
  BUS_MIGRATIONS,
  PROJECTION_MIGRATIONS,
  LEASE_MIGRATIONS,
  KIT_MIGRATIONS,
  ...(migrations ? [{ folder: migrations, table: 'migrations' }] : []),
];

/** Brings one service's schema up to date. */
export const migrateService = (
  definition: ServiceDefinition,
  connectionString: string,
): Promise<void> =>
  migrate({ connectionString, schema: definition.schema, sets: setsOf(definition) });

/**
 * Waits until somebody else has brought a service's schema up to date, so that nobody serves on one that is
 * older than its code. Throws when that takes too long.
 */
export const untilMigrated = async (
  definition: ServiceDefinition,
  database: Database,
  logger: Logger,
): Promise<void> => {
  const deadline = performance.now() + WAIT_TIMEOUT_MS;
  for (;;) {
    const pending = await pendingMigrations(database, setsOf(definition)).catch(
      (error: unknown) => {
        if (error instanceof TransientError) return [error.message];
        throw error;
      },
    );
    if (pending.length === 0) return;
    if (performance.now() > deadline)
      throw new Error(`The schema ${definition.schema} is not up to date: ${pending.join(', ')}`);
    logger.info({ pending }, 'waiting for the schema');
    await delay(LOOK_EVERY_MS);
  }
};

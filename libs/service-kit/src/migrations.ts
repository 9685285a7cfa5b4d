import { setTimeout as delay } from 'node:timers/promises';
import { LOG_MIGRATIONS } from '@throughline/event-store';
import { StartError, TransientError } from '@throughline/kernel';
import { BUS_MIGRATIONS, type KafkaConnection } from '@throughline/messaging';
import {
  LEASE_MIGRATIONS,
  migrate,
  pendingMigrations,
  reachDatabase,
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

/**
 * Waits until the Postgres of `DATABASE_URL` answers, and says meanwhile what it waits for. Throws `TransientError` when
 * that takes too long, and at once what will not mend by itself.
 */
export const untilDatabase = async (url: string, logger: Logger): Promise<void> => {
  const deadline = performance.now() + WAIT_TIMEOUT_MS;
  for (;;) {
    try {
      return await reachDatabase('DATABASE_URL', url);
    } catch (error) {
      if (!(error instanceof TransientError) || performance.now() > deadline) throw error;
      logger.warn({ reason: error.message }, 'waiting for the database');
    }
    await delay(LOOK_EVERY_MS);
  }
};

/** Asks the brokers of `KAFKA_BROKERS` for an answer. Throws `TransientError` in words that name the variable. */
export const reachKafka = async (
  connection: KafkaConnection,
  brokers: readonly string[],
): Promise<void> => {
  try {
    await connection.ask((admin) => admin.describeCluster());
  } catch (error) {
    const { message } = error as Error;
    throw new TransientError(`KAFKA_BROKERS: ${brokers.join(', ')} does not answer (${message})`, {
      cause: error,
    });
  }
};

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
      throw new StartError(
        `The schema ${definition.schema} is not up to date: ${pending.join(', ')}`,
      );
    logger.info({ pending }, 'waiting for the schema');
    await delay(LOOK_EVERY_MS);
  }
};

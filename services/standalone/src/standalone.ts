import { join } from 'node:path';
import {
  createDatabase,
  EmbeddedServer,
  reachDatabase,
  type HeldFolder,
} from '@throughline/postgres';
import { Host, refuseTakenPort } from '@throughline/service-kit';
import type { Logger } from 'pino';
import { keepAdminKey } from './admin-key.js';
import type { StandaloneArguments } from './arguments.js';
import { holdDataFolder } from './data-folder.js';
import { SERVICES } from './services.js';

const DATABASE = 'throughline';

export type Standalone = {
  readonly adminKeyFile: string;
  stop(): Promise<void>;
};

/**
 * Starts everything on the data folder; ready when it resolves. With `databaseUrl` the data lie in that
 * Postgres and the folder keeps the admin key alone. Throws `StartError` where a person has to change something.
 */
export const startStandalone = async (
  {
    port,
    dataFolder,
    reset,
    databaseUrl,
    oidc,
    trustedProxies,
  }: Omit<StandaloneArguments, 'unused'>,
  logger: Logger,
): Promise<Standalone> => {
  await refuseTakenPort(port);
  if (databaseUrl !== undefined) await reachDatabase('DATABASE_URL', databaseUrl);
  const held = await holdDataFolder(dataFolder, { command: 'npm start', reset });
  const database = await openDatabase(held, databaseUrl, logger);
  let host: Host | undefined;
  const stop = async (): Promise<void> => {
    await host?.stop();
    await database.stop();
    held.release();
  };
  try {
    const { connectionString } = database;
    host = await Host.create({
      definitions: SERVICES,
      connectionString,
      logger,
      opensConnections: true,
      hasStartPage: true,
      ...(oidc && { oidc }),
      trustedProxies,
    });
    const adminKeyFile = join(dataFolder, 'admin-key');
    const { database: accessDatabase } = host.services.get('access')!.runtime;
    if (!(await keepAdminKey(accessDatabase, adminKeyFile)))
      logger.warn(
        { adminKeyFile },
        'the admin key file is missing, and other keys are in force: use one of them',
      );
    host.start();
    await host.listen(port);
    return { adminKeyFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

type OpenDatabase = { readonly connectionString: string; stop(): Promise<void> };

const openDatabase = async (
  held: HeldFolder,
  databaseUrl: string | undefined,
  logger: Logger,
): Promise<OpenDatabase> => {
  if (databaseUrl !== undefined)
    return { connectionString: databaseUrl, stop: () => Promise.resolve() };
  const server = await EmbeddedServer.start(held, {
    onDeath: (words) => logger.error({ words }, 'Postgres died; starting it again'),
  });
  const connectionString = await createDatabase(server.connectionString, DATABASE);
  return { connectionString, stop: () => server.stop() };
};

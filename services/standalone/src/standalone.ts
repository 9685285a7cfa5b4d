import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ensureAdminKey } from '@throughline/access';
import { createDatabase, EmbeddedServer } from '@throughline/postgres';
import { Host } from '@throughline/service-kit';
import type { Logger } from 'pino';
import { UsageError, type StandaloneArguments } from './arguments.js';
import { holdDataFolder } from './data-folder.js';
import { SERVICES } from './services.js';

const DATABASE = 'throughline';

export type Standalone = {
  readonly host: Host;
  readonly postgres: EmbeddedServer;
  readonly adminKeyFile: string;
  stop(): Promise<void>;
};

/** Starts everything on the data folder; ready when it resolves. Throws `UsageError` where the user can help. */
export const startStandalone = async (
  { port, dataFolder, reset }: StandaloneArguments,
  logger: Logger,
): Promise<Standalone> => {
  await refuseTakenPort(port);
  const letGo = await holdDataFolder(dataFolder, reset);
  const postgres = await EmbeddedServer.start(dataFolder, {
    onDeath: (words) => logger.error({ words }, 'Postgres died; starting it again'),
  });
  try {
    const connectionString = await createDatabase(postgres.connectionString, DATABASE);
    const host = await Host.create({ definitions: SERVICES, connectionString, logger });
    const adminKeyFile = join(dataFolder, 'admin-key');
    await keepAdminKey(host, adminKeyFile);
    host.start();
    await host.listen(port);
    const stop = async (): Promise<void> => {
      await host.stop();
      await postgres.stop();
      letGo();
    };
    return { host, postgres, adminKeyFile, stop };
  } catch (error) {
    await postgres.stop();
    letGo();
    throw error;
  }
};

const keepAdminKey = async (host: Host, file: string): Promise<void> => {
  const { database } = host.services.get('access')!.runtime;
  const existing = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  const key = await ensureAdminKey(database, { existing });
  if (key !== undefined && key !== existing) writeFileSync(file, `${key}\n`, { mode: 0o600 });
};

const refuseTakenPort = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      reject(
        new UsageError(
          code === 'EADDRINUSE'
            ? `Port ${port} is taken by another program; choose another one with --port`
            : `Cannot listen on port ${port}: ${message}`,
        ),
      ),
    );
    probe.listen(port, '0.0.0.0', () => probe.close(() => resolve()));
  });

import { openEventStoreDb } from '@throughline/event-store';
import { KafkaConnection } from '@throughline/messaging';
import { startTracing } from '@throughline/telemetry';
import type { Logger } from 'pino';
import { ConfigError, serviceConfig, type ServiceConfig } from './config.js';
import { Host } from './host.js';
import { createLogger } from './logger.js';
import { remoteAuthenticate } from './remote-authenticate.js';
import type { Streams } from './running-service.js';
import type { ServiceDefinition } from './service.js';
import { stopOnSignals } from './stop-on-signals.js';

const configOf = (service: string): ServiceConfig => {
  try {
    return serviceConfig(service, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
};

const openStreams = (url: string, logger: Logger): Promise<Streams> =>
  openEventStoreDb(url, (error) => logger.warn({ err: error }, 'subscription dropped'));

/**
 * Runs one service as this process, as its environment says (see `ServiceConfig`), until SIGTERM or SIGINT. Other
 * processes may run the same service. A process that cannot start ends with an error, for its supervisor to start again.
 */
export const runService = async (definition: ServiceDefinition): Promise<void> => {
  const { name } = definition;
  const config = configOf(name);
  const logger = createLogger(config.logLevel).child({ service: name });
  const { tracing: wanted, kafka, eventStoreUrl, role } = config;
  const tracing =
    wanted &&
    (await startTracing({
      service: name,
      endpoint: wanted.endpoint,
      ratio: wanted.share,
    }));
  const clientId = `throughline-${name}`;
  const connection = new KafkaConnection({ ...kafka, clientId, logger });
  const host = await Host.create({
    definitions: [definition],
    connectionString: config.databaseUrl,
    logger,
    role,
    replicated: true,
    ...(config.accessUrl !== undefined && {
      authenticate: remoteAuthenticate({ accessUrl: config.accessUrl }),
    }),
    ...(config.oidc && { oidc: config.oidc }),
    migrates: config.migrates,
    kafka: { connection, partitions: kafka.partitions, replication: kafka.replication },
    ...(eventStoreUrl !== undefined && { streams: await openStreams(eventStoreUrl, logger) }),
  });
  host.start();
  await host.listen(config.port);
  logger.info({ role, port: config.port }, 'ready');
  stopOnSignals(async () => {
    await host.stop();
    await tracing?.stop();
  }, logger);
};

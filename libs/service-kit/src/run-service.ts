import { errorText, openEventStoreDb } from '@throughline/event-store';
import { FaultNews } from '@throughline/kernel';
import { KafkaConnection } from '@throughline/messaging';
import { startTracing } from '@throughline/telemetry';
import type { Logger } from 'pino';
import { serviceConfig } from './config.js';
import { Host } from './host.js';
import { createLogger } from './logger.js';
import { reachKafka, untilDatabase } from './migrations.js';
import { remoteAuthenticate } from './remote-authenticate.js';
import { portError, runProgram } from './run-program.js';
import type { Streams } from './running-service.js';
import type { ServiceDefinition } from './service.js';
import { stopOnSignals } from './stop-on-signals.js';

/** Opens the EventStoreDB at `url` for the services of a process; its absence is logged once, and its return. */
export const openStreams = (url: string, logger: Logger): Promise<Streams> => {
  const news = new FaultNews();
  return openEventStoreDb(url, {
    onError: (error) =>
      logger[news.isNews(error) ? 'warn' : 'debug'](
        { reason: errorText(error) },
        'the event store is away, or something in it is none of ours',
      ),
    onBack: () => {
      news.isOver();
      logger.info('the event store answers again');
    },
  });
};

/**
 * Runs one service as this process, as its environment says (see `ServiceConfig`), until SIGTERM or SIGINT. Other
 * processes may run the same service. A process that cannot start ends with an error, for its supervisor to start again.
 */
export const runService = (definition: ServiceDefinition): Promise<void> =>
  runProgram(() => startService(definition));

const startService = async (definition: ServiceDefinition): Promise<void> => {
  const { name } = definition;
  const config = serviceConfig(name, process.env);
  const logger = createLogger(config.logLevel).child({ service: name });
  const { traceRatio: ratio, kafka, eventStoreUrl, role } = config;
  const tracing = await startTracing({ service: name, ratio });
  await untilDatabase(config.databaseUrl, logger);
  const clientId = `throughline-${name}`;
  const connection = new KafkaConnection({ ...kafka, clientId, logger });
  if (config.migrates) await reachKafka(connection, kafka.brokers);
  const host = await Host.create({
    definitions: [definition],
    connectionString: config.databaseUrl,
    logger,
    role,
    replicated: true,
    opensConnections: true,
    ...(config.accessUrl !== undefined && {
      authenticate: remoteAuthenticate({ accessUrl: config.accessUrl }),
    }),
    ...(config.oidc && { oidc: config.oidc }),
    migrates: config.migrates,
    metricsPort: config.metricsPort,
    trustedProxies: config.trustedProxies,
    kafka: { connection, partitions: kafka.partitions, replication: kafka.replication },
    ...(eventStoreUrl !== undefined && { streams: await openStreams(eventStoreUrl, logger) }),
  });
  host.start();
  await host.listen(config.port).catch((error: unknown) => {
    throw portError(error, config.port, 'PORT');
  });
  logger.info({ role, port: config.port }, 'ready');
  stopOnSignals(async () => {
    await host.stop();
    await tracing.stop();
  }, logger);
};

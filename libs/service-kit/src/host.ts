import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Pace } from '@throughline/kernel';
import { ensureTopics, type KafkaConnection, type MessageBus } from '@throughline/messaging';
import { behindRequests } from '@throughline/postgres';
import type { Logger } from 'pino';
import { AccessGuard, type Authenticate } from './access.js';
import { answerWhereNothingIs, refuseBadAddresses } from './addresses.js';
import { takeBodies } from './bodies.js';
import type { Role } from './config.js';
import { deadLettersController, discardsController } from './dead-letters.controller.js';
import { DeadlineInterceptor } from './deadline.interceptor.js';
import { refuseUndeclaredRoutes } from './declared-routes.js';
import { keepGate } from './gate.js';
import { HEALTH, HealthController, type Health, type HealthCheck } from './health.controller.js';
import { measureHttp, routeOwners } from './http-telemetry.js';
import { listenerOptions } from './listener.js';
import { migrateService, untilMigrated } from './migrations.js';
import { keysOrTokens, oidcAuthenticate, type OidcOptions } from './oidc.js';
import { serveOpenApi } from './openapi.js';
import { isLocal, Observation, serveMetricsHere } from './observation.js';
import { operatedBy, operationsControllers } from './operations.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { REQUEST_KEYS, RequestKeys } from './request-keys.js';
import { countIntake, nameSetAside, waitForTokens } from './request-hooks.js';
import {
  found,
  RunningService,
  topicSources,
  type Ground,
  type Streams,
} from './running-service.js';
import { storeChecks } from './store-checks.js';
import { StartPageController } from './start-page.controller.js';
import { secure } from './security.js';
import type { ServiceDefinition } from './service.js';
import { takeTurns } from './turns.js';
import { TRUSTED_PROXIES_DEFAULT } from './trusted-proxies.js';
import { UndeclaredInputInterceptor } from './undeclared-input.interceptor.js';

export type HostOptions = {
  readonly definitions: readonly ServiceDefinition[];
  readonly connectionString: string;
  readonly logger: Logger;
  /** The current time (ISO 8601, UTC). */
  readonly now?: () => string;
  /** Tells who holds a key where no service of this host does (`access` otherwise). */
  readonly authenticate?: Authenticate;
  /** Takes tokens of this identity provider too. */
  readonly oidc?: OidcOptions;
  /** Lets a test deliver messages in its own way. */
  readonly wrapBus?: (bus: MessageBus, service: string) => MessageBus;
  /** Both where left out. */
  readonly role?: Role;
  /** Other processes run the same services: what one should do at a time is done under a lease. */
  readonly replicated?: boolean;
  /** Serves a page at `/` that tells a person where to begin; for a host that serves the whole API. */
  readonly hasStartPage?: boolean;
  /** Opens all connections to Postgres before anything runs, for a process that may find a backlog. */
  readonly opensConnections?: boolean;
  /** Bring schemas and topics up to date first, instead of waiting for who does; true where left out. */
  readonly migrates?: boolean;
  /** Whose word for the address of a caller is taken (`X-Forwarded-For`). */
  readonly trustedProxies?: readonly string[];
  /** Metrics and readiness in detail are served there; where left out, beside the API, to this machine and to keys. */
  readonly metricsPort?: number;
  /** Without it, services of this process read each other's logs. The host closes the connection. */
  readonly kafka?: {
    /** Makes the topics; and what services use that have none of their own. */
    readonly connection: KafkaConnection;
    /** Where each service logs in as itself. The host closes these too. */
    readonly connectionOf?: (service: string) => KafkaConnection;
    readonly partitions: number;
    readonly replication: number;
  };
  /** EventStoreDB; the log in Postgres where left out. The host closes it. */
  readonly streams?: Streams;
};

/** Services that run together in this process, behind one HTTP origin. */
export class Host {
  #isReady = false;
  #observation: Observation | undefined;

  private constructor(
    readonly app: NestFastifyApplication,
    readonly services: ReadonlyMap<string, RunningService>,
    private readonly options: HostOptions,
  ) {}

  /** Migrates, builds and wires the services; nothing runs yet. */
  static async create(options: HostOptions): Promise<Host> {
    const { definitions, connectionString, logger, migrates = true } = options;
    if (migrates)
      await Promise.all(
        definitions.map((definition) => migrateService(definition, connectionString)),
      );
    const pace = new Pace();
    const services = runningServices(options, pace);
    if (migrates) await makeTopics(options, services);
    else await Promise.all(services.map(untilServiceMigrated));
    const host: { current?: Host } = {};
    const app = await NestFactory.create<NestFastifyApplication>(
      rootModule(services, options, {
        checks: () => host.current?.checks() ?? [],
        mayHearParts: (request) => options.metricsPort === undefined && isLocal(request),
      }),
      new FastifyAdapter(listenerOptions(options.trustedProxies ?? TRUSTED_PROXIES_DEFAULT)),
      { logger: false, abortOnError: false, bodyParser: false },
    );
    const byName = new Map(services.map((service) => [service.definition.name, service]));
    host.current = new Host(app, byName, options);
    const ownerOf = routeOwners(services.map(ownersOf));
    measureHttp(app, ownerOf);
    refuseUndeclaredRoutes(app);
    await secure(app);
    keepGate(app, { authenticate: authenticateOf(services, options) });
    if (options.metricsPort === undefined) serveMetricsHere(app);
    refuseBadAddresses(app);
    answerWhereNothingIs(app);
    takeBodies(app);
    takeTurns(app, ownerOf);
    countIntake(app, pace, new Set(definitions.flatMap(({ intake = [] }) => intake)));
    waitForTokens(app, byName);
    nameSetAside(app, ownerOf, byName);
    serveOpenApi(app);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    if (options.opensConnections) for (const { runtime } of services) await runtime.database.open();
    logger.debug({ services: [...byName.keys()] }, 'services wired');
    return host.current;
  }

  /** Starts consumers, projections, relays and tasks, unless this process has the role `api` alone. */
  start(): void {
    const { role = 'both', replicated = false, wrapBus } = this.options;
    if (role !== 'api') {
      for (const service of this.services.values()) service.startDuties(replicated);
      // Each of the others does one thing at a time; only messages come by the hundred.
      behindRequests(() => {
        for (const service of this.services.values())
          service.subscribe(wrapBus?.(service.bus, service.definition.name));
      });
    }
    this.#isReady = true;
  }

  /** Listens on all interfaces. Throws when a port is taken. */
  async listen(port: number, address = '0.0.0.0'): Promise<void> {
    const { metricsPort } = this.options;
    if (metricsPort !== undefined)
      this.#observation = await Observation.start(metricsPort, () => this.checks());
    await this.app.listen(port, address);
  }

  /** True when no message, event or task result is on its way any more. */
  async isIdle(): Promise<boolean> {
    for (const service of this.services.values()) if (!(await service.isIdle())) return false;
    return true;
  }

  /** Readiness first, then consumers and duties, HTTP; connections last. */
  async stop(): Promise<void> {
    this.#isReady = false;
    const services = [...this.services.values()];
    await Promise.all(services.map((service) => service.unsubscribe()));
    await Promise.all(services.map((service) => service.stopDuties()));
    await this.app.close();
    await this.#observation?.stop();
    await Promise.all(services.map((service) => service.stop()));
    for (const { kafka } of services) await kafka?.stop();
    await this.options.kafka?.connection.stop();
    await this.options.streams?.stop();
  }

  /** What readiness asks: is this host serving, and does each service reach its database and its event store? */
  checks(): HealthCheck[] {
    return [
      { name: 'host', check: async () => this.#isReady },
      ...storeChecks([...this.services.values()], this.options.streams),
    ];
  }
}

const runningServices = (options: HostOptions, pace: Pace): RunningService[] => {
  const { definitions, connectionString, logger, now, kafka, streams } = options;
  const ground: Ground = {
    connectionString,
    logger,
    now: now ?? (() => new Date().toISOString()),
    kafka: kafka && (kafka.connectionOf ?? (() => kafka.connection)),
    streams,
  };
  const founded = definitions.map((definition) => found(definition, ground));
  const sources = topicSources(founded);
  return founded.map((one) => new RunningService(one, ground, sources, pace));
};

const untilServiceMigrated = ({ definition, runtime }: RunningService): Promise<void> =>
  untilMigrated(definition, runtime.database, runtime.logger);

const makeTopics = async (
  { kafka, logger }: HostOptions,
  services: readonly RunningService[],
): Promise<void> => {
  if (!kafka) return;
  const readers = services.flatMap(({ parts }) => parts.consumers);
  const { connection, partitions, replication } = kafka;
  await ensureTopics(connection, { partitions, replication, readers, logger });
};

const ownersOf = ({ definition, parts }: RunningService) => ({
  service: definition.name,
  controllers: parts.module.controllers ?? [],
});

/** Who holds a bearer: the service `access` knows keys, the identity provider its tokens. */
const authenticateOf = (
  services: readonly RunningService[],
  { authenticate, oidc }: HostOptions,
): Authenticate => {
  const keys =
    authenticate ??
    services.map(({ parts }) => parts.authenticate).find((candidate) => candidate !== undefined) ??
    (async () => undefined);
  return oidc ? keysOrTokens(keys, oidcAuthenticate(oidc)) : keys;
};

/** A service's module, with what the kit's marks on its routes need. */
const moduleOf = ({ parts: { module }, runtime: { database } }: RunningService): DynamicModule => ({
  ...module,
  providers: [
    ...(module.providers ?? []),
    { provide: REQUEST_KEYS, useValue: new RequestKeys(database) },
  ],
});

const rootModule = (
  services: readonly RunningService[],
  options: HostOptions,
  health: Health,
): DynamicModule => {
  return {
    module: RootModule,
    imports: services.map(moduleOf),
    controllers: [
      HealthController,
      ...(options.hasStartPage ? [StartPageController] : []),
      ...services.flatMap((service) => {
        const operated = operatedBy(service);
        const { deadLetters } = service;
        return [
          deadLettersController({ ...operated, deadLetters }),
          discardsController({ ...operated, deadLetters }),
          ...operationsControllers(operated),
        ];
      }),
    ],
    providers: [
      { provide: HEALTH, useValue: health },
      { provide: APP_FILTER, useValue: new ProblemFilter(options.logger) },
      { provide: APP_INTERCEPTOR, useClass: UndeclaredInputInterceptor },
      { provide: APP_INTERCEPTOR, useClass: DeadlineInterceptor },
      {
        provide: APP_GUARD,
        useFactory: (reflector: Reflector) => new AccessGuard(reflector),
        inject: [Reflector],
      },
    ],
  };
};

@Module({})
class RootModule {}

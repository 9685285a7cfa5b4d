import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Topic } from '@throughline/contracts';
import { LOG_MIGRATIONS, PostgresLog } from '@throughline/event-store';
import {
  BUS_MIGRATIONS,
  EmbeddedBus,
  type MessageBus,
  type Subscription,
  type TopicSource,
} from '@throughline/messaging';
import { Pace } from '@throughline/kernel';
import { Database, migrate } from '@throughline/postgres';
import { PROJECTION_MIGRATIONS, ProjectionRunner } from '@throughline/read-model';
import type { Logger } from 'pino';
import { AccessGuard, type Authenticate } from './access.js';
import { deadLettersController } from './dead-letters.controller.js';
import { DeadlineInterceptor } from './deadline.interceptor.js';
import { refuseUndeclaredRoutes } from './declared-routes.js';
import { HEALTH, HealthController, type HealthCheck } from './health.controller.js';
import { serveOpenApi } from './openapi.js';
import { answerFrameworkError, ProblemFilter } from './problem.filter.js';
import { secure } from './security.js';
import type { Runtime, ServiceDefinition, ServiceParts } from './service.js';
import { TaskRunner } from './task-runner.js';

/** The largest request body; a 5,000-line order fits. */
export const BODY_BYTES_MAX = 2 * 1024 * 1024;
const CONSISTENCY_WAIT_MS = 2_000;
const CONNECTIONS_PER_SERVICE = 8;

export type HostOptions = {
  readonly definitions: readonly ServiceDefinition[];
  readonly connectionString: string;
  readonly logger: Logger;
  /** The current time (ISO 8601, UTC). */
  readonly now?: () => string;
  /** Tells who holds a key where no service of this host does (`access` otherwise). */
  readonly authenticate?: Authenticate;
  /** Lets a test deliver messages in its own way. */
  readonly wrapBus?: (bus: MessageBus, service: string) => MessageBus;
};

type Running = {
  readonly definition: ServiceDefinition;
  readonly runtime: Runtime & { readonly store: PostgresLog };
  readonly bus: EmbeddedBus;
  readonly parts: ServiceParts;
  readonly projections: readonly ProjectionRunner[];
};

/** Services that run together in this process, behind one HTTP origin. */
export class Host {
  #subscriptions: Subscription[] = [];
  #tasks: TaskRunner[] = [];
  #isReady = false;

  private constructor(
    readonly app: NestFastifyApplication,
    readonly services: ReadonlyMap<string, Running>,
    private readonly options: HostOptions,
  ) {}

  /** Migrates, builds and wires the services; nothing runs yet. */
  static async create(options: HostOptions): Promise<Host> {
    const { definitions, connectionString, logger } = options;
    await Promise.all(
      definitions.map(({ schema, migrations }) =>
        migrate({
          connectionString,
          schema,
          sets: [
            LOG_MIGRATIONS,
            BUS_MIGRATIONS,
            PROJECTION_MIGRATIONS,
            ...(migrations ? [{ folder: migrations, table: 'migrations' }] : []),
          ],
        }),
      ),
    );
    const pace = new Pace();
    const runtimes = definitions.map((definition) => runtimeOf(definition, options));
    const sources = topicSources(definitions, runtimes);
    const running = definitions.map((definition, index): Running => {
      const runtime = runtimes[index]!;
      const parts = definition.build(runtime);
      return {
        definition,
        runtime,
        parts,
        bus: new EmbeddedBus({
          database: runtime.database,
          sources,
          logger: runtime.logger,
          pace,
        }),
        projections: parts.projections.map(
          (projection) =>
            new ProjectionRunner(projection, runtime.store, runtime.database, runtime.logger, pace),
        ),
      };
    });
    const services = new Map(running.map((service) => [service.definition.name, service]));
    const host: { current?: Host } = {};
    const app = await NestFactory.create<NestFastifyApplication>(
      rootModule(running, options, () => host.current?.checks() ?? []),
      new FastifyAdapter({
        bodyLimit: BODY_BYTES_MAX,
        return503OnClosing: true,
        forceCloseConnections: true,
        frameworkErrors: answerFrameworkError,
      }),
      { logger: false, abortOnError: false },
    );
    host.current = new Host(app, services, options);
    refuseUndeclaredRoutes(app);
    await secure(app);
    refuseNul(app);
    countIntake(app, pace, new Set(definitions.flatMap(({ intake = [] }) => intake)));
    host.current.#waitForTokens();
    serveOpenApi(app);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    logger.debug({ services: [...services.keys()] }, 'services wired');
    return host.current;
  }

  /** Starts projections, consumers and tasks. */
  start(): void {
    for (const { projections } of this.services.values())
      for (const projection of projections) projection.start();
    for (const { definition, bus, parts, runtime } of this.services.values()) {
      const wrapped = this.options.wrapBus?.(bus, definition.name) ?? bus;
      for (const consumer of parts.consumers) this.#subscriptions.push(wrapped.subscribe(consumer));
      for (const task of parts.tasks ?? []) this.#tasks.push(new TaskRunner(task, runtime.logger));
    }
    for (const task of this.#tasks) task.start();
    this.#isReady = true;
  }

  /** Listens on all interfaces. Throws when the port is taken. */
  async listen(port: number, address = '0.0.0.0'): Promise<void> {
    await this.app.listen(port, address);
  }

  /** True when no message, event or task result is on its way any more. */
  async isIdle(): Promise<boolean> {
    for (const { bus, projections, runtime } of this.services.values()) {
      if (!(await bus.isCaughtUp())) return false;
      const head = await runtime.store.head();
      for (const projection of projections) if (!(await projection.caughtUp(head, 0))) return false;
    }
    return true;
  }

  /** Readiness first, then consumers, HTTP, projections; connections last. */
  async stop(): Promise<void> {
    this.#isReady = false;
    await Promise.all(this.#tasks.map((task) => task.stop()));
    await Promise.all(this.#subscriptions.map((subscription) => subscription.stop()));
    await this.app.close();
    const services = [...this.services.values()];
    await Promise.all(services.flatMap(({ projections }) => projections.map((one) => one.stop())));
    await Promise.all(services.map(({ runtime }) => runtime.database.stop()));
  }

  /** What readiness asks: is this host serving, and does each service reach its database? */
  checks(): HealthCheck[] {
    return [
      { name: 'host', check: async () => this.#isReady },
      ...[...this.services].map(([name, { runtime }]) => ({
        name,
        check: async () => {
          await runtime.database.query('select 1');
          return true;
        },
      })),
    ];
  }

  /** A request that brings a consistency token waits until that service's rows hold what it names. */
  #waitForTokens(): void {
    const fastify = this.app.getHttpAdapter().getInstance();
    fastify.addHook('onRequest', async (request) => {
      const token = request.headers['consistency-token'];
      if (typeof token !== 'string' || request.method !== 'GET') return;
      const [name = '', position = ''] = token.split(':');
      const service = this.services.get(name);
      if (!service || !/^\d{1,19}$/.test(position)) return;
      await Promise.all(
        service.projections.map((one) => one.caughtUp(BigInt(position), CONSISTENCY_WAIT_MS)),
      );
    });
  }
}

/** Postgres cannot hold NUL in text, so no address can name anything that has one. */
const refuseNul = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      if (!/%00/.test(request.url)) return;
      await reply.status(400).type('application/problem+json').send({
        type: 'urn:oms:problem:nul-in-address',
        code: 'nul-in-address',
        title: 'The address contains a NUL character (%00)',
        status: 400,
      });
    });
};

/** Tells the work behind the requests how many orders are just being taken in. */
const countIntake = (
  app: NestFastifyApplication,
  pace: Pace,
  intake: ReadonlySet<string>,
): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (request.method === 'POST' && intake.has(request.url)) {
        pace.requestBegins();
        reply.raw.once('close', () => pace.requestEnds());
      }
      done();
    });
};

const runtimeOf = (
  { name, schema }: ServiceDefinition,
  { connectionString, logger, now }: HostOptions,
): Running['runtime'] => {
  const own = logger.child({ service: name });
  const database = new Database({
    connectionString,
    schema,
    applicationName: `throughline ${name}`,
    connectionsMax: CONNECTIONS_PER_SERVICE,
    onIdleError: (error) => own.warn({ err: error }, 'idle database connection lost'),
  });
  const store = new PostgresLog(database, (error) => own.warn({ err: error }, 'log not read'));
  return {
    service: name,
    database,
    store,
    committed: () => store.signal(),
    logger: own,
    now: now ?? (() => new Date().toISOString()),
  };
};

const topicSources = (
  definitions: readonly ServiceDefinition[],
  runtimes: readonly Runtime[],
): Map<Topic, TopicSource> => {
  const sources = new Map<Topic, TopicSource>();
  definitions.forEach(({ publishers }, index) => {
    for (const { topic } of publishers)
      sources.set(topic, { store: runtimes[index]!.store, publishers });
  });
  return sources;
};

const rootModule = (
  running: readonly Running[],
  options: HostOptions,
  checks: () => HealthCheck[],
): DynamicModule => {
  const authenticate =
    options.authenticate ??
    running.map(({ parts }) => parts.authenticate).find((candidate) => candidate !== undefined) ??
    (async () => undefined);
  return {
    module: RootModule,
    imports: running.map(({ parts }) => parts.module),
    controllers: [
      HealthController,
      ...running.map(({ definition, bus }) => deadLettersController(definition.name, bus)),
    ],
    providers: [
      { provide: HEALTH, useValue: checks },
      { provide: APP_FILTER, useValue: new ProblemFilter(options.logger) },
      { provide: APP_INTERCEPTOR, useClass: DeadlineInterceptor },
      {
        provide: APP_GUARD,
        useFactory: (reflector: Reflector) => new AccessGuard(reflector, authenticate),
        inject: [Reflector],
      },
    ],
  };
};

@Module({})
class RootModule {}

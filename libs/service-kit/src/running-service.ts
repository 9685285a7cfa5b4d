import { PostgresLog, type EventStore, type StoreState } from '@throughline/event-store';
import type { Topic } from '@throughline/contracts';
import { FaultNews, type Pace } from '@throughline/kernel';
import {
  DeadLetters,
  EmbeddedBus,
  KafkaBus,
  Relay,
  type KafkaConnection,
  type KafkaUse,
  type MessageBus,
  type Subscription,
  type TopicSource,
} from '@throughline/messaging';
import { Database, Lease } from '@throughline/postgres';
import { ProjectionRunner } from '@throughline/read-model';
import type { Logger } from 'pino';
import { consistencyWatch } from './consistency.watch.js';
import { runDuties } from './duties.js';
import { createLogger } from './logger.js';
import { operatedBy } from './operations.controller.js';
import type { Runtime, ServiceDefinition, ServiceParts } from './service.js';

const CONNECTIONS_PER_SERVICE = 8;

/** EventStoreDB, which all services of a process share. */
export type Streams = EventStore & { state(): Promise<StoreState>; stop(): Promise<void> };

/** What a service's data and messages lie on. */
export type Ground = {
  readonly connectionString: string;
  readonly logger: Logger;
  readonly now: () => string;
  /** Kafka; without it, services of this process read each other's logs. */
  readonly kafka: ((service: string) => KafkaConnection) | undefined;
  /** The log in Postgres where left out. */
  readonly streams: Streams | undefined;
};

/** A service's runtime and the sources of its topics, before its parts are built. */
export type Founded = {
  readonly definition: ServiceDefinition;
  readonly runtime: Runtime;
  readonly stop: () => Promise<void>;
};

export const found = (definition: ServiceDefinition, ground: Ground): Founded => {
  const { name, schema, keepsLedger = false } = definition;
  const logger = ground.logger.child({ service: name });
  const news = new FaultNews();
  /** Many connections and look-outs meet the same outage: it is said once. */
  const say = (words: string) => (error: unknown) =>
    logger[news.isNews(`${words} ${String(error)}`) ? 'warn' : 'debug']({ err: error }, words);
  const database = new Database({
    connectionString: ground.connectionString,
    schema,
    applicationName: `throughline ${name}`,
    service: name,
    connectionsMax: CONNECTIONS_PER_SERVICE,
    onIdleError: say('idle database connection lost'),
  });
  const log = new PostgresLog(database, say('log not read'));
  const { now, streams } = ground;
  return {
    definition,
    runtime: {
      service: name,
      database,
      store: streams !== undefined && !keepsLedger ? streams : log,
      committed: () => log.signal(),
      logger,
      now,
    },
    stop: () => database.stop(),
  };
};

/** What a service writes to Kafka and reads from it, as its module declares it. Nothing runs, and no database is asked. */
export const kafkaUseOf = async (definition: ServiceDefinition): Promise<KafkaUse> => {
  const logger = createLogger('silent');
  const now = (): string => new Date().toISOString();
  const ground = { connectionString: 'postgres://nowhere', logger, now };
  const { runtime, stop } = found(definition, { ...ground, kafka: undefined, streams: undefined });
  const reads = definition.build(runtime).consumers.map(({ group, topic }) => ({ group, topic }));
  const publishes = [...new Set(definition.publishers.map(({ topic }) => topic))];
  await stop();
  return { service: definition.name, publishes, reads };
};

/** Where each topic comes from when services read each other's logs. */
export const topicSources = (founded: readonly Founded[]): ReadonlyMap<Topic, TopicSource> =>
  new Map(
    founded.flatMap(({ definition: { publishers }, runtime: { store } }) =>
      publishers.map(({ topic }) => [topic, { store, publishers }] as const),
    ),
  );

/** One service at work in this process. */
export class RunningService {
  readonly definition: ServiceDefinition;
  readonly runtime: Runtime;
  readonly parts: ServiceParts;
  readonly deadLetters: DeadLetters;
  readonly kafka: KafkaConnection | undefined;
  readonly bus: MessageBus;
  readonly relay: Relay | undefined;
  readonly projections: readonly ProjectionRunner[];
  readonly #founded: Founded;
  readonly #stopping = new AbortController();
  #subscriptions: readonly Subscription[] = [];
  #lease: Lease | undefined;
  #duties: Promise<void> | undefined;

  constructor(
    founded: Founded,
    ground: Ground,
    sources: ReadonlyMap<Topic, TopicSource>,
    pace: Pace,
  ) {
    const { definition, runtime } = founded;
    const { database, logger, store, service } = runtime;
    this.#founded = founded;
    this.definition = definition;
    this.runtime = runtime;
    this.parts = definition.build(runtime);
    this.deadLetters = new DeadLetters(database);
    const kafka = ground.kafka?.(service);
    this.kafka = kafka;
    const { consumers } = this.parts;
    const reading = { service, database, deadLetters: this.deadLetters, consumers, logger, pace };
    this.bus = kafka
      ? new KafkaBus({ ...reading, kafka })
      : new EmbeddedBus({ ...reading, sources });
    const { publishers } = definition;
    const { deadLetters } = this;
    this.relay =
      kafka && publishers.length > 0
        ? new Relay({ service, kafka, store, publishers, database, deadLetters, logger })
        : undefined;
    this.projections = this.parts.projections.map(
      (projection) => new ProjectionRunner(projection, store, database, logger, pace),
    );
  }

  /** Takes messages, through `bus` where a test wraps it. */
  subscribe(bus: MessageBus = this.bus): void {
    this.#subscriptions = this.parts.consumers.map((consumer) => bus.subscribe(consumer));
  }

  /** Begins projecting, publishing and its tasks; in turn with other processes where there are `replicas`. */
  startDuties(replicated: boolean): void {
    const { projections, relay } = this;
    const { service, logger, database } = this.runtime;
    const tasks = [...(this.parts.tasks ?? []), consistencyWatch({ ...operatedBy(this), logger })];
    const run = (signal: AbortSignal): Promise<void> =>
      runDuties({ service, projections, relay, tasks, logger }, signal);
    if (!replicated) {
      this.#duties = run(this.#stopping.signal);
      return;
    }
    const news = new FaultNews();
    const onError = (error: unknown): void =>
      logger[news.isNews(error) ? 'warn' : 'debug']({ err: error }, 'duties interrupted');
    this.#lease = new Lease({ database, name: 'duties', onError });
    this.#lease.start(run);
  }

  /** This process does the service's duties just now. */
  get leads(): boolean {
    return this.#lease?.isHeld ?? this.#duties !== undefined;
  }

  /** True when nothing is on its way any more that this service has to publish, read or project. */
  async isIdle(): Promise<boolean> {
    if (!(await this.bus.isCaughtUp()) || (await this.relay?.isCaughtUp()) === false) return false;
    const head = await this.runtime.store.head();
    for (const projection of this.projections)
      if (!(await projection.caughtUp(head, 0))) return false;
    return true;
  }

  /** Takes no more messages; resolves when those under way are done. */
  async unsubscribe(): Promise<void> {
    const stopped = this.#subscriptions.map((subscription) => subscription.stop());
    this.runtime.database.endPatience();
    await Promise.all(stopped);
  }

  async stopDuties(): Promise<void> {
    this.#stopping.abort();
    await this.#lease?.stop();
    await this.#duties;
  }

  /** Lets go of broker and database; the last thing that happens. */
  async stop(): Promise<void> {
    await this.relay?.stop();
    await this.bus.stop();
    await this.#founded.stop();
  }
}

import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import {
  TOPIC_OWNERS,
  TOPICS,
  type ContractMessage,
  type OrderConfirmed,
  type Topic,
} from '@throughline/contracts';
import { NO_STREAM, PostgresLog } from '@throughline/event-store';
import { derivedId, TransientError } from '@throughline/kernel';
import { Database } from '@throughline/postgres';
import { faultyNetwork, freshDatabase, type FaultyNetwork } from '@throughline/testing';
import type { ISocketFactory } from 'kafkajs';
import { pino, type Logger } from 'pino';
import type { DeadLetters } from './dead-letters.js';
import { EmbeddedBus } from './embedded-bus.js';
import { KafkaBus, type KafkaBusOptions } from './kafka-bus.js';
import { KafkaConnection } from './kafka-connection.js';
import { ensureTopics, type TopicReader } from './kafka-topics.js';
import type { MessageBus, Publisher } from './message-bus.js';
import { Relay, type RelayOptions } from './relay.js';

/** What a test publishes. */
export type Said = {
  readonly topic: Topic;
  readonly type: string;
  readonly key: string;
  readonly data: object;
};

/** One process: its bus, with what an operator does. */
export type Process = {
  readonly bus: MessageBus;
  readonly deadLetters: DeadLetters;
  /** All that was produced is published and handled. */
  isCaughtUp(): Promise<boolean>;
  /** What a handler does: something in the database. */
  work(): Promise<unknown>;
  /** As if it had died: nothing that it says comes through any more, and nobody is told. */
  freeze(): void;
  /** The database is away. */
  leave(): void;
  /** All is well again. */
  comeBack(): void;
};

export type BusWorld = {
  /** Publishes in this order; messages in one list come from one event. */
  produce(...messages: (Said | Said[])[]): Promise<void>;
  /** A new process on the same broker and database. */
  open(): Promise<Process>;
  stop(): Promise<void>;
};

export const AT = '2026-01-01T00:00:00.000Z';
export const silent = pino({ level: process.env.LOG_LEVEL ?? 'silent' });
/** Numbers travel as times. */
export const at = (number: number): string =>
  new Date(Date.parse(AT) + number * 1000).toISOString();
export const numberOf = ({ data }: ContractMessage<OrderConfirmed>): number =>
  (Date.parse(data.confirmedAt) - Date.parse(AT)) / 1000;
export const confirmed = (key: string, number = 0): Said => ({
  topic: 'oms.order',
  type: 'OrderConfirmed',
  key,
  data: { orderId: key, confirmedAt: at(number) },
});

/** Publish what was said; an event may have said several things. */
export const saying: readonly Publisher[] = TOPICS.map((topic) => ({
  topic,
  category: 'said',
  map: ({ id, stream, revision, data, metadata }) =>
    (data as Said[])
      .map((said, index) => ({ said, id: index === 0 ? id : derivedId(id, index) }))
      .filter(({ said }) => said.topic === topic)
      .map(({ said, id: messageId }) => ({
        ...said,
        id: messageId,
        source: TOPIC_OWNERS[topic] ?? 'test',
        time: metadata.at,
        correlationId: metadata.correlationId,
        causationId: metadata.causationId,
        ...(metadata.traceparent && { traceparent: metadata.traceparent }),
        stream,
        streamRevision: revision,
      })),
}));

/** Appends events that say this, each to a stream of its own, or all to `stream` after `revision`. */
export const say = async (
  log: PostgresLog,
  messages: readonly (Said | Said[])[],
  { stream, traceparent }: { readonly stream?: string; readonly traceparent?: string } = {},
): Promise<void> => {
  let revision = stream === undefined ? NO_STREAM : (await log.read(stream)).length - 1;
  for (const said of messages) {
    const metadata = { at: AT, causationId: 'cause', correlationId: 'story', traceparent };
    const event = { id: randomUUID(), type: 'Said', version: 1, data: [said].flat(), metadata };
    await log.append(stream ?? `said-${randomUUID()}`, [event], revision);
    if (stream !== undefined) revision += 1;
  }
};

/** A process's own way to Postgres, which can fail. */
const ownDatabase = async (
  database: Database,
): Promise<{ readonly network: FaultyNetwork; readonly own: Database }> => {
  const network = await faultyNetwork(database.options.connectionString);
  const { connectionString } = network;
  return { network, own: new Database({ ...database.options, connectionString }) };
};

const mend = (...networks: FaultyNetwork[]) => {
  for (const network of networks) {
    network.heal();
    network.cut();
  }
};

/** Topics that are read straight from their owner's log, in a process that reaches Postgres through a network. */
export const embeddedWorld = async (): Promise<BusWorld> => {
  const database = await freshDatabase({ schema: 'everything', connectionsMax: 4 });
  const log = new PostgresLog(database);
  const ends: (() => Promise<unknown>)[] = [];
  return {
    produce: (...messages) => say(log, messages),
    open: async () => {
      const { network, own } = await ownDatabase(database);
      const store = new PostgresLog(own);
      const bus = new EmbeddedBus({
        service: 'test',
        database: own,
        sources: new Map(TOPICS.map((topic) => [topic, { store, publishers: saying }])),
        logger: silent,
      });
      ends.push(async () => {
        await bus.stop();
        await network.stop();
        await own.stop();
      });
      return {
        bus,
        deadLetters: bus.deadLetters,
        isCaughtUp: () => bus.isCaughtUp(),
        work: () => own.query('select 1'),
        freeze: () => network.freeze(),
        leave: () => network.refuse(),
        comeBack: () => mend(network),
      };
    },
    stop: async () => {
      await Promise.all(ends.map((end) => end()));
      await database.stop();
    },
  };
};

/** False while the cluster does not answer: a new one looks for its leaders first. */
const unlessAway = async (question: () => Promise<boolean>): Promise<boolean> => {
  try {
    return await question();
  } catch (error) {
    if (error instanceof TransientError) return false;
    throw error;
  }
};

/** Has every connection to a broker go through a network, whatever address the broker gives. */
const through = (network: FaultyNetwork): ISocketFactory => {
  const { hostname, port } = new URL(network.connectionString);
  return ({ onConnect }) => connect({ host: hostname, port: Number(port) }, onConnect);
};

/** A process with its own ways to the brokers. */
export type KafkaProcess = Process & {
  readonly broker: FaultyNetwork;
  readonly kafka: KafkaConnection;
};

export type KafkaWorld = Omit<BusWorld, 'open'> & {
  readonly log: PostgresLog;
  readonly database: Database;
  readonly kafka: KafkaConnection;
  /** The one that publishes while the world is not told to be without. */
  readonly relay: Relay;
  /** A relay on the world's log, not running. */
  makeRelay(options?: Partial<RelayOptions>): Relay;
  open(
    options?: Partial<Pick<KafkaBusOptions, 'consumers' | 'messageBytesMax'>>,
  ): Promise<KafkaProcess>;
};

/** Long, so that a loaded machine does not look like a dead process. */
const SESSION_TIMEOUT_MS = 15_000;
const PARTITIONS = 3;

/**
 * Topics on a real broker, under names of their own, fed by a relay; processes reach the broker and Postgres
 * through networks that can fail.
 */
export const kafkaWorld = async (
  brokers: readonly string[],
  options: {
    readonly readers?: readonly TopicReader[];
    readonly isRelaying?: boolean;
    readonly logger?: Logger;
    readonly sessionTimeoutMs?: number;
  } = {},
): Promise<KafkaWorld> => {
  const { isRelaying = true, logger = silent, sessionTimeoutMs = SESSION_TIMEOUT_MS } = options;
  const readers: readonly TopicReader[] = options.readers ?? [
    { group: 'readers', topic: 'oms.order' },
    { group: 'others', topic: 'oms.order' },
    { group: 'state-readers', topic: 'oms.availability' },
  ];
  const prefix = `${randomUUID().slice(0, 8)}.`;
  const shared = { clientId: 'test', prefix, logger, sessionTimeoutMs, fetchWaitMs: 100 };
  const kafka = new KafkaConnection({ ...shared, brokers });
  const topics = [...new Set(readers.map(({ topic }) => topic))];
  const [database] = await Promise.all([
    freshDatabase({ schema: 'everything', connectionsMax: 4 }),
    ensureTopics(kafka, { partitions: PARTITIONS, replication: 1, readers, logger, topics }),
  ]);
  const log = new PostgresLog(database);
  const ends: (() => Promise<unknown>)[] = [];
  const makeRelay = (more: Partial<RelayOptions> = {}): Relay => {
    const store = log;
    const own = { service: 'test', kafka, store, publishers: saying, database, logger, ...more };
    const relay = new Relay(own);
    ends.push(() => relay.stop());
    return relay;
  };
  const relay = makeRelay();
  const relaying = new AbortController();
  const relayed = isRelaying ? relay.run(relaying.signal) : Promise.resolve();
  return {
    log,
    database,
    kafka,
    relay,
    makeRelay,
    produce: (...messages) => say(log, messages),
    open: async ({ consumers = [], messageBytesMax } = {}) => {
      const { network, own } = await ownDatabase(database);
      const broker = await faultyNetwork(`kafka://${brokers[0]}`);
      const ownKafka = new KafkaConnection({ ...shared, brokers, socketFactory: through(broker) });
      const bus = new KafkaBus({
        service: 'test',
        kafka: ownKafka,
        database: own,
        consumers,
        logger,
        messageBytesMax,
      });
      ends.push(async () => {
        await bus.stop();
        await ownKafka.stop();
        await Promise.all([broker.stop(), network.stop()]);
        await own.stop();
      });
      return {
        bus,
        deadLetters: bus.deadLetters,
        broker,
        kafka: ownKafka,
        isCaughtUp: () => unlessAway(async () => (await relay.isCaughtUp()) && bus.isCaughtUp()),
        work: () => own.query('select 1'),
        freeze: () => [network, broker].forEach((one) => one.freeze()),
        leave: () => network.refuse(),
        comeBack: () => mend(network, broker),
      };
    },
    stop: async () => {
      relaying.abort();
      await relayed;
      await Promise.all(ends.map((end) => end()));
      const names = await kafka.ask((admin) => admin.listTopics());
      const mine = names.filter((name) => name.startsWith(prefix));
      await kafka.ask((admin) => admin.deleteTopics({ topics: mine }));
      await kafka.stop();
      await database.stop();
    },
  };
};

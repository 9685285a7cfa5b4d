import { FaultNews, TransientError } from '@throughline/kernel';
import {
  Kafka,
  logLevel,
  Partitioners,
  type Admin,
  type Consumer,
  type ISocketFactory,
  type LogEntry,
  type PartitionAssigner,
  type Producer,
  type SASLOptions,
} from 'kafkajs';
import type { Logger } from 'pino';
import { patchIdleLoop } from './kafka-idle-patch.js';

const CONNECT_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 8_000;
/** What an answer to a person or a check may take, whatever kafkajs tries meanwhile. */
const ASK_TIMEOUT_MS = 4_000;
const DISCONNECT_TIMEOUT_MS = 3_000;
/** Few and short: who needs more tries again by itself, with its own pauses. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2 };
const TRIES_AGAIN = 3;
/** A partition's share of one fetch, and all of it; a larger message comes alone. */
const FETCH_PARTITION_BYTES = 512 * 1024;
const FETCH_BYTES = 4 * 1024 * 1024;
const FETCH_WAIT_MS = 500;
const REBALANCE_TIMEOUT_MS = 30_000;
/** The least that brokers allow unless told otherwise: a process that died is replaced within ten seconds. */
const SESSION_TIMEOUT_MS = 6_000;
/** Also how soon a member notices that another one comes or goes. */
const HEARTBEAT_EVERY_MS = 1_500;

/** How a process says to the brokers who it is. */
export type KafkaSasl = {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
};

/** Certificates and keys as PEM: whom to trust where it is not Node's own list, and who this process is. */
export type KafkaTls = {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
};

export type KafkaOptions = {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: Logger;
  readonly tls?: KafkaTls | undefined;
  readonly sasl?: KafkaSasl | undefined;
  /** Put before the name of every topic and group, so that several systems share one cluster. */
  readonly prefix?: string;
  /** After so long without a heartbeat another process takes over (6,000 ms). */
  readonly sessionTimeoutMs?: number;
  /** How long a fetch waits for news; stopping waits for it too (500 ms). */
  readonly fetchWaitMs?: number;
  /** For specs: how a connection is made. */
  readonly socketFactory?: ISocketFactory;
};

/** Resolves as `work` does, or throws `TransientError` after `timeoutMs`; what `work` does later concerns nobody. */
export const within = async <Result>(
  work: Promise<Result>,
  timeoutMs: number,
  what: string,
): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TransientError(`${what}: no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** kafkajs calls much an error that is everyday life (a rebalance, a broker that restarts), and says it with every try. */
const logTo =
  (logger: Logger, news: FaultNews) =>
  () =>
  ({ level, namespace, log: { message, ...facts } }: LogEntry): void => {
    const { groupId, topic, partition, error, broker } = facts;
    const entry = { kafkajs: namespace, groupId, topic, partition, broker, error };
    const isTold = level === logLevel.ERROR && news.isNews(message);
    logger[isTold ? 'warn' : 'debug'](entry, message);
  };

/** How this process speaks with Kafka. Consumers and producers open connections of their own. */
export class KafkaConnection {
  readonly #kafka: Kafka;
  /** What goes wrong with the brokers, for all who speak with them over this connection. */
  readonly news = new FaultNews();
  #isStopped = false;
  #admin: { readonly client: Admin; readonly connected: Promise<void> } | undefined;

  constructor(private readonly options: KafkaOptions) {
    patchIdleLoop();
    this.#kafka = new Kafka({
      brokers: [...options.brokers],
      clientId: options.clientId,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry: { ...RETRY, retries: TRIES_AGAIN },
      logLevel: logLevel.WARN,
      logCreator: logTo(options.logger, this.news),
      ssl: options.tls ? { ...options.tls } : false,
      ...(options.sasl && { sasl: options.sasl as SASLOptions }),
      ...(options.socketFactory && { socketFactory: options.socketFactory }),
    });
  }

  /** What a topic or group is called on the cluster. */
  named(name: string): string {
    return `${this.options.prefix ?? ''}${name}`;
  }

  /** A consumer of one group, not yet connected. A crash is reported and ends it. */
  consumer(group: string, assigner: PartitionAssigner): Consumer {
    const sessionTimeout = this.options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
    return this.#kafka.consumer({
      groupId: this.named(group),
      partitionAssigners: [assigner],
      sessionTimeout,
      heartbeatInterval: Math.min(HEARTBEAT_EVERY_MS, Math.floor(sessionTimeout / 4)),
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: this.options.fetchWaitMs ?? FETCH_WAIT_MS,
      maxBytesPerPartition: FETCH_PARTITION_BYTES,
      maxBytes: FETCH_BYTES,
      allowAutoTopicCreation: false,
      retry: { ...RETRY, retries: TRIES_AGAIN, restartOnFailure: async () => false },
    });
  }

  /**
   * A producer, not yet connected. It never tries again by itself: kafkajs tries again only for the brokers that did not
   * answer, and takes a batch for sent when a partition has moved to one that did. Its idempotence is not used either.
   */
  producer(): Producer {
    return this.#kafka.producer({
      idempotent: false,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { ...RETRY, retries: 0 },
    });
  }

  /** Asks the cluster something. Throws `TransientError` when there is no answer in time. */
  async ask<Answer>(
    question: (admin: Admin) => Promise<Answer>,
    timeoutMs = ASK_TIMEOUT_MS,
  ): Promise<Answer> {
    try {
      return await within(this.#ask(question), timeoutMs, 'Kafka');
    } catch (error) {
      if (error instanceof TransientError) throw error;
      throw new TransientError((error as Error).message, { cause: error });
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const admin = this.#admin;
    this.#admin = undefined;
    if (admin) await disconnected(admin.client);
  }

  async #ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    if (this.#isStopped) throw new TransientError('The connection to Kafka was closed');
    if (!this.#admin) {
      const client = this.#kafka.admin();
      this.#admin = { client, connected: client.connect() };
    }
    const admin = this.#admin;
    try {
      await admin.connected;
      return await question(admin.client);
    } catch (error) {
      // The next question comes over new connections: kafkajs does not mend every broken one.
      if (this.#admin === admin) this.#admin = undefined;
      void disconnected(admin.client);
      throw error;
    }
  }
}

/** Closes a client as well as it goes: one whose broker is away may never end. */
export const disconnected = async (client: { disconnect(): Promise<void> }): Promise<void> => {
  await within(client.disconnect(), DISCONNECT_TIMEOUT_MS, 'Disconnecting').catch(() => undefined);
};

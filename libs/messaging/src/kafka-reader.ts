import { contracts } from '@throughline/contracts';
import { Pace } from '@throughline/kernel';
import type { Batch, Consumer as KafkaConsumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { Logger } from 'pino';
import { pause, StoppedError } from './backoff.js';
import { consumerRebalances } from './bus-metrics.js';
import { Delivery } from './delivery.js';
import { type KafkaCommits } from './kafka-commits.js';
import type { KafkaConnection } from './kafka-connection.js';
import { Generation, type NextOffset } from './kafka-generation.js';
import { KafkaMembership } from './kafka-membership.js';
import { readRecord, type Incoming, type Place } from './kafka-messages.js';
import { committedOffsets, topicsOf } from './kafka-offsets.js';
import { replayKey } from './key-parking.js';
import { KeyedWork } from './keyed-work.js';
import type { Consumer, Subscription } from './message-bus.js';
import type { ParkingLot, RequestedKey } from './parking.js';
import type { Progress } from './progress.js';

const RESTART_PAUSE_MS = 1_000;
/** How long a full reader waits before it says again that it is alive. */
const ROOM_WAIT_MS = 500;
/** Messages taken between two steps back while requests go first. */
const BUSY_STEP = 4;

export type KafkaReaderOptions = {
  readonly consumer: Consumer;
  readonly kafka: KafkaConnection;
  readonly lot: ParkingLot;
  readonly logger: Logger;
  readonly pace?: Pace;
  readonly messageBytesMax: number;
};

type Session = {
  readonly generation: Generation;
  readonly committed: Promise<ReadonlyMap<string, bigint>>;
  readonly client: KafkaConsumer;
  readonly commits: KafkaCommits;
};

/**
 * One member of a Kafka consumer group. It reads ahead within bounds, hands messages over key by key, and commits per
 * partition what is done without a gap. With every rebalance it begins anew where the group's commits stand.
 */
export class KafkaReader implements Subscription {
  readonly #delivery: Delivery;
  readonly #work: KeyedWork;
  readonly #stop = new AbortController();
  readonly #replaying = new Set<string>();
  readonly #topics: readonly [string, string];
  readonly #pace: Pace;
  readonly #done: Promise<void>;
  #membership: KafkaMembership | undefined;
  #session: Session | undefined;
  #taken = 0;

  constructor(private readonly options: KafkaReaderOptions) {
    const { consumer, kafka, lot, logger } = options;
    this.#delivery = new Delivery(consumer, lot, logger);
    this.#work = new KeyedWork(consumer.concurrentMax);
    this.#topics = topicsOf(kafka, consumer);
    this.#pace = options.pace ?? new Pace();
    this.#done = this.#run();
  }

  get consumer(): Consumer {
    return this.options.consumer;
  }

  /** What this process knows of its partitions; undefined while it belongs to no group. */
  get generation(): Generation | undefined {
    return this.#session?.generation;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#membership?.leave();
    this.#work.wake();
    await this.#done;
  }

  /** Carries out a replay in turn with the key's messages, where their partition is read here. */
  async replay(key: RequestedKey): Promise<void> {
    if (!this.generation?.owns(this.#topics[0], key.partition ?? 0)) return;
    if (this.#replaying.has(key.key)) return;
    this.#replaying.add(key.key);
    try {
      await this.#work.inTurn(key.key, () =>
        replayKey(this.options.lot, key, (parked) => this.#delivery.deliverAgain(parked)),
      );
    } finally {
      this.#replaying.delete(key.key);
    }
  }

  /** Reads a partition from elsewhere, where it is this process's own; answers whether that is done. */
  async moveTo(wanted: NextOffset): Promise<boolean> {
    const session = this.#session;
    if (!session?.generation.owns(wanted.topic, wanted.partition)) return false;
    const { generation, client, commits } = session;
    return commits.inTurn(async () => {
      generation.restart(wanted.topic, wanted.partition);
      client.seek({ ...wanted, offset: `${wanted.offset}` });
      await commits.send([wanted]);
      return !generation.isLost;
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#consume();
      } catch (error) {
        const { group } = this.consumer;
        const level = this.options.kafka.news.isNews(error) ? 'error' : 'debug';
        this.options.logger[level]({ err: error, group }, 'reader starts again');
      }
      await pause(RESTART_PAUSE_MS, signal);
    }
    await this.#work.settled();
  }

  /** One membership from its start until the reader stops. Throws when it crashes. */
  async #consume(): Promise<void> {
    const { kafka } = this.options;
    const membership = new KafkaMembership(kafka, this.consumer.group, this.#topics, {
      onJoin: (client, assigned, commits) => this.#begin(client, assigned, commits),
      onBatch: (payload) => this.#take(payload),
      logger: this.options.logger,
    });
    this.#membership = membership;
    if (this.#stop.signal.aborted) membership.leave();
    try {
      await membership.run(async () => {
        this.generation?.drain();
        await this.#work.settled();
        if (this.#session) await this.#session.commits.now(this.#session.generation);
      });
    } finally {
      this.generation?.lose();
      this.#session = undefined;
    }
  }

  /** A new generation: nothing of the earlier one counts, and others may have parked something. */
  #begin(
    client: KafkaConsumer,
    assigned: ReadonlyMap<string, ReadonlySet<number>>,
    commits: KafkaCommits,
  ): void {
    const { kafka, logger } = this.options;
    this.generation?.lose();
    const generation = new Generation(assigned, () => commits.soon(generation));
    const committed = committedOffsets(kafka, this.consumer.group, this.#topics);
    committed.catch(() => undefined);
    this.#session = { generation, committed, client, commits };
    this.#delivery.forgetHeld();
    this.#work.wake();
    const { group } = this.consumer;
    consumerRebalances.inc({ group });
    kafka.news.isOver();
    logger.info(
      {
        group,
        partitions: Object.fromEntries([...assigned].map(([topic, own]) => [topic, [...own]])),
      },
      'reader has joined its group',
    );
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    const session = this.#session;
    const progress = session && (await this.#progressOf(session, batch));
    if (!session || !progress) return;
    const { generation } = session;
    const isOver = (): boolean =>
      generation.signal.aborted || this.#stop.signal.aborted || !isRunning() || isStale();
    for (const record of batch.messages) {
      while (this.#work.isFull && !isOver()) {
        await Promise.race([this.#work.room(), pause(ROOM_WAIT_MS, this.#stop.signal)]);
        await heartbeat();
      }
      if (this.#isToStepBack()) {
        await this.#pace.stepBack();
        await heartbeat();
      }
      if (isOver()) return;
      const offset = BigInt(record.offset);
      if (this.#concerns(record)) {
        const time = new Date(Number(record.timestamp)).toISOString();
        this.#dispatch(generation, batch, record, progress.begin(offset, 1, time));
      } else progress.pass(offset);
      resolveOffset(record.offset);
    }
  }

  /**
   * The progress of a batch's partition; undefined where the batch is not to be taken. In a rebalance kafkajs may hand
   * out what it had fetched before, which may lie behind the group's commits: then the reader goes back there.
   */
  async #progressOf(session: Session, batch: Batch): Promise<Progress | undefined> {
    const { topic, partition, messages } = batch;
    const { generation, client } = session;
    const known = generation.progressOf(topic, partition);
    const [first] = messages;
    if (known || !first) return known;
    const offset = BigInt(first.offset);
    const committed = (await session.committed).get(`${topic} ${partition}`) ?? 0n;
    if (generation.signal.aborted) return undefined;
    if (offset > committed && generation.isToGoBack(topic, partition)) {
      client.seek({ topic, partition, offset: `${committed}` });
      return undefined;
    }
    return generation.begin(topic, partition, offset);
  }

  /** Not types that are known and have no handler here. What cannot be told concerns us: it may have to be parked. */
  #concerns({ headers }: KafkaMessage): boolean {
    const type = headers?.ce_type?.toString() ?? '';
    return this.consumer.handlers.has(type) || !contracts().has(type);
  }

  #dispatch(
    generation: Generation,
    { topic, partition }: Place,
    record: KafkaMessage,
    done: () => void,
  ): void {
    const { messageBytesMax, logger } = this.options;
    const place = { topic, partition };
    const incoming = readRecord(this.consumer.topic, place, record, messageBytesMax);
    const { key } = 'message' in incoming ? incoming.message : incoming.unreadable;
    this.#work
      .take(key, async () => {
        if (generation.signal.aborted) throw new StoppedError('stopped');
        await this.#deliver(incoming, place, generation);
        done();
      })
      .catch((error: unknown) => {
        // Its offset is not committed: it comes again, in the next generation or to another process.
        if (error instanceof StoppedError) return;
        logger.error({ err: error, ...place, offset: record.offset }, 'message left undelivered');
        if (!generation.signal.aborted) this.#membership?.giveUp(error);
      });
  }

  async #deliver(incoming: Incoming, place: Place, generation: Generation): Promise<void> {
    const { signal } = generation;
    if ('unreadable' in incoming)
      return this.#delivery.deliverUnreadable(incoming.unreadable, incoming.reason, signal);
    const { message } = incoming;
    // What is published again on purpose is old and wanted.
    const isReplay = place.topic !== this.#topics[0];
    if (!isReplay && generation.isRepeated(message)) return;
    await this.#delivery.deliver(message, signal, place.partition);
    if (!isReplay) generation.noteHandled(message);
  }

  #isToStepBack(): boolean {
    this.#taken += 1;
    return this.#taken % BUSY_STEP === 0 && this.#pace.isBusy;
  }
}

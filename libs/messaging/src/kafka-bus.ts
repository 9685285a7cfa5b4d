import { TransientError, type Pace } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import type { Logger } from 'pino';
import { consumerLagMessages, consumerLagSeconds } from './bus-metrics.js';
import { DeadLetters } from './dead-letters.js';
import type { KafkaConnection } from './kafka-connection.js';
import { MESSAGE_BYTES_MAX } from './kafka-messages.js';
import { offsetsAt, partitionStates, topicsOf, type PartitionState } from './kafka-offsets.js';
import { KafkaReader } from './kafka-reader.js';
import { LagClock } from './lag-clock.js';
import {
  UnknownGroupError,
  type Consumer,
  type MessageBus,
  type MoveRequest,
  type ReaderMove,
  type ReaderStatus,
  type Subscription,
} from './message-bus.js';
import { ParkingLot } from './parking.js';
import { ReaderMoves } from './reader-moves.js';
import { Rounds } from './rounds.js';

const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((all, one) => all + one, 0n);

export type KafkaBusOptions = {
  readonly service: string;
  readonly kafka: KafkaConnection;
  /** The reading service's schema: parked messages and requests lie there. */
  readonly database: Database;
  /** The service's readers, whether they run in this process or not. */
  readonly consumers: readonly Consumer[];
  /** Its own where left out. */
  readonly deadLetters?: DeadLetters;
  readonly logger: Logger;
  /** Says when requests go first. */
  readonly pace?: Pace;
  readonly messageBytesMax?: number;
};

/**
 * Message bus on Kafka. A reader is a member of the consumer group of its name, so that processes share its partitions;
 * what is parked lies in the service's schema, where all of them see it.
 */
export class KafkaBus implements MessageBus {
  /** What an operator of this bus asks; readers of this process hear of it at once. */
  readonly deadLetters: DeadLetters;
  readonly #lot: ParkingLot;
  readonly #moves: ReaderMoves;
  readonly #readers = new Set<KafkaReader>();
  readonly #clocks = new Map<string, LagClock>();
  /** What the cluster said last of each group. */
  readonly #known = new Map<string, ReaderStatus>();
  readonly #rounds: Rounds;

  constructor(private readonly options: KafkaBusOptions) {
    const { service, database, logger } = options;
    this.deadLetters = options.deadLetters ?? new DeadLetters(database);
    this.#lot = new ParkingLot(database);
    this.#moves = new ReaderMoves(database);
    this.#rounds = new Rounds({
      service,
      database,
      deadLetters: this.deadLetters,
      logger,
      carryOut: () => this.#carryOut(),
      measureLag: () => this.#measureLag(),
    });
  }

  subscribe(consumer: Consumer): Subscription {
    const other = [...this.#readers].find((reader) => reader.consumer.group === consumer.group);
    if (other)
      throw new Error(
        `${consumer.group} reads ${other.consumer.topic} already: a group has one reader`,
      );
    const { kafka, logger, pace, messageBytesMax = MESSAGE_BYTES_MAX } = this.options;
    const lot = this.#lot;
    const reader = new KafkaReader({ consumer, kafka, lot, logger, pace, messageBytesMax });
    this.#readers.add(reader);
    this.#rounds.start();
    return {
      stop: async () => {
        await reader.stop();
        this.#readers.delete(reader);
      },
    };
  }

  async isCaughtUp(): Promise<boolean> {
    const states = await Promise.all(this.#consumers().map((consumer) => this.#states(consumer)));
    return states.flat().every(({ next, high }) => next >= high);
  }

  readers(): Promise<readonly ReaderStatus[]> {
    return Promise.all(this.#consumers().map((consumer) => this.#statusNow(consumer)));
  }

  async move({ group, to, dryRun = false }: MoveRequest): Promise<readonly ReaderMove[]> {
    const { kafka } = this.options;
    const consumer = this.#consumers().find((candidate) => candidate.group === group);
    if (!consumer) throw new UnknownGroupError(group);
    const [topic] = topicsOf(kafka, consumer);
    const states = await partitionStates(kafka, group, [topic]);
    const wanted = await offsetsAt(kafka, states, to);
    const moves = states.map(({ partition, next }) => ({
      topic: consumer.topic,
      partition,
      from: next,
      to: wanted.get(partition) ?? next,
    }));
    if (!dryRun) {
      await this.#moves.request(group, moves);
      this.#rounds.carryOut();
    }
    return moves.map((move) => ({
      ...move,
      from: `${move.from}`,
      to: `${move.to}`,
      messages: Number(move.from - move.to),
    }));
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Those that were named, and those that are subscribed without having been. */
  #consumers(): readonly Consumer[] {
    const known = new Map<string, Consumer>();
    for (const consumer of this.options.consumers)
      known.set(`${consumer.group} ${consumer.topic}`, consumer);
    for (const { consumer } of this.#readers)
      known.set(`${consumer.group} ${consumer.topic}`, consumer);
    return [...known.values()];
  }

  /** How far a reader is, as far as it is committed or known to be done here. */
  async #states(consumer: Consumer): Promise<readonly PartitionState[]> {
    const { kafka } = this.options;
    const states = await partitionStates(kafka, consumer.group, topicsOf(kafka, consumer));
    const generation = this.#readerOf(consumer)?.generation;
    return states.map((state) => {
      const next = generation?.nextOffset(state.topic, state.partition) ?? state.next;
      return { ...state, next };
    });
  }

  /** While the cluster does not answer: what was known last, and that it may be old. */
  async #statusNow(consumer: Consumer): Promise<ReaderStatus> {
    const { group, topic } = consumer;
    try {
      const status = this.#status(consumer, await this.#states(consumer), 'all');
      this.#known.set(group, status);
      return status;
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      const { position = null, head = null } = this.#known.get(group) ?? {};
      const unknown = { lagMessages: null, lagSeconds: null, problem: error.message };
      return { group, topic, position, head, ...unknown };
    }
  }

  #status(
    consumer: Consumer,
    states: readonly PartitionState[],
    share: 'all' | 'own',
  ): ReaderStatus {
    const { group, topic } = consumer;
    const position = sum(states.map(({ next }) => next));
    const head = sum(states.map(({ high }) => high));
    const reader = this.#readerOf(consumer);
    const clock = this.#clocks.get(`${share} ${group}`) ?? new LagClock();
    this.#clocks.set(`${share} ${group}`, clock);
    return {
      group,
      topic,
      position: `${position}`,
      head: `${head}`,
      lagMessages: Math.max(0, Number(head - position)),
      lagSeconds: clock.lagSeconds(head, position, reader?.generation?.waitsFor()),
    };
  }

  /** Of its own partitions only: together the processes of a group tell of all. */
  async #measureLag(): Promise<void> {
    for (const { consumer, generation } of this.#readers) {
      const { group, topic } = consumer;
      const states = (await this.#states(consumer)).filter((state) =>
        generation?.owns(state.topic, state.partition),
      );
      const { lagMessages, lagSeconds } = this.#status(consumer, states, 'own');
      consumerLagMessages.set({ group, topic }, lagMessages ?? 0);
      consumerLagSeconds.set({ group, topic }, lagSeconds ?? 0);
    }
  }

  async #carryOut(): Promise<void> {
    const groups = [...this.#readers].map(({ consumer }) => consumer.group);
    if (groups.length === 0) return;
    const { kafka, logger } = this.options;
    for (const key of await this.#lot.requestedKeys(groups))
      void this.#readerOf(key)
        ?.replay(key)
        .catch((error: unknown) => logger.warn({ err: error, ...key }, 'replay not finished'));
    for (const move of await this.#moves.requested(groups)) {
      const moved = await this.#readerOf(move)?.moveTo({
        topic: kafka.named(move.topic),
        partition: move.partition,
        offset: move.wanted,
      });
      if (moved) await this.#moves.done(move);
    }
  }

  #readerOf(wanted: { readonly group: string; readonly topic: string }): KafkaReader | undefined {
    return [...this.#readers].find(
      ({ consumer }) => consumer.group === wanted.group && consumer.topic === wanted.topic,
    );
  }
}

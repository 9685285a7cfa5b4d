import type { Topic } from '@throughline/contracts';
import { START, type Position } from '@throughline/event-store';
import { FaultNews, Pace } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import type { Logger } from 'pino';
import { consumerLagMessages, consumerLagSeconds } from './bus-metrics.js';
import { DeadLetters } from './dead-letters.js';
import { EmbeddedReader } from './embedded-reader.js';
import {
  UnknownGroupError,
  type Consumer,
  type MessageBus,
  type MoveRequest,
  type ReaderMove,
  type ReaderStatus,
  type ReaderTarget,
  type Subscription,
  type TopicSource,
} from './message-bus.js';
import { ParkingLot } from './parking.js';
import { positionAt } from './position-at.js';
import { ReaderPositions } from './positions.js';
import { Rounds } from './rounds.js';

type Place = { readonly group: string; readonly topic: string };

/**
 * Message bus that copies nothing: a topic *is* its owner's log, read through the publishers' `map`, and a
 * reader is a position in it. Positions and parked messages lie in the reading service's schema.
 */
export class EmbeddedBus implements MessageBus {
  /** What an operator of this bus asks; readers hear of it at once. */
  readonly deadLetters: DeadLetters;
  readonly #lot: ParkingLot;
  readonly #positions: ReaderPositions;
  readonly #readers = new Set<EmbeddedReader>();
  readonly #rounds: Rounds;

  constructor(
    private readonly options: {
      readonly service: string;
      readonly database: Database;
      /** Where each topic comes from. */
      readonly sources: ReadonlyMap<Topic, TopicSource>;
      /** Its own where left out. */
      readonly deadLetters?: DeadLetters;
      readonly logger: Logger;
      /** Says when requests go first. */
      readonly pace?: Pace;
    },
  ) {
    const { service, database, logger } = options;
    this.deadLetters = options.deadLetters ?? new DeadLetters(database);
    this.#lot = new ParkingLot(database);
    const news = new FaultNews();
    this.#positions = new ReaderPositions(database, (error) =>
      logger[news.isNews(error) ? 'warn' : 'debug']({ err: error }, 'reader positions not stored'),
    );
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
    const source = this.options.sources.get(consumer.topic);
    if (!source) throw new Error(`Nobody publishes ${consumer.topic}`);
    if (this.#readerOf(consumer))
      throw new Error(`${consumer.group} reads ${consumer.topic} already: a group has one reader`);
    const { logger, pace = new Pace() } = this.options;
    const positions = this.#positions;
    const reader = new EmbeddedReader({
      consumer,
      source,
      lot: this.#lot,
      positions,
      logger,
      pace,
    });
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
    const caughtUp = await Promise.all([...this.#readers].map((reader) => reader.isCaughtUp()));
    return caughtUp.every(Boolean);
  }

  readers(): Promise<readonly ReaderStatus[]> {
    return Promise.all([...this.#readers].map((reader) => reader.status()));
  }

  async move({ group, to, dryRun = false }: MoveRequest): Promise<readonly ReaderMove[]> {
    const readers = [...this.#readers].filter(({ consumer }) => consumer.group === group);
    if (readers.length === 0) throw new UnknownGroupError(group);
    return Promise.all(readers.map((reader) => this.#move(reader, to, dryRun)));
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #move(reader: EmbeddedReader, to: ReaderTarget, dryRun: boolean): Promise<ReaderMove> {
    const { position, topic } = await reader.status();
    const wanted = await this.#positionOf(reader.consumer, to);
    if (!dryRun) await reader.moveTo(wanted);
    // Positions count the events of the owner's log, not the messages of this topic.
    return { topic, partition: null, from: position, to: wanted.toString(), messages: null };
  }

  async #positionOf({ topic }: Consumer, to: ReaderTarget): Promise<Position> {
    const { store, publishers } = this.options.sources.get(topic)!;
    if (to === 'start') return START;
    if (to === 'end') return store.head();
    const mine = publishers.filter((publisher) => publisher.topic === topic);
    return positionAt(
      store,
      mine.map(({ category }) => category),
      to.time,
    );
  }

  async #carryOut(): Promise<void> {
    const groups = [...this.#readers].map(({ consumer }) => consumer.group);
    if (groups.length === 0) return;
    for (const key of await this.#lot.requestedKeys(groups))
      void this.#readerOf(key)
        ?.replay(key)
        .catch((error: unknown) =>
          this.options.logger.warn({ err: error, ...key }, 'replay not finished'),
        );
  }

  async #measureLag(): Promise<void> {
    for (const { group, topic, lagMessages, lagSeconds } of await this.readers()) {
      if (lagMessages !== null) consumerLagMessages.set({ group, topic }, lagMessages);
      if (lagSeconds !== null) consumerLagSeconds.set({ group, topic }, lagSeconds);
    }
  }

  #readerOf(wanted: Place): EmbeddedReader | undefined {
    return [...this.#readers].find(
      ({ consumer }) => consumer.group === wanted.group && consumer.topic === wanted.topic,
    );
  }
}

import { contracts, type ContractMessage, type Topic } from '@throughline/contracts';
import { START, type Position } from '@throughline/event-store';
import { Pace } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import type { Logger } from 'pino';
import { Delivery, StoppedError } from './delivery.js';
import type { Consumer, MessageBus, Subscription, TopicSource } from './message-bus.js';
import { ParkingLot } from './parking.js';
import { ReaderPositions } from './positions.js';

const RESTART_PAUSE_MS = 500;
/** Messages taken between two steps back while requests go first. */
const BUSY_STEP = 4;

/** An event whose messages are under way; the reader's position is the last before the first of these. */
type Open = { readonly position: Position; pending: number };

/**
 * Message bus that copies nothing: a topic *is* its owner's log, read through the publishers' `map`, and a
 * reader is a position in it. Positions and parked messages lie in the reading service's schema.
 */
export class EmbeddedBus implements MessageBus {
  readonly parking: ParkingLot;
  readonly #positions: ReaderPositions;
  readonly #readers = new Set<EmbeddedReader>();

  constructor(
    private readonly options: {
      readonly database: Database;
      /** Where each topic comes from. */
      readonly sources: ReadonlyMap<Topic, TopicSource>;
      readonly logger: Logger;
      /** Says when requests go first. */
      readonly pace?: Pace;
    },
  ) {
    const { database, logger } = options;
    this.parking = new ParkingLot(database);
    this.#positions = new ReaderPositions(database, (error) =>
      logger.warn({ err: error }, 'reader positions not stored'),
    );
  }

  subscribe(consumer: Consumer): Subscription {
    const source = this.options.sources.get(consumer.topic);
    if (!source) throw new Error(`Nobody publishes ${consumer.topic}`);
    if (this.#readerOf(consumer))
      throw new Error(`${consumer.group} reads ${consumer.topic} already: a group has one reader`);
    const { logger, pace = new Pace() } = this.options;
    const reader = new EmbeddedReader(
      consumer,
      source,
      this.parking,
      this.#positions,
      logger,
      pace,
    );
    this.#readers.add(reader);
    return {
      stop: async () => {
        await reader.stop();
        this.#readers.delete(reader);
      },
    };
  }

  /**
   * Handles the parked messages of a message's key again, in order; answers how many went through. Throws at the first
   * that still fails; it and those behind it stay parked.
   */
  async replay(parkedId: number): Promise<number> {
    const parked = await this.parking.get(parkedId);
    if (!parked) return 0;
    const reader = this.#readerOf(parked);
    if (!reader) throw new Error(`No reader ${parked.group} of ${parked.topic} runs here`);
    return reader.replay(parked.key);
  }

  /** Drops a parked message; when it was the last of its key, the key flows again. */
  async discard(parkedId: number): Promise<void> {
    await this.parking.remove(parkedId);
    for (const reader of this.#readers) reader.delivery.forgetHeld();
  }

  /** True when every reader has handled all that its source has committed. */
  async isCaughtUp(): Promise<boolean> {
    const caughtUp = await Promise.all([...this.#readers].map((reader) => reader.isCaughtUp()));
    return caughtUp.every(Boolean);
  }

  #readerOf(wanted: {
    readonly group: string;
    readonly topic: string;
  }): EmbeddedReader | undefined {
    return [...this.#readers].find(
      ({ consumer }) => consumer.group === wanted.group && consumer.topic === wanted.topic,
    );
  }
}

class EmbeddedReader implements Subscription {
  readonly delivery: Delivery;
  readonly #abort = new AbortController();
  readonly #chains = new Map<string, Promise<void>>();
  readonly #done: Promise<void>;
  #open: Open[] = [];
  #inFlight = 0;
  #taken = 0;
  #handled: Position = START;
  #room: (() => void) | undefined;

  constructor(
    readonly consumer: Consumer,
    private readonly source: TopicSource,
    private readonly parking: ParkingLot,
    private readonly positions: ReaderPositions,
    private readonly logger: Logger,
    private readonly pace: Pace,
  ) {
    this.delivery = new Delivery(consumer, parking, logger, this.#abort.signal);
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#room?.();
    await this.#done;
    await Promise.allSettled(this.#chains.values());
    await this.positions.flush();
  }

  async isCaughtUp(): Promise<boolean> {
    return this.#open.length === 0 && this.#handled >= (await this.source.store.head());
  }

  /** In turn with the key's other messages, so that none of them comes between or stays behind. */
  replay(key: string): Promise<number> {
    return this.#inTurn(key, async () => {
      const { group, topic } = this.consumer;
      let count = 0;
      try {
        for (const { parkedId, message } of await this.parking.ofKey(group, topic, key)) {
          if (!(await this.delivery.deliverAgain(message))) continue;
          await this.parking.remove(parkedId);
          count += 1;
        }
      } finally {
        this.delivery.forgetHeld();
      }
      return count;
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#read(signal);
      } catch (error) {
        this.logger.error({ err: error, group: this.consumer.group }, 'reader starts again');
        await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
      }
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { group, topic } = this.consumer;
    const from = (await this.positions.load(group, topic)) ?? START;
    if (from > (await this.source.store.head()))
      throw new Error(`${group} is ahead of the log of ${topic}: was an older log restored?`);
    this.#handled = from;
    this.#open = [];
    const publishers = this.source.publishers.filter((candidate) => candidate.topic === topic);
    const categories = publishers.map(({ category }) => category);
    for await (const page of this.source.store.subscribe(categories, from, signal)) {
      for (const event of page.events) {
        const messages = publishers
          .filter(({ category }) => event.stream.startsWith(`${category}-`))
          .flatMap((publisher) => publisher.map(event));
        const mine = messages.filter(({ type }) => this.#concerns(type));
        if (mine.length === 0) continue;
        const open: Open = { position: event.position, pending: mine.length };
        this.#open.push(open);
        for (const message of mine) {
          if (this.#inFlight >= this.consumer.concurrentMax * 2) await this.#waitForRoom();
          await this.#stepBack();
          if (signal.aborted) return;
          this.#dispatch(message, open);
        }
      }
      this.#open.push({ position: page.position, pending: 0 });
      this.#advance();
    }
  }

  /** Types with a handler here, and types that nobody knows, which must be parked. */
  #concerns(type: string): boolean {
    return this.consumer.handlers.has(type) || !contracts().has(type);
  }

  #dispatch(message: ContractMessage, open: Open): void {
    this.#inFlight += 1;
    this.#inTurn(message.key, async () => {
      if (this.#abort.signal.aborted) throw new StoppedError('stopped');
      await this.delivery.deliver(message);
      open.pending -= 1;
      this.#advance();
    })
      .catch((error: unknown) => {
        // The position stays before it; it comes again when the reader starts again.
        if (!(error instanceof StoppedError))
          this.logger.error({ err: error, messageId: message.id }, 'message left undelivered');
      })
      .finally(() => {
        this.#inFlight -= 1;
        if (this.#inFlight < this.consumer.concurrentMax) this.#room?.();
      });
  }

  /** One piece of work after the other for each key, whatever becomes of them. */
  #inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const result = (this.#chains.get(key) ?? Promise.resolve()).then(work);
    const end = result
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        if (this.#chains.get(key) === end) this.#chains.delete(key);
      });
    this.#chains.set(key, end);
    return result;
  }

  #advance(): void {
    let done = 0;
    while (done < this.#open.length && this.#open[done]!.pending === 0) done += 1;
    if (done === 0) return;
    this.#handled = this.#open[done - 1]!.position;
    this.#open.splice(0, done);
    this.positions.advance(this.consumer.group, this.consumer.topic, this.#handled);
  }

  async #stepBack(): Promise<void> {
    this.#taken += 1;
    if (this.#taken % BUSY_STEP === 0 && this.pace.isBusy) await this.pace.stepBack();
  }

  #waitForRoom(): Promise<void> {
    return new Promise((resolve) => {
      this.#room = () => {
        this.#room = undefined;
        resolve();
      };
    });
  }
}

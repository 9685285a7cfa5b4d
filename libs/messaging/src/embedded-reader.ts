import { contracts, type ContractMessage } from '@throughline/contracts';
import { ReplacedLogError, sameLog, START, type Position } from '@throughline/event-store';
import { FaultNews, type Pace } from '@throughline/kernel';
import type { Logger } from 'pino';
import { pause, StoppedError } from './backoff.js';
import { Delivery } from './delivery.js';
import { KeyParking, replayKey } from './key-parking.js';
import { KeyedWork } from './keyed-work.js';
import { LagClock } from './lag-clock.js';
import type { Consumer, ReaderStatus, Subscription, TopicSource } from './message-bus.js';
import type { ParkedMessage, ParkingLot, ReaderKey } from './parking.js';
import type { ReaderPositions } from './positions.js';
import { Progress } from './progress.js';
import { EventMapper, isEvent, STREAM_KEY } from './unreadable-events.js';

const RESTART_PAUSE_MS = 500;
/** A person has to act; until then it says so at this pace. */
const REPLACED_PAUSE_MS = 5_000;
/** Messages taken between two steps back while requests go first. */
const BUSY_STEP = 4;

export type EmbeddedReaderOptions = {
  readonly consumer: Consumer;
  readonly source: TopicSource;
  readonly lot: ParkingLot;
  readonly positions: ReaderPositions;
  readonly logger: Logger;
  readonly pace: Pace;
};

/** Reads one topic straight from its owner's log, for one group. */
export class EmbeddedReader implements Subscription {
  readonly #delivery: Delivery;
  readonly #parking: KeyParking;
  readonly #mapper: EventMapper;
  #isNew = true;
  readonly #news = new FaultNews();
  readonly #work: KeyedWork;
  readonly #lag = new LagClock();
  readonly #replaying = new Set<string>();
  #abort = new AbortController();
  #progress = new Progress(START, () => undefined);
  #done: Promise<void>;
  #taken = 0;

  constructor(private readonly options: EmbeddedReaderOptions) {
    const { consumer, source, lot, logger } = options;
    const { group, topic, stateTopic } = consumer;
    this.#parking = new KeyParking({ lot, group, topic, logger });
    this.#mapper = new EventMapper({
      reader: `Reader ${group} of ${topic}`,
      store: source.store,
      publishers: source.publishers.filter((candidate) => candidate.topic === topic),
      topic,
      parking: this.#parking,
      stateTopic,
    });
    this.#delivery = new Delivery(consumer, lot, logger);
    this.#work = new KeyedWork(consumer.concurrentMax);
    this.#done = this.#run();
  }

  get consumer(): Consumer {
    return this.options.consumer;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#work.wake();
    await this.#done;
    await this.#work.settled();
    await this.options.positions.flush();
  }

  async isCaughtUp(): Promise<boolean> {
    return this.#progress.isIdle && this.#progress.position >= (await this.#head());
  }

  async status(): Promise<ReaderStatus & { readonly position: string }> {
    const head = await this.#head();
    const { position, waitsFor } = this.#progress;
    const { group, topic } = this.consumer;
    return {
      group,
      topic,
      position: position.toString(),
      head: head.toString(),
      lagMessages: Math.max(0, Number(head - position)),
      lagSeconds: this.#lag.lagSeconds(head, position, waitsFor),
    };
  }

  /** Carries out a replay in turn with the key's other messages, so that none of them comes between or stays behind. */
  async replay(key: ReaderKey): Promise<void> {
    if (this.#replaying.has(key.key)) return;
    this.#replaying.add(key.key);
    try {
      await this.#work.inTurn(key.key, () =>
        replayKey(this.options.lot, key, (parked) =>
          isEvent(parked) ? this.#publishAgain(parked) : this.#delivery.deliverAgain(parked),
        ),
      );
    } finally {
      this.#replaying.delete(key.key);
    }
  }

  /** Handles what an event that was parked says, in turn with the other messages of the same keys. */
  async #publishAgain(parked: ParkedMessage): Promise<void> {
    const { signal } = this.#abort;
    for (const message of await this.#mapper.again(parked))
      await this.#work.inTurn(message.key, () => this.#delivery.deliver(message, signal));
  }

  /** Goes on after `position`. */
  async moveTo(position: Position): Promise<void> {
    await this.stop();
    await this.options.positions.set(this.consumer.group, this.consumer.topic, position);
    this.#abort = new AbortController();
    this.#progress = new Progress(position, () => undefined);
    this.#delivery.forgetHeld();
    this.#parking.forget();
    this.#done = this.#run();
  }

  #head(): Promise<Position> {
    return this.options.source.store.head();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#read(signal);
      } catch (error) {
        if (error instanceof StoppedError) return;
        const { group } = this.consumer;
        const level = this.#news.isNews(error) ? 'error' : 'debug';
        this.options.logger[level]({ err: error, group }, 'reader starts again');
        const isReplaced = error instanceof ReplacedLogError;
        await pause(isReplaced ? REPLACED_PAUSE_MS : RESTART_PAUSE_MS, signal);
      }
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { group, topic } = this.consumer;
    const { lot, positions, source } = this.options;
    // This process may be of another release, which can read what the one before could not.
    if (this.#isNew) await lot.requestKeys(group, topic, STREAM_KEY);
    this.#isNew = false;
    const kept = await positions.load(group, topic);
    const from = kept?.position ?? START;
    const reader = `Reader ${group} of ${topic}`;
    const epoch = await sameLog(source.store, reader, { position: from, epoch: kept?.epoch });
    const progress: Progress = new Progress(from, (position) => {
      // What an earlier reading still had under way says nothing about this one.
      if (this.#progress === progress) positions.advance(group, topic, position, epoch);
    });
    this.#progress = progress;
    const publishers = source.publishers.filter((candidate) => candidate.topic === topic);
    const categories = publishers.map(({ category }) => category);
    for await (const page of source.store.subscribe(categories, from, signal)) {
      for (const event of page.events) {
        const mapped = this.#mapper.messages(event, signal);
        const messages = mapped instanceof Promise ? await mapped : mapped;
        const mine = messages.filter(({ type }) => this.#concerns(type));
        if (mine.length === 0) continue;
        const done = progress.begin(event.position, mine.length, event.metadata.at);
        for (const message of mine) {
          if (this.#work.isFull) await this.#work.room();
          await this.#stepBack();
          if (signal.aborted) return;
          this.#dispatch(message, done, signal);
        }
      }
      progress.pass(page.position);
      if (this.#news.isOver()) this.options.logger.info({ group }, 'reader goes on');
    }
  }

  /** Types with a handler here, and types that nobody knows, which must be parked. */
  #concerns(type: string): boolean {
    return this.consumer.handlers.has(type) || !contracts().has(type);
  }

  #dispatch(message: ContractMessage, done: () => void, signal: AbortSignal): void {
    this.#work
      .take(message.key, async () => {
        if (signal.aborted) throw new StoppedError('stopped');
        await this.#delivery.deliver(message, signal);
        done();
      })
      .catch((error: unknown) => {
        // The position stays before it; it comes again when the reader starts again.
        if (!(error instanceof StoppedError))
          this.options.logger.error(
            { err: error, messageId: message.id },
            'message left undelivered',
          );
      });
  }

  async #stepBack(): Promise<void> {
    const { pace } = this.options;
    this.#taken += 1;
    if (this.#taken % BUSY_STEP === 0 && pace.isBusy) await pace.stepBack();
  }
}

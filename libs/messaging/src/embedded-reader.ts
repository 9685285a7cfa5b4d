import { contracts, type ContractMessage } from '@throughline/contracts';
import { ReplacedLogError, sameLog, START, type Position } from '@throughline/event-store';
import type { Pace } from '@throughline/kernel';
import type { Logger } from 'pino';
import { pause, StoppedError } from './backoff.js';
import { Delivery } from './delivery.js';
import { replayKey } from './key-parking.js';
import { KeyedWork } from './keyed-work.js';
import { LagClock } from './lag-clock.js';
import {
  messagesOf,
  type Consumer,
  type ReaderStatus,
  type Subscription,
  type TopicSource,
} from './message-bus.js';
import type { ParkingLot, ReaderKey } from './parking.js';
import type { ReaderPositions } from './positions.js';
import { Progress } from './progress.js';

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
  readonly #work: KeyedWork;
  readonly #lag = new LagClock();
  readonly #replaying = new Set<string>();
  #abort = new AbortController();
  #progress = new Progress(START, () => undefined);
  #done: Promise<void>;
  #taken = 0;

  constructor(private readonly options: EmbeddedReaderOptions) {
    const { consumer, lot, logger } = options;
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

  async status(): Promise<ReaderStatus> {
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
        replayKey(this.options.lot, key, (parked) => this.#delivery.deliverAgain(parked)),
      );
    } finally {
      this.#replaying.delete(key.key);
    }
  }

  /** Goes on after `position`. */
  async moveTo(position: Position): Promise<void> {
    await this.stop();
    await this.options.positions.set(this.consumer.group, this.consumer.topic, position);
    this.#abort = new AbortController();
    this.#progress = new Progress(position, () => undefined);
    this.#delivery.forgetHeld();
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
        const { group } = this.consumer;
        this.options.logger.error({ err: error, group }, 'reader starts again');
        const isReplaced = error instanceof ReplacedLogError;
        await pause(isReplaced ? REPLACED_PAUSE_MS : RESTART_PAUSE_MS, signal);
      }
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { group, topic } = this.consumer;
    const { positions, source } = this.options;
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
        const mine = messagesOf(publishers, event).filter(({ type }) => this.#concerns(type));
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

import { FaultNews } from '@throughline/kernel';
import type { Logger } from 'pino';
import { within } from './kafka-connection.js';
import type { Generation, NextOffset } from './kafka-generation.js';

/** How often offsets are committed; what was handled since then may come again after a crash. */
const COMMIT_EVERY_MS = 200;
const COMMIT_TIMEOUT_MS = 3_000;

/** Sends offsets to the group's coordinator. Throws when they are not committed, or that is not known. */
export type CommitOffsets = (offsets: readonly NextOffset[]) => Promise<void>;

/** Commits what generations have done, a few times a second and one commit after the other. */
export class KafkaCommits {
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isStopped = false;
  readonly #news = new FaultNews();

  constructor(
    private readonly commitOffsets: CommitOffsets,
    private readonly logger: Logger,
  ) {}

  /** Commits what `generation` has done within a moment. */
  soon(generation: Generation): void {
    if (this.#isStopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.now(generation);
    }, COMMIT_EVERY_MS);
  }

  /** Commits what `generation` has done. What fails is tried again later; a rebalance makes it void. */
  now(generation: Generation): Promise<void> {
    return this.inTurn(async () => {
      const offsets = generation.takeUncommitted();
      if (offsets.length === 0) return;
      try {
        await this.send(offsets);
      } catch (error) {
        const level = this.#news.isNews(error) ? 'warn' : 'debug';
        this.logger[level]({ err: error }, 'offsets not committed');
        generation.giveBack(offsets);
        if (!generation.isLost) this.soon(generation);
      }
    });
  }

  /** Runs `work` while nothing is being committed. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  send(offsets: readonly NextOffset[]): Promise<void> {
    return within(this.commitOffsets(offsets), COMMIT_TIMEOUT_MS, 'Committing');
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}

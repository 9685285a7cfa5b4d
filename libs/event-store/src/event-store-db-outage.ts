import { setTimeout as delay } from 'node:timers/promises';
import { StoreAwayError } from './event-store-db-connection.js';

/** Between two questions whether the store is back: the first pause, and the longest. */
const ASK_AGAIN_MS = 50;
const ASK_AGAIN_MAX_MS = 400;
/** A reader whose subscription drops again and again pauses for up to this long, although the store answers. */
const DROPPED_MAX_MS = 5_000;

/** What an event store tells of what goes on behind its answers. */
export type StoreNews = {
  /** The store is away (once for an outage), a subscription dropped and comes back, or an event is none of ours. */
  readonly onError: (error: unknown) => void;
  /** The store answers again. */
  readonly onBack?: () => void;
};

/** Waits for a store that is away, for all readers of a process: one question at a time, told once. */
export class Outage {
  #isTold = false;
  #waiting = 0;
  #back: Promise<void> | undefined;

  constructor(
    private readonly ask: () => Promise<unknown>,
    private readonly news: StoreNews,
  ) {}

  /** Resolves when a reader may try again that failed with `error`, for the nth time in a row. */
  async pass(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    this.#tell(error);
    if (failures > 1) {
      const pauseMs = Math.min(ASK_AGAIN_MS * 2 ** failures, DROPPED_MAX_MS);
      await delay(pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(
        () => undefined,
      );
    }
    if (signal.aborted) return;
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const onAbort = (): void => leave();
    signal.addEventListener('abort', onAbort);
    this.#waiting += 1;
    this.#back ??= this.#untilBack().finally(() => (this.#back = undefined));
    await Promise.race([this.#back, left]);
    this.#waiting -= 1;
    signal.removeEventListener('abort', onAbort);
  }

  #tell(error: unknown): void {
    if (error instanceof StoreAwayError && this.#isTold) return;
    this.#isTold ||= error instanceof StoreAwayError;
    this.news.onError(error);
  }

  async #untilBack(): Promise<void> {
    for (let pauseMs = ASK_AGAIN_MS; ; pauseMs = Math.min(pauseMs * 2, ASK_AGAIN_MAX_MS)) {
      await delay(pauseMs);
      if (this.#waiting === 0) {
        this.#isTold = false;
        return;
      }
      try {
        await this.ask();
        break;
      } catch (error) {
        this.#tell(error);
      }
    }
    if (this.#isTold) this.news.onBack?.();
    this.#isTold = false;
  }
}

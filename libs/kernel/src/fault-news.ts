import { TransientError } from './errors.js';

/** After so long without a fault the next one is news, whatever it says. */
const FORGET_AFTER_MS = 60_000;
/** An outage has a few ways to say so; what has more of them is not told any further. */
const WORDS_MAX = 8;
const AWAY = 'not now';

/**
 * Tells whether a fault is news: what tries again for as long as something is away says so once (and once more for each
 * other way in which it fails), and once when it goes on, instead of every time.
 */
export class FaultNews {
  readonly #told = new Set<string>();
  #lastMs = -Infinity;

  /** False where the same fault was told before, and nothing went well since. */
  isNews(error: unknown, nowMs = performance.now()): boolean {
    if (nowMs - this.#lastMs > FORGET_AFTER_MS) this.#told.clear();
    this.#lastMs = nowMs;
    // What is away fails everything that is tried, each in words of its own.
    const words = error instanceof TransientError ? AWAY : String(error);
    if (this.#told.has(words) || this.#told.size >= WORDS_MAX) return false;
    this.#told.add(words);
    return true;
  }

  /** Something went well; true where a fault was told before. */
  isOver(): boolean {
    const wasTold = this.#told.size > 0;
    this.#told.clear();
    return wasTold;
  }
}

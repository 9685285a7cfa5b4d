/**
 * Tells whether a fault is news: what tries again for as long as something is away says so once, and once when it goes on,
 * instead of every time.
 */
export class FaultNews {
  #last: string | undefined;

  /** False where the last fault was the same and nothing went well since. */
  isNews(error: unknown): boolean {
    const words = String(error);
    if (words === this.#last) return false;
    this.#last = words;
    return true;
  }

  /** Something went well; true where a fault was told before. */
  isOver(): boolean {
    const wasTold = this.#last !== undefined;
    this.#last = undefined;
    return wasTold;
  }
}

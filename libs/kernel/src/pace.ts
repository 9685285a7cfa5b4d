/** From so many requests in progress on, work behind them steps back. */
const BUSY_FROM = 12;
/** How long one piece of work steps back at a time. */
const STEP_BACK_MS = 100;
/** Requests come in waves; between two of them they still go first. */
const BUSY_FOR_MS = 100;

/**
 * Lets requests go first. Taking orders in must not slow down because the work that follows from them has a
 * backlog; that work is durable and can wait, a customer cannot. While many requests are in progress, readers
 * and projections therefore go in small steps with pauses between them, which is slow but never stops.
 */
export class Pace {
  #inProgress = 0;
  #busyUntil = 0;

  requestBegins(): void {
    this.#inProgress += 1;
    if (this.#inProgress >= BUSY_FROM) this.#busyUntil = performance.now() + BUSY_FOR_MS;
  }

  requestEnds(): void {
    this.#inProgress -= 1;
  }

  get isBusy(): boolean {
    return performance.now() < this.#busyUntil;
  }

  /** Resolves after a short pause while requests are many, and at once otherwise. */
  async stepBack(): Promise<void> {
    if (this.isBusy) await new Promise((resolve) => setTimeout(resolve, STEP_BACK_MS));
  }
}

/**
 * Work on keys: one piece after the other for each key, keys side by side, and a bound on how much is under way,
 * so that a key that is slow does not stop the others until very much waits behind it.
 */
export class KeyedWork {
  readonly #chains = new Map<string, Promise<void>>();
  #underWay = 0;
  #waiting: (() => void)[] = [];

  /** Who is told to wait for room goes on when less than `concurrentMax` is under way. */
  constructor(private readonly concurrentMax: number) {}

  get isFull(): boolean {
    return this.#underWay >= this.concurrentMax * 2;
  }

  /** Resolves when there is room again, or when `wake` is called. */
  room(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets everybody go on who waits for room. */
  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Runs `work` after all earlier work of its key, whatever becomes of that; counts as under way until it is done. */
  async take(key: string, work: () => Promise<void>): Promise<void> {
    this.#underWay += 1;
    try {
      await this.inTurn(key, work);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay < this.concurrentMax && this.#waiting.length > 0) this.wake();
    }
  }

  /** The same for work that need not be counted. */
  inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
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

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#chains.size > 0) await Promise.allSettled(this.#chains.values());
  }
}

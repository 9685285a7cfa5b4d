/**
 * Looks at something at intervals, and at once when called; one look at a time. What a look throws is reported. It keeps no
 * process alive.
 */
export class Lookout {
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isCalled = false;
  #isStopped = false;

  constructor(
    private readonly options: {
      readonly everyMs: number;
      readonly look: () => Promise<void>;
      readonly onError: (error: unknown) => void;
    },
  ) {}

  start(): void {
    if (this.#timer || this.#looking || this.#isStopped) return;
    this.#timer = setTimeout(() => this.#look(), this.options.everyMs);
    this.#timer.unref();
  }

  /** Looks now, or once more when a look is under way. */
  call(): void {
    if (this.#isStopped) return;
    this.#isCalled = true;
    if (!this.#looking) this.#look();
  }

  /** Ends it; resolves when no look is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isCalled = false;
    this.#looking = this.options
      .look()
      .catch(this.options.onError)
      .finally(() => {
        this.#looking = undefined;
        if (this.#isCalled && !this.#isStopped) this.#look();
        else this.start();
      });
  }
}

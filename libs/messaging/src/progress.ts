type Step = { readonly position: bigint; readonly time: string | undefined; pending: number };

/**
 * How far a reader is whose work gets done out of order: its position is the last before the first step that is
 * not done.
 */
export class Progress {
  #steps: Step[] = [];

  constructor(
    private current: bigint,
    private readonly onAdvance: (position: bigint) => void,
  ) {}

  get position(): bigint {
    return this.current;
  }

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.#steps.length === 0;
  }

  /** When the message was made (ISO 8601, UTC) that the position waits for. */
  get waitsFor(): string | undefined {
    return this.#steps[0]?.time;
  }

  /** Begins the step to `position`; it is done when the answer has been called `count` times. */
  begin(position: bigint, count: number, time?: string): () => void {
    const step: Step = { position, time, pending: count };
    this.#steps.push(step);
    return () => {
      step.pending -= 1;
      this.#advance();
    };
  }

  /** Everything up to here needs nothing further. */
  pass(position: bigint): void {
    this.#steps.push({ position, time: undefined, pending: 0 });
    this.#advance();
  }

  #advance(): void {
    let done = 0;
    while (done < this.#steps.length && this.#steps[done]!.pending === 0) done += 1;
    if (done === 0) return;
    this.current = this.#steps[done - 1]!.position;
    this.#steps.splice(0, done);
    this.onAdvance(this.current);
  }
}

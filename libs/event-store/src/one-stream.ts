/** Streams that one reader may set aside within the time below; more at once are a fault of ours, not of the streams. */
export const ASIDE_MAX = 20;
export const ASIDE_WINDOW_MS = 60_000;

const TEXT_MAX = 2_000;

/** An error as one line that Postgres takes: it has no NUL in a text, and an error may quote one. */
export const errorText = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
    .replaceAll('\0', '')
    .slice(0, TEXT_MAX);

/** So many streams failed that the fault is ours: the reader stands still and sets nothing further aside. */
export class ManyStreamsError extends Error {
  override readonly name = 'ManyStreamsError';
  constructor(reader: string, cause: unknown) {
    super(
      `${reader} stands still: it failed on more than ${ASIDE_MAX} streams within ${ASIDE_WINDOW_MS / 1_000} s, ` +
        `so the fault is not theirs. The last one: ${errorText(cause)}`,
      { cause },
    );
  }
}

/**
 * Counts the streams that one reader sets aside. Once there are too many it says no until the reader gets on, or its
 * process is started again.
 */
export class AsideLimit {
  #times: number[] = [];
  #isExceeded = false;

  constructor(private readonly now: () => number = () => performance.now()) {}

  get isExceeded(): boolean {
    return this.#isExceeded;
  }

  /** How many more may be set aside now. */
  get left(): number {
    if (this.#isExceeded) return 0;
    const since = this.now() - ASIDE_WINDOW_MS;
    this.#times = this.#times.filter((time) => time > since);
    return ASIDE_MAX - this.#times.length;
  }

  /** Takes note of streams that were set aside. */
  took(count: number): void {
    const at = this.now();
    for (let taken = 0; taken < count; taken += 1) this.#times.push(at);
  }

  /** There were more than are left. */
  exceeded(): void {
    this.#isExceeded = true;
  }

  /** What failed goes through again. */
  clear(): void {
    this.#isExceeded = false;
  }
}

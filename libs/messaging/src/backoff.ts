const PAUSE_FIRST_MS = 20;
const PAUSE_MAX_MS = 5_000;
const DOUBLINGS_MAX = 12;

/** Thrown when a reader stops before a message was dealt with: it will come again. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** Resolves after `durationMs`, or at once when `signal` aborts. */
export const pause = (durationMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, durationMs);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });

/** Milliseconds before try number `tries` + 1: full jitter over an exponential bound (Brooker, "Exponential Backoff and Jitter"). */
export const backoffMs = (tries: number): number =>
  Math.random() * Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** Math.min(tries, DOUBLINGS_MAX));

/**
 * Does `work` until it succeeds, with growing pauses. Throws `StoppedError` when `signal` aborts first.
 * `onError` hears of every failure.
 */
export const insist = async <Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
  onError: (error: unknown, tries: number) => void,
): Promise<Result> => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw new StoppedError(textOf(error));
      onError(error, tries);
      await pause(backoffMs(tries), signal);
      if (signal.aborted) throw new StoppedError(textOf(error));
    }
  }
};

/** An error as one line for people. */
export const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

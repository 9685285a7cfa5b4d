/**
 * Not now: a dependency is away, a deadline passed or a race was lost too often. Safe to try again with
 * the same ids. HTTP answers 503 with `Retry-After`; a consumer backs off and then parks.
 */
export class TransientError extends Error {
  override readonly name: string = 'TransientError';
}

/** A program cannot start as it was told to. The message says what a person has to change; a stack would only hide it. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}

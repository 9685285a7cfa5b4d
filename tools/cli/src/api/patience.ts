import { setTimeout as delay } from 'node:timers/promises';

/** The server stayed away for longer than the caller is willing to wait. */
export class ServerAway extends Error {
  override readonly name = 'ServerAway';
}

/** One attempt's end: the value, or why it has to be made again. */
export type Attempt<Value> =
  { readonly value: Value } | { readonly trouble: string; readonly waitMs?: number };

export type PatienceOptions = {
  /** How long one piece of work may go on without success, in milliseconds. */
  readonly patienceMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Told about every failed attempt, so that a person sees why nothing moves. */
  readonly onTrouble?: (trouble: string, sinceMs: number) => void;
};

export type Patience = <Value>(attempt: () => Promise<Attempt<Value>>) => Promise<Value>;

const PAUSE_DOUBLINGS_MAX = 16;

/**
 * Makes an attempt again until it succeeds, with exponential back-off and full jitter, and gives up with
 * `ServerAway` when it has failed for `patienceMs`. What an attempt throws goes straight to the caller.
 */
export const patience = (options: PatienceOptions): Patience => {
  const { patienceMs, firstPauseMs, longestPauseMs, onTrouble } = options;
  return async (attempt) => {
    const startedAt = performance.now();
    for (let failures = 0; ; failures += 1) {
      const outcome = await attempt();
      if ('value' in outcome) return outcome.value;
      const sinceMs = performance.now() - startedAt;
      onTrouble?.(outcome.trouble, sinceMs);
      const widestMs = firstPauseMs * 2 ** Math.min(failures, PAUSE_DOUBLINGS_MAX);
      const pauseMs = (outcome.waitMs ?? 0) + Math.random() * Math.min(longestPauseMs, widestMs);
      if (sinceMs + pauseMs > patienceMs) throw new ServerAway(outcome.trouble);
      await delay(pauseMs);
    }
  };
};

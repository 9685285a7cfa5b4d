import { gatherer } from '@throughline/kernel';
import { START, type Position } from './event-store.js';

/**
 * One call for all callers: at most one is under way and one waits. A caller that comes while one is under way gets the answer of
 * the next one, so no answer is older than its question.
 */
export const sharedCall = <Result>(call: () => Promise<Result>): (() => Promise<Result>) => {
  const ask = gatherer<undefined, Result>({
    batchMax: Infinity,
    run: async (callers) => {
      const result = await call();
      return callers.map(() => ({ result }));
    },
  });
  return () => ask(undefined);
};

/** Where a log ends, asked for all of a process. */
export class SharedHead {
  #known: Position = START;
  /** The highest that was seen since the head was asked for last. */
  #seen: Position = START;
  #askedMs = -Infinity;
  readonly #ask: () => Promise<Position>;

  constructor(read: () => Promise<Position>) {
    this.#ask = sharedCall(async () => {
      const askedMs = performance.now();
      this.#seen = START;
      const answer = await read();
      this.#known = answer > this.#seen ? answer : this.#seen;
      this.#askedMs = askedMs;
      return this.#known;
    });
  }

  /** With `maxAgeMs`, an answer will do that was asked for so long ago. */
  async get(maxAgeMs = 0): Promise<Position> {
    return performance.now() - this.#askedMs < maxAgeMs ? this.#known : this.#ask();
  }

  /** Something stands there: whoever is content with an older answer need not wait for the next one to know. */
  saw(position: Position): void {
    if (position > this.#known) this.#known = position;
    if (position > this.#seen) this.#seen = position;
  }
}

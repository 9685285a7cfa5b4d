import type { Shop } from './shop.js';

export type Capability = {
  readonly id: string;
  /** The requests that show it: `POST /v1/orders`. A test that does not send them fails. */
  readonly requests: readonly string[];
  /** Most that what it measures may take, in milliseconds; it then runs with nothing beside it. */
  readonly limitMs?: number;
  /** Ends when the capability has been shown; answers what was measured, in milliseconds. */
  readonly test: (shop: Shop) => Promise<number | void>;
};

export const capability = (
  id: string,
  requests: readonly string[],
  test: Capability['test'],
): Capability => ({ id, requests, test });

/** One that is judged by a time. */
export const timed = (
  id: string,
  limitMs: number,
  requests: readonly string[],
  test: (shop: Shop) => Promise<number>,
): Capability => ({ id, requests, limitMs, test });

import { LRUCache } from 'lru-cache';

/** Requests per second that one key may send to one process, unless its record says otherwise. */
export const KEY_RATE_PER_SECOND = 5_000;
/** Refused requests per second and address that still get told why. */
const FAILURES_PER_SECOND = 10;
const FAILURES_BURST = 100;
/** A burst may use what two quiet seconds would have allowed. */
const BURST_SECONDS = 2;
const BUCKETS_MAX = 10_000;

type Bucket = { tokens: number; filledAtMs: number };

export type RateLimit = {
  /** Takes one of `key`'s tokens: 0 when there was one, otherwise the whole seconds until the next. */
  take(key: string, perSecond?: number): number;
};

/**
 * Token buckets, one per key, in this process: `replicas` times the rate is what an installation lets through.
 * `nowMs` is a clock that never goes back. The longest unused buckets are forgotten, which only ever forgives.
 */
export const rateLimit = (
  defaults: { readonly perSecond: number; readonly burst?: number },
  nowMs: () => number = () => performance.now(),
): RateLimit => {
  const buckets = new LRUCache<string, Bucket>({ max: BUCKETS_MAX });
  return {
    take: (key, perSecond = defaults.perSecond) => {
      const burst = Math.max(1, defaults.burst ?? perSecond * BURST_SECONDS);
      const now = nowMs();
      const bucket = buckets.get(key) ?? { tokens: burst, filledAtMs: now };
      const gained = ((now - bucket.filledAtMs) / 1_000) * perSecond;
      bucket.tokens = Math.min(burst, bucket.tokens + gained);
      bucket.filledAtMs = now;
      buckets.set(key, bucket);
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 0;
      }
      return Math.ceil((1 - bucket.tokens) / perSecond);
    },
  };
};

/** What one process lets through: so much per key, and so many refusals per address. */
export type RateLimits = { readonly keys: RateLimit; readonly failures: RateLimit };

export const rateLimits = (nowMs?: () => number): RateLimits => ({
  keys: rateLimit({ perSecond: KEY_RATE_PER_SECOND }, nowMs),
  failures: rateLimit({ perSecond: FAILURES_PER_SECOND, burst: FAILURES_BURST }, nowMs),
});

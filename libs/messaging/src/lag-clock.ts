type Sample = { readonly head: bigint; readonly atMs: number };

/** Samples kept; of more, every other one goes, which makes old ones coarser. */
const SAMPLES_MAX = 500;

/** Tells for how long a reader has been behind, from what was there to be read when. */
export class LagClock {
  #samples: Sample[] = [];

  /**
   * Seconds (0 or more) since the first look at which more was there than the reader has handled now, or since
   * `waitsFor` (ISO 8601), the time of the oldest message under way, if that is longer.
   */
  lagSeconds(head: bigint, position: bigint, waitsFor?: string, nowMs = Date.now()): number {
    // After a rebalance the partitions are others, and what is above their head was said of the earlier ones.
    this.#samples = this.#samples.filter((sample) => sample.head > position && sample.head <= head);
    if (head <= position) return 0;
    if (this.#samples.at(-1)?.head !== head) this.#samples.push({ head, atMs: nowMs });
    if (this.#samples.length > SAMPLES_MAX)
      this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
    const since = Math.min(this.#samples[0]!.atMs, waitsFor ? Date.parse(waitsFor) : nowMs);
    return Math.max(0, (nowMs - since) / 1_000);
  }
}

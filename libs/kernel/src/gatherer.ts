import { TransientError } from './errors.js';

/** Settles one gathered item: its result or the error that belongs to it alone. */
export type Settled<Result> = { readonly result: Result } | { readonly error: unknown };

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Gathers concurrent calls into batches, so that many callers share one round trip or transaction. While a
 * batch is under way, later calls wait and form the next one; at most `batchMax` items go together, and
 * items with the same `keyOf` never share a batch and keep their order. `run` settles item by item, in
 * order; when it throws, every item of the batch fails with that error, and after a `TransientError` those
 * that wait behind it too, so that nobody queues for what is away.
 */
export const gatherer = <Item, Result>(options: {
  readonly run: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>;
  readonly batchMax: number;
  readonly concurrentMax?: number;
  readonly weightOf?: (item: Item) => number;
  readonly keyOf?: (item: Item) => string;
}): ((item: Item) => Promise<Result>) => {
  const { run, batchMax, concurrentMax = 1, weightOf = () => 1, keyOf } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  let scheduled = false;
  const busyKeys = new Set<string>();

  const take = (): Waiting<Item, Result>[] => {
    const batch: Waiting<Item, Result>[] = [];
    const kept: Waiting<Item, Result>[] = [];
    const keysSeen = new Set<string>();
    let weight = 0;
    let index = 0;
    for (; index < waiting.length && (batch.length === 0 || weight < batchMax); index += 1) {
      const entry = waiting[index]!;
      const key = keyOf?.(entry.item);
      if (key !== undefined && (keysSeen.has(key) || busyKeys.has(key))) {
        keysSeen.add(key);
        kept.push(entry);
        continue;
      }
      if (key !== undefined) keysSeen.add(key);
      weight += weightOf(entry.item);
      batch.push(entry);
    }
    waiting = kept.length === 0 ? waiting.slice(index) : kept.concat(waiting.slice(index));
    return batch;
  };

  const settle = (
    batch: readonly Waiting<Item, Result>[],
    settled: readonly Settled<Result>[],
  ): void =>
    batch.forEach((entry, index) => {
      const outcome = settled[index];
      if (outcome === undefined) entry.reject(new Error('The batch left an item unsettled'));
      else if ('error' in outcome) entry.reject(outcome.error);
      else entry.resolve(outcome.result);
    });

  const runBatch = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    const keys = keyOf ? batch.map(({ item }) => keyOf(item)) : [];
    for (const key of keys) busyKeys.add(key);
    try {
      settle(batch, await run(batch.map(({ item }) => item)));
    } catch (error) {
      for (const entry of batch) entry.reject(error);
      // What the batch could not reach, those behind it would wait for in vain.
      if (error instanceof TransientError)
        for (const entry of waiting.splice(0)) entry.reject(error);
    } finally {
      for (const key of keys) busyKeys.delete(key);
      running -= 1;
      pump();
    }
  };

  const pump = (): void => {
    while (running < concurrentMax && waiting.length > 0) {
      const batch = take();
      if (batch.length === 0) return;
      running += 1;
      void runBatch(batch);
    }
  };

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (scheduled) return;
      scheduled = true;
      // Callers of the same turn of the event loop go together.
      setImmediate(() => {
        scheduled = false;
        pump();
      });
    });
};

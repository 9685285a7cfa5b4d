import { AsyncLocalStorage } from 'node:async_hooks';
import { TransientError } from './errors.js';

/** Settles one gathered item: its result or the error that belongs to it alone. */
export type Settled<Result> = { readonly result: Result } | { readonly error: unknown };

type GathererOptions<Item, Result> = {
  /** Carries out a batch and settles it item by item, in order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>;
  /** Most weight in one batch; a single heavier item goes alone. */
  readonly batchMax: number;
  /** Batches under way at the same time (1 by default). */
  readonly concurrentMax?: number;
  /** 1 by default. */
  readonly weightOf?: (item: Item) => number;
  /** Items of one key never share a batch and keep their order. */
  readonly keyOf?: (item: Item) => string;
};

/** Runs work in the asynchronous context (trace, log context) that it was taken in. */
type Context = <Done>(work: () => Done) => Done;
const contextHere = (): Context => AsyncLocalStorage.snapshot();

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** Of the first that waits alone: what joins it makes a batch of several. */
  readonly context: Context | undefined;
};

/**
 * Gathers concurrent calls into batches, so that many callers share one round trip or transaction. While a
 * batch is under way, later calls wait and form the next one. When `run` throws, every item of the batch
 * fails with that error, and after a `TransientError` those that wait behind it too, so that nobody
 * queues for what is away. A batch of several runs in the asynchronous context that the gatherer was made in: what it logs
 * belongs to none of its callers. One that comes while nothing waits, and stays alone, runs in its caller's.
 */
export const gatherer = <Item, Result>(
  options: GathererOptions<Item, Result>,
): ((item: Item) => Promise<Result>) => {
  const gathering = new Gatherer(options);
  return (item) => gathering.add(item);
};

class Gatherer<Item, Result> {
  #waiting: Waiting<Item, Result>[] = [];
  #running = 0;
  #isScheduled = false;
  readonly #busyKeys = new Set<string>();
  readonly #ownContext = contextHere();

  constructor(private readonly options: GathererOptions<Item, Result>) {}

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      // A snapshot costs as much as a small item, so it is taken only where it may be used.
      const context = this.#waiting.length === 0 ? contextHere() : undefined;
      this.#waiting.push({ item, resolve, reject, context });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      // Callers of the same turn of the event loop go together.
      setImmediate(() => {
        this.#isScheduled = false;
        this.#pump();
      });
    });
  }

  #pump(): void {
    const { concurrentMax = 1 } = this.options;
    while (this.#running < concurrentMax && this.#waiting.length > 0) {
      const batch = this.#take();
      if (batch.length === 0) return;
      this.#running += 1;
      void this.#run(batch);
    }
  }

  #take(): Waiting<Item, Result>[] {
    const { batchMax, weightOf = () => 1, keyOf } = this.options;
    const batch: Waiting<Item, Result>[] = [];
    const kept: Waiting<Item, Result>[] = [];
    const keys = new Set(this.#busyKeys);
    let weight = 0;
    let index = 0;
    for (; index < this.#waiting.length && weight < batchMax; index += 1) {
      const entry = this.#waiting[index]!;
      const key = keyOf?.(entry.item);
      const isFree = key === undefined || !keys.has(key);
      if (isFree) {
        const heavier = weight + weightOf(entry.item);
        if (heavier > batchMax && batch.length > 0) break;
        weight = heavier;
      }
      if (key !== undefined) keys.add(key);
      (isFree ? batch : kept).push(entry);
    }
    this.#waiting = kept.concat(this.#waiting.slice(index));
    return batch;
  }

  async #run(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const { run, keyOf } = this.options;
    const keys = keyOf ? batch.map(({ item }) => keyOf(item)) : [];
    for (const key of keys) this.#busyKeys.add(key);
    try {
      const context = (batch.length === 1 && batch[0]!.context) || this.#ownContext;
      const settled = await context(() => run(batch.map(({ item }) => item)));
      batch.forEach((entry, index) => settle(entry, settled[index]));
    } catch (error) {
      for (const entry of batch) entry.reject(error);
      if (error instanceof TransientError)
        for (const entry of this.#waiting.splice(0)) entry.reject(error);
    } finally {
      for (const key of keys) this.#busyKeys.delete(key);
      this.#running -= 1;
      this.#pump();
    }
  }
}

const settle = <Item, Result>(
  { resolve, reject }: Waiting<Item, Result>,
  outcome: Settled<Result> | undefined,
): void => {
  if (outcome === undefined) reject(new Error('The batch left an item unsettled'));
  else if ('error' in outcome) reject(outcome.error);
  else resolve(outcome.result);
};

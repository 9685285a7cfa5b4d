import type { ContractMessage } from '@throughline/contracts';
import { LRUCache } from 'lru-cache';
import { Progress } from './progress.js';

/** Messages of which is remembered that they were handled. */
const HANDLED_MAX = 20_000;

/** A partition and the offset from which it is to be read next. */
export type NextOffset = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
};

const placeOf = (topic: string, partition: number): string => `${topic} ${partition}`;

/**
 * What a member of a group knows between two rebalances: which partitions are its own, how far each is done, and the
 * messages handled last. Nothing of it may be used in the next one.
 */
export class Generation {
  readonly #abort = new AbortController();
  #isLost = false;
  readonly #progress = new Map<string, Progress>();
  readonly #goneBack = new Set<string>();
  readonly #uncommitted = new Map<string, NextOffset>();
  readonly #handled = new LRUCache<string, true>({ max: HANDLED_MAX });

  constructor(
    readonly assigned: ReadonlyMap<string, ReadonlySet<number>>,
    private readonly onAdvance: (generation: Generation) => void,
  ) {}

  /** Aborts when no more messages are to be begun. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The partitions may be others' by now: nothing may be committed any more. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Begins no more messages; those under way still count. */
  drain(): void {
    this.#abort.abort();
  }

  /** The membership is over. */
  lose(): void {
    this.#isLost = true;
    this.#uncommitted.clear();
    this.#abort.abort();
  }

  owns(topic: string, partition: number): boolean {
    return this.assigned.get(topic)?.has(partition) ?? false;
  }

  /** The progress of a partition; undefined when nothing of it was read yet. */
  progressOf(topic: string, partition: number): Progress | undefined {
    return this.#progress.get(placeOf(topic, partition));
  }

  /** True the first time: a partition is only once in a generation read from where its commits stand. */
  isToGoBack(topic: string, partition: number): boolean {
    const place = placeOf(topic, partition);
    if (this.#goneBack.has(place)) return false;
    this.#goneBack.add(place);
    return true;
  }

  /** Begins to read a partition at `offset`. */
  begin(topic: string, partition: number, offset: bigint): Progress {
    const place = placeOf(topic, partition);
    const progress: Progress = new Progress(offset - 1n, (position) => {
      // Moved elsewhere meanwhile, or the partition may be another's.
      if (this.#isLost || this.#progress.get(place) !== progress) return;
      this.#uncommitted.set(place, { topic, partition, offset: position + 1n });
      this.onAdvance(this);
    });
    this.#progress.set(place, progress);
    return progress;
  }

  /** From where a partition is to be read next, as far as this process has handled it; undefined when it read nothing yet. */
  nextOffset(topic: string, partition: number): bigint | undefined {
    const progress = this.progressOf(topic, partition);
    return progress && progress.position + 1n;
  }

  /** When the oldest message under way was made (ISO 8601, UTC). */
  waitsFor(): string | undefined {
    const times = [...this.#progress.values()].flatMap(({ waitsFor }) => waitsFor ?? []);
    return times.sort()[0];
  }

  /** Takes what is to be committed. */
  takeUncommitted(): readonly NextOffset[] {
    const offsets = [...this.#uncommitted.values()];
    this.#uncommitted.clear();
    return offsets;
  }

  /** Gives back what could not be committed, unless more is done by now. */
  giveBack(offsets: readonly NextOffset[]): void {
    if (this.#isLost) return;
    for (const next of offsets) {
      const place = placeOf(next.topic, next.partition);
      if (this.#progress.has(place) && !this.#uncommitted.has(place))
        this.#uncommitted.set(place, next);
    }
  }

  /** Forgets how far a partition is: it is read from elsewhere from now on, also what was handled before. */
  restart(topic: string, partition: number): void {
    this.#progress.delete(placeOf(topic, partition));
    this.#uncommitted.delete(placeOf(topic, partition));
    this.#handled.clear();
  }

  /**
   * True for what was handled before: sent again by a relay that was overtaken or got no answer. By its id and not by its
   * revision, which a forged message could make so high that every later one looked old.
   */
  isRepeated({ id }: ContractMessage): boolean {
    return this.#handled.has(id);
  }

  noteHandled({ id }: ContractMessage): void {
    this.#handled.set(id, true);
  }
}

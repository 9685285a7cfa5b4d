import type { EventPage, Position, RecordedEvent } from './event-store.js';
import { categoryOf, ReplacedLogError, START } from './event-store.js';

/** How often the log is looked at for what other processes wrote. */
const POLL_MS = 100;
/** Pause after a failed look, while the database is away. */
const RETRY_MS = 250;
/** How often the log is asked whether it is still the same one; also after every failure. */
const VERIFY_MS = 1_000;
/** Newest events kept in memory, so that many readers cost one read. */
const KEPT_EVENTS_MAX = 1_000;

type Head = { readonly position: Position; readonly epoch: string };
type ReadPage = (after: Position) => Promise<readonly RecordedEvent[]>;

/**
 * The newest part of a log, read once for all subscribers of this process. Positions have no gaps, so
 * that a subscriber whose place is kept here is served from memory, and from the database otherwise.
 */
export class LogTail {
  #kept: RecordedEvent[] = [];
  #end: Position | undefined;
  /** The last event that was read, to know the log again by. */
  #last: Pick<RecordedEvent, 'id' | 'position'> | undefined;
  #waiting = new Set<() => void>();
  #running = false;
  #isSignalled = false;
  #wake: (() => void) | undefined;
  #subscribers = 0;
  #epoch: string | undefined;
  /** Counts the logs that this process has read; who began with another one must stop. */
  #logs = 0;
  #verifiedAtMs = 0;

  constructor(
    private readonly readPage: ReadPage,
    private readonly readHead: () => Promise<Head>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Says that something was committed, so that nobody waits for the next poll. */
  signal(): void {
    this.#isSignalled = true;
    this.#wake?.();
  }

  /** Takes over events that this process has just committed, when they follow what is kept. */
  offer(events: readonly RecordedEvent[]): void {
    const first = events[0];
    if (first === undefined || this.#end === undefined) return;
    if (first.position === this.#end + 1n) this.#keep(events);
    else this.signal();
  }

  async *subscribe(
    categories: ReadonlySet<string>,
    from: Position,
    signal: AbortSignal,
  ): AsyncGenerator<EventPage> {
    this.#subscribers += 1;
    this.#start();
    const leave = (): void => this.#announce();
    signal.addEventListener('abort', leave);
    try {
      const log = this.#logs;
      let position = from;
      while (!signal.aborted) {
        const events = this.#keptAfter(position) ?? (await this.#readOwn(position, signal));
        if (this.#logs !== log) throw new ReplacedLogError();
        const last = events.at(-1);
        if (last === undefined) {
          await this.#news(position, signal);
          continue;
        }
        position = last.position;
        yield {
          events: events.filter(({ stream }) => categories.has(categoryOf(stream))),
          position,
        };
      }
    } finally {
      signal.removeEventListener('abort', leave);
      this.#subscribers -= 1;
      if (this.#subscribers === 0) this.#wake?.();
    }
  }

  #keptAfter(position: Position): readonly RecordedEvent[] | undefined {
    if (this.#end === undefined) return undefined;
    if (position >= this.#end) return [];
    const first = this.#kept[0];
    if (first === undefined || position + 1n < first.position) return undefined;
    return this.#kept.slice(Number(position + 1n - first.position));
  }

  async #readOwn(position: Position, signal: AbortSignal): Promise<readonly RecordedEvent[]> {
    for (;;) {
      try {
        await this.#verify();
        return await this.readPage(position);
      } catch (error) {
        this.onError(error);
        this.#verifiedAtMs = 0;
        if (signal.aborted) return [];
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Resolves when there is something after `position`, or when the subscriber leaves. */
  #news(position: Position, signal: AbortSignal): Promise<void> {
    if (signal.aborted || (this.#end !== undefined && this.#end > position))
      return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #announce(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const resolve of waiting) resolve();
  }

  #keep(events: readonly RecordedEvent[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    this.#kept.push(...events);
    if (this.#kept.length > KEPT_EVENTS_MAX * 2) this.#kept = this.#kept.slice(-KEPT_EVENTS_MAX);
    this.#end = last.position;
    this.#last = last;
    this.#announce();
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run().finally(() => {
      this.#running = false;
      this.#kept = [];
      this.#end = undefined;
      this.#last = undefined;
      this.#epoch = undefined;
      this.#verifiedAtMs = 0;
      if (this.#subscribers > 0) this.#start();
    });
  }

  async #run(): Promise<void> {
    while (this.#subscribers > 0) {
      try {
        await this.#verify();
        if (this.#end === undefined) {
          await this.#begin();
        }
        const before: Position = this.#end ?? START;
        this.#isSignalled = false;
        const events = await this.readPage(before);
        // What this process wrote meanwhile may have been offered already.
        if (this.#end === before && events.length > 0) this.#keep(events);
        // What was signalled while this looked may have been committed too late to be seen.
        else if (events.length === 0 && !this.#isSignalled) await this.#pause(POLL_MS);
      } catch (error) {
        this.onError(error);
        this.#verifiedAtMs = 0;
        await this.#pause(RETRY_MS);
      }
    }
  }

  /** Begins at the end of the log. What stands there is not kept: who reads from before it reads what is stored now. */
  async #begin(): Promise<void> {
    const { position } = await this.readHead();
    if (position > START) [this.#last] = await this.readPage(position - 1n);
    this.#end = position;
    this.#announce();
  }

  /** Now and then, and after an outage: is it still the log that was read, and is all there that was read? */
  async #verify(): Promise<void> {
    if (this.#verifiedAtMs > 0 && performance.now() - this.#verifiedAtMs < VERIFY_MS) return;
    const end = this.#end;
    const last = this.#verifiedAtMs === 0 ? this.#last : undefined;
    const { position, epoch } = await this.readHead();
    const isReplaced =
      (this.#epoch !== undefined && epoch !== this.#epoch) ||
      (end !== undefined && position < end) ||
      // An older log that was put back may have grown past what was read, and nobody has said so.
      (last !== undefined && (await this.readPage(last.position - 1n))[0]?.id !== last.id);
    this.#epoch = epoch;
    this.#verifiedAtMs = performance.now();
    if (!isReplaced) return;
    this.#logs += 1;
    this.#kept = [];
    this.#end = undefined;
    this.#last = undefined;
    this.#announce();
  }

  #pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(wake, durationMs);
      this.#wake = wake;
      function wake(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}

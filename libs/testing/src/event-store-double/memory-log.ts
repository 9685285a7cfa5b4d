/** An event as it was proposed: bytes that the server does not look into. */
export type ProposedEvent = {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

export type StoredEvent = ProposedEvent & {
  readonly stream: string;
  readonly revision: number;
  /** Like an offset in a file: growing, with gaps. */
  readonly position: number;
  /** 100 nanoseconds since 1970, as the protocol has it. */
  readonly createdTicks: string;
};

/** A revision (-1 for a stream that must not exist), or wherever the stream ends. */
export type Expected = number | 'any';

export type AppendOutcome =
  | { readonly ok: true; readonly revision: number; readonly position: number }
  | { readonly ok: false; readonly currentRevision: number };

const TICKS_PER_MS = 10_000n;

/** The log of the double: every stream in one list, in the order of commits. */
export class MemoryLog {
  readonly #events: StoredEvent[] = [];
  readonly #streams = new Map<string, StoredEvent[]>();
  #waiting = new Set<() => void>();
  #end = 0;

  constructor() {
    // A real server has written of its own before anybody else does.
    this.append('$stats-double', [systemEvent('$statsCollected')], 'any');
  }

  get events(): readonly StoredEvent[] {
    return this.#events;
  }

  /** Events of a stream; undefined when there never was one. */
  stream(name: string): readonly StoredEvent[] | undefined {
    return this.#streams.get(name);
  }

  /** Appends all or nothing. The same ids at the same place again are taken for the same write, as by the server. */
  append(name: string, proposed: readonly ProposedEvent[], expected: Expected): AppendOutcome {
    const stream = this.#streams.get(name) ?? [];
    const currentRevision = stream.length - 1;
    if (expected !== 'any' && expected !== currentRevision) {
      const place = stream.slice(expected + 1, expected + 1 + proposed.length);
      const last = place.at(-1);
      const isSame =
        place.length === proposed.length && place.every(({ id }, at) => id === proposed[at]!.id);
      if (!isSame || !last) return { ok: false, currentRevision };
      return { ok: true, revision: last.revision, position: last.position };
    }
    const createdTicks = (BigInt(Date.now()) * TICKS_PER_MS).toString();
    for (const event of proposed) {
      this.#end += 64 + event.data.length + event.metadata.length;
      const revision = stream.length;
      const stored = { ...event, stream: name, revision, position: this.#end, createdTicks };
      stream.push(stored);
      this.#events.push(stored);
    }
    this.#streams.set(name, stream);
    for (const resolve of this.#waiting) resolve();
    this.#waiting = new Set();
    return { ok: true, revision: stream.length - 1, position: this.#end };
  }

  /** Index of the first event after a position. */
  indexAfter(position: number): number {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle]!.position > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Resolves at the next append, or when `leave` is called. */
  news(): { readonly arrived: Promise<void>; readonly leave: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    return { arrived: promise, leave: resolve };
  }

  /** Forgets everything after a position, as when an older backup is put back. */
  restoreTo(position: number): void {
    this.#events.length = this.indexAfter(position);
    this.#end = this.#events.at(-1)?.position ?? 0;
    this.#streams.clear();
    for (const event of this.#events)
      this.#streams.set(event.stream, [...(this.#streams.get(event.stream) ?? []), event]);
  }
}

const systemEvent = (type: string): ProposedEvent => ({
  id: crypto.randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from('{}'),
  metadata: new Uint8Array(),
});

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
  /** A bigint where a number is not exact: of a tombstone. */
  readonly revision: number | bigint;
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

const NO_STREAM = -1;
const TICKS_PER_MS = 10_000n;
/** What the server writes as the last event of a stream that was deleted for ever. */
const TOMBSTONE = '$streamDeleted';
const LAST_REVISION = 2n ** 63n - 1n;

/** What a stream's metadata says of how much of it is kept. */
type Kept = { readonly $maxCount?: number; readonly $maxAge?: number; readonly $tb?: number };

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

  /** Events of a stream that are left; undefined where there is none, or none any more. */
  stream(name: string): readonly StoredEvent[] | undefined {
    const all = this.#streams.get(name);
    if (!all || name.startsWith('$$')) return all;
    const { $maxCount = Infinity, $maxAge = Infinity, $tb = 0 } = this.#keptOf(name);
    const youngestMs = Date.now() - $maxAge * 1_000;
    const isLeft = ({ revision, createdTicks }: StoredEvent): boolean =>
      revision >= Math.max($tb, all.length - $maxCount) && ticksToMs(createdTicks) >= youngestMs;
    const left = all.filter(isLeft);
    return left.length === 0 && $tb >= all.length ? undefined : left;
  }

  isTombstoned(name: string): boolean {
    return this.#streams.get(name)?.at(-1)?.type === TOMBSTONE;
  }

  /** Deletes a stream for ever: readers of everything hear of it by an event like no other. */
  tombstone(name: string): void {
    this.#write(name, systemEvent(TOMBSTONE), LAST_REVISION);
    this.wake();
  }

  /** Deletes a stream so that it may begin again, where it ended. */
  deleteSoftly(name: string): void {
    this.#cut(name, Number(LAST_REVISION));
  }

  /** Appends all or nothing. The same ids at the same place again are taken for the same write, as by the server. */
  append(name: string, proposed: readonly ProposedEvent[], expected: Expected): AppendOutcome {
    const stream = this.#streams.get(name) ?? [];
    const currentRevision = stream.length - 1;
    const isGone = stream.length > 0 && this.stream(name) === undefined;
    const isThere = expected === currentRevision || (expected === NO_STREAM && isGone);
    const place = this.#placeOf(stream, proposed, expected);
    const same = stream.slice(place, place + proposed.length);
    const isSame =
      same.length === proposed.length && same.every(({ id }, at) => id === proposed[at]!.id);
    if (isSame && !isThere && same.length > 0)
      return { ok: true, revision: place + same.length - 1, position: same.at(-1)!.position };
    if (expected !== 'any' && !isThere) return { ok: false, currentRevision };
    if (isGone) this.#cut(name, currentRevision + 1);
    for (const [at, event] of proposed.entries())
      this.#write(name, event, currentRevision + 1 + at);
    this.wake();
    return { ok: true, revision: currentRevision + proposed.length, position: this.#end };
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

  /** Whether a record begins at a position, or the log does: a server reads from nowhere else. */
  isBoundary(position: number): boolean {
    return position === 0 || this.#events[this.indexAfter(position) - 1]?.position === position;
  }

  /** Lets everything that waits for news look again. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const resolve of waiting) resolve();
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

  /** Where the same events would stand; without a revision, wherever the first of them does. */
  #placeOf(
    stream: readonly StoredEvent[],
    proposed: readonly ProposedEvent[],
    expected: Expected,
  ): number {
    if (expected !== 'any') return expected + 1;
    const found = stream.findIndex(({ id }) => id === proposed[0]?.id);
    return found < 0 ? stream.length : found;
  }

  #write(name: string, event: ProposedEvent, revision: number | bigint): void {
    this.#end += 64 + event.data.length + event.metadata.length;
    const createdTicks = (BigInt(Date.now()) * TICKS_PER_MS).toString();
    const stored = { ...event, stream: name, revision, position: this.#end, createdTicks };
    const stream = this.#streams.get(name);
    if (stream) stream.push(stored);
    else this.#streams.set(name, [stored]);
    this.#events.push(stored);
  }

  #cut(name: string, $tb: number): void {
    const kept: Kept = { ...this.#keptOf(name), $tb };
    this.append(`$$${name}`, [systemEvent('$metadata', kept)], 'any');
  }

  #keptOf(name: string): Kept {
    const last = this.#streams.get(`$$${name}`)?.at(-1);
    return last ? (JSON.parse(Buffer.from(last.data).toString()) as Kept) : {};
  }
}

const ticksToMs = (ticks: string): number => Number(BigInt(ticks) / TICKS_PER_MS);

const systemEvent = (type: string, data: object = {}): ProposedEvent => ({
  id: crypto.randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from(JSON.stringify(data)),
  metadata: new Uint8Array(),
});

import {
  ConflictError,
  NO_STREAM,
  type Appended,
  type EventPage,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
} from '@throughline/event-store';

/** Streams in memory, for histories by the thousand; nobody subscribes to it. */
export class MemoryLog implements EventStore {
  readonly #streams = new Map<string, RecordedEvent[]>();

  async append(stream: string, events: readonly NewEvent[], expected: number): Promise<Appended> {
    const stored = this.#streams.get(stream) ?? [];
    if (stored.length - 1 !== expected) throw new ConflictError(stream, expected);
    const first = expected - NO_STREAM;
    const added = events.map((event, index) => ({
      ...event,
      stream,
      revision: first + index,
      position: BigInt(first + index + 1),
    }));
    this.#streams.set(stream, [...stored, ...added]);
    const { revision, position } = added.at(-1)!;
    return { revision, position, repeated: false };
  }

  async read(stream: string): Promise<readonly RecordedEvent[]> {
    return this.#streams.get(stream) ?? [];
  }

  async *subscribe(): AsyncIterable<EventPage> {}

  async epoch(): Promise<string> {
    return 'the only one';
  }

  async head(): Promise<bigint> {
    return 0n;
  }
}

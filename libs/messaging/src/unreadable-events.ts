import {
  AsideLimit,
  ManyStreamsError,
  NewerEventError,
  type EventStore,
  type RecordedEvent,
} from '@throughline/event-store';
import type { ContractMessage, Topic } from '@throughline/contracts';
import { derivedId } from '@throughline/kernel';
import { textOf } from './backoff.js';
import type { KeyParking } from './key-parking.js';
import { messagesOf, type Publisher } from './message-bus.js';
import type { Parkable, ParkedMessage } from './parking.js';

/** What is parked of a stream whose events cannot be published has this key, followed by the stream's name. */
export const STREAM_KEY = 'stream/';

/** Where the event lies, so that it is read again when it is tried again. */
const parkableOf = (event: RecordedEvent, topic: Topic): Parkable => ({
  // Not the event's own: that is the id of its message, which may have to be parked too.
  id: derivedId(event.id, 'unreadable'),
  key: STREAM_KEY + event.stream,
  message: null,
  raw: {
    topic,
    partition: 0,
    offset: event.position.toString(),
    headers: { stream: event.stream, revision: String(event.revision), type: event.type },
    bytes: 0,
    value: '',
  },
  partition: null,
});

/** Whether it stands for an event that could not be published, and not for a message. */
export const isEvent = ({ key, message }: Pick<ParkedMessage, 'key' | 'message'>): boolean =>
  message === null && key.startsWith(STREAM_KEY);

/**
 * Maps events to messages for one reader of a log. An event that its publishers cannot map is parked, and the later ones of its
 * stream behind it, so that no stream stops the others; where many fail at once the reader stops.
 */
export class EventMapper {
  readonly #limit = new AsideLimit();
  /** The event at which the reader stands still. */
  #stoppedAt: string | undefined;

  constructor(
    private readonly options: {
      readonly reader: string;
      readonly store: EventStore;
      readonly publishers: readonly Publisher[];
      readonly topic: Topic;
      readonly parking: KeyParking;
      /** Its messages are absolute values: later ones need not wait. */
      readonly stateTopic: boolean;
    },
  ) {}

  /**
   * The messages of an event; none when it was parked. Throws `NewerEventError` for one that waits for the code, and
   * `ManyStreamsError` where the fault is ours.
   */
  messages(
    event: RecordedEvent,
    signal: AbortSignal,
  ): readonly ContractMessage[] | Promise<readonly ContractMessage[]> {
    // Nearly every event takes the short way, and there are many.
    if (this.options.parking.mayHold(STREAM_KEY, event.stream))
      return this.#unlessHeld(event, signal);
    return this.#mapped(event, signal);
  }

  async #unlessHeld(
    event: RecordedEvent,
    signal: AbortSignal,
  ): Promise<readonly ContractMessage[]> {
    const { parking, topic } = this.options;
    const isHeld = await parking.parkBehind(parkableOf(event, topic), signal);
    return isHeld ? [] : this.#mapped(event, signal);
  }

  #mapped(
    event: RecordedEvent,
    signal: AbortSignal,
  ): readonly ContractMessage[] | Promise<readonly ContractMessage[]> {
    try {
      const messages = messagesOf(this.options.publishers, event);
      if (event.id === this.#stoppedAt) this.#limit.clear();
      return messages;
    } catch (error) {
      return this.#parked(event, error, signal);
    }
  }

  async #parked(event: RecordedEvent, error: unknown, signal: AbortSignal): Promise<readonly []> {
    const { parking, topic, stateTopic } = this.options;
    this.#refuse(event, error);
    await parking.park(parkableOf(event, topic), textOf(error), !stateTopic, signal);
    this.#limit.took(1);
    return [];
  }

  /** The messages of an event that was parked, as it stands in the log now. Throws what is still wrong. */
  async again({ raw }: ParkedMessage): Promise<readonly ContractMessage[]> {
    const { store, publishers } = this.options;
    const { stream = '', revision = '0' } = raw?.headers ?? {};
    const [event] = await store.read(stream, Number(revision));
    if (!event) throw new Error(`${stream} has no revision ${revision}`);
    return messagesOf(publishers, event);
  }

  #refuse(event: RecordedEvent, error: unknown): void {
    if (error instanceof NewerEventError) throw error;
    if (this.#limit.left > 0) return;
    this.#limit.exceeded();
    this.#stoppedAt = event.id;
    throw new ManyStreamsError(this.options.reader, error);
  }
}

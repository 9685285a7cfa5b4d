import {
  BACKWARDS,
  END,
  NO_STREAM as ABSENT,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { TransientError } from '@throughline/kernel';
import { randomUUID } from 'node:crypto';
import {
  ConflictError,
  NO_STREAM,
  ReplacedLogError,
  START,
  type Appended,
  type EventPage,
  type EventStore,
  type NewEvent,
  type Position,
  type RecordedEvent,
} from './event-store.js';
import { CALL_DEADLINE_MS, EventStoreConnection } from './event-store-db-connection.js';
import { recordedOf, toStored } from './event-store-db-events.js';
import { readLive } from './event-store-db-reader.js';
import { measuredAppend, measuredRead } from './measure.js';

/** A subscription that dropped comes back after half of this to all of it. */
const RESUBSCRIBE_MS = 500;
/** Its last event names the epoch. No category of a service is called so. */
const EPOCH_STREAM = 'throughline-epoch';

/**
 * Event store on EventStoreDB (KurrentDB). Several services may share one: their categories differ. Positions are commit positions
 * of `$all`. Every call has a deadline of 2 s; needs a user who may read `$all`.
 */
export class EventStoreDb implements EventStore {
  readonly #connection: EventStoreConnection;

  /** `onError` hears why a subscription dropped, before it comes back. */
  constructor(
    connectionString: string,
    private readonly onError: (error: unknown) => void = () => undefined,
  ) {
    this.#connection = new EventStoreConnection(connectionString);
  }

  append(stream: string, events: readonly NewEvent[], expected: number): Promise<Appended> {
    return measuredAppend('eventstoredb', stream, () => this.#append(stream, events, expected));
  }

  read(stream: string, from = 0): Promise<readonly RecordedEvent[]> {
    return measuredRead(stream, () => this.#read(stream, from));
  }

  async *subscribe(
    categories: readonly string[],
    from: Position,
    signal: AbortSignal,
  ): AsyncGenerator<EventPage> {
    // The epoch's own events too, so that a new one is heard of at once.
    const prefixes = [EPOCH_STREAM, ...categories.map((category) => `${category}-`)];
    let position = from;
    let epoch: string | undefined;
    while (!signal.aborted) {
      try {
        epoch ??= await this.epoch();
        await this.#verify(epoch, position);
        for await (const page of readLive(this.#connection, prefixes, position, signal)) {
          const events = page.events.filter(({ stream }) => stream !== EPOCH_STREAM);
          if (events.length < page.events.length) await this.#verify(epoch, page.position);
          position = page.position;
          yield { events, position };
        }
      } catch (error) {
        if (error instanceof ReplacedLogError) throw error;
        if (signal.aborted) return;
        this.onError(error);
        await pause(RESUBSCRIBE_MS * (0.5 + Math.random() / 2), signal);
      }
    }
  }

  /** Of everything in the store, the server's own events included; each subscriber gets there, since it looks ahead. */
  async head(): Promise<Position> {
    const [last] = await this.#connection.collect('read the head', (client) =>
      client.readAll({
        direction: BACKWARDS,
        fromPosition: END,
        maxCount: 1,
        requiresLeader: true,
      }),
    );
    return last?.commitPosition ?? last?.event?.position.commit ?? START;
  }

  async epoch(): Promise<string> {
    const last = await this.#last(EPOCH_STREAM);
    if (last) return epochOf(last);
    return this.#beginEpoch(NO_STREAM).catch((error: unknown) => {
      // Another process was first.
      if (error instanceof ConflictError) return this.epoch();
      throw error;
    });
  }

  /**
   * To be called after a restore: every reader of the log before stops. Answers the id of the epoch that begins. With the id
   * of a former one, its readers go on.
   */
  async beginEpoch(former?: string): Promise<string> {
    return this.#beginEpoch((await this.#last(EPOCH_STREAM))?.revision ?? NO_STREAM, former);
  }

  /** Closes the connection; subscriptions must have been left. */
  async stop(): Promise<void> {
    await this.#connection.stop();
  }

  async #verify(epoch: string, position: Position): Promise<void> {
    if (epoch !== (await this.epoch()) || position > (await this.head()))
      throw new ReplacedLogError();
  }

  async #append(stream: string, events: readonly NewEvent[], expected: number): Promise<Appended> {
    if (events.length === 0) throw new Error(`Nothing to append to ${stream}`);
    const stored = events.map(toStored);
    try {
      const { nextExpectedRevision, position } = await this.#connection.call(
        `append to ${stream}`,
        (client) =>
          client.appendToStream(stream, stored, {
            expectedRevision: expected === NO_STREAM ? ABSENT : BigInt(expected),
            requiresLeader: true,
            deadline: CALL_DEADLINE_MS,
          }),
      );
      if (!position) throw new TransientError(`The store did not say where ${stream} was written`);
      return {
        revision: Number(nextExpectedRevision),
        position: position.commit,
        repeated: false,
      };
    } catch (error) {
      if (!(error instanceof WrongExpectedVersionError)) throw error;
      return this.#alreadyThere(stream, events, expected);
    }
  }

  /** The append did not fit; success all the same when its very events stand at that place. */
  async #alreadyThere(
    stream: string,
    events: readonly NewEvent[],
    expected: number,
  ): Promise<Appended> {
    const place = await this.#read(stream, expected + 1, events.length);
    const last = place.at(-1);
    const isSame =
      place.length === events.length && place.every(({ id }, index) => id === events[index]!.id);
    if (!isSame || last === undefined) throw new ConflictError(stream, expected);
    return { revision: last.revision, position: last.position, repeated: true };
  }

  async #read(
    stream: string,
    from: number,
    maxCount = Number.MAX_SAFE_INTEGER,
  ): Promise<RecordedEvent[]> {
    return this.#recorded(stream, { fromRevision: BigInt(from), maxCount });
  }

  async #last(stream: string): Promise<RecordedEvent | undefined> {
    const [last] = await this.#recorded(stream, {
      direction: BACKWARDS,
      fromRevision: END,
      maxCount: 1,
    });
    return last;
  }

  async #recorded(
    stream: string,
    options: {
      readonly fromRevision: bigint | typeof END;
      readonly maxCount: number;
      readonly direction?: typeof BACKWARDS;
    },
  ): Promise<RecordedEvent[]> {
    try {
      const resolved = await this.#connection.collect<ResolvedEvent>(`read ${stream}`, (client) =>
        client.readStream(stream, { ...options, requiresLeader: true }),
      );
      return resolved.map(({ event }) => recordedOf(event!));
    } catch (error) {
      if (error instanceof StreamNotFoundError) return [];
      throw error;
    }
  }

  async #beginEpoch(expected: number, former?: string): Promise<string> {
    const id = randomUUID();
    const at = new Date().toISOString();
    const metadata = { at, causationId: id, correlationId: id };
    const data = former === undefined ? {} : { epoch: former };
    const event = { id, type: 'EpochBegan', version: 1, data, metadata };
    await this.#append(EPOCH_STREAM, [event], expected);
    return former ?? id;
  }
}

/** The event's own id, or that of the former epoch which it brings back. */
const epochOf = ({ id, data }: RecordedEvent): string =>
  (data as { readonly epoch?: string }).epoch ?? id;

const pause = (durationMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', settle);
      resolve();
    };
    const timer = setTimeout(settle, durationMs);
    signal.addEventListener('abort', settle);
  });

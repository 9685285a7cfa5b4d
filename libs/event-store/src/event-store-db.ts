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
import { setTimeout as delay } from 'node:timers/promises';
import {
  ConflictError,
  NO_STREAM,
  ReplacedLogError,
  START,
  TruncatedStreamError,
  type Appended,
  type EventPage,
  type EventStore,
  type NewEvent,
  type Position,
  type RecordedEvent,
} from './event-store.js';
import { NoRecordError, PagesAhead, positionOf } from './event-store-db-ahead.js';
import {
  CALL_DEADLINE_MS,
  EventStoreConnection,
  StoreAwayError,
} from './event-store-db-connection.js';
import { inTurn } from './event-store-db-turns.js';
import { ForeignEventError, recordedOf, toStored } from './event-store-db-events.js';
import { isTooSlow, readLive, type Reading } from './event-store-db-reader.js';
import { Outage, type StoreNews } from './event-store-db-outage.js';
import { measuredAppend, measuredRead } from './measure.js';
import { errorText } from './one-stream.js';
import { SharedHead, sharedCall } from './shared-call.js';

/** A subscription that has lasted so long was none that fails again and again. */
const STEADY_MS = 10_000;
/** How long a question after its state may take. */
const STATE_MS = 500;
/** A store that has answered nothing at all for so long is not slow but away. */
const SILENT_MAX_MS = 10_000;
/** Its last event names the epoch. No category of a service is called so. */
const EPOCH_STREAM = 'throughline-epoch';

/** `true` for a store that answers. */
export type StoreState = true | { readonly slow: string } | { readonly away: string };

/**
 * Event store on EventStoreDB (KurrentDB). Several services may share one: their categories differ. Positions are commit positions
 * of `$all`. Every call has a deadline of 2 s; needs a user who may read `$all`.
 */
export class EventStoreDb implements EventStore {
  readonly readsApart = true;
  readonly #connection: EventStoreConnection;
  readonly #head = new SharedHead(() => this.#readHead());
  readonly #epoch = sharedCall(() => this.#readEpoch());
  readonly #reading: Reading;
  readonly #outage: Outage;
  readonly #inTurn = inTurn<ResolvedEvent[]>();

  constructor(connectionString: string, news: StoreNews = { onError: () => undefined }) {
    this.#connection = new EventStoreConnection(connectionString);
    this.#reading = {
      connection: this.#connection,
      head: this.#head,
      ahead: new PagesAhead(this.#connection),
      onForeign: news.onError,
    };
    this.#outage = new Outage(() => this.head(), news);
  }

  append(stream: string, events: readonly NewEvent[], expected: number): Promise<Appended> {
    return measuredAppend('eventstoredb', stream, async () => {
      const appended = await this.#append(stream, events, expected);
      this.#head.saw(appended.position);
      return appended;
    });
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
    let last: RecordedEvent | undefined;
    let epoch: string | undefined;
    /** Times in a row that it dropped soon, and without having brought anything. */
    let failures = 0;
    let begunMs = Infinity;
    let isVerified = false;
    while (!signal.aborted) {
      try {
        if (!isVerified) epoch = await this.#verify(epoch, position, last);
        isVerified = true;
        begunMs = performance.now();
        for await (const page of readLive(this.#reading, prefixes, position, signal)) {
          const events = page.events.filter(({ stream }) => stream !== EPOCH_STREAM);
          const begun = page.events.filter(({ stream }) => stream === EPOCH_STREAM).map(epochOf);
          // One that has ended is met by whoever catches up.
          if (begun.some((other) => other !== epoch))
            epoch = await this.#verify(epoch, page.position, page.events.at(-1));
          ({ position } = page);
          last = page.events.at(-1) ?? last;
          failures = 0;
          yield { events, position };
        }
      } catch (error) {
        if (error instanceof ReplacedLogError) throw error;
        if (signal.aborted) return;
        if (performance.now() - begunMs > STEADY_MS) failures = 0;
        begunMs = Infinity;
        failures += 1;
        // Nothing else is wrong, and a question to a store that is slow would only keep it behind.
        if (isTooSlow(error) && failures === 1) continue;
        isVerified = false;
        await this.#outage.pass(error, failures, signal);
      }
    }
  }

  /**
   * Of everything in the store, the server's own events included; each subscriber gets there, since it looks ahead. All callers
   * share one call under way and one that waits.
   */
  head(maxAgeMs?: number): Promise<Position> {
    return this.#head.get(maxAgeMs);
  }

  /** Shared like `head`. */
  epoch(): Promise<string> {
    return this.#epoch();
  }

  async #readHead(): Promise<Position> {
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

  async #readEpoch(): Promise<string> {
    const last = await this.#last(EPOCH_STREAM);
    if (last) return epochOf(last);
    return this.#beginEpoch(NO_STREAM).catch((error: unknown) => {
      // Another process was first.
      if (error instanceof ConflictError) return this.#readEpoch();
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

  /** Asks the store, for half a second, whether it can be used: `true`, or why it is slow, or why it cannot. */
  async state(): Promise<StoreState> {
    const asked = this.head().then(
      () => undefined,
      (error: unknown) => error,
    );
    const noAnswer = new Error(`No answer from the event store within ${STATE_MS} ms`);
    const failure = await Promise.race([asked, delay(STATE_MS, noAnswer, { ref: false })]);
    if (failure === undefined) return true;
    const silentMs = performance.now() - this.#connection.heardMs;
    const isSlow = failure === noAnswer || (failure instanceof StoreAwayError && failure.isLate);
    return isSlow && silentMs < SILENT_MAX_MS
      ? { slow: errorText(failure) }
      : { away: errorText(failure) };
  }

  /** Closes the connection; subscriptions must have been left. */
  async stop(): Promise<void> {
    await this.#connection.stop();
  }

  /**
   * Makes sure that the log is the one that a reader has read up to `position`, where `last` is the newest event of its own that
   * it has seen. Answers the epoch. Throws `ReplacedLogError`.
   */
  async #verify(
    epoch: string | undefined,
    position: Position,
    last: RecordedEvent | undefined,
  ): Promise<string> {
    const [current, head] = await Promise.all([this.epoch(), this.head()]);
    if ((epoch ?? current) !== current || position > head) throw new ReplacedLogError();
    if (position > START) await this.#findAgain(last?.position ?? position, last);
    return current;
  }

  /** An older log that was put back may have grown past its readers since, and nobody has said so. */
  async #findAgain(position: Position, last: RecordedEvent | undefined): Promise<void> {
    try {
      const found = await this.#reading.ahead.recordAt(position);
      if (last === undefined) return;
      if (!found?.event || positionOf(found) !== position || recordedOf(found.event).id !== last.id)
        throw new ReplacedLogError();
    } catch (error) {
      const isAnother = error instanceof NoRecordError || error instanceof ForeignEventError;
      throw isAnother ? new ReplacedLogError() : error;
    }
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
      // After a soft delete, a stream that must not exist goes on with its old revisions.
      if (nextExpectedRevision !== BigInt(expected + events.length))
        throw new TruncatedStreamError(stream, expected + events.length, nextExpectedRevision);
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
    const events = await this.#recorded(stream, { fromRevision: BigInt(from), maxCount });
    const first = events[0]?.revision ?? from;
    if (first !== from) throw new TruncatedStreamError(stream, from, first);
    return events;
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
      const resolved = await this.#inTurn(() =>
        this.#connection.collect<ResolvedEvent>(`read ${stream}`, (client) =>
          client.readStream(stream, { ...options, requiresLeader: true }),
        ),
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

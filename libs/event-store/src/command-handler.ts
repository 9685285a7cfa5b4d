import { derivedId, fold, TransientError, type Decider, type Message } from '@throughline/kernel';
import { currentTraceparent, withLogContext } from '@throughline/telemetry';
import { LRUCache } from 'lru-cache';
import { readable, type Codec } from './codec.js';
import {
  ConflictError,
  NO_STREAM,
  type Asker,
  type EventMetadata,
  type EventStore,
  type NewEvent,
  type Position,
  type RecordedEvent,
} from './event-store.js';
import { measuredCommand } from './measure.js';

/** What made the command come: its id proves, when it comes again, that it was carried out. */
export type Cause = Asker & {
  readonly id: string;
  readonly correlationId?: string;
  readonly contentHash?: string;
  readonly traceparent?: string;
};

export type Handled<Event, State> = {
  readonly ok: true;
  /** The events that this cause has in the stream, now or from an earlier delivery. */
  readonly events: readonly Event[];
  readonly state: State;
  /** Revision of the stream after it; `NO_STREAM` when nothing was ever written. */
  readonly revision: number;
  /** Position of the last of these events; undefined when there are none. */
  readonly position?: Position;
  /** True when an earlier delivery of the same cause had done the work. */
  readonly repeated: boolean;
};
export type Refused<Rejection> = { readonly ok: false; readonly rejection: Rejection };
export type KeyReused = { readonly code: 'idempotency-key-reused' };
export type HandlerResult<Event, State, Rejection> =
  Handled<Event, State> | Refused<Rejection | KeyReused>;

export type CommandHandler<Command, Event, State, Rejection> = {
  /**
   * Loads and folds stream `<category>-<id>`, decides, and appends at the revision read; after a lost race
   * it decides again. A cause that is already in the stream is answered with its events; the same cause
   * with another `contentHash` is refused. `likelyNew` skips the read, for commands that start a stream.
   * Throws `TransientError` when the store is away or the race was lost too often.
   */
  (
    id: string,
    command: Command,
    cause: Cause | string,
    options?: { readonly likelyNew?: boolean },
  ): Promise<HandlerResult<Event, State, Rejection>>;
  /** The folded state of a stream and its revision (`NO_STREAM` when there is none). */
  load(id: string): Promise<{ readonly state: State; readonly revision: number }>;
};

const LOST_RACES_MAX = 8;
const CACHED_STREAMS_MAX = 2_000;

type Folded<State> = {
  readonly state: State;
  readonly revision: number;
  /** Causation ids in the stream. */
  readonly causes: ReadonlySet<string>;
};

type HandlerOptions<Command, Event extends Message, State, Rejection> = {
  readonly store: EventStore;
  readonly category: string;
  readonly decider: Decider<Command, Event, State, Rejection>;
  readonly codec: Codec<Event>;
  /** The current time (ISO 8601, UTC). */
  readonly now: () => string;
  readonly cachedStreamsMax?: number;
};

/**
 * The one command handler: a decider, its codec and a store become a function that carries out commands.
 * Folded streams are kept for a while. One that has become stale never makes a wrong decision: every append
 * names the exact revision, and what appends nothing (a refusal, nothing to do) is decided on a fresh read.
 */
export const commandHandler = <Command extends Message, Event extends Message, State, Rejection>(
  options: HandlerOptions<Command, Event, State, Rejection>,
): CommandHandler<Command, Event, State, Rejection> => {
  if (options.category.includes('-'))
    throw new Error(`A category has no "-", since that ends it in a stream: ${options.category}`);
  const handler = new StreamHandler(options);
  const streamOf = (id: string): string => `${options.category}-${id}`;
  return Object.assign(
    (
      id: string,
      command: Command,
      cause: Cause | string,
      { likelyNew = false }: { readonly likelyNew?: boolean } = {},
    ) => {
      const known = typeof cause === 'string' ? { id: cause } : cause;
      const { id: causationId, correlationId = causationId } = known;
      return withLogContext({ stream: streamOf(id), causationId, correlationId }, () =>
        measuredCommand(options.category, command.type, () =>
          handler.handle(streamOf(id), command, known, likelyNew),
        ),
      );
    },
    {
      load: async (id: string) => {
        const { state, revision } = await handler.load(streamOf(id));
        return { state, revision };
      },
    },
  );
};

class StreamHandler<Command extends Message, Event extends Message, State, Rejection> {
  readonly #cache: LRUCache<string, Folded<State>>;
  /** The last command under way of each stream; the next one waits for it instead of racing it. */
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #nothing: Folded<State>;

  constructor(private readonly options: HandlerOptions<Command, Event, State, Rejection>) {
    const { decider, cachedStreamsMax: max = CACHED_STREAMS_MAX } = options;
    this.#cache = new LRUCache({ max });
    this.#nothing = { state: decider.initialState, revision: NO_STREAM, causes: new Set() };
  }

  async handle(
    stream: string,
    command: Command,
    cause: Cause,
    likelyNew: boolean,
  ): Promise<HandlerResult<Event, State, Rejection>> {
    const before = this.#tails.get(stream) ?? Promise.resolve();
    const run = before.then(() => this.#carryOut(stream, command, cause, likelyNew));
    const tail = run.catch(() => undefined);
    this.#tails.set(stream, tail);
    try {
      return await run;
    } finally {
      if (this.#tails.get(stream) === tail) this.#tails.delete(stream);
    }
  }

  async load(stream: string): Promise<Folded<State>> {
    return this.#folded(await this.options.store.read(stream));
  }

  #folded(recorded: readonly RecordedEvent[]): Folded<State> {
    const { decider, codec } = this.options;
    const last = recorded.at(-1);
    if (last === undefined) return this.#nothing;
    return {
      state: readable(last.stream, () =>
        fold(decider, decider.initialState, recorded.map(codec.decode)),
      ),
      revision: last.revision,
      causes: new Set(recorded.map(({ metadata }) => metadata.causationId)),
    };
  }

  async #carryOut(
    stream: string,
    command: Command,
    cause: Cause,
    likelyNew: boolean,
  ): Promise<HandlerResult<Event, State, Rejection>> {
    let remembered = this.#cache.get(stream) ?? (likelyNew ? this.#nothing : undefined);
    for (let lost = 0; lost <= LOST_RACES_MAX; lost += 1) {
      try {
        const result = remembered && (await this.#attempt(stream, command, cause, remembered));
        if (result?.ok && result.events.length > 0) return result;
        return await this.#attempt(stream, command, cause, await this.#loadAfresh(stream));
      } catch (error) {
        this.#cache.delete(stream);
        if (!(error instanceof ConflictError)) throw error;
        remembered = undefined;
        // Whoever won is at work on the same stream: step aside for a moment, each for another one.
        if (lost > 0) await pause(Math.random() * 2 ** lost);
      }
    }
    throw new TransientError(`Lost the race for ${stream} ${LOST_RACES_MAX + 1} times`);
  }

  async #loadAfresh(stream: string): Promise<Folded<State>> {
    const folded = await this.load(stream);
    this.#cache.set(stream, folded);
    return folded;
  }

  async #attempt(
    stream: string,
    command: Command,
    cause: Cause,
    folded: Folded<State>,
  ): Promise<HandlerResult<Event, State, Rejection>> {
    if (folded.causes.has(cause.id)) return this.#repeated(stream, cause);
    const { decider, store } = this.options;
    const { state, revision } = folded;
    const decision = decider.decide(command, state);
    if (!decision.ok) return decision;
    const { events } = decision;
    if (events.length === 0) return { ok: true, events, state, revision, repeated: false };
    const appended = await store.append(stream, this.#toStore(stream, events, cause), revision);
    // The ids stood there already, since they come from the cause; what they say may be something else.
    if (appended.repeated) return this.#repeated(stream, cause);
    const after = fold(decider, state, events);
    const causes = new Set(folded.causes).add(cause.id);
    this.#cache.set(stream, { state: after, revision: appended.revision, causes });
    return { ok: true, events, state: after, ...appended };
  }

  /** Answers with what an earlier delivery of the same cause has written. */
  async #repeated(
    stream: string,
    { id, contentHash }: Cause,
  ): Promise<HandlerResult<Event, State, Rejection>> {
    const { store, codec } = this.options;
    const recorded = await store.read(stream);
    const own = recorded.filter(({ metadata }) => metadata.causationId === id);
    const was = own[0]?.metadata.contentHash;
    if (was !== undefined && contentHash !== undefined && was !== contentHash)
      return { ok: false, rejection: { code: 'idempotency-key-reused' } };
    const { state, revision } = this.#folded(recorded);
    const events = own.map(codec.decode);
    return { ok: true, events, state, revision, position: own.at(-1)?.position, repeated: true };
  }

  #toStore(stream: string, events: readonly Event[], cause: Cause): NewEvent[] {
    const { id: causationId, correlationId = causationId, ...rest } = cause;
    const traceparent = currentTraceparent() ?? cause.traceparent;
    const metadata: EventMetadata = {
      at: this.options.now(),
      causationId,
      correlationId,
      ...rest,
      ...(traceparent !== undefined && { traceparent }),
    };
    return events.map((event, index) => ({
      id: derivedId(stream, causationId, index),
      ...this.options.codec.encode(event),
      metadata,
    }));
  }
}

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });

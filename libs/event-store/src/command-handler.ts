import { derivedId, fold, TransientError, type Decider, type Message } from '@throughline/kernel';
import { LRUCache } from 'lru-cache';
import type { Codec } from './codec.js';
import {
  ConflictError,
  NO_STREAM,
  type EventMetadata,
  type EventStore,
  type NewEvent,
  type Position,
} from './event-store.js';

/** What made the command come: its id proves, when it comes again, that it was carried out. */
export type Cause = {
  readonly id: string;
  readonly correlationId?: string;
  readonly actor?: string;
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
  /** Position of the last write of this call; undefined when this call wrote nothing. */
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

/**
 * The one command handler: a decider, its codec and a store become a function that carries out commands.
 * Folded streams are kept for a while; since every append names the exact revision, one that has become
 * stale costs a lost race and never a wrong decision.
 */
export const commandHandler = <Command extends Message, Event extends Message, State, Rejection>({
  store,
  category,
  decider,
  codec,
  now,
  cachedStreamsMax = CACHED_STREAMS_MAX,
}: {
  readonly store: EventStore;
  readonly category: string;
  readonly decider: Decider<Command, Event, State, Rejection>;
  readonly codec: Codec<Event>;
  /** The current time (ISO 8601, UTC). */
  readonly now: () => string;
  readonly cachedStreamsMax?: number;
}): CommandHandler<Command, Event, State, Rejection> => {
  const cache = new LRUCache<string, Folded<State>>({ max: cachedStreamsMax });
  const tails = new Map<string, Promise<unknown>>();
  const nothing: Folded<State> = {
    state: decider.initialState,
    revision: NO_STREAM,
    causes: new Set(),
  };

  const load = async (stream: string): Promise<Folded<State>> => {
    const recorded = await store.read(stream);
    if (recorded.length === 0) return nothing;
    return {
      state: fold(decider, decider.initialState, recorded.map(codec.decode)),
      revision: recorded.at(-1)!.revision,
      causes: new Set(recorded.map(({ metadata }) => metadata.causationId)),
    };
  };

  type Result = HandlerResult<Event, State, Rejection>;

  const repeated = async (stream: string, folded: Folded<State>, cause: Cause): Promise<Result> => {
    const own = (await store.read(stream)).filter(
      ({ metadata }) => metadata.causationId === cause.id,
    );
    const was = own[0]?.metadata.contentHash;
    if (was !== undefined && cause.contentHash !== undefined && was !== cause.contentHash)
      return { ok: false, rejection: { code: 'idempotency-key-reused' } };
    const events = own.map(codec.decode);
    return { ok: true, events, state: folded.state, revision: folded.revision, repeated: true };
  };

  const newEvents = (stream: string, events: readonly Event[], cause: Cause): NewEvent[] => {
    const metadata: EventMetadata = {
      at: now(),
      causationId: cause.id,
      correlationId: cause.correlationId ?? cause.id,
      ...(cause.actor !== undefined && { actor: cause.actor }),
      ...(cause.contentHash !== undefined && { contentHash: cause.contentHash }),
      ...(cause.traceparent !== undefined && { traceparent: cause.traceparent }),
    };
    return events.map((event, index) => ({
      id: derivedId(stream, cause.id, index),
      ...codec.encode(event),
      metadata,
    }));
  };

  const attempt = async (
    stream: string,
    command: Command,
    cause: Cause,
    folded: Folded<State>,
  ): Promise<Result> => {
    if (folded.causes.has(cause.id)) return repeated(stream, folded, cause);
    const decision = decider.decide(command, folded.state);
    if (!decision.ok) return decision;
    const { events } = decision;
    if (events.length === 0)
      return { ok: true, events, state: folded.state, revision: folded.revision, repeated: false };
    const appended = await store.append(stream, newEvents(stream, events, cause), folded.revision);
    const state = fold(decider, folded.state, events);
    const causes = new Set(folded.causes).add(cause.id);
    cache.set(stream, { state, revision: appended.revision, causes });
    return { ok: true, events, state, ...appended };
  };

  const carryOut = async (
    stream: string,
    command: Command,
    cause: Cause,
    likelyNew: boolean,
  ): Promise<Result> => {
    let known = cache.get(stream) ?? (likelyNew ? nothing : undefined);
    for (let lost = 0; lost <= LOST_RACES_MAX; lost += 1) {
      try {
        return await attempt(stream, command, cause, known ?? (await load(stream)));
      } catch (error) {
        cache.delete(stream);
        if (!(error instanceof ConflictError)) throw error;
        known = undefined;
        // Whoever won is at work on the same stream: step aside for a moment, each for another one.
        if (lost > 0) await pause(Math.random() * 2 ** lost);
      }
    }
    throw new TransientError(`Lost the race for ${stream} ${LOST_RACES_MAX} times`);
  };

  /** Commands for one stream wait for each other in this process, so that they do not race themselves. */
  const handle = async (
    id: string,
    command: Command,
    causeOrId: Cause | string,
    { likelyNew = false }: { readonly likelyNew?: boolean } = {},
  ): Promise<Result> => {
    const stream = `${category}-${id}`;
    const cause = typeof causeOrId === 'string' ? { id: causeOrId } : causeOrId;
    const before = tails.get(stream);
    const run = (before ?? Promise.resolve()).then(() =>
      carryOut(stream, command, cause, likelyNew),
    );
    const tail = run.catch(() => undefined);
    tails.set(stream, tail);
    try {
      return await run;
    } finally {
      if (tails.get(stream) === tail) tails.delete(stream);
    }
  };

  return Object.assign(handle, {
    load: async (id: string) => {
      const { state, revision } = await load(`${category}-${id}`);
      return { state, revision };
    },
  });
};

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });

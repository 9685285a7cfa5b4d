/** A place in a store's log: opaque, comparable, never reused. Later commits have higher positions. */
export type Position = bigint;

/** Before everything. */
export const START: Position = 0n;

/** The expected revision of a stream that must not exist yet. */
export const NO_STREAM = -1;

/** Who asked: what a key or token is called, and its id. Only the name is known of what was written before ids were. */
export type Asker = { readonly actor?: string; readonly actorId?: string };

/** Of a cause or of metadata that part which tells who asked. */
export const askerOf = ({ actor, actorId }: Asker): Asker => ({
  ...(actor !== undefined && { actor }),
  ...(actorId !== undefined && { actorId }),
});

/** Who asked, as it is answered: the id, and beside it the name. */
export const shownAsker = ({ actor, actorId }: Asker) => ({
  actor: actorId ?? null,
  actorName: actor ?? null,
});

export type EventMetadata = Asker & {
  /** When it was decided (ISO 8601, UTC). */
  readonly at: string;
  /** Id of the command or message that caused the event. */
  readonly causationId: string;
  /** Id of what started the whole story. */
  readonly correlationId: string;
  /** Hash of the command's body, to tell a repeated request from a reused key. */
  readonly contentHash?: string;
  readonly traceparent?: string;
};

export type NewEvent = {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
  readonly metadata: EventMetadata;
};

export type RecordedEvent = NewEvent & {
  /** `<category>-<id>` */
  readonly stream: string;
  /** 0 for the first event of the stream, then one more each. */
  readonly revision: number;
  readonly position: Position;
};

export type Appended = {
  /** Revision of the last event appended. */
  readonly revision: number;
  readonly position: Position;
  /** The very same events stood there already. */
  readonly repeated: boolean;
};

/** Someone else appended first: the stream is not at the revision that the append expected. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  constructor(
    readonly stream: string,
    readonly expected: number,
  ) {
    super(`Stream ${stream} is not at revision ${expected}`);
  }
}

/**
 * The log is not the one that this reader has read: an older copy of it was put back, or another log in its place. What
 * the reader has derived from it may be of events that never happened.
 */
export class ReplacedLogError extends Error {
  override readonly name = 'ReplacedLogError';
  constructor(reader = 'A reader') {
    super(
      `${reader} has read a log that is no longer there: was an older one restored? ` +
        'It stays stopped; docs/operations/restore.md says how to go on.',
    );
  }
}

/** Events of a stream are gone that its reader or writer counts on: it was deleted, or cut by `$maxCount`, `$maxAge` or `$tb`. */
export class TruncatedStreamError extends Error {
  override readonly name = 'TruncatedStreamError';
  constructor(
    readonly stream: string,
    expected: number,
    found: number | bigint,
  ) {
    super(
      `Stream ${stream} was truncated or deleted: at revision ${expected} the store has revision ${found}`,
    );
  }
}

/**
 * Event streams with optimistic concurrency. Every call has a deadline; a write that meets it is
 * *unknown* and may be repeated with the same event ids.
 */
export interface EventStore {
  /**
   * Appends all events or none, exactly after `expected` (`NO_STREAM` for a new one). When they already
   * stand at that place (same ids), that is success. Throws `ConflictError` when the stream is elsewhere and
   * `TransientError` when the outcome is unknown or the store is away.
   */
  append(stream: string, events: readonly NewEvent[], expected: number): Promise<Appended>;

  /** The events of a stream in order, from a revision (0 by default); none when there is no stream. */
  read(stream: string, from?: number): Promise<readonly RecordedEvent[]>;

  /**
   * All events of the given categories after `from`, in commit order without gaps, in pages, for ever, until
   * `signal` aborts. Also reports by empty pages how far it has read past events of other categories: every
   * `head` is reached soon. Goes on by itself after an outage; throws `ReplacedLogError` when another log came back.
   */
  subscribe(
    categories: readonly string[],
    from: Position,
    signal: AbortSignal,
  ): AsyncIterable<EventPage>;

  /** Position of the last committed event; with `maxAgeMs`, an answer will do that was asked for so long ago. */
  head(maxAgeMs?: number): Promise<Position>;

  /** Each stream that is read costs a call of its own: work in the background should read few. */
  readonly readsApart?: boolean;

  /**
   * Tells logs apart: stays the same until `beginEpoch` of the adapter, which a restore calls, so that every reader of
   * the log before stops. Readers keep it beside their position (`sameLog`).
   */
  epoch(): Promise<string>;
}

export type EventPage = {
  readonly events: readonly RecordedEvent[];
  /** Everything up to here has been seen. */
  readonly position: Position;
};

/** `order-42` belongs to category `order`. */
export const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));

/**
 * Makes sure that a reader goes on in the log that it has read: the epoch it kept is the log's, and its position is not ahead.
 * `epoch` is undefined for a reader that has kept none yet. Answers the epoch to keep. Throws `ReplacedLogError`.
 */
export const sameLog = async (
  store: EventStore,
  reader: string,
  kept: { readonly position: Position; readonly epoch: string | undefined },
): Promise<string> => {
  const [epoch, head] = await Promise.all([store.epoch(), store.head()]);
  if (kept.position > head || (kept.epoch !== undefined && kept.epoch !== epoch))
    throw new ReplacedLogError(reader);
  return epoch;
};

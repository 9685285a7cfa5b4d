import type { Message } from '@throughline/kernel';
import type { RecordedEvent } from './event-store.js';
import { errorText } from './one-stream.js';

type Upcast = (data: never) => unknown;

/** An event of a type or version that this code does not know: it is a newer release's, and waits for the code. */
export class NewerEventError extends Error {
  override readonly name = 'NewerEventError';
}

/** A stored event, or what it leads to, that this code cannot make sense of: a fault of that stream alone. */
export class UnreadableStreamError extends Error {
  override readonly name = 'UnreadableStreamError';
  constructor(
    readonly stream: string,
    cause: unknown,
  ) {
    super(`The events of ${stream} cannot be read: ${errorText(cause)}`, { cause });
  }
}

/**
 * Runs what decodes and folds a stream's events. Throws `UnreadableStreamError` where that fails, and `NewerEventError` as it is.
 */
export const readable = <Result>(stream: string, fold: () => Result): Result => {
  try {
    return fold();
  } catch (error) {
    throw error instanceof NewerEventError ? error : new UnreadableStreamError(stream, error);
  }
};

/**
 * How one event type is stored: its newest version, and one pure step from each older version to the
 * next (`upcasts[0]` turns version 1 into 2).
 */
export type StoredType = { readonly version: number; readonly upcasts?: readonly Upcast[] };

export type Codec<Event extends Message> = {
  /** Newest version of every stored type; keyed so that a new event variant does not compile without one. */
  readonly types: Readonly<Record<Event['type'], StoredType>>;
  encode(event: Event): { readonly type: string; readonly version: number; readonly data: unknown };
  /** Throws `NewerEventError` on a type or version that this code does not know. */
  decode(stored: Pick<RecordedEvent, 'type' | 'version' | 'data' | 'stream'>): Event;
};

/** Builds the codec of one stream category from its stored types. */
export const codecOf = <Event extends Message>(
  types: Readonly<Record<Event['type'], StoredType>>,
): Codec<Event> => {
  const known = types as Readonly<Record<string, StoredType | undefined>>;
  for (const [type, { version, upcasts = [] }] of Object.entries<StoredType>(types))
    if (upcasts.length !== version - 1) throw new Error(`${type} needs ${version - 1} upcasts`);
  return {
    types,
    encode: ({ type, data }) => ({ type, version: known[type]!.version, data }),
    decode: ({ type, version, data, stream }) => {
      const stored = known[type];
      if (!stored) throw new NewerEventError(`Unknown event type ${type} in ${stream}`);
      if (version < 1) throw new Error(`${type} has no version ${version} (in ${stream})`);
      if (version > stored.version)
        throw new NewerEventError(
          `${type} version ${version} in ${stream} is from a newer release`,
        );
      let newest = data;
      for (const upcast of (stored.upcasts ?? []).slice(version - 1))
        newest = upcast(newest as never);
      return { type, data: newest } as Event;
    },
  };
};

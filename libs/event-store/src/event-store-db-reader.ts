import {
  streamNameFilter,
  TimeoutError,
  type AllStreamSubscription,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { TransientError } from '@throughline/kernel';
import type { EventPage, Position, RecordedEvent } from './event-store.js';
import {
  PAGE_EVENTS_MAX,
  placeOf,
  positionOf,
  type Arrived,
  type PagesAhead,
} from './event-store-db-ahead.js';
import {
  StoreAwayError,
  subscriptionError,
  type EventStoreConnection,
} from './event-store-db-connection.js';
import { ForeignEventError, recordedOf } from './event-store-db-events.js';
import type { SharedHead } from './shared-call.js';

/** Events of others after which the server says how far it has looked. */
const SEARCH_WINDOW = 500;
/** After so long without news the reader looks for itself. */
const QUIET_MS = 1_000;
/** How old an answer about the end of the log may be for what only watches: so often an idle process asks for it. */
export const HEAD_AGE_MS = 3_000;

/** What the readers of a process share. */
export type Reading = {
  readonly connection: EventStoreConnection;
  readonly head: SharedHead;
  readonly ahead: PagesAhead;
  /** Hears of an event in one of our categories that is none of ours; it is passed over. */
  readonly onForeign: (error: ForeignEventError) => void;
};

/** The server lets go of a reader that is slower than its writers, and bids it subscribe again. */
export const isTooSlow = (error: unknown): boolean =>
  error instanceof TimeoutError && /too slow|resubscription/i.test(error.message);

const ignore = (): undefined => undefined;
/**
 * One subscription to `$all`, filtered by the prefixes of stream names, from a position until `signal` aborts or it drops (then
 * it throws). The server tells seldom how far it has read past events of others, and nothing at all on a connection that has died
 * silently: so after a quiet second the reader looks whether the log goes on behind its position, and at what is there. Nothing of
 * its own: it has got further. Something that does not arrive within another second: it takes that, and gives the subscription up.
 */
export async function* readLive(
  reading: Reading,
  prefixes: readonly string[],
  from: Position,
  signal: AbortSignal,
): AsyncGenerator<EventPage> {
  const { connection } = reading;
  const { client } = connection;
  const inbox = new Inbox(subscribe(client, prefixes, from));
  let position = from;
  let isOverdue = false;
  try {
    while (!signal.aborted) {
      const arrived = inbox.take();
      if (arrived.length > 0) {
        const page = pageAfter(reading, position, arrived);
        isOverdue = false;
        if (page.position === position) continue;
        position = page.position;
        reading.head.saw(position);
        yield page;
      } else if (!(await inbox.hasNews(QUIET_MS, signal)) && !signal.aborted) {
        if (connection.client !== client)
          throw new StoreAwayError('The connection was replaced', true);
        const page = await lookAhead(reading, prefixes, position);
        const hasOwn = page.events.length > 0;
        const isDead = hasOwn && isOverdue;
        isOverdue = hasOwn;
        if (page.position === position || (hasOwn && !isDead)) continue;
        position = page.position;
        yield page;
        if (isDead) throw new TransientError('The subscription has gone silent');
      }
    }
  } finally {
    inbox.close();
  }
}

const subscribe = (
  client: EventStoreDBClient,
  prefixes: readonly string[],
  from: Position,
): AllStreamSubscription =>
  client.subscribeToAll(
    {
      fromPosition: placeOf(from),
      filter: streamNameFilter({
        prefixes: [...prefixes],
        maxSearchWindow: SEARCH_WINDOW,
        // Queued behind the events that it comes after.
        checkpointReached: (subscription, { commit }) => {
          subscription.push({ commitPosition: commit } satisfies Arrived);
        },
      }),
    },
    { highWaterMark: PAGE_EVENTS_MAX },
  );

/** What came after `position`, once each: the store may send an event twice. */
const pageAfter = (
  { onForeign }: Reading,
  position: Position,
  arrived: readonly Arrived[],
): EventPage => {
  const events: RecordedEvent[] = [];
  let reached = position;
  for (const next of arrived) {
    // A checkpoint of a server that catches up names the beginning of a page whose events have come already.
    if (positionOf(next) <= reached) continue;
    reached = positionOf(next);
    if (!next.event) continue;
    try {
      events.push(recordedOf(next.event));
    } catch (error) {
      // A tombstone, or what another program wrote: one stream's trouble must not stop its category.
      if (!(error instanceof ForeignEventError)) throw error;
      onForeign(error);
    }
  }
  return { events, position: reached };
};

/** What follows `position` in `$all`, as far as one page goes: events of these categories, and how far others lie between. */
const lookAhead = async (
  reading: Reading,
  prefixes: readonly string[],
  position: Position,
): Promise<EventPage> => {
  const nothing = { events: [], position };
  try {
    if ((await reading.head.get(HEAD_AGE_MS)) <= position) return nothing;
    const ahead = await reading.ahead.from(position);
    const isOwn = ({ event }: Arrived): boolean =>
      prefixes.some((prefix) => event?.streamId.startsWith(prefix));
    return pageAfter(
      reading,
      position,
      ahead.map((next) => (isOwn(next) ? next : { commitPosition: positionOf(next) })),
    );
  } catch (error) {
    // A server that is slow to answer a read may serve its subscriptions all the same.
    if (error instanceof TransientError) return nothing;
    throw error;
  }
};

/** What a subscription has brought. It is taken from when there is room for it: what is not taken is not sent for. */
class Inbox {
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(private readonly subscription: AllStreamSubscription) {
    const end = (error?: unknown): void => {
      this.#failure ??=
        subscriptionError(error) ?? new TransientError('The subscription has ended');
      this.#wake?.();
    };
    subscription.on('error', end).on('end', end).on('close', end);
    subscription.on('readable', () => this.#wake?.());
  }

  /** What is here, a page at most. Throws when the subscription has dropped. */
  take(): readonly Arrived[] {
    if (this.#failure !== undefined) throw this.#failure;
    const arrived: Arrived[] = [];
    while (arrived.length < PAGE_EVENTS_MAX) {
      const next = this.subscription.read() as Arrived | null;
      if (next === null) break;
      arrived.push(next);
    }
    return arrived;
  }

  /** False when nothing came for so long, or when `signal` aborts. */
  hasNews(waitMs: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (hasNews: boolean) => (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        this.#wake = undefined;
        resolve(hasNews);
      };
      const leave = settle(false);
      const timer = setTimeout(leave, waitMs);
      signal.addEventListener('abort', leave);
      this.#wake = settle(true);
    });
  }

  close(): void {
    this.#wake = undefined;
    this.subscription.unsubscribe().catch(ignore);
    this.subscription.destroy();
  }
}

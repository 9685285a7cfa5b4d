import {
  FORWARDS,
  START as FIRST,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { TransientError } from '@throughline/kernel';
import { START, type EventPage, type Position, type RecordedEvent } from './event-store.js';
import type { EventStoreConnection } from './event-store-db-connection.js';
import { recordedOf } from './event-store-db-events.js';

/** Events that a page holds, and that are waiting in memory at most. */
const PAGE_EVENTS_MAX = 500;
/** Events of others after which the server says how far it has looked. */
const SEARCH_WINDOW = 500;
/** After so long without news the reader looks for itself. */
const QUIET_MS = 1_000;

/** Of an event: undefined where only the position is told. */
type Arrived = Pick<AllStreamResolvedEvent, 'event' | 'commitPosition'>;

const ignore = (): undefined => undefined;
const placeOf = (position: Position) =>
  position === START ? FIRST : { commit: position, prepare: position };
const positionOf = ({ event, commitPosition }: Arrived): Position =>
  commitPosition ?? event!.position.commit;

/**
 * One subscription to `$all`, filtered by the prefixes of stream names, from a position until `signal` aborts or it drops (then
 * it throws). The server tells seldom how far it has read past events of others, and nothing at all on a connection that has died
 * silently: so after a quiet second the reader looks at what follows its position. Nothing of its own: it has got further. Something
 * that does not arrive within another second: it takes that, and gives the subscription up.
 */
export async function* readLive(
  connection: EventStoreConnection,
  prefixes: readonly string[],
  from: Position,
  signal: AbortSignal,
): AsyncGenerator<EventPage> {
  const { client } = connection;
  const inbox = new Inbox(subscribe(client, prefixes, from));
  let position = from;
  let isOverdue = false;
  try {
    while (!signal.aborted) {
      const arrived = inbox.take();
      if (arrived.length > 0) {
        const page = pageAfter(position, arrived);
        isOverdue = false;
        if (page.position === position) continue;
        position = page.position;
        yield page;
      } else if (!(await inbox.hasNews(QUIET_MS, signal)) && !signal.aborted) {
        if (connection.client !== client) throw new TransientError('The connection was replaced');
        const page = await lookAhead(connection, prefixes, position);
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
const pageAfter = (position: Position, arrived: readonly Arrived[]): EventPage => {
  const events: RecordedEvent[] = [];
  let reached = position;
  for (const next of arrived) {
    if (positionOf(next) <= reached) continue;
    reached = positionOf(next);
    if (next.event) events.push(recordedOf(next.event));
  }
  return { events, position: reached };
};

/** What follows `position` in `$all`, as far as one page goes: events of these categories, and how far others lie between. */
const lookAhead = async (
  connection: EventStoreConnection,
  prefixes: readonly string[],
  position: Position,
): Promise<EventPage> => {
  const ahead = await connection.collect('look ahead', (client) =>
    client.readAll({
      direction: FORWARDS,
      fromPosition: placeOf(position),
      maxCount: PAGE_EVENTS_MAX,
    }),
  );
  const isOwn = ({ event }: Arrived): boolean =>
    prefixes.some((prefix) => event?.streamId.startsWith(prefix));
  return pageAfter(
    position,
    ahead.map((next) => (isOwn(next) ? next : { commitPosition: positionOf(next) })),
  );
};

/** What a subscription has brought. It is taken from when there is room for it: what is not taken is not sent for. */
class Inbox {
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(private readonly subscription: AllStreamSubscription) {
    const end = (error?: unknown): void => {
      this.#failure ??= error ?? new TransientError('The subscription has ended');
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

import { DeadLetters, STREAM_KEY } from '@throughline/messaging';
import type { Database } from '@throughline/postgres';
import { retryStream, type RetryOutcome } from '@throughline/read-model';
import { ORDER_CATEGORY } from '../order.publisher.js';
import { SET_ASIDE } from './exception.js';

/** Tries again what could not be read of an order; undefined when that reader has set nothing of it aside. */
export type RetryReader = (orderId: string, reader: string) => Promise<RetryOutcome | undefined>;

export const RETRY_READER = Symbol('retry of a reader');

const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** Streams that are named after their order. */
const CATEGORIES = [ORDER_CATEGORY, 'payment', 'sourcing', 'return'];
const NAMED = `^(${STREAM_KEY})?(${CATEGORIES.join('|')})-${UUID}$`;
/** The order's id; null, and not an error, where a stream is called otherwise. */
const orderIn = (column: string): string =>
  `case when ${column} ~ '${NAMED}' then right(${column}, 36)::uuid end`;

/** Streams that concern an order and that a read model or a reader of this service could not deal with, as exceptions. */
export const STREAMS_ASIDE = `
  select ${orderIn('stream')} as order_id, '${SET_ASIDE}' || projection as key, 'stream-set-aside' as class,
    error as reason, since
  from projection_asides where place = 'live' and stream ~ '${NAMED}'
  union all
  select ${orderIn('message_key')}, '${SET_ASIDE}' || group_name, 'stream-set-aside',
    (array_agg(error order by parked_id))[1], min(parked_at)
  from bus_parked where message_key like '${STREAM_KEY}%' and message_key ~ '${NAMED}'
  group by group_name, topic, message_key`;

type ParkedRow = { parked_id: number };

/** `reader` is the name of a projection, or a group of the bus. */
export const retryReader = (database: Database): RetryReader => {
  const deadLetters = new DeadLetters(database);
  return async (orderId, reader) => {
    const [aside] = await database.query<{ stream: string }>(
      `select stream from projection_asides
       where projection = $1 and place = 'live' and stream = $2`,
      [reader, `${ORDER_CATEGORY}-${orderId}`],
    );
    if (aside) return retryStream(database, reader, aside.stream);
    const [parked] = await database.query<ParkedRow>(
      `select parked_id from bus_parked
       where group_name = $1 and message_key = any($2) order by parked_id limit 1`,
      [reader, CATEGORIES.map((category) => `${STREAM_KEY}${category}-${orderId}`)],
    );
    if (!parked) return undefined;
    const answer = await deadLetters.requestReplay(parked.parked_id);
    if (answer.outcome === 'failed') return { outcome: 'failed', error: answer.error };
    return { outcome: answer.outcome === 'replayed' ? 'retried' : 'pending' };
  };
};

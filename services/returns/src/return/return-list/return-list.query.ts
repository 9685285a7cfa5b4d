import { KnownId, OneOf, Optional, RETURN_KINDS } from '@throughline/contracts';
import type { EventStore } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import {
  pageOf,
  PageQuery,
  pageRequest,
  sortValues,
  type KnowsLocations,
  type Page,
} from '@throughline/service-kit';
import { returnCodec } from '../return.codec.js';
import { RETURN } from '../return.publisher.js';
import { evolveReturn, isOwn, RETURN_STATUSES, type ReturnView } from './return-view.js';

/** The order of a return id (`<orderId>.<n>`); undefined when it is no such id. */
export const orderOfReturn = (returnId: string): string | undefined =>
  /^(.+)\.[1-9]\d{0,8}$/.exec(returnId)?.[1];

/** Which returns are asked for. */
export class ReturnListQuery extends PageQuery {
  @Optional() @OneOf(RETURN_STATUSES) status?: string;
  @Optional() @OneOf(RETURN_KINDS) kind?: string;
  @Optional() @KnownId() orderId?: string;
}

const COLUMNS = { status: 'status', kind: 'kind', orderId: 'order_id' } as const;
const NAMES = ['status', 'kind', 'orderId'] as const;

/** What can be asked about returns. */
export type ReturnQueries = KnowsLocations & {
  /** Oldest first; where `locations` are given, those that are expected at them or came in there last. */
  list(query: ReturnListQuery, locations?: readonly string[]): Promise<Page<ReturnView>>;
  /** Folded from its stream, so always current. */
  one(returnId: string): Promise<ReturnView | undefined>;
};

export const returnQueries = (database: Database, store: EventStore): ReturnQueries => ({
  list: async (query, locations) => {
    const { limit, after } = pageRequest(query);
    const names = NAMES.filter((name) => query[name] !== undefined);
    const values: unknown[] = names.map((name) => query[name]!);
    const clauses = names.map((name, index) => `${COLUMNS[name]} = $${index + 1}`);
    if (locations) clauses.push(`document ->> 'locationId' = any($${values.push(locations)})`);
    if (after) {
      values.push(...sortValues(after, ['text', 'text']));
      clauses.push(`(requested_at, return_id) > ($${values.length - 1}, $${values.length})`);
    }
    const rows = await database.query<{ document: ReturnView }>(
      `select document from returns ${clauses.length > 0 ? `where ${clauses.join(' and ')}` : ''}
       order by requested_at, return_id limit ${limit + 1}`,
      values,
    );
    return pageOf(
      rows,
      limit,
      ({ document }) => [document.requestedAt, document.returnId],
      ({ document }) => document,
    );
  },

  one: async (returnId) => {
    let view: ReturnView | undefined;
    for (const { event, story } of await ownEvents(store, returnId))
      view = evolveReturn(view, event, story);
    return view;
  },

  locationsOf: async (returnId) => {
    const events = await ownEvents(store, returnId);
    if (events.length === 0) return undefined;
    return events.flatMap(({ event: { data } }) => ('locationId' in data ? [data.locationId] : []));
  },
});

/** What happened to one return, in order. */
const ownEvents = async (store: EventStore, returnId: string) => {
  const orderId = orderOfReturn(returnId);
  if (orderId === undefined) return [];
  return (await store.read(`${RETURN}-${orderId}`)).flatMap((recorded) => {
    const event = returnCodec.decode(recorded);
    if (!isOwn(event) || event.data.returnId !== returnId) return [];
    return [{ event, story: { orderId, at: recorded.metadata.at } }];
  });
};

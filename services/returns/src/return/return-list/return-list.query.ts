import { RETURN_KINDS, type FieldError } from '@throughline/contracts';
import type { EventStore } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import { invalidRequest, pageOf, pageRequest, type Page } from '@throughline/service-kit';
import { returnCodec } from '../return.codec.js';
import { RETURN } from '../return.publisher.js';
import { evolveReturn, isOwn, RETURN_STATUSES, type ReturnView } from './return-view.js';

/** The order of a return id (`<orderId>.<n>`); undefined when it is no such id. */
export const orderOfReturn = (returnId: string): string | undefined =>
  /^(.+)\.[1-9]\d{0,8}$/.exec(returnId)?.[1];

const FILTERS = {
  status: { column: 'status', values: RETURN_STATUSES },
  kind: { column: 'kind', values: RETURN_KINDS },
  orderId: { column: 'order_id', values: undefined },
} as const satisfies Record<string, { column: string; values: readonly string[] | undefined }>;

type Condition = { readonly sql: (place: number) => string; readonly value: string };

const conditionOf = (
  field: string,
  value: unknown,
  { column, values }: { readonly column: string; readonly values: readonly string[] | undefined },
): Condition | FieldError => {
  if (values && !values.some((allowed) => allowed === value))
    return { field, code: 'enum', message: `must be one of ${values.join(', ')}` };
  // Postgres has no text with NUL, so nothing can match it.
  if (typeof value !== 'string' || value.includes('\u0000'))
    return { field, code: 'text', message: 'must be one text' };
  return { sql: (place) => `${column} = $${place}`, value };
};

const conditionsOf = (query: Readonly<Record<string, unknown>>): Condition[] => {
  const found = Object.entries(FILTERS)
    .filter(([field]) => query[field] !== undefined)
    .map(([field, filter]) => conditionOf(field, query[field], filter));
  const errors = found.filter((one): one is FieldError => 'field' in one);
  if (errors.length > 0) throw invalidRequest(errors);
  return found.filter((one): one is Condition => 'sql' in one);
};

const placeOf = (after: readonly unknown[]): readonly string[] => {
  const [requestedAt, returnId] = after;
  const isPlace = [requestedAt, returnId].every(
    (key) => typeof key === 'string' && !key.includes('\u0000'),
  );
  if (isPlace) return [String(requestedAt), String(returnId)];
  throw invalidRequest([
    { field: 'cursor', code: 'cursor', message: 'must be the nextCursor of an earlier answer' },
  ]);
};

/** What can be asked about returns. */
export type ReturnQueries = {
  /** Oldest first; filters `status, kind, orderId`. Throws 422 for a filter that makes no sense. */
  list(query: Readonly<Record<string, string>>): Promise<Page<ReturnView>>;
  /** Folded from its stream, so always current. */
  one(returnId: string): Promise<ReturnView | undefined>;
};

export const returnQueries = (database: Database, store: EventStore): ReturnQueries => ({
  list: async (query) => {
    const { limit, after } = pageRequest(query);
    const conditions = conditionsOf(query);
    const values = conditions.map(({ value }) => value);
    const clauses = conditions.map(({ sql }, index) => sql(index + 1));
    if (after) {
      values.push(...placeOf(after));
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
    const orderId = orderOfReturn(returnId);
    if (orderId === undefined) return undefined;
    let view: ReturnView | undefined;
    for (const recorded of await store.read(`${RETURN}-${orderId}`)) {
      const event = returnCodec.decode(recorded);
      if (!isOwn(event) || event.data.returnId !== returnId) continue;
      view = evolveReturn(view, event, { orderId, at: recorded.metadata.at });
    }
    return view;
  },
});

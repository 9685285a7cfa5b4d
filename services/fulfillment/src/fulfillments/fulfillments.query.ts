import type { EventStore } from '@throughline/event-store';
import {
  invalidRequest,
  pageOf,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { CATEGORY } from '../fulfillment/fulfillment-handler.js';
import { evolveView, type FulfillmentStatus, type FulfillmentView } from './fulfillment-view.js';
import { factOf } from './fulfillments.projection.js';

export type FulfillmentFilter = {
  readonly status?: FulfillmentStatus;
  readonly locationId?: string;
  readonly orderId?: string;
};

export type FulfillmentsQuery = {
  /** A page of work, oldest first. */
  list(filter: FulfillmentFilter, page: PageRequest): Promise<Page<FulfillmentView>>;
  /** One fulfillment as its stream stands now; undefined when there is none. */
  one(id: string): Promise<FulfillmentView | undefined>;
};

const INSTANT_LENGTH = '2026-11-01T10:00:00.000Z'.length;
const COLUMNS = { status: 'status', locationId: 'location_id', orderId: 'order_id' } as const;
const NAMES = ['status', 'locationId', 'orderId'] as const;

/** An instant as documents write it, and no other text that merely resembles one. */
const isInstant = (value: unknown): value is string => {
  if (typeof value !== 'string' || value.length !== INSTANT_LENGTH) return false;
  const time = Date.parse(value);
  return !Number.isNaN(time) && new Date(time).toISOString() === value;
};

/** The sort values of the row that a page starts after. */
const placeOf = ([at, id]: readonly unknown[]): readonly [string, string] => {
  if (isInstant(at) && typeof id === 'string' && !id.includes('\0')) return [at, id];
  throw invalidRequest([
    { field: 'cursor', code: 'cursor', message: 'must be the nextCursor of an earlier answer' },
  ]);
};

const statementOf = (filter: FulfillmentFilter, { limit, after }: PageRequest) => {
  const names = NAMES.filter((name) => filter[name] !== undefined);
  const values: unknown[] = names.map((name) => filter[name]);
  const conditions = names.map((name, index) => `${COLUMNS[name]} = $${index + 1}`);
  if (after) {
    values.push(...placeOf(after));
    conditions.push(`(released_at, id) > ($${values.length - 1}::timestamptz, $${values.length})`);
  }
  values.push(limit + 1);
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const text = `select document from fulfillments ${where}
    order by released_at, id limit $${values.length}`;
  return { text, values, name: ['fulfillments', ...names, after ? 'after' : 'first'].join('-') };
};

export const fulfillmentsQuery = (database: Database, store: EventStore): FulfillmentsQuery => ({
  list: async (filter, page) => {
    const { text, values, name } = statementOf(filter, page);
    const rows = await database.query<{ document: FulfillmentView }>(text, values, name);
    return pageOf(
      rows,
      page.limit,
      ({ document: { releasedAt, fulfillmentId } }) => [releasedAt, fulfillmentId],
      ({ document }) => document,
    );
  },
  one: async (id) => {
    const recorded = await store.read(`${CATEGORY}-${id}`);
    let view: FulfillmentView | undefined;
    for (const event of recorded) view = evolveView(view, factOf(event));
    return view;
  },
});

import type { EventStore } from '@throughline/event-store';
import {
  pageOf,
  sortValues,
  type Database,
  type KnowsLocations,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { CATEGORY } from '../fulfillment/fulfillment-handler.js';
import { evolveView, type FulfillmentStatus, type FulfillmentView } from './fulfillment-view.js';
import { factOf } from './fulfillments.projection.js';

export type FulfillmentFilter = {
  readonly status?: FulfillmentStatus;
  readonly locations?: readonly string[];
  readonly orderId?: string;
};

export type FulfillmentsQuery = KnowsLocations & {
  /** A page of work, oldest first. */
  list(filter: FulfillmentFilter, page: PageRequest): Promise<Page<FulfillmentView>>;
  /** One fulfillment as its stream stands now; undefined when there is none. */
  one(id: string): Promise<FulfillmentView | undefined>;
};

const CONDITIONS = {
  status: 'status = ?',
  orderId: 'order_id = ?',
  // One location is compared as such: its index then also gives the order.
  location: 'location_id = ?',
  locations: 'location_id = any(?)',
} as const;
const NAMES = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[];

const statementOf = (
  { status, orderId, locations }: FulfillmentFilter,
  { limit, after }: PageRequest,
) => {
  const places = locations?.length === 1 ? { location: locations[0] } : { locations };
  const wanted: Partial<Record<keyof typeof CONDITIONS, unknown>> = { status, orderId, ...places };
  const names = NAMES.filter((name) => wanted[name] !== undefined);
  const values = names.map((name) => wanted[name]);
  const conditions = names.map((name, index) => CONDITIONS[name].replace('?', `$${index + 1}`));
  if (after) {
    values.push(...sortValues(after, ['instant', 'text']));
    conditions.push(`(released_at, id) > ($${values.length - 1}::timestamptz, $${values.length})`);
  }
  values.push(limit + 1);
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const text = `select document from fulfillments ${where}
    order by released_at, id limit $${values.length}`;
  return { text, values, name: ['fulfillments', ...names, after ? 'after' : 'first'].join('-') };
};

export const fulfillmentsQuery = (database: Database, store: EventStore): FulfillmentsQuery => ({
  locationsOf: async (id) => {
    const [first] = await store.read(`${CATEGORY}-${id}`);
    return first && [evolveView(undefined, factOf(first)).locationId];
  },
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

import { pageOf, sortValues, type Page, type PageRequest } from '@throughline/service-kit';
import type { Database } from '@throughline/postgres';
import type { HoldKind } from '../domain/order.js';
import type { OrderStatus } from '../domain/order-status.js';
import {
  itemOf,
  linesOf,
  type OrderHead,
  type OrderItem,
  type OrderStanding,
} from '../order-item.js';
import { unpacked, type ProgressDocument } from './progress-document.js';

export type OrderFilter = {
  readonly channels?: readonly string[];
  readonly statuses?: readonly OrderStatus[];
  /** Orders of any of them. */
  readonly skus?: readonly string[];
  readonly customerId?: string;
  readonly externalId?: string;
  /** First and last moment (ISO 8601, UTC). */
  readonly placedFrom?: string;
  readonly placedTo?: string;
  readonly hold?: HoldKind;
  /** Orders that one of these has had to do with. */
  readonly locations?: readonly string[];
  /** The start of an order number or external id, or a customer id. */
  readonly text?: string;
  readonly oldestFirst: boolean;
  readonly withLines: boolean;
};

export type OrderListQuery = {
  readonly page: (filter: OrderFilter, page: PageRequest) => Promise<Page<OrderItem>>;
  /** Whether any order is of it. */
  readonly hasChannel: (channel: string) => Promise<boolean>;
  readonly hasSku: (sku: string) => Promise<boolean>;
};

type Row = {
  readonly order_id: string;
  readonly order_number: string;
  readonly channel: string;
  readonly external_id: string;
  readonly placed_at: Date;
  /** What the channel states, where lists have the order elsewhere. */
  readonly stated_at: Date | null;
  readonly accepted_at: Date;
  readonly currency: string;
  readonly total_minor: number;
  readonly customer_id: string | null;
  readonly country: string | null;
  readonly status: OrderStatus;
  readonly standing: OrderStanding;
  readonly progress?: ProgressDocument;
};

const LAST_CHARACTER = '\u{10FFFF}';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const HAS_CHANNEL = 'select from orders where channel = $1 limit 1';
const HAS_SKU = 'select from orders where skus && $1 limit 1';

/** Lists orders by when they were placed; every filter has its index. */
export const orderListQuery = (database: Database): OrderListQuery => ({
  page: pageQuery(database),
  hasChannel: async (channel) =>
    (await database.query(HAS_CHANNEL, [channel], 'orders-channel')).length > 0,
  hasSku: async (sku) => (await database.query(HAS_SKU, [[sku]], 'orders-sku')).length > 0,
});

const pageQuery =
  (database: Database): OrderListQuery['page'] =>
  async (filter, { limit, after }) => {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions = [...conditionsOf(filter, bind), ...keysetOf(filter, after, bind)];
    const direction = filter.oldestFirst ? 'asc' : 'desc';
    // The location's rows carry the time too, so that their index can give the order of the list.
    const location =
      filter.locations?.length === 1
        ? `join order_locations l on l.order_id = o.order_id and l.placed_at = o.placed_at
           and l.location_id = ${bind(filter.locations[0])}`
        : '';
    const rows = await database.query<Row>(
      `select o.*, s.country, s.status, s.standing ${filter.withLines ? ', s.progress' : ''}
       from orders o
       join order_states s on s.order_id = o.order_id and s.placed_at = o.placed_at ${location}
       ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
       order by o.placed_at ${direction}, o.order_id ${direction}
       limit ${limit + 1}`,
      values,
    );
    return pageOf(rows, limit, (row) => [row.placed_at.toISOString(), row.order_id], answerOf);
  };

type Bind = (value: unknown) => string;

/** One value is compared as such: its index then also gives the order. */
const among = (column: string, values: readonly string[], bind: Bind): string =>
  values.length === 1 ? `${column} = ${bind(values[0])}` : `${column} = any(${bind(values)})`;

const conditionsOf = (filter: OrderFilter, bind: Bind): string[] => {
  const { channels, statuses, skus, customerId, externalId, placedFrom, placedTo, hold } = filter;
  const conditions: string[] = [];
  if (channels) conditions.push(among('o.channel', channels, bind));
  if (statuses) conditions.push(among('s.status', statuses, bind));
  if (skus) conditions.push(`o.skus && ${bind(skus)}::text[]`);
  if (customerId) conditions.push(`o.customer_id = ${bind(customerId)}`);
  if (externalId) conditions.push(`o.external_id = ${bind(externalId)}`);
  if (placedFrom) conditions.push(`o.placed_at >= ${bind(placedFrom)}`);
  if (placedTo) conditions.push(`o.placed_at <= ${bind(placedTo)}`);
  if (hold)
    conditions.push(
      `o.order_id in (select order_id from order_exceptions where class = ${bind(`hold-${hold}`)})`,
    );
  // Several may have worked on one order, which is listed once.
  if (filter.locations && filter.locations.length !== 1)
    conditions.push(
      `o.order_id in (select order_id from order_locations where location_id = any(${bind(filter.locations)}))`,
    );
  if (filter.text) conditions.push(textCondition(filter.text, bind));
  return conditions;
};

const textCondition = (text: string, bind: Bind): string => {
  const startsWith = (column: string, start: string): string =>
    `(${column} >= ${bind(start)} and ${column} < ${bind(start + LAST_CHARACTER)})`;
  return `(${[
    startsWith('o.order_number', text.toUpperCase()),
    startsWith('o.external_id', text),
    `o.customer_id = ${bind(text)}`,
  ].join(' or ')})`;
};

const keysetOf = (
  { oldestFirst }: OrderFilter,
  after: PageRequest['after'],
  bind: Bind,
): string[] => {
  if (!after) return [];
  const [placedAt, orderId] = sortValues(after, ['instant', 'uuid']);
  return [
    `(o.placed_at, o.order_id) ${oldestFirst ? '>' : '<'} (${bind(placedAt)}, ${bind(orderId)})`,
  ];
};

/** Whether a value can be the id of an order at all. */
export const isOrderId = (value: unknown): value is string =>
  typeof value === 'string' && UUID.test(value);

const answerOf = (row: Row): OrderItem => {
  const head: OrderHead = {
    orderId: row.order_id,
    orderNumber: row.order_number,
    channel: row.channel,
    externalId: row.external_id,
    placedAt: (row.stated_at ?? row.placed_at).toISOString(),
    acceptedAt: row.accepted_at.toISOString(),
    currency: row.currency,
    totalMinor: row.total_minor,
    customerId: row.customer_id,
    country: row.country,
  };
  const item = itemOf(head, row.status, row.standing);
  return row.progress ? { ...item, lines: linesOf(unpacked(row.progress).quantities) } : item;
};

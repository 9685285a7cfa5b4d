import { readableNumber } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import { invalidRequest, pageOf, type Page, type PageRequest } from '@throughline/service-kit';
import { isOrderId } from '../order-list/order-list.query.js';
import { actionsOf, exceptionIdOf, type Action } from './exception.js';

export type ExceptionItem = {
  readonly exceptionId: string;
  readonly class: string;
  readonly orderId: string;
  readonly orderNumber: string;
  readonly since: string;
  readonly reason: string;
  readonly nextActions: readonly Action[];
};

export type ExceptionsQuery = (
  filter: { readonly class?: string; readonly orderId?: string },
  page: PageRequest,
) => Promise<Page<ExceptionItem>>;

type Row = {
  readonly order_id: string;
  readonly key: string;
  readonly class: string;
  readonly reason: string;
  readonly since: Date;
};

/** What waits for a person, the longest first. */
export const exceptionsQuery =
  (database: Database): ExceptionsQuery =>
  async (filter, { limit, after }) => {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions: string[] = [];
    if (filter.class) conditions.push(`class = ${bind(filter.class)}`);
    if (filter.orderId) conditions.push(`order_id = ${bind(filter.orderId)}`);
    if (after)
      conditions.push(`(since, order_id, key) > (${keysetOf(after).map(bind).join(', ')})`);
    const rows = await database.query<Row>(
      `select order_id, key, class, reason, since from order_exceptions
       ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
       order by since, order_id, key limit ${limit + 1}`,
      values,
    );
    return pageOf(rows, limit, (row) => [row.since.toISOString(), row.order_id, row.key], itemOf);
  };

const keysetOf = (after: readonly unknown[]): readonly unknown[] => {
  const [since, orderId, key] = after;
  const isOurs =
    typeof since === 'string' &&
    !Number.isNaN(Date.parse(since)) &&
    isOrderId(orderId) &&
    typeof key === 'string';
  if (isOurs) return [since, orderId, key];
  throw invalidRequest([
    { field: 'cursor', code: 'cursor', message: 'must be the nextCursor of an earlier answer' },
  ]);
};

const itemOf = (row: Row): ExceptionItem => ({
  exceptionId: exceptionIdOf(row.order_id, row.key),
  class: row.class,
  orderId: row.order_id,
  orderNumber: readableNumber(row.order_id),
  since: row.since.toISOString(),
  reason: row.reason,
  nextActions: actionsOf(row.key),
});

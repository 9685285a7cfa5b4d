import { readableNumber } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import { pageOf, sortValues, type Page, type PageRequest } from '@throughline/service-kit';
import { exceptionIdOf, offeredOn, type Action } from './exception.js';
import { STREAMS_ASIDE } from './streams-aside.js';

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
    if (after) {
      const place = sortValues(after, ['instant', 'uuid', 'text']).map(bind);
      conditions.push(`(since, order_id, key) > (${place.join(', ')})`);
    }
    const rows = await database.query<Row>(
      `select order_id, key, class, reason, since from (
         select order_id, key, class, reason, since from order_exceptions union all ${STREAMS_ASIDE}
       ) as open
       ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
       order by since, order_id, key limit ${limit + 1}`,
      values,
    );
    return pageOf(rows, limit, (row) => [row.since.toISOString(), row.order_id, row.key], itemOf);
  };

const itemOf = (row: Row): ExceptionItem => ({
  exceptionId: exceptionIdOf(row.order_id, row.key),
  class: row.class,
  orderId: row.order_id,
  orderNumber: readableNumber(row.order_id),
  since: row.since.toISOString(),
  reason: row.reason,
  nextActions: offeredOn(row.order_id, row.key, row.reason),
});

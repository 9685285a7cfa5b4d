import {
  sortValues,
  pageOf,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { conditionsOf, nameOf, whereOf } from '../listing.js';

export type Waiting = {
  readonly orderId: string;
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  /** The part of it that is earmarked and waits for routing's answer. */
  readonly offered: number;
  readonly priority: number;
  readonly since: string;
  readonly onlyLocationId: string | null;
  readonly channel: string | null;
  readonly promisedOn: string | null;
};

/** A page of those who wait, by SKU and in the order in which they are served. */
export type BackordersQuery = (
  filter: { readonly sku?: string | null; readonly orderId?: string | null },
  page: PageRequest,
) => Promise<Page<Waiting>>;

type Row = {
  order_id: string;
  line_id: string;
  sku: string;
  quantity: number;
  offered: number;
  priority: number;
  since: Date;
  only_location_id: string | null;
  channel: string | null;
  promised_on: Date | null;
};

const COLUMNS = { sku: 'sku', orderId: 'order_id' } as const;
const TURN = 'sku, -priority, since, order_id, line_id';

const waitingOf = (row: Row): Waiting => ({
  orderId: row.order_id,
  lineId: row.line_id,
  sku: row.sku,
  quantity: row.quantity,
  offered: row.offered,
  priority: row.priority,
  since: row.since.toISOString(),
  onlyLocationId: row.only_location_id,
  channel: row.channel,
  promisedOn: row.promised_on?.toISOString() ?? null,
});

export const backordersQuery =
  (database: Database): BackordersQuery =>
  async (filter, { limit, after }) => {
    const conditions = conditionsOf(COLUMNS, filter);
    const { sql, values } = conditions;
    if (after) {
      const first = values.length + 1;
      values.push(...sortValues(after, ['text', 'int4', 'instant', 'text', 'text']));
      const place = `$${first}, $${first + 1}::integer, $${first + 2}::timestamptz, $${first + 3}, $${first + 4}`;
      sql.push(`(${TURN}) > (${place})`);
    }
    values.push(limit + 1);
    const text = `select order_id, line_id, sku, quantity, offered, priority, since,
      only_location_id, channel, promised_on
      from backorders ${whereOf(conditions)} order by ${TURN} limit $${values.length}`;
    const rows = await database.query<Row>(text, values, nameOf('backorders', conditions, after));
    const turnOf = ({ sku, priority, since, order_id: orderId, line_id: lineId }: Row) => [
      sku,
      -priority,
      since.toISOString(),
      orderId,
      lineId,
    ];
    return pageOf(rows, limit, turnOf, waitingOf);
  };

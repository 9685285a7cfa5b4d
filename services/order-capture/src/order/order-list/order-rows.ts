import { timestampOf } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import type { OrderException } from '../domain/order-troubles.js';
import type { PlacedOrder } from '../domain/placed-order.js';
import type { OrderStanding } from '../order-item.js';
import type { ProgressDocument } from './progress-document.js';

export type StateRow = {
  readonly orderId: string;
  readonly placedAt: string;
  readonly country: string | null;
  readonly revision: number;
  readonly status: string;
  readonly standing: OrderStanding;
  readonly progress: ProgressDocument;
};
export type LocationRow = {
  readonly orderId: string;
  readonly placedAt: string;
  readonly locationId: string;
};
export type ExceptionRow = OrderException & { readonly orderId: string };

/**
 * An array as Postgres writes it, so that rows with arrays of any length fit into one parameter.
 */
const arrayText = (texts: Iterable<string>): string =>
  `{${[...texts].map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join()}}`;

/** Writes what never changes about new orders. */
export const writeOrders = async (
  tx: PoolClient,
  orders: readonly PlacedOrder[],
): Promise<void> => {
  if (orders.length === 0) return;
  await tx.query({
    name: 'orders-write',
    text: `insert into orders
             (order_id, order_number, channel, external_id, placed_at, accepted_at, currency,
              total_minor, customer_id, skus, stated_at)
           select id, number, channel, external, placed, accepted, currency, total, customer,
                  skus::text[], stated
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
                       $6::timestamptz[], $7::text[], $8::bigint[], $9::text[], $10::text[],
                       $11::timestamptz[])
             as new (id, number, channel, external, placed, accepted, currency, total, customer,
                     skus, stated)
           on conflict (order_id) do nothing`,
    values: [
      orders.map(({ orderId }) => orderId),
      orders.map(({ orderNumber }) => orderNumber),
      orders.map(({ channel }) => channel),
      orders.map(({ externalId }) => externalId),
      orders.map(({ placedAt, listedAt }) => timestampOf(listedAt ?? placedAt)),
      orders.map(({ acceptedAt }) => acceptedAt),
      orders.map(({ currency }) => currency),
      orders.map(({ totalMinor }) => totalMinor),
      orders.map(({ customer }) => customer.id),
      orders.map(({ lines }) => arrayText(new Set(lines.map(({ sku }) => sku)))),
      orders.map(({ placedAt, listedAt }) => (listedAt ? timestampOf(placedAt) : null)),
    ],
  });
};

/** Writes how far orders are, unless a row is further already. */
export const writeStates = async (tx: PoolClient, rows: readonly StateRow[]): Promise<void> => {
  await tx.query({
    name: 'order-states-write',
    text: `insert into order_states as known
             (order_id, placed_at, revision, status, country, standing, progress)
           select * from unnest($1::uuid[], $2::timestamptz[], $3::integer[], $4::text[],
                                $5::text[], $6::json[], $7::json[])
           on conflict (order_id) do update set
             revision = excluded.revision, status = excluded.status, country = excluded.country,
             standing = excluded.standing, progress = excluded.progress
           where excluded.revision > known.revision`,
    values: [
      rows.map(({ orderId }) => orderId),
      rows.map(({ placedAt }) => timestampOf(placedAt)),
      rows.map(({ revision }) => revision),
      rows.map(({ status }) => status),
      rows.map(({ country }) => country),
      rows.map(({ standing }) => JSON.stringify(standing)),
      rows.map(({ progress }) => JSON.stringify(progress)),
    ],
  });
};

/** Adds locations that work on orders. */
export const writeLocations = async (
  tx: PoolClient,
  rows: readonly LocationRow[],
): Promise<void> => {
  if (rows.length === 0) return;
  await tx.query({
    name: 'order-locations-write',
    text: `insert into order_locations (location_id, placed_at, order_id)
           select * from unnest($1::text[], $2::timestamptz[], $3::uuid[])
           on conflict do nothing`,
    values: [
      rows.map(({ locationId }) => locationId),
      rows.map(({ placedAt }) => timestampOf(placedAt)),
      rows.map(({ orderId }) => orderId),
    ],
  });
};

/**
 * Puts `rows` in the place of all exceptions of `troubled` orders; other orders of `rows` had
 * none.
 */
export const writeExceptions = async (
  tx: PoolClient,
  troubled: readonly string[],
  rows: readonly ExceptionRow[],
): Promise<void> => {
  if (troubled.length > 0)
    await tx.query('delete from order_exceptions where order_id = any($1::uuid[])', [troubled]);
  if (rows.length === 0) return;
  await tx.query({
    name: 'order-exceptions-write',
    text: `insert into order_exceptions (order_id, key, class, reason, since)
           select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])`,
    values: [
      rows.map(({ orderId }) => orderId),
      rows.map(({ key }) => key),
      rows.map((row) => row.class),
      rows.map(({ reason }) => reason),
      rows.map(({ since }) => timestampOf(since)),
    ],
  });
};

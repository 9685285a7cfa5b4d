import type { Database } from '@throughline/service-kit';

/** Orders looked at in one round of resuming. */
const RESUMED_MAX = 100;

/** An order that only barred locations have goods for is looked at again after this. */
const RETRY_MS = 60_000;
export const retryAfter = (now: string): string =>
  new Date(Date.parse(now) + RETRY_MS).toISOString();

/** What an order cannot go on without: its one location, items for its SKUs, or that time goes by. */
export type AwaitedThings = {
  readonly locationId: string | null;
  readonly skus: readonly string[];
  readonly retryAt: string | null;
};
export type StalledOrder = AwaitedThings & { readonly orderId: string };

const ADD = `
  insert into stalled_order (order_id, location_id, skus, retry_at) values ($1, $2, $3, $4)
  on conflict (order_id) do update set
    location_id = excluded.location_id, skus = excluded.skus, retry_at = excluded.retry_at`;

const REMOVE = `
  delete from stalled_order
  where order_id = $1 and location_id is not distinct from $2 and skus = $3
    and retry_at is not distinct from $4`;

const RESUMABLE = `
  select order_id as "orderId", location_id as "locationId", skus,
    to_char(retry_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "retryAt"
  from stalled_order
  where (location_id is null
      or exists (select from location where location.location_id = stalled_order.location_id and active))
    and not exists (
      select from unnest(skus) as awaited (sku)
      where not exists (select from item where item.sku = awaited.sku))
    and (retry_at is null or retry_at <= $1)
  order by retry_at nulls first, order_id limit ${RESUMED_MAX}`;

/**
 * Orders whose one location is not known or not active, whose SKUs no catalogue lists, or whose goods lie only where
 * they are not to come from. A list of where to look again; what is true of an order stands in its stream.
 */
export class StalledOrders {
  constructor(private readonly database: Database) {}

  async add(orderId: string, { locationId, skus, retryAt }: AwaitedThings): Promise<void> {
    await this.database.query(ADD, [orderId, locationId, skus, retryAt]);
  }

  /** Unless the order came to wait for something else meanwhile. */
  async remove({ orderId, locationId, skus, retryAt }: StalledOrder): Promise<void> {
    await this.database.query(REMOVE, [orderId, locationId, skus, retryAt]);
  }

  /** Those for which all that they wait for is there by now; those that wait for time, the longest wait first. */
  resumable(now: string): Promise<StalledOrder[]> {
    return this.database.query<StalledOrder>(RESUMABLE, [now]);
  }
}

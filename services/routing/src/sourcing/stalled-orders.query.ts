import type { Database } from '@throughline/service-kit';

/** Orders looked at in one round of resuming. */
const RESUMED_MAX = 100;

/** What an order cannot go on without: its one location, or items for its SKUs. */
export type AwaitedThings = {
  readonly locationId: string | null;
  readonly skus: readonly string[];
};
export type StalledOrder = AwaitedThings & { readonly orderId: string };

const ADD = `
  insert into stalled_order (order_id, location_id, skus) values ($1, $2, $3)
  on conflict (order_id) do update set location_id = excluded.location_id, skus = excluded.skus`;

const REMOVE = `
  delete from stalled_order
  where order_id = $1 and location_id is not distinct from $2 and skus = $3`;

const RESUMABLE = `
  select order_id as "orderId", location_id as "locationId", skus from stalled_order
  where (location_id is null
      or exists (select from location where location.location_id = stalled_order.location_id and active))
    and not exists (
      select from unnest(skus) as awaited (sku)
      where not exists (select from item where item.sku = awaited.sku))
  order by order_id limit ${RESUMED_MAX}`;

/**
 * Orders whose one location is not known or not active, or whose SKUs no catalogue lists. A list of where to
 * look again; what is true of an order stands in its stream.
 */
export class StalledOrders {
  constructor(private readonly database: Database) {}

  async add(orderId: string, { locationId, skus }: AwaitedThings): Promise<void> {
    await this.database.query(ADD, [orderId, locationId, skus]);
  }

  /** Unless the order came to wait for something else meanwhile. */
  async remove({ orderId, locationId, skus }: StalledOrder): Promise<void> {
    await this.database.query(REMOVE, [orderId, locationId, skus]);
  }

  /** Those for which all that they wait for is there by now. */
  resumable(): Promise<StalledOrder[]> {
    return this.database.query<StalledOrder>(RESUMABLE);
  }
}

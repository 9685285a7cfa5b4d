import type { Database } from '@throughline/service-kit';

/** Orders looked at in one round of resuming. */
const RESUMED_MAX = 100;

const ADD = `
  insert into stalled_order (order_id, location_id) values ($1, $2) on conflict (order_id) do nothing`;

const RESUMABLE = `
  select order_id as "orderId" from stalled_order join location using (location_id)
  where location.active order by order_id limit ${RESUMED_MAX}`;

/**
 * Orders whose one location is not known or not active. A list of where to look again; what is
 * true of an order stands in its stream.
 */
export class StalledOrders {
  constructor(private readonly database: Database) {}

  async add(orderId: string, locationId: string): Promise<void> {
    await this.database.query(ADD, [orderId, locationId]);
  }

  async remove(orderId: string): Promise<void> {
    await this.database.query('delete from stalled_order where order_id = $1', [orderId]);
  }

  /** Those whose location is there by now. */
  async resumable(): Promise<string[]> {
    const rows = await this.database.query<{ orderId: string }>(RESUMABLE);
    return rows.map(({ orderId }) => orderId);
  }
}

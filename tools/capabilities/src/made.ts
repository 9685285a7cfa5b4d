import type { Method } from '@throughline/cli';

type Done = {
  readonly method: Method;
  readonly path: string;
  readonly body: unknown;
  readonly answered: unknown;
};

const LOCATION = /^\/v1\/inventory\/locations\/([^/]+)$/;
const SUPPLY = /^\/v1\/inventory\/supplies\/([^/]+)$/;
const LISTING = /^\/v1\/inventory\/channels\/[^/]+\/listings\/[^/]+$/;

/** What a run has made, so that it can be taken out of use. Noted from the requests, so that nothing is forgotten. */
export class Made {
  readonly orders = new Set<string>();
  readonly holds = new Set<string>();
  readonly supplies = new Set<string>();
  readonly listings = new Set<string>();
  /** Each as it was put last. */
  readonly locations = new Map<string, object>();

  note({ method, path, body, answered }: Done): void {
    const { orderId, reservationId } = (answered ?? {}) as Record<string, string | undefined>;
    if (method === 'POST' && path === '/v1/orders') this.orders.add(orderId!);
    if (method === 'POST' && path === '/v1/inventory/reservations') this.holds.add(reservationId!);
    if (method !== 'PUT') return;
    const location = LOCATION.exec(path);
    if (location) this.locations.set(location[1]!, body as object);
    const supply = SUPPLY.exec(path);
    if (supply) this.supplies.add(supply[1]!);
    if (LISTING.test(path)) this.listings.add(path);
  }
}

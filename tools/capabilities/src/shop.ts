import assert from 'node:assert/strict';
import { Caller, type Installation, type Json } from './caller.js';
import { eventually } from './eventually.js';
import type { Made } from './made.js';
import { orderOf, type Units, type Wish } from './order.js';

export const NEAR = 'SW1A 1AA';
export const FAR = 'EH1 1YZ';

/** Asserts that `actual` has all that `expected` names, whatever else it has. */
export const shows = (actual: unknown, expected: object): void =>
  assert.partialDeepStrictEqual(actual, expected);

/** How much a test does whose capability names a number; `small` where many other tests wait. */
export type Scale = 'full' | 'small';

/** What one capability is tested with: locations, items and orders of its own, in any installation. */
export class Shop extends Caller {
  #orders = 0;
  #steps = 0;

  constructor(
    installation: Installation,
    made: Made,
    /** Begins every id. */
    readonly prefix: string,
    readonly scale: Scale,
  ) {
    super(installation, made);
  }

  named(name: string): string {
    return `${this.prefix}-${name}`;
  }

  /** A name that was not given before. */
  next(name: string): string {
    this.#steps += 1;
    return this.named(`${name}-${this.#steps}`);
  }

  // ---- Given

  async location(name: string, type = 'warehouse', postalCode = NEAR, more = {}): Promise<string> {
    const id = this.named(name);
    const address = { lines: [], city: name, region: null, postalCode, country: 'GB' };
    await this.put(`/v1/inventory/locations/${id}`, { type, name: id, address, ...more });
    return id;
  }

  async item(name = 'lamp', more = {}): Promise<string> {
    const sku = this.named(name);
    await this.put(`/v1/inventory/items/${sku}`, { name: sku, weightGrams: 400, ...more });
    return sku;
  }

  /** A warehouse with so many of one item. */
  async goods(quantity: number): Promise<{ readonly sku: string; readonly at: string }> {
    const at = await this.location('main');
    const sku = await this.item();
    if (quantity > 0) await this.receive(sku, at, quantity);
    return { sku, at };
  }

  receive(sku: string, locationId: string, quantity: number): Promise<Json> {
    return this.move('receipt', sku, locationId, quantity);
  }

  move(
    type: string,
    sku: string,
    locationId: string,
    quantity: number,
    more: object = {},
  ): Promise<Json> {
    const body = { type, sku, locationId, quantity, reason: 'capability test', ...more };
    return this.post('/v1/inventory/movements', body);
  }

  supply(id: string, locationId: string, sku: string, quantity: number, expectedAt: string) {
    const lines = [{ lineId: '1', sku, quantity, expectedAt }];
    const body = { kind: 'purchase-order', locationId, lines };
    return this.put(`/v1/inventory/supplies/${id}`, body);
  }

  // ---- When

  /** The body of an order of so many units of each SKU at 2.50 pounds, to London, paid by card. */
  order(units: Units, wish: Wish = {}) {
    this.#orders += 1;
    const externalId = this.named(String(this.#orders));
    return orderOf(units, { externalId, customerId: this.prefix, ...wish });
  }

  /** Places an order and answers its id. */
  async place(units: Units, wish?: Wish): Promise<string> {
    return (await this.post('/v1/orders', this.order(units, wish))).orderId;
  }

  /** A checkout's hold, anywhere or at one location. */
  hold(sku: string, quantity: number, more: object = {}): Promise<Json> {
    return this.post('/v1/inventory/reservations', { lines: [{ sku, quantity }], ...more });
  }

  cancel(orderId: string): Promise<Json> {
    return this.post(`/v1/orders/${orderId}/cancellations`, { reason: 'capability test' });
  }

  pick(fulfillmentId: string, lines: readonly Json[]): Promise<Json> {
    const path = `/v1/fulfillments/${fulfillmentId}/picks`;
    return this.post(path, { scanId: this.next('scan'), lines });
  }

  /** Picks and packs all that a fulfillment holds, and waits until it may leave. */
  async prepare(fulfillmentId: string, weightGrams = 400): Promise<void> {
    const path = `/v1/fulfillments/${fulfillmentId}`;
    const { lines } = await this.get(path);
    const open = lines
      .map(({ lineId, quantity, picked, shorted, cancelled }: Json) => ({
        lineId,
        quantity: quantity - picked - shorted - cancelled,
      }))
      .filter(({ quantity }: Json) => quantity > 0);
    if (open.length > 0) await this.pick(fulfillmentId, open);
    await this.post(`${path}/packs`, { packageId: this.next('package'), weightGrams });
    await eventually(async () => shows(await this.get(path), { status: 'ready' }));
  }

  handOver(fulfillmentId: string, receiver = 'carrier'): Promise<Json> {
    const body = { handOverId: this.next('van'), receiver };
    return this.post(`/v1/fulfillments/${fulfillmentId}/hand-over`, body);
  }

  /** Ships all of an order that `count` locations have to do, and answers its shipments. */
  async ship(orderId: string, count = 1): Promise<Json[]> {
    for (const { fulfillmentId } of await this.works(orderId, count)) {
      await this.prepare(fulfillmentId);
      await this.handOver(fulfillmentId);
    }
    return eventually(async () => {
      const shipments = await this.list('/v1/shipments', { orderId });
      assert.deepEqual([...new Set(shipments.map(({ status }) => status))], ['in-transit']);
      return shipments;
    });
  }

  /** Waits until an order has so many parcels. */
  parcels(orderId: string, count = 1): Promise<Json[]> {
    return eventually(async () => {
      const shipments = await this.list('/v1/shipments', { orderId });
      assert.equal(shipments.length, count, `shipments of ${orderId}`);
      return shipments;
    });
  }

  track(shipmentId: string, status: string, more: object = {}): Promise<Json> {
    const path = `/v1/shipments/${shipmentId}/tracking-events`;
    return this.post(path, { eventId: this.next('scan'), status, ...more });
  }

  /** Ships all of an order and has it delivered. */
  async deliver(orderId: string, count = 1): Promise<void> {
    for (const { shipmentId } of await this.ship(orderId, count))
      await this.track(shipmentId, 'delivered');
    await this.becomes(orderId, { status: 'delivered' });
  }

  /** A return of so many units of the first line, approved and received at a location. */
  async takeBack(orderId: string, quantity: number, locationId: string): Promise<string> {
    const lines = [{ lineId: '1', quantity }];
    const wanted = { orderId, lines, reason: 'too small' };
    const { returnId } = await eventually(() => this.post('/v1/returns', wanted));
    await this.post(`/v1/returns/${returnId}/approval`);
    await eventually(() => this.post(`/v1/returns/${returnId}/receipt`, { locationId }));
    return returnId;
  }

  inspect(returnId: string, quantity: number, disposition: string): Promise<Json> {
    const lines = [{ lineId: '1', quantity, disposition }];
    return this.post(`/v1/returns/${returnId}/inspection`, { lines });
  }

  // ---- Then

  /** Waits until the order shows this. */
  becomes(orderId: string, expected: object): Promise<Json> {
    return eventually(async () => {
      const order = await this.get(`/v1/orders/${orderId}`);
      shows(order, expected);
      return order;
    });
  }

  /** Waits until lists have the order. */
  async isListed(orderId: string): Promise<void> {
    await eventually(async () => {
      const listed = await this.list('/v1/orders', { customer: this.prefix });
      assert.ok(listed.some((order) => order.orderId === orderId));
    });
  }

  /** Waits until the quantities of a line are these and no others. */
  async counts(orderId: string, expected: Units, lineId = '1'): Promise<void> {
    await eventually(async () => {
      const { lines } = await this.get(`/v1/orders/${orderId}`);
      const { quantities } = lines.find((line: Json) => line.lineId === lineId);
      const some = Object.entries(quantities).filter(([, quantity]) => quantity !== 0);
      assert.deepEqual(Object.fromEntries(some), expected);
    });
  }

  /** Waits until so many locations have work for an order. */
  works(orderId: string, count = 1): Promise<Json[]> {
    return eventually(async () => {
      const works = await this.list('/v1/fulfillments', { orderId });
      assert.equal(works.length, count, `fulfillments of ${orderId}`);
      return works;
    });
  }

  /** The shelf as it is now; nothing lies there where the system does not know it. */
  async shelf(sku: string, locationId: string): Promise<Json> {
    const [found] = await this.list('/v1/inventory/stock', { sku, locationId });
    return found ?? { onHand: 0, reserved: 0, available: 0, setAside: {} };
  }

  shelfBecomes(sku: string, locationId: string, expected: object): Promise<void> {
    return eventually(async () => shows(await this.shelf(sku, locationId), expected));
  }

  /** What can be promised of an item in all, now or under the conditions of a query (`&date=`). */
  async available(sku: string, query = ''): Promise<number> {
    return (await this.availability(sku, query)).available;
  }

  async availability(sku: string, query = ''): Promise<Json> {
    return (await this.get(`/v1/inventory/availability?sku=${sku}${query}`)).items[0];
  }

  async exceptions(orderId: string): Promise<Json[]> {
    return this.list('/v1/exceptions', { orderId });
  }
}

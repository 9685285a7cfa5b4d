import { until } from '@throughline/testing';
import { orderOf, quantitiesOf, type TestSystem } from './system.fixtures.js';

/** What becomes of orders when stock is held, shared, made of parts, or not what it was thought to be. */
export const stockJourneys = (system: () => TestSystem): void => {
  const inventoryIsSound = async (): Promise<void> =>
    expect(await system().list('/v1/inventory/checks')).toEqual([]);
  const shelf = async (sku: string, locationId: string) =>
    (await system().list(`/v1/inventory/stock?sku=${sku}&locationId=${locationId}`))[0];
  const count = async (sku: string, locationId: string, quantity: number): Promise<object> =>
    system().ok('POST', '/v1/inventory/movements', {
      type: 'count',
      sku,
      locationId,
      quantity,
      reason: 'cycle count',
    });
  const place = async (externalId: string, units: Record<string, number>, more: object) =>
    (await system().ok('POST', '/v1/orders', { ...orderOf(externalId, units), ...more })).orderId;

  it('sources again or backorders exactly what a count found missing', async () => {
    await system().stock('near', 'SW1A', { R: 5 });
    await system().stock('far', 'EH1', { R: 1 });
    const older = await system().place('count-1', { R: 3 });
    await system().settled();
    const younger = await system().place('count-2', { R: 2 });
    await system().settled();
    expect(await count('R', 'near', 3)).toMatchObject({
      onHand: 3,
      reserved: 3,
      revoked: [{ orderId: younger, lineId: '1', quantity: 2 }],
    });
    await system().settled();
    expect(quantitiesOf(await system().order(older))).toEqual({ ordered: 3, sourced: 3 });
    expect(quantitiesOf(await system().order(younger))).toEqual({
      ordered: 2,
      sourced: 1,
      backordered: 1,
    });
    const work = await system().list(`/v1/fulfillments?orderId=${younger}`);
    expect(work.map(({ locationId }) => locationId).sort()).toEqual(['far', 'near']);
    await inventoryIsSound();
  });

  it('gives the last unit to the order whose checkout held it', async () => {
    await system().stock('near', 'SW1A', { L: 1 });
    const hold = { lines: [{ sku: 'L', quantity: 1 }], channel: 'web' };
    const held = await system().ok('POST', '/v1/inventory/reservations', hold);
    await system().settled();
    const other = await system().place('held-1', { L: 1 });
    await system().settled();
    expect(quantitiesOf(await system().order(other))).toEqual({ ordered: 1, backordered: 1 });
    const order = orderOf('held-2', { L: 1 });
    const lines = order.lines.map((one) => ({ ...one, reservationId: held.reservationId }));
    const { orderId } = await system().ok('POST', '/v1/orders', { ...order, lines });
    await system().settled();
    expect(quantitiesOf(await system().order(orderId))).toEqual({ ordered: 1, sourced: 1 });
    expect(await shelf('L', 'near')).toMatchObject({ onHand: 1, reserved: 1 });
    await inventoryIsSound();
  });

  it('sources an order as any other when the hold that it names is gone', async () => {
    await system().stock('near', 'SW1A', { M: 2 });
    const order = orderOf('held-3', { M: 2 });
    const lines = order.lines.map((one) => ({ ...one, reservationId: 'long-gone' }));
    const { orderId } = await system().ok('POST', '/v1/orders', { ...order, lines });
    await system().settled();
    expect(quantitiesOf(await system().order(orderId))).toEqual({ ordered: 2, sourced: 2 });
  });

  it('ships a kit, and its parts leave the shelf', async () => {
    await system().stock('near', 'SW1A', { CUP: 8, POT: 2 });
    await system().ok('PUT', '/v1/inventory/items/TEASET', {
      name: 'Tea set',
      components: [
        { sku: 'CUP', quantity: 4 },
        { sku: 'POT', quantity: 1 },
      ],
    });
    await system().settled();
    const orderId = await system().place('kit-1', { TEASET: 1 });
    await system().settled();
    expect(await shelf('CUP', 'near')).toMatchObject({ onHand: 8, reserved: 4 });
    await system().shipAll(orderId);
    await system().track(orderId, 'delivered');
    expect(quantitiesOf(await system().order(orderId))).toEqual({ ordered: 1, delivered: 1 });
    expect([await shelf('CUP', 'near'), await shelf('POT', 'near')]).toMatchObject([
      { onHand: 4, reserved: 0 },
      { onHand: 1, reserved: 0 },
    ]);
    await inventoryIsSound();
  });

  it('shows an order of something unknown as an exception until it is in the catalogue', async () => {
    await system().stock('near', 'SW1A', { N: 1 });
    const orderId = await system().place('unknown-1', { N: 1, NEVERHEARD: 1 });
    await system().settled();
    const exceptions = await system().list(`/v1/exceptions?orderId=${orderId}`);
    expect(exceptions).toMatchObject([{ class: 'mapping' }]);
    await system().stock('near', 'SW1A', { NEVERHEARD: 1 });
    await until(async () => (await system().order(orderId)).status === 'confirmed');
    await system().settled();
    const [line] = (await system().order(orderId)).lines;
    expect(line.quantities).toMatchObject({ ordered: 1, sourced: 1 });
    expect(await system().list(`/v1/exceptions?orderId=${orderId}`)).toEqual([]);
  });

  it('keeps a channel to its share of the stock', async () => {
    await system().stock('near', 'SW1A', { O: 10 });
    const listing = { quota: 2, buffer: 0 };
    await system().ok('PUT', '/v1/inventory/channels/market/listings/O', listing);
    const orderId = await place('share-1', { O: 3 }, { channel: 'market' });
    await system().settled();
    expect(quantitiesOf(await system().order(orderId))).toEqual({
      ordered: 3,
      sourced: 2,
      backordered: 1,
    });
    const web = await system().place('share-2', { O: 8 });
    await system().settled();
    expect(quantitiesOf(await system().order(web))).toEqual({ ordered: 8, sourced: 8 });
    await inventoryIsSound();
  });

  it('takes what a store sells over the counter off its shelf', async () => {
    await system().stock('store', 'M1', { P: 4 });
    await system().settled();
    const fulfillment = { method: 'counter', locationId: 'store' };
    const orderId = await place('counter-1', { P: 1 }, { channel: 'store', fulfillment });
    await system().settled();
    await system().shipAll(orderId);
    expect(quantitiesOf(await system().order(orderId))).toEqual({ ordered: 1, delivered: 1 });
    expect(await shelf('P', 'store')).toMatchObject({ onHand: 3, reserved: 0 });
  });

  it('sends what a store sells and does not have from where it lies', async () => {
    await system().stock('store', 'M1', { Q: 0 });
    await system().stock('far', 'EH1', { Q: 2 });
    const fulfillment = { method: 'ship', locationId: 'store' };
    const orderId = await place('aisle-1', { Q: 1 }, { channel: 'store', fulfillment });
    await system().settled();
    const work = await system().list(`/v1/fulfillments?orderId=${orderId}`);
    expect(work).toMatchObject([{ locationId: 'far' }]);
    await system().shipAll(orderId);
    await system().track(orderId, 'delivered');
    expect(quantitiesOf(await system().order(orderId))).toEqual({ ordered: 1, delivered: 1 });
    expect(await shelf('Q', 'far')).toMatchObject({ onHand: 1, reserved: 0 });
    await inventoryIsSound();
  });

  it('promises a date to who waits, and says so when supply is late', async () => {
    await system().stock('near', 'SW1A', { LATE: 0 });
    const orderId = await system().place('late-1', { LATE: 2 });
    await system().settled();
    const supply = (expectedAt: string): Promise<unknown> =>
      system().ok('PUT', '/v1/inventory/supplies/PO-LATE', {
        kind: 'purchase-order',
        locationId: 'near',
        lines: [{ lineId: '1', sku: 'LATE', quantity: 5, expectedAt }],
      });
    const promised = async (on: string): Promise<boolean> =>
      (await system().order(orderId)).lines[0].promisedOn === on;
    await supply('2099-02-01T09:00:00.000Z');
    await until(() => promised('2099-02-01T09:00:00.000Z'));
    await supply('2099-03-01T09:00:00.000Z');
    await until(() => promised('2099-03-01T09:00:00.000Z'));
    const receipt = { lines: [{ lineId: '1', quantity: 2 }] };
    await system().ok('POST', '/v1/inventory/supplies/PO-LATE/receipts', receipt);
    await system().settled();
    expect(quantitiesOf(await system().order(orderId))).toEqual({ ordered: 2, sourced: 2 });
    await inventoryIsSound();
  });

  it('takes no order for a pop-up store that has closed', async () => {
    const place = { type: 'store', name: 'Pop-up', address: { country: 'GB', postalCode: 'M1' } };
    await system().ok('PUT', '/v1/inventory/locations/popup', {
      ...place,
      activeFrom: '2020-01-01T00:00:00Z',
      activeTo: '2020-02-01T00:00:00Z',
    });
    await system().settled();
    const fulfillment = { method: 'pickup', locationId: 'popup' };
    const order = { ...orderOf('popup-1', { A: 1 }), fulfillment };
    const { status, body } = await system().http('POST', '/v1/orders', order);
    expect([status, body.errors[0]]).toMatchObject([
      422,
      { field: 'fulfillment.locationId', code: 'location-closed' },
    ]);
  });
};

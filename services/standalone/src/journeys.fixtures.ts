import { sourcingJourneys } from './sourcing-journeys.fixtures.js';
import { stockJourneys } from './stock-journeys.fixtures.js';
import { orderOf, quantitiesOf, type TestSystem } from './system.fixtures.js';

/** The journeys that earn money, on whatever the system stands. */
export const journeys = (start: () => Promise<TestSystem>): void => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await start();
  });
  afterAll(() => system.stop());

  const inventoryIsSound = async (): Promise<void> =>
    expect(await system.list('/v1/inventory/checks')).toEqual([]);

  it('takes an order from POST to delivered, and its money and stock with it', async () => {
    await system.stock('near', 'SW1A', { A: 10, B: 10 });
    await system.stock('far', 'EH1', { A: 10, B: 10 });
    const orderId = await system.place('journey-1', { A: 3, B: 2 });
    await system.settled();
    expect((await system.order(orderId)).status).toBe('confirmed');
    const [work] = await system.list(`/v1/fulfillments?orderId=${orderId}`);
    expect(work).toMatchObject({ locationId: 'near', status: 'released' });

    await system.shipAll(orderId);
    expect((await system.order(orderId)).status).toBe('shipped');
    await system.track(orderId, 'delivered');
    const order = await system.order(orderId);
    expect(order.status).toBe('delivered');
    expect(quantitiesOf(order)).toEqual({ ordered: 3, delivered: 3 });
    expect(await system.ok('GET', `/v1/payments/${orderId}`)).toMatchObject({
      captured: '12.50',
      earned: '12.50',
      refunded: '0.00',
      liability: '0.00',
    });
    const [stock] = await system.list('/v1/inventory/stock?sku=A&locationId=near');
    expect(stock).toMatchObject({ onHand: 7, reserved: 0, available: 7 });
    const [issue] = await system.list('/v1/inventory/movements?sku=A&locationId=near');
    expect(issue).toMatchObject({ type: 'issue', quantity: -3, actor: 'tester', actorName: null });
    const types = (await system.list(`/v1/orders/${orderId}/events`)).map(({ type }) => type);
    expect(types[0]).toBe('OrderPlaced');
    expect(new Set(types).size).toBeGreaterThan(5);
    await inventoryIsSound();
  });

  it('splits over the fewest locations when none has everything', async () => {
    await system.stock('north', 'LS1', { C: 5 });
    await system.stock('south', 'BN1', { D: 5 });
    const orderId = await system.place('split-1', { C: 1, D: 1 });
    await system.settled();
    const work = await system.list(`/v1/fulfillments?orderId=${orderId}`);
    expect(work.map(({ locationId }) => locationId).sort()).toEqual(['north', 'south']);
  });

  it('backorders what is not there and fills it when stock arrives', async () => {
    await system.stock('near', 'SW1A', { E: 1 });
    const orderId = await system.place('backorder-1', { E: 3 });
    await system.settled();
    expect(quantitiesOf(await system.order(orderId))).toEqual({
      ordered: 3,
      sourced: 1,
      backordered: 2,
    });
    await system.receive('near', 'E', 5);
    await system.settled();
    expect(quantitiesOf(await system.order(orderId))).toEqual({ ordered: 3, sourced: 3 });
    const [stock] = await system.list('/v1/inventory/stock?sku=E&locationId=near');
    expect(stock).toMatchObject({ onHand: 6, reserved: 3, available: 3 });
    expect(await system.list('/v1/inventory/backorders?sku=E')).toEqual([]);
    await inventoryIsSound();
  });

  it('cancels backordered units at once and recalls released ones', async () => {
    await system.stock('near', 'SW1A', { F: 2 });
    const orderId = await system.place('cancel-1', { F: 5 });
    await system.settled();
    const path = `/v1/orders/${orderId}/cancellations`;
    const waiting = await system.http('POST', path, {
      lines: [{ lineId: '1', quantity: 3 }],
      reason: 'changed my mind',
    });
    expect(waiting.status).toBe(200);
    await system.settled();
    const released = await system.http('POST', path, { reason: 'all of it' });
    expect(released.status).toBe(202);
    await system.settled();
    const order = await system.order(orderId);
    expect(quantitiesOf(order)).toEqual({ ordered: 5, cancelled: 5 });
    expect(order.status).toBe('cancelled');
    const [stock] = await system.list('/v1/inventory/stock?sku=F&locationId=near');
    expect(stock).toMatchObject({ onHand: 2, reserved: 0, available: 2 });
    expect(await system.list('/v1/inventory/backorders?sku=F')).toEqual([]);
    await inventoryIsSound();
  });

  it('refuses to cancel what was handed over', async () => {
    await system.stock('near', 'SW1A', { G: 2 });
    const orderId = await system.place('cancel-2', { G: 2 });
    await system.settled();
    await system.shipAll(orderId);
    const late = await system.http('POST', `/v1/orders/${orderId}/cancellations`, {
      reason: 'late',
    });
    expect(late.status).toBe(409);
  });

  it('sources a short pick again from another location', async () => {
    await system.stock('near', 'SW1A', { H: 5 });
    await system.stock('far', 'EH1', { H: 5 });
    const orderId = await system.place('short-1', { H: 2 });
    await system.settled();
    const [first] = await system.list(`/v1/fulfillments?orderId=${orderId}`);
    expect(first.locationId).toBe('near');
    await system.ok('POST', `/v1/fulfillments/${first.fulfillmentId}/shorts`, {
      scanId: 'empty-shelf',
      lines: [{ lineId: '1', quantity: 1 }],
      reason: 'not on the shelf',
    });
    await system.settled();
    const work = await system.list(`/v1/fulfillments?orderId=${orderId}`);
    expect(work.map(({ locationId }) => locationId).sort()).toEqual(['far', 'near']);
    await system.shipAll(orderId);
    await system.track(orderId, 'delivered');
    expect(quantitiesOf(await system.order(orderId))).toEqual({ ordered: 2, delivered: 2 });
    await inventoryIsSound();
  });

  it('takes a return back to stock and refunds it to the penny', async () => {
    await system.stock('near', 'SW1A', { I: 3 });
    const orderId = await system.place('return-1', { I: 3 });
    await system.settled();
    await system.shipAll(orderId);
    await system.track(orderId, 'delivered');
    const { returnId } = await system.ok('POST', '/v1/returns', {
      orderId,
      lines: [{ lineId: '1', quantity: 2 }],
      reason: 'too small',
    });
    await system.ok('POST', `/v1/returns/${returnId}/approval`, {});
    await system.ok('POST', `/v1/returns/${returnId}/receipt`, { locationId: 'near' });
    await system.ok('POST', `/v1/returns/${returnId}/inspection`, {});
    await system.settled();
    expect(quantitiesOf(await system.order(orderId))).toEqual({
      ordered: 3,
      delivered: 3,
      returned: 2,
    });
    expect(await system.ok('GET', `/v1/payments/${orderId}`)).toMatchObject({
      captured: '7.50',
      earned: '2.50',
      refunded: '5.00',
    });
    const [stock] = await system.list('/v1/inventory/stock?sku=I&locationId=near');
    expect(stock).toMatchObject({ onHand: 2, reserved: 0 });
    await inventoryIsSound();
  });

  it('brings a parcel that came back to its origin back to stock', async () => {
    await system.stock('near', 'SW1A', { J: 2 });
    const orderId = await system.place('origin-1', { J: 2 });
    await system.settled();
    await system.shipAll(orderId);
    await system.track(orderId, 'returned-to-origin');
    expect(quantitiesOf(await system.order(orderId))).toEqual({ ordered: 2, returnedToOrigin: 2 });
    const [back] = await system.list(`/v1/returns?orderId=${orderId}`);
    expect(back).toMatchObject({ kind: 'return-to-origin', status: 'approved' });
    await system.ok('POST', `/v1/returns/${back.returnId}/receipt`, { locationId: 'near' });
    await system.ok('POST', `/v1/returns/${back.returnId}/inspection`, {});
    await system.settled();
    const [stock] = await system.list('/v1/inventory/stock?sku=J&locationId=near');
    expect(stock).toMatchObject({ onHand: 2, reserved: 0, available: 2 });
    await inventoryIsSound();
  });

  it('gives a parcel back once that was called delivered, claimed by the customer and brought back', async () => {
    await system.stock('near', 'SW1A', { JJ: 2 });
    const orderId = await system.place('origin-2', { JJ: 2 });
    await system.settled();
    await system.shipAll(orderId);
    await system.track(orderId, 'delivered');
    const lines = [{ lineId: '1', quantity: 2 }];
    const claim = { orderId, lines, reason: 'too small' };
    const { returnId } = await system.ok('POST', '/v1/returns', claim);
    await system.ok('POST', `/v1/returns/${returnId}/approval`, {});
    await system.track(orderId, 'returned-to-origin');
    const receipt = { locationId: 'near' };
    const refused = await system.http('POST', `/v1/returns/${returnId}/receipt`, receipt);
    expect([refused.status, refused.body.code]).toEqual([409, 'return-voided']);
    const [back] = await system.list(`/v1/returns?orderId=${orderId}&kind=return-to-origin`);
    const nowhere = { locationId: 'nowhere' };
    const path = `/v1/returns/${back.returnId}`;
    expect((await system.http('POST', `${path}/receipt`, nowhere)).status).toBe(422);
    await system.ok('POST', `${path}/receipt`, receipt);
    await system.ok('POST', `${path}/inspection`, {});
    await system.settled();
    expect(await system.ok('GET', `/v1/payments/${orderId}`)).toMatchObject({
      captured: '5.00',
      refunded: '5.00',
      earned: '0.00',
    });
    const [stock] = await system.list('/v1/inventory/stock?sku=JJ&locationId=near');
    expect(stock).toMatchObject({ onHand: 2, reserved: 0 });
    await inventoryIsSound();
  });

  it('delivers nothing that was tracked before it was handed over', async () => {
    await system.stock('near', 'SW1A', { JK: 1 });
    const orderId = await system.place('early-1', { JK: 1 });
    await system.settled();
    const [work] = await system.list(`/v1/fulfillments?orderId=${orderId}`);
    const path = `/v1/fulfillments/${work.fulfillmentId}`;
    const picked = { scanId: 'pick', lines: [{ lineId: '1', quantity: 1 }] };
    await system.ok('POST', `${path}/picks`, picked);
    await system.ok('POST', `${path}/packs`, { packageId: 'parcel-1' });
    await system.settled();
    await system.track(orderId, 'delivered');
    const claim = { orderId, lines: [{ lineId: '1', quantity: 1 }], reason: 'too small' };
    expect((await system.http('POST', '/v1/returns', claim)).status).toBe(404);
    expect(quantitiesOf(await system.order(orderId))).toEqual({ ordered: 1, packed: 1 });
    expect(await system.ok('GET', `/v1/payments/${orderId}`)).toMatchObject({ captured: '0.00' });
    await system.ok('POST', `${path}/hand-over`, { handOverId: 'van' });
    await system.settled();
    expect(quantitiesOf(await system.order(orderId))).toEqual({ ordered: 1, delivered: 1 });
    expect(await system.ok('GET', `/v1/payments/${orderId}`)).toMatchObject({ captured: '2.50' });
    await inventoryIsSound();
  });

  it('holds an order whose payment failed, and goes on when a person releases it', async () => {
    await system.stock('near', 'SW1A', { K: 1 });
    const body = orderOf('hold-1', { K: 1 });
    const failed = { method: 'card', status: 'failed', amount: '2.50' };
    const { orderId } = await system.ok('POST', '/v1/orders', { ...body, payments: [failed] });
    await system.settled();
    const held = await system.order(orderId);
    expect([held.status, held.holds[0].kind]).toEqual(['held', 'payment']);
    const exceptions = await system.list(`/v1/exceptions?orderId=${orderId}`);
    expect(exceptions).toHaveLength(1);
    await system.ok(
      'DELETE',
      `/v1/orders/${orderId}/holds/${held.holds[0].holdId}?reason=paid+by+phone`,
    );
    await system.settled();
    expect(quantitiesOf(await system.order(orderId))).toEqual({ ordered: 1, sourced: 1 });
  });

  it('sells the last 100 units exactly once to 300 racing orders', async () => {
    await system.stock('near', 'SW1A', { HOT: 100 });
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < 300) {
        next += 1;
        await system.place(`hot-${next}`, { HOT: 1 });
      }
    };
    await Promise.all(Array.from({ length: 64 }, client));
    await system.settled();
    const [stock] = await system.list('/v1/inventory/stock?sku=HOT&locationId=near');
    expect(stock).toMatchObject({ onHand: 100, reserved: 100, available: 0 });
    const pages = ['backordered', 'confirmed'].map((status) =>
      system.list(`/v1/orders?sku=HOT&status=${status}&limit=200`),
    );
    const [waiting, working] = await Promise.all(pages);
    expect([waiting!.length, working!.length]).toEqual([200, 100]);
    await inventoryIsSound();
  });

  stockJourneys(() => system);
  sourcingJourneys(() => system);
};

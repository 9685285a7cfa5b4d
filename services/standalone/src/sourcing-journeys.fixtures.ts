import { until } from '@throughline/testing';
import { quantitiesOf, type TestSystem } from './system.fixtures.js';

/** What becomes of goods that a location refuses or does not find, and of parcels that are lost. */
export const sourcingJourneys = (system: () => TestSystem): void => {
  const exceptionOf = async (orderId: string) =>
    (await system().list(`/v1/exceptions?orderId=${orderId}`))[0];
  const resolve = async (id: string, action: string): Promise<void> => {
    await system().ok('POST', `/v1/exceptions/${id}/resolution`, { action, reason: 'asked for' });
    await system().settled();
  };
  const workOf = (orderId: string) => system().list(`/v1/fulfillments?orderId=${orderId}`);

  it('shows an order that its only warehouse rejected, and ships it when a person says so', async () => {
    await system().stock('near', 'SW1A', { BAR1: 5 });
    const orderId = await system().place('bar-1', { BAR1: 2 });
    await system().settled();
    const [first] = await workOf(orderId);
    const rejection = `/v1/fulfillments/${first.fulfillmentId}/rejection`;
    await system().ok('POST', rejection, { reason: 'too busy' });
    await system().settled();
    const exception = await exceptionOf(orderId);
    expect(exception).toMatchObject({ class: 'sourcing-failed', reason: 'rejected-by-all' });
    expect(exception.nextActions).toContain('source-again');
    const decision = await system().ok('GET', `/v1/routing/decisions/${orderId}`);
    expect(decision.bars).toMatchObject([{ locationId: 'near', sku: 'BAR1', reason: 'rejected' }]);
    await resolve(exception.exceptionId, 'source-again');
    expect(await exceptionOf(orderId)).toBeUndefined();
    await system().shipAll(orderId);
    expect(quantitiesOf(await system().order(orderId))).toEqual({ ordered: 2, shipped: 2 });
    expect(await system().list('/v1/inventory/checks')).toEqual([]);
  });

  it('ends in an exception when a kit is not found again and again', async () => {
    await system().stock('near', 'SW1A', { LID: 40 });
    const components = [{ sku: 'LID', quantity: 2 }];
    await system().ok('PUT', '/v1/inventory/items/LIDSET', { name: 'Lids', components });
    await system().settled();
    const orderId = await system().place('bar-2', { LIDSET: 1 });
    await system().settled();
    const [first] = await workOf(orderId);
    await system().ok('POST', `/v1/fulfillments/${first.fulfillmentId}/shorts`, {
      scanId: 'short-1',
      lines: [{ lineId: '1', quantity: 1 }],
      reason: 'not on the shelf',
    });
    await system().settled();
    const exception = await exceptionOf(orderId);
    expect(exception).toMatchObject({ class: 'sourcing-failed', reason: 'missing-everywhere' });
    expect(exception.nextActions).toEqual(
      expect.arrayContaining(['source-again', 'change-delivery', 'cancel-order']),
    );
    expect(await workOf(orderId)).toHaveLength(1);
  });

  it('sends for the last kit of a shelf a few times at most', async () => {
    await system().stock('near', 'SW1A', { CAP: 2 });
    const components = [{ sku: 'CAP', quantity: 2 }];
    await system().ok('PUT', '/v1/inventory/items/CAPSET', { name: 'Caps', components });
    await system().settled();
    const orderId = await system().place('bar-4', { CAPSET: 1 });
    await system().settled();
    let shorts = 0;
    for (; (await exceptionOf(orderId)) === undefined && shorts < 9; shorts += 1) {
      const work = await workOf(orderId);
      const { fulfillmentId } = work.find(({ status }) => status === 'released')!;
      await system().ok('POST', `/v1/fulfillments/${fulfillmentId}/shorts`, {
        scanId: `short-${shorts}`,
        lines: [{ lineId: '1', quantity: 1 }],
        reason: 'not on the shelf',
      });
      await system().settled();
    }
    expect(shorts).toBeLessThanOrEqual(3);
    // It waits without a date, or failed: a person can have it sourced again either way.
    expect((await exceptionOf(orderId)).nextActions).toContain('source-again');
    expect(await system().list('/v1/inventory/checks')).toEqual([]);
  });

  it('sends the units of a lost parcel once more, and they are delivered', async () => {
    await system().stock('near', 'SW1A', { GONE: 5 });
    const orderId = await system().place('bar-3', { GONE: 2 });
    await system().settled();
    await system().shipAll(orderId);
    await system().track(orderId, 'lost');
    await until(async () => (await exceptionOf(orderId)) !== undefined);
    await resolve((await exceptionOf(orderId)).exceptionId, 'reship');
    expect(await workOf(orderId)).toHaveLength(2);
    await system().shipAll(orderId);
    const shipments = await system().list(`/v1/shipments?orderId=${orderId}`);
    const sent = shipments.find(({ status }) => status !== 'lost');
    const path = `/v1/shipments/${sent.shipmentId}/tracking-events`;
    await system().ok('POST', path, { eventId: 'there', status: 'delivered' });
    await system().settled();
    expect((await system().order(orderId)).status).toBe('delivered');
    const [stock] = await system().list('/v1/inventory/stock?sku=GONE&locationId=near');
    expect(stock).toMatchObject({ onHand: 1, reserved: 0 });
    expect(await system().list('/v1/inventory/checks')).toEqual([]);
  });
};

import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';
import { ledgerOf } from './ledger.js';
import { queueLookThrough } from './offers.process.js';

describe("a channel's share", () => {
  let inventory: Warehouse;
  const share = (quota: number | null, buffer = 0, channel = 'market') =>
    inventory.http('PUT', `/v1/inventory/channels/${channel}/listings/A`, { quota, buffer });
  const buy = (orderId: string, quantity: number, more: object = {}) =>
    inventory.propose(orderId, 1, [at('L1', line('1', 'A', quantity))], {
      channel: 'market',
      ...more,
    });
  const last = async () => (await inventory.told()).at(-1);
  const taken = async () =>
    (await inventory.http('GET', '/v1/inventory/channels/market/listings/A')).body.taken;

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A'], ['L1', 'L2']);
    await inventory.receive('A', 'L1', 10);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('is never promised more of than its quota, and given back what is cancelled', async () => {
    await share(3);
    await buy('o1', 2);
    await buy('o2', 2);
    expect((await last())!.data.shortages).toEqual([
      { sku: 'A', locationId: 'L1', requested: 2, available: 1 },
    ]);
    await buy('o3', 5, { channel: 'web' });
    await inventory.handOver('o1', 1, 'L1', [line('1', 'A', 1)]);
    expect(await taken()).toBe(2);
    await inventory.release('o1', {
      reservations: [{ ...line('1', 'A', 1), attempt: 1, locationId: 'L1' }],
    });
    expect(await taken()).toBe(1);
    await buy('o4', 2);
    expect([(await last())!.type, await taken()]).toEqual(['StockReserved', 3]);
  });

  it('sums over lines, locations and holds', async () => {
    await inventory.receive('A', 'L2', 10);
    await share(3);
    const hold = { lines: [{ sku: 'A', quantity: 2 }], channel: 'market', locationId: 'L2' };
    const { body } = await inventory.http('POST', '/v1/inventory/reservations', hold);
    const both = [at('L1', line('1', 'A', 1)), at('L2', line('2', 'A', 1))];
    await inventory.propose('o1', 1, both, { channel: 'market' });
    expect((await last())!.data.shortages).toEqual([
      { sku: 'A', locationId: 'L2', requested: 1, available: 0 },
    ]);
    const held = [{ ...line('1', 'A', 2), reservationId: body.reservationId }];
    await inventory.propose('o1', 2, [at('L1', line('2', 'A', 1))], { channel: 'market', held });
    expect([(await last())!.type, await taken()]).toEqual(['StockReserved', 3]);
  });

  it('leaves the last units of a shelf to others', async () => {
    await share(null, 4);
    await buy('o1', 7);
    expect((await last())!.data.shortages).toMatchObject([{ available: 6 }]);
    await buy('o2', 6);
    await buy('o3', 4, { channel: 'web' });
    expect((await last())!.type).toBe('StockReserved');
  });

  it('keeps nobody else waiting, and its own until there is room', async () => {
    await share(1);
    await buy('o1', 2, { final: true });
    expect(await inventory.items('backorders')).toMatchObject([{ orderId: 'o1', quantity: 1 }]);
    await buy('o2', 5, { channel: 'web' });
    expect((await last())!.type).toBe('StockReserved');
    const { runtime } = inventory;
    const look = queueLookThrough(ledgerOf(runtime), runtime.database);
    await look.run();
    expect(await inventory.items('backorders')).toMatchObject([{ offered: 0 }]);
    await share(2);
    await look.run();
    expect(await inventory.items('backorders')).toMatchObject([{ offered: 1 }]);
    expect(await taken()).toBe(2);
  });

  it('serves the next of its own in the transaction that makes room', async () => {
    await share(1);
    await buy('o1', 1);
    await buy('o2', 1, { final: true });
    await inventory.release('o1', { closesAttempt: 1 });
    expect(await last()).toMatchObject({ type: 'StockOffered', data: { orderId: 'o2' } });
    expect(await taken()).toBe(1);
  });

  it('counts what was promised before it was set, so that giving that back makes no room', async () => {
    await buy('o1', 4);
    await share(4);
    await inventory.release('o1', { closesAttempt: 1 });
    await buy('o2', 4);
    await buy('o3', 1);
    expect([(await last())!.type, await taken()]).toEqual(['StockRefused', 4]);
  });

  it('may be set below what is promised, which takes nothing back', async () => {
    await buy('o1', 4);
    await share(2);
    await buy('o2', 1);
    expect((await last())!.type).toBe('StockRefused');
    await inventory.release('o1', {
      reservations: [{ ...line('1', 'A', 3), attempt: 1, locationId: 'L1' }],
    });
    await buy('o3', 1);
    expect([(await last())!.type, await taken()]).toEqual(['StockReserved', 2]);
  });
});

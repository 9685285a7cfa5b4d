import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';

describe('goods that leave although part of their reservation was revoked', () => {
  let inventory: Warehouse;
  const propose = (orderId: string, hour: number, sku: string, quantity: number, priority = 0) =>
    inventory.propose(orderId, 1, [at('L1', line('1', sku, quantity))], {
      acceptedAt: `2026-11-01T0${hour}:00:00.000Z`,
      priority,
    });
  const count = (sku: string, quantity: number) =>
    inventory.http('POST', '/v1/inventory/movements', {
      type: 'count',
      sku,
      locationId: 'L1',
      quantity,
      reason: 'count',
    });
  const makeKit = (...components: (readonly [string, number])[]) =>
    inventory.http('PUT', '/v1/inventory/items/KIT', {
      name: 'Kit',
      components: components.map(([sku, quantity]) => ({ sku, quantity })),
    });
  const revoked = async () =>
    (await inventory.told())
      .filter(({ type }) => type === 'ReservationRevoked')
      .map(({ data }) => [data.orderId, data.lines]);

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A', 'B'], ['L1']);
    await inventory.receive('A', 'L1', 4);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('leave the shelf, and an older order loses what is missing', async () => {
    await propose('o1', 1, 'A', 2);
    await propose('o2', 2, 'A', 2);
    await count('A', 3);
    await inventory.handOver('o2', 1, 'L1', [line('1', 'A', 2)]);
    expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: 1, reserved: 1 });
    expect(await revoked()).toEqual([
      ['o2', [line('1', 'A', 1)]],
      ['o1', [line('1', 'A', 1)]],
    ]);
  });

  it('leave the shelf when the same line comes twice in one hand-over', async () => {
    await propose('o1', 1, 'A', 2);
    await propose('o2', 2, 'A', 2);
    await inventory.handOver('o2', 1, 'L1', [line('1', 'A', 2), line('1', 'A', 1)]);
    expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: 1, reserved: 1 });
    expect(await revoked()).toEqual([['o1', [line('1', 'A', 1)]]]);
  });

  it('leave as the parts that the kit was reserved as, whatever it consists of now', async () => {
    await inventory.receive('B', 'L1', 4);
    await makeKit(['A', 1], ['B', 1]);
    await propose('o1', 1, 'A', 2);
    await propose('o2', 2, 'KIT', 2);
    await count('A', 2);
    await makeKit(['B', 1]);
    await inventory.handOver('o2', 1, 'L1', [line('1', 'KIT', 2)]);
    expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: 0, reserved: 0 });
    expect(await inventory.stock('B', 'L1')).toMatchObject({ onHand: 2, reserved: 0 });
  });

  it('leave as the parts of what is a kit no more', async () => {
    await inventory.receive('B', 'L1', 4);
    await makeKit(['A', 1], ['B', 1]);
    await propose('o1', 1, 'KIT', 2);
    await makeKit();
    await inventory.handOver('o1', 1, 'L1', [line('1', 'KIT', 2)]);
    expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: 2, reserved: 0 });
    expect(await inventory.stock('B', 'L1')).toMatchObject({ onHand: 2, reserved: 0 });
  });
});

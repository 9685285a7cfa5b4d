import { OrderLinesCancelled } from '@throughline/contracts';
import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';

describe('the holds of an order that was cancelled', () => {
  let inventory: Warehouse;
  const hold = async (reservationId: string, quantity = 2) => {
    const body = { reservationId, lines: [{ sku: 'A', quantity }], locationId: 'L1' };
    const { status } = await inventory.http('POST', '/v1/inventory/reservations', body);
    expect(status).toBe(201);
  };
  const cancel = (orderId: string, reservationIds?: string[], id?: string) => {
    const named = reservationIds && { reservationIds };
    const data = { orderId, lines: [line('1', 'A', 1)], ...named };
    return inventory.deliver(OrderLinesCancelled, orderId, data, id === undefined ? {} : { id });
  };
  const reserved = async () =>
    ((await inventory.stock('A', 'L1')) as { reserved: number }).reserved;

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A'], ['L1']);
    await inventory.receive('A', 'L1', 5);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('can be sold again at once, and go to who waits', async () => {
    await hold('cart', 5);
    await inventory.propose('o2', 1, [at('L1', line('1', 'A', 1))], { final: true });
    await cancel('o1', ['cart', 'never-held']);
    expect(await reserved()).toBe(1);
    expect((await inventory.told()).at(-1)).toMatchObject({
      type: 'StockOffered',
      data: { orderId: 'o2' },
    });
    expect(await inventory.items('reservations?orderId=cart')).toMatchObject([
      { state: 'released', quantity: 5 },
    ]);
  });

  it('are given back once, however often that is told and whatever the checkout holds then', async () => {
    await hold('cart');
    await cancel('o1', ['cart'], 'm1');
    inventory.at('2026-11-01T10:05:00.000Z');
    await hold('cart', 3);
    await cancel('o1', ['cart'], 'm1');
    expect(await reserved()).toBe(3);
  });

  it('stay where the checkout holds something again since, although the message comes late', async () => {
    inventory.at('2026-11-01T10:05:00.000Z');
    await hold('cart', 3);
    inventory.at('2026-11-01T10:00:00.000Z');
    await cancel('o1', ['cart']);
    expect(await reserved()).toBe(3);
  });

  it('stay where nothing names them, or an order has taken them over', async () => {
    await hold('cart');
    await hold('other');
    await inventory.propose('o2', 1, [], {
      held: [{ ...line('1', 'A', 2), reservationId: 'cart' }],
    });
    await cancel('o1', ['cart', 'o2']);
    await cancel('o1');
    expect(await reserved()).toBe(4);
    expect(await inventory.items('reservations?orderId=o2')).toMatchObject([
      { state: 'committed', quantity: 2 },
    ]);
  });
});

import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';

const KIT = 'TEA-SET';

describe('a kit', () => {
  let inventory: Warehouse;
  const set = (quantity: number, lineId = '1') => line(lineId, KIT, quantity);
  const reserved = async (locationId = 'L1') =>
    Promise.all(
      ['CUP', 'POT'].map(async (sku) => {
        const stock = (await inventory.stock(sku, locationId)) as { reserved: number } | undefined;
        return stock?.reserved ?? 0;
      }),
    );
  const types = async () => (await inventory.told()).map(({ type }) => type);

  // A tea set is four cups and a pot.
  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['CUP', 'POT'], ['L1', 'L2']);
    const components = [
      { sku: 'CUP', quantity: 4 },
      { sku: 'POT', quantity: 1 },
    ];
    const body = { name: 'Tea set', components };
    expect((await inventory.http('PUT', `/v1/inventory/items/${KIT}`, body)).status).toBe(201);
    await inventory.receive('CUP', 'L1', 10);
    await inventory.receive('POT', 'L1', 3);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('is reserved and issued part by part, and told as a whole', async () => {
    await inventory.propose('o1', 1, [at('L1', set(2))]);
    expect(await reserved()).toEqual([8, 2]);
    expect((await inventory.told()).at(-1)!.data).toMatchObject({
      allocations: [at('L1', set(2))],
    });
    await inventory.handOver('o1', 1, 'L1', [set(1)]);
    expect(await reserved()).toEqual([4, 1]);
    expect(await inventory.stock('CUP', 'L1')).toMatchObject({ onHand: 6, available: 2 });
    await inventory.release('o1', {
      reservations: [{ ...set(1), attempt: 1, locationId: 'L1' }],
    });
    expect(await reserved()).toEqual([0, 0]);
    expect(await inventory.stock('POT', 'L1')).toMatchObject({ onHand: 2, available: 2 });
  });

  it('is short of its scarcest part, which other lines may want too', async () => {
    await inventory.propose('o1', 1, [at('L1', set(3))]);
    await inventory.propose('o2', 1, [at('L1', set(2), line('2', 'CUP', 3))]);
    await inventory.propose('o3', 1, [at('L1', line('2', 'CUP', 3), set(2))]);
    expect((await inventory.told()).map(({ data }) => data.shortages)).toEqual([
      [{ sku: KIT, locationId: 'L1', requested: 3, available: 2 }],
      [{ sku: 'CUP', locationId: 'L1', requested: 3, available: 2 }],
      [{ sku: KIT, locationId: 'L1', requested: 2, available: 1 }],
    ]);
    await inventory.propose('o4', 1, [at('L1', set(2), line('2', 'CUP', 2))]);
    expect(await reserved()).toEqual([10, 2]);
  });

  it('waits for whole ones at one place, and is served when the last part comes', async () => {
    await inventory.propose('o1', 1, [at('L1', set(4))], { final: true });
    expect(await inventory.items(`backorders?sku=${KIT}`)).toMatchObject([{ quantity: 2 }]);
    await inventory.receive('CUP', 'L2', 8);
    await inventory.receive('CUP', 'L1', 5);
    expect(await types()).toEqual(['StockReserved', 'StockOffered']);
    expect((await inventory.told()).at(-1)!.data).toMatchObject({
      locationId: 'L1',
      lines: [set(1)],
    });
    expect(await reserved()).toEqual([12, 3]);
    await inventory.receive('POT', 'L2', 1);
    expect((await inventory.told()).at(-1)!.data).toMatchObject({
      locationId: 'L2',
      lines: [set(1)],
    });
  });

  it('takes parts from nobody who came before, nor they from it', async () => {
    const backorder = (orderId: string, hour: number, ...lines: ReturnType<typeof line>[]) =>
      inventory.propose(orderId, 1, [], {
        final: true,
        acceptedAt: `2026-11-01T0${hour}:00:00.000Z`,
        onlyLocationId: 'L2',
        backorders: lines,
      });
    await backorder('o1', 1, line('1', 'CUP', 2));
    await backorder('o2', 2, set(1));
    await backorder('o3', 3, line('1', 'CUP', 5));
    await inventory.receive('POT', 'L2', 1);
    await inventory.receive('CUP', 'L2', 7);
    const offers = (await inventory.told()).filter(({ type }) => type === 'StockOffered');
    expect(offers.map(({ data }) => [data.orderId, data.lines])).toEqual([
      ['o1', [line('1', 'CUP', 2)]],
      ['o2', [set(1)]],
      ['o3', [line('1', 'CUP', 1)]],
    ]);
  });

  it('goes as a whole when one of its parts is missing', async () => {
    await inventory.propose('o1', 1, [at('L1', set(2))]);
    const count = { type: 'count', sku: 'CUP', locationId: 'L1', quantity: 7, reason: 'count' };
    const { body } = await inventory.http('POST', '/v1/inventory/movements', count);
    expect(body.revoked).toEqual([{ orderId: 'o1', lineId: '1', quantity: 1 }]);
    expect(await reserved()).toEqual([4, 1]);
    expect((await inventory.told()).at(-1)).toMatchObject({
      type: 'ReservationRevoked',
      data: { lines: [set(1)] },
    });
  });

  it('comes back as its parts', async () => {
    await inventory.takeBack('o1', 'L2', [
      { ...set(1), disposition: 'restock' as const },
      { ...set(1, '2'), disposition: 'repair' as const },
    ]);
    expect(await inventory.items('stock?locationId=L2')).toMatchObject([
      { sku: 'CUP', onHand: 4, setAside: { repair: 4 } },
      { sku: 'POT', onHand: 1, setAside: { repair: 1 } },
    ]);
  });

  it('can be held by a checkout and taken over', async () => {
    const body = { reservationId: 'cart', lines: [{ sku: KIT, quantity: 2 }] };
    const answer = await inventory.http('POST', '/v1/inventory/reservations', body);
    expect(answer.body.allocations).toEqual([
      { locationId: 'L1', lines: [{ sku: KIT, quantity: 2 }] },
    ]);
    await inventory.propose('o1', 1, [], { held: [{ ...set(2), reservationId: 'cart' }] });
    expect(await reserved()).toEqual([8, 2]);
    expect(await inventory.items('reservations?orderId=o1')).toMatchObject([
      { sku: 'CUP', kitSku: KIT, quantity: 8 },
      { sku: 'POT', kitSku: KIT, quantity: 2 },
    ]);
  });

  it('keeps what it was made of when it was reserved', async () => {
    await inventory.propose('o1', 1, [at('L1', set(2))]);
    const components = [{ sku: 'CUP', quantity: 2 }];
    await inventory.http('PUT', `/v1/inventory/items/${KIT}`, { name: 'Cups', components });
    await inventory.handOver('o1', 1, 'L1', [set(1)]);
    expect(await reserved()).toEqual([4, 1]);
    await inventory.release('o1', { closesAttempt: 1 });
    expect(await reserved()).toEqual([0, 0]);
    expect(await inventory.stock('CUP', 'L1')).toMatchObject({ onHand: 6 });
  });

  it('that was offered is taken as it was made then, and no other beside it', async () => {
    await inventory.propose('o1', 1, [], {
      final: true,
      onlyLocationId: 'L2',
      backorders: [set(1)],
    });
    await inventory.receive('CUP', 'L2', 4);
    await inventory.receive('POT', 'L2', 1);
    const { offerId } = (await inventory.told()).at(-1)!.data as { offerId: string };
    const components = [{ sku: 'CUP', quantity: 1 }];
    await inventory.http('PUT', `/v1/inventory/items/${KIT}`, { name: 'Cup', components });
    await inventory.receive('CUP', 'L2', 3);
    const wanted = [at('L2', set(2))];
    await inventory.propose('o1', 2, wanted, { final: true, offerId, onlyLocationId: 'L2' });
    expect((await inventory.told()).at(-2)!.data).toMatchObject({
      allocations: [at('L2', set(1))],
      backordered: [set(1)],
    });
    expect(await reserved('L2')).toEqual([5, 1]);
  });

  it('has no stock of its own', async () => {
    const receipt = { type: 'receipt', sku: KIT, locationId: 'L1', quantity: 1, reason: 'r' };
    const { status, body } = await inventory.http('POST', '/v1/inventory/movements', receipt);
    expect([status, body.errors[0]]).toMatchObject([
      422,
      { field: 'sku', code: 'kit-has-no-stock' },
    ]);
  });
});

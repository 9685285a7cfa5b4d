import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';

describe('goods that are not sellable', () => {
  let inventory: Warehouse;
  const move = async (type: string, quantity: number, more: object = {}) => {
    const body = { type, sku: 'A', locationId: 'L1', quantity, reason: 'spec', ...more };
    return inventory.http('POST', '/v1/inventory/movements', body);
  };
  const stock = async (locationId = 'L1') =>
    (await inventory.items(`stock?sku=A&locationId=${locationId}`))[0];
  const location = (id: string, type: string) =>
    inventory.http('PUT', `/v1/inventory/locations/${id}`, {
      type,
      name: id,
      address: { country: 'GB' },
    });

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A'], ['L1', 'L2']);
    await inventory.receive('A', 'L1', 10);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('are seen and never promised', async () => {
    await move('damage', 3);
    await move('receipt', 2, { condition: 'quarantine' });
    expect(await stock()).toMatchObject({
      onHand: 7,
      available: 7,
      setAside: { damaged: 3, quarantine: 2 },
    });
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 8))]);
    expect((await inventory.told()).at(-1)).toMatchObject({ type: 'StockRefused' });
  });

  it('become something else, or leave the stock, with a reason', async () => {
    await move('damage', 3);
    await move('disposition', 1, { condition: 'damaged', toCondition: 'repair' });
    await move('disposition', 1, { condition: 'damaged', toCondition: 'sellable' });
    const { body } = await move('disposition', 1, { condition: 'damaged', reason: 'write-off' });
    expect(body).toMatchObject({ condition: 'damaged', onHand: 0 });
    expect(await stock()).toMatchObject({ onHand: 8, setAside: { repair: 1 } });
    const [written] = await inventory.items('movements?sku=A');
    expect(written).toMatchObject({
      type: 'disposition',
      condition: 'damaged',
      quantity: -1,
      before: 1,
      after: 0,
      reason: 'write-off',
    });
  });

  it('serve who waits once they can be sold', async () => {
    await move('damage', 10);
    await inventory.propose('o1', 1, [], { final: true, backorders: [line('1', 'A', 2)] });
    await move('disposition', 2, { condition: 'damaged', toCondition: 'sellable' });
    expect((await inventory.told()).at(-1)).toMatchObject({ type: 'StockOffered' });
  });

  it('are on their way between two locations, and nothing is lost of them', async () => {
    await move('transfer-out', 4, { toLocationId: 'L2' });
    expect([await stock(), await stock('L2')]).toMatchObject([
      { onHand: 6 },
      { onHand: 0, setAside: { 'in-transit': 4 } },
    ]);
    await move('transfer-in', 3, { locationId: 'L2' });
    expect(await stock('L2')).toMatchObject({ onHand: 3, setAside: { 'in-transit': 1 } });
    // One more than was sent off: nobody told of it.
    await move('transfer-in', 2, { locationId: 'L2' });
    expect(await stock('L2')).toMatchObject({ onHand: 5, setAside: {} });
  });

  it('belong to the marketplace that holds them, unless somebody says otherwise', async () => {
    await location('M1', 'marketplace');
    await move('receipt', 5, { locationId: 'M1' });
    expect(await stock('M1')).toMatchObject({
      onHand: 0,
      available: 0,
      setAside: { 'marketplace-held': 5 },
    });
    await move('disposition', 2, {
      locationId: 'M1',
      condition: 'marketplace-held',
      toCondition: 'sellable',
    });
    expect(await stock('M1')).toMatchObject({ onHand: 2, available: 2 });
  });

  it.each<[string, string, object]>([
    ['condition', 'disposition', {}],
    ['toCondition', 'receipt', { toCondition: 'damaged' }],
    ['toCondition', 'disposition', { condition: 'damaged', toCondition: 'damaged' }],
    ['toCondition', 'disposition', { condition: 'damaged', toCondition: 'in-transit' }],
    ['toLocationId', 'receipt', { toLocationId: 'L2' }],
    ['toLocationId', 'transfer-out', { toLocationId: 'L1' }],
    ['locationId', 'transfer-out', { toLocationId: 'L9' }],
    ['condition', 'receipt', { condition: 'shiny' }],
  ])('are refused where %s does not fit a %s', async (field, type, more) => {
    const { status, body } = await move(type, 1, more);
    expect([status, body.errors[0].field]).toEqual([422, field]);
  });

  describe('and goods that nobody counts', () => {
    const keep = (body: object) => inventory.http('PUT', '/v1/inventory/stock/A/S1', body);
    beforeEach(() => location('S1', 'supplier'));

    it('are promised by a supplier however many, and pass through as they leave', async () => {
      const { body } = await keep({ uncounted: true, leadTimeDays: 5 });
      expect(body).toMatchObject({ onHand: 0, uncounted: true, leadTimeDays: 5 });
      // None lies there to be had at once; the supplier is sent the order all the same.
      expect(body.available).toBe(0);
      await inventory.propose('o1', 1, [at('S1', line('1', 'A', 500))]);
      expect((await inventory.told()).at(-1)).toMatchObject({ type: 'StockReserved' });
      await inventory.handOver('o1', 1, 'S1', [line('1', 'A', 500)]);
      expect(await stock('S1')).toMatchObject({ onHand: 0, reserved: 0 });
      expect(await inventory.items('movements?locationId=S1')).toMatchObject([
        { type: 'issue', quantity: -500 },
        { type: 'supplied', quantity: 500 },
      ]);
    });

    it('lose what they promised beyond the stock when they are counted again', async () => {
      await keep({ uncounted: true });
      await inventory.propose('o1', 1, [at('S1', line('1', 'A', 5))]);
      await move('receipt', 3, { locationId: 'S1' });
      await keep({ uncounted: false });
      expect((await inventory.told()).at(-1)).toMatchObject({
        type: 'ReservationRevoked',
        data: { lines: [line('1', 'A', 2)] },
      });
    });

    it('are promised as the supplier says, beside what was sold before', async () => {
      const feed = (quantity: number) => move('feed', quantity, { locationId: 'S1' });
      await feed(5);
      await inventory.propose('o1', 1, [at('S1', line('1', 'A', 4))]);
      expect(await stock('S1')).toMatchObject({ reserved: 4, available: 1 });
      expect((await feed(3)).body).toMatchObject({ reserved: 4, available: 3, revoked: [] });
      // A partner that counts its shelf counts what is reserved on it too.
      await move('feed', 6, { locationId: 'L1' });
      expect(await stock('L1')).toMatchObject({ onHand: 6 });
    });
  });
});

describe('stock as it was', () => {
  it('is told for any time, in every condition', async () => {
    const inventory = await warehouse();
    try {
      await inventory.catalogue(['A'], ['L1']);
      await inventory.receive('A', 'L1', 10);
      inventory.at('2026-11-01T11:00:00.000Z');
      await inventory.propose('o1', 1, [at('L1', line('1', 'A', 4))]);
      inventory.at('2026-11-01T12:00:00.000Z');
      const damage = { type: 'damage', sku: 'A', locationId: 'L1', quantity: 1, reason: 'wet' };
      await inventory.http('POST', '/v1/inventory/movements', damage);
      inventory.at('2026-11-01T13:00:00.000Z');
      const then = async (time: string) =>
        (await inventory.items(`stock?sku=A&asOf=2026-11-01T${time}Z`))[0];
      expect([
        await then('09:00:00'),
        await then('10:30:00'),
        await then('11:00:00'),
        await then('12:30:00'),
      ]).toMatchObject([
        { onHand: 0, reserved: 0, available: 0, setAside: {} },
        { onHand: 10, reserved: 0, available: 10, setAside: {} },
        { onHand: 10, reserved: 4, available: 6, setAside: {} },
        { onHand: 9, reserved: 4, available: 5, setAside: { damaged: 1 } },
      ]);
    } finally {
      await inventory.stop();
    }
  });
});

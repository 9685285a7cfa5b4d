import { warehouse, type Warehouse } from '../inventory.fixtures.js';

type Row = { readonly sku: string; readonly locationId: string; readonly inbound: number };

describe('the list of stock', () => {
  let inventory: Warehouse;
  const expect40 = (supplyId: string, locationId: string, ...skus: string[]) =>
    inventory.http('PUT', `/v1/inventory/supplies/${supplyId}`, {
      kind: 'purchase-order',
      locationId,
      lines: skus.map((sku, index) => ({ lineId: String(index), sku, quantity: 40 })),
    });
  const keys = (rows: readonly object[]) =>
    (rows as Row[]).map(({ sku, locationId, inbound }) => [sku, locationId, inbound]);

  beforeAll(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A', 'B', 'C', 'D'], ['L1', 'L2']);
    await inventory.receive('A', 'L1', 3);
    await inventory.receive('C', 'L2', 3);
    await inventory.http('POST', '/v1/inventory/movements', {
      type: 'receipt',
      sku: 'D',
      locationId: 'L1',
      quantity: 1,
      condition: 'damaged',
      reason: 'broken',
    });
    // Two of one SKU at one place, one beside what lies there, and one where nothing ever lay.
    await expect40('po-1', 'L1', 'B', 'B');
    await expect40('po-2', 'L2', 'A', 'C');
    await expect40('po-3', 'L1', 'B');
  });
  afterAll(() => inventory.stop());

  const ALL = [
    ['A', 'L1', 0],
    ['A', 'L2', 40],
    ['B', 'L1', 120],
    ['C', 'L2', 40],
    ['D', 'L1', 0],
  ];

  it('has what is on hand, set aside, or only expected', async () => {
    expect(keys(await inventory.items('stock'))).toEqual(ALL);
    expect(keys(await inventory.items('stock?sku=B'))).toEqual([['B', 'L1', 120]]);
    expect(keys(await inventory.items('stock?locationId=L2'))).toEqual([
      ['A', 'L2', 40],
      ['C', 'L2', 40],
    ]);
    expect(await inventory.items('stock?sku=B')).toMatchObject([{ onHand: 0, available: 0 }]);
  });

  it('is asked for of several SKUs, and names what there is not', async () => {
    const told = async (query: string) => {
      const { items, unknown } = (await inventory.http('GET', `/v1/inventory/${query}`)).body;
      return [items.length, unknown];
    };
    expect(await told('stock?sku=A,D')).toEqual([3, undefined]);
    expect(await told('stock?sku=D&sku=C')).toEqual([2, undefined]);
    expect(await told('stock?sku=A,Z')).toEqual([2, ['Z']]);
    expect(await told('stock?sku=A&sku=C,D')).toEqual([2, ['C,D']]);
    expect(await told('stock?sku=A&locationId=nowhere')).toEqual([0, ['nowhere']]);
    expect(await told('stock?sku=B&locationId=L2')).toEqual([0, undefined]);
    for (const list of ['movements', 'supplies', 'alerts', 'reports/ageing'])
      expect([list, await told(`${list}?sku=Z&locationId=nowhere`)]).toEqual([
        list,
        [0, ['Z', 'nowhere']],
      ]);
    for (const list of ['backorders', 'reservations']) {
      expect([list, await told(`${list}?sku=Z`)]).toEqual([list, [0, ['Z']]]);
      expect([list, await told(`${list}?sku=A`)]).toEqual([list, [0, undefined]]);
    }
  });

  it('goes on page by page, each place once', async () => {
    for (const limit of [1, 2, 3]) {
      const found: object[] = [];
      let cursor = '';
      do {
        const path = `/v1/inventory/stock?limit=${limit}${cursor && `&cursor=${cursor}`}`;
        const { body } = await inventory.http('GET', path);
        found.push(...body.items);
        cursor = body.nextCursor ?? '';
      } while (cursor !== '');
      expect(keys(found)).toEqual(ALL);
    }
  });

  it('leaves out what is expected no more', async () => {
    await expect40('po-4', 'L2', 'D');
    expect(keys(await inventory.items('stock?sku=D'))).toEqual([
      ['D', 'L1', 0],
      ['D', 'L2', 40],
    ]);
    await inventory.http('POST', '/v1/inventory/supplies/po-4/closure', { reason: 'cancelled' });
    expect(keys(await inventory.items('stock?sku=D'))).toEqual([['D', 'L1', 0]]);
  });

  it('as it was tells what was expected then, and where', async () => {
    const on = (day: number) => `2026-11-0${day}T10:00:00.000Z`;
    const order = (quantity: number, locationId: string) =>
      inventory.http('PUT', '/v1/inventory/supplies/po-9', {
        kind: 'purchase-order',
        locationId,
        lines: [{ lineId: '1', sku: 'D', quantity, expectedAt: on(9) }],
      });
    inventory.at(on(2));
    await order(40, 'L2');
    inventory.at(on(3));
    await order(50, 'L1');
    inventory.at(on(4));
    await inventory.http('POST', '/v1/inventory/supplies/po-9/receipts', {
      lines: [{ lineId: '1', quantity: 10 }],
    });
    inventory.at(on(5));
    await inventory.http('POST', '/v1/inventory/supplies/po-9/closure', { reason: 'cancelled' });
    const then = async (day: number) => {
      const found = (await inventory.items(`stock?sku=D&asOf=${on(day)}`)) as Row[];
      const { body } = await inventory.http(
        'GET',
        `/v1/inventory/availability?sku=D&asOf=${on(day)}`,
      );
      const places = (body.items[0].locations as Row[]).filter(({ inbound }) => inbound > 0);
      const expected = [found, places].map((stock) =>
        stock.flatMap(({ locationId, inbound }) => (inbound > 0 ? [[locationId, inbound]] : [])),
      );
      expect(expected[1]).toEqual(expected[0]);
      return expected[0];
    };
    expect(await then(1)).toEqual([]);
    expect(await then(2)).toEqual([['L2', 40]]);
    expect(await then(3)).toEqual([['L1', 50]]);
    expect(await then(4)).toEqual([['L1', 40]]);
    expect(await then(5)).toEqual([]);
  });

  it.each(['stock?sku=D', 'availability?sku=D'])('%s is not told for what comes', async (path) => {
    const asOf = '2031-01-01T00:00:00Z';
    const { status, body } = await inventory.http('GET', `/v1/inventory/${path}&asOf=${asOf}`);
    expect([status, body.errors[0].field, body.errors[0].code]).toEqual([422, 'asOf', 'future']);
  });
});

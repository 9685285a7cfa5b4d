import { at, line, warehouse, type Warehouse } from './inventory.fixtures.js';

const LEEDS = {
  type: 'store',
  name: 'Leeds',
  address: {
    lines: ['1 Briggate'],
    city: 'Leeds',
    region: null,
    postalCode: 'LS1 6NP',
    country: 'GB',
  },
};

describe('inventory over HTTP', () => {
  let inventory: Warehouse;
  beforeEach(async () => {
    inventory = await warehouse();
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });
  const pages = async (path: string, limit: number): Promise<object[]> => {
    const items: object[] = [];
    let cursor: string | null = null;
    do {
      const sign = path.includes('?') ? '&' : '?';
      const { status, body } = await inventory.http(
        'GET',
        `/v1/inventory/${path}${sign}limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`,
      );
      expect(status).toBe(200);
      items.push(...body.items);
      cursor = body.nextCursor;
    } while (cursor);
    return items;
  };
  const receipt = (more: object = {}) => ({
    type: 'receipt',
    sku: 'A',
    locationId: 'L1',
    quantity: 5,
    reason: 'delivery',
    ...more,
  });
  const move = (body: object, headers = {}) =>
    inventory.http('POST', '/v1/inventory/movements', body, headers);

  describe('items', () => {
    const full = {
      name: 'Hanging heart',
      weightGrams: 180,
      dimensionsMm: { length: 90, width: 80, height: 80 },
      barcodes: ['5012345678900'],
      components: [],
      cost: { amount: '1.12', currency: 'GBP' },
      attributes: { colour: 'white' },
    };

    it('are new, then the same, then changed; only changes are told', async () => {
      const put = (body: object) => inventory.http('PUT', '/v1/inventory/items/85%2F123', body);
      const first = await put(full);
      expect([first.status, first.body]).toEqual([201, { sku: '85/123', ...full, version: 1 }]);
      expect(first.headers['consistency-token']).toBe('inventory:1');
      expect((await put(full)).status).toBe(200);
      const second = await put({ name: 'Heart' });
      expect([second.status, second.body.version, second.body.cost]).toEqual([200, 2, null]);
      expect(
        (await inventory.published('oms.catalog')).map(({ key, data }) => [key, data]),
      ).toEqual([
        [
          '85/123',
          {
            sku: '85/123',
            version: 1,
            name: 'Hanging heart',
            weightGrams: 180,
            changedBy: 'tester',
            changedById: 'tester',
          },
        ],
        [
          '85/123',
          {
            sku: '85/123',
            version: 2,
            name: 'Heart',
            weightGrams: null,
            changedBy: 'tester',
            changedById: 'tester',
          },
        ],
      ]);
    });

    it('are refused when they are none, naming the field', async () => {
      const refused: readonly (readonly [object, string])[] = [
        [{}, 'name'],
        [{ name: 'A', weightGrams: 1.5 }, 'weightGrams'],
        [{ name: 'A', colour: 'white' }, 'colour'],
        [{ name: 'A', cost: { amount: '1.123', currency: 'GBP' } }, 'cost.amount'],
        [{ name: 'A', cost: { amount: '-1.00', currency: 'GBP' } }, 'cost.amount'],
        [{ name: 'A', components: [{ sku: 'A', quantity: 1 }] }, 'components[0].sku'],
        [{ name: 'A', attributes: { note: 'a\u0000b' } }, 'attributes'],
      ];
      for (const [body, field] of refused) {
        const answer = await inventory.http('PUT', '/v1/inventory/items/A', body);
        expect([body, answer.status, answer.body.errors[0].field]).toEqual([body, 422, field]);
      }
    });

    it('come in batches, each checked by itself', async () => {
      await inventory.catalogue(['A'], []);
      const { status, body } = await inventory.http('POST', '/v1/inventory/items:batch', {
        items: [
          { sku: 'A', name: 'A' },
          { sku: 'B', name: 'B' },
          { sku: 'B', name: 'again' },
          { sku: 'C' },
          'nonsense',
        ],
      });
      expect(status).toBe(200);
      expect(
        body.items.map((part: { sku: string; status: number }) => [part.sku, part.status]),
      ).toEqual([
        ['A', 200],
        ['B', 201],
        ['B', 422],
        ['C', 422],
        [null, 422],
      ]);
      expect(body.items[3].problem.errors[0].field).toBe('name');
      for (const items of [[], Array.from({ length: 1_001 }, () => ({})), 'x'])
        expect((await inventory.http('POST', '/v1/inventory/items:batch', { items })).status).toBe(
          422,
        );
    });

    it('are listed by SKU', async () => {
      await inventory.catalogue(['C', 'A', 'B'], []);
      expect((await pages('items', 2)).map((item) => 'sku' in item && item.sku)).toEqual([
        'A',
        'B',
        'C',
      ]);
      expect((await inventory.http('GET', '/v1/inventory/items/Z')).status).toBe(404);
      expect((await inventory.http('GET', '/v1/inventory/items?cursor=WzFd')).status).toBe(422);
    });
  });

  describe('locations', () => {
    it('lie where their postal code lies, unless coordinates are given', async () => {
      const first = await inventory.http('PUT', '/v1/inventory/locations/leeds', LEEDS);
      expect(first.status).toBe(201);
      expect(first.body).toMatchObject({
        locationId: 'leeds',
        ...LEEDS,
        capabilities: [],
        active: true,
        geoPrecision: 'postal-code',
        version: 1,
      });
      expect(first.body.geo.lat).toBeCloseTo(53.8, 1);
      const geo = { lat: 53.7974, lng: -1.5438 };
      const second = await inventory.http('PUT', '/v1/inventory/locations/leeds', {
        ...LEEDS,
        geo,
        active: false,
        capabilities: ['pickup'],
      });
      expect([second.status, second.body.geo, second.body.geoPrecision]).toEqual([
        200,
        geo,
        'given',
      ]);
      expect((await inventory.http('GET', '/v1/inventory/locations/leeds')).body).toEqual(
        second.body,
      );
      expect((await inventory.published('oms.catalog')).at(-1)!.data).toEqual({
        locationId: 'leeds',
        version: 2,
        locationType: 'store',
        name: 'Leeds',
        country: 'GB',
        postalCode: 'LS1 6NP',
        geo,
        active: false,
        changedBy: 'tester',
        changedById: 'tester',
      });
    });

    it('are listed by id, and refused when they are none', async () => {
      await inventory.catalogue([], ['b', 'a', 'c']);
      const ids = (await pages('locations', 2)).map((one) => 'locationId' in one && one.locationId);
      expect(ids).toEqual(['a', 'b', 'c']);
      expect((await inventory.http('GET', '/v1/inventory/locations/z')).status).toBe(404);
      const { status, body } = await inventory.http('PUT', '/v1/inventory/locations/x', {
        ...LEEDS,
        type: 'moon',
      });
      expect([status, body.errors[0].field]).toEqual([422, 'type']);
    });
  });

  describe('movements', () => {
    beforeEach(() => inventory.catalogue(['A', 'B'], ['L1', 'L2']));

    it('say how the shelf stands, and what they revoked', async () => {
      const first = await move(receipt({ movementId: 'm1' }));
      expect([first.status, first.body]).toEqual([
        201,
        {
          movementId: 'm1',
          condition: 'sellable',
          onHand: 5,
          reserved: 0,
          available: 5,
          revoked: [],
        },
      ]);
      expect(first.headers['consistency-token']).toMatch(/^inventory:\d+$/);
      await inventory.propose('o1', 1, [at('L1', line('7', 'A', 5))]);
      const { body } = await move(receipt({ movementId: 'm2', type: 'count', quantity: 3 }));
      expect(body).toEqual({
        movementId: 'm2',
        condition: 'sellable',
        onHand: 3,
        reserved: 3,
        available: 0,
        revoked: [{ orderId: 'o1', lineId: '7', quantity: 2 }],
      });
    });

    it('count once, by their id and by the key of their request', async () => {
      const key = { 'idempotency-key': 'k1' };
      const first = await move(receipt(), key);
      expect(await move(receipt(), key)).toMatchObject({ status: 201, body: first.body });
      expect(await move(receipt({ quantity: 6 }), key)).toMatchObject({
        status: 409,
        body: { code: 'idempotency-key-reused' },
      });
      const named = await move(receipt({ movementId: 'm1' }));
      expect((await move(receipt({ movementId: 'm1' }))).body).toEqual(named.body);
      expect((await move(receipt({ movementId: 'm1', locationId: 'L2' }))).status).toBe(409);
      expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: 10 });
    });

    it('are refused when they are none, naming the field', async () => {
      const refused: readonly (readonly [object, string])[] = [
        [{ quantity: 0 }, 'quantity'],
        [{ quantity: -1 }, 'quantity'],
        [{ quantity: 1.5 }, 'quantity'],
        [{ quantity: 1_000_000_001 }, 'quantity'],
        [{ type: 'damage', quantity: -1 }, 'quantity'],
        [{ type: 'transfer-out', quantity: 0 }, 'quantity'],
        [{ type: 'adjustment', quantity: 0 }, 'quantity'],
        [{ type: 'count', quantity: -1 }, 'quantity'],
        [{ type: 'issue' }, 'type'],
        [{ sku: 'Z' }, 'sku'],
        [{ locationId: 'L9' }, 'locationId'],
        [{ reason: undefined }, 'reason'],
      ];
      for (const [more, field] of refused) {
        const { status, body } = await move(receipt(more));
        expect([more, status, body.errors[0].field]).toEqual([more, 422, field]);
      }
    });

    it('come in batches, each checked by itself, and serve an order with one offer', async () => {
      await inventory.propose('o1', 1, [], {
        final: true,
        backorders: [line('1', 'A', 1), line('2', 'B', 1)],
      });
      const movements = [
        receipt({ movementId: 'm1' }),
        receipt({ movementId: 'm2', sku: 'B' }),
        receipt({ movementId: 'm3', sku: 'Z' }),
        receipt({ movementId: 'm1', quantity: 9 }),
        receipt({ movementId: 'm4', quantity: 0 }),
        receipt(),
      ];
      for (let time = 0; time < 2; time += 1) {
        const { status, body } = await inventory.http('POST', '/v1/inventory/movements:batch', {
          movements,
        });
        expect(status).toBe(200);
        expect(
          body.items.map((part: { movementId: string; status: number }) => [
            part.movementId,
            part.status,
          ]),
        ).toEqual([
          ['m1', 201],
          ['m2', 201],
          ['m3', 422],
          ['m1', 409],
          ['m4', 422],
          [null, 422],
        ]);
        expect(body.items[2].problem).toMatchObject({
          type: 'urn:oms:problem:invalid-request',
          errors: [{ field: 'sku', code: 'unknown-sku' }],
        });
      }
      expect((await inventory.told()).map(({ type }) => type)).toEqual([
        'StockReserved',
        'StockOffered',
      ]);
      expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: 5, reserved: 1 });
    });

    it('are listed newest first, with cause and actor', async () => {
      await move(receipt({ movementId: 'm1', reference: 'PO-1' }));
      await move(receipt({ movementId: 'm2', type: 'damage', quantity: 2 }));
      await move(receipt({ movementId: 'm3', sku: 'B', locationId: 'L2' }));
      const listed = await pages('movements', 1);
      expect(listed).toMatchObject([
        { movementId: 'm3' },
        { type: 'damage', condition: 'damaged', quantity: 2, before: 0, after: 2 },
        { movementId: 'm2', type: 'damage', quantity: -2, before: 5, after: 3 },
        {
          movementId: 'm1',
          type: 'receipt',
          sku: 'A',
          locationId: 'L1',
          quantity: 5,
          before: 0,
          after: 5,
          reason: 'delivery',
          reference: 'PO-1',
          actor: 'tester',
          actorName: 'tester',
          at: '2026-11-01T10:00:00.000Z',
        },
      ]);
      expect(await pages('movements?sku=A', 1)).toHaveLength(3);
      expect(await pages('movements?locationId=L2', 1)).toHaveLength(1);
      expect(await pages('movements?sku=A&locationId=L2', 1)).toEqual([]);
    });
  });

  describe('stock', () => {
    beforeEach(async () => {
      await inventory.catalogue(['A', 'B'], ['L1', 'L2']);
      for (const [sku, locationId, quantity] of [
        ['A', 'L1', 5],
        ['A', 'L2', 3],
        ['B', 'L1', 1],
      ] as const)
        await inventory.receive(sku, locationId, quantity);
    });

    it('is listed by SKU and location', async () => {
      await inventory.propose('o1', 1, [at('L1', line('1', 'A', 2))]);
      expect(await pages('stock', 2)).toEqual([
        {
          sku: 'A',
          locationId: 'L1',
          onHand: 5,
          reserved: 2,
          safetyStock: 0,
          inbound: 0,
          available: 3,
          uncounted: false,
          leadTimeDays: null,
          setAside: {},
        },
        {
          sku: 'A',
          locationId: 'L2',
          onHand: 3,
          reserved: 0,
          safetyStock: 0,
          inbound: 0,
          available: 3,
          uncounted: false,
          leadTimeDays: null,
          setAside: {},
        },
        {
          sku: 'B',
          locationId: 'L1',
          onHand: 1,
          reserved: 0,
          safetyStock: 0,
          inbound: 0,
          available: 1,
          uncounted: false,
          leadTimeDays: null,
          setAside: {},
        },
      ]);
      expect(await pages('stock?locationId=L1', 1)).toHaveLength(2);
      expect(await pages('stock?sku=B', 1)).toHaveLength(1);
    });

    it('keeps back what is set as safety stock', async () => {
      const keep = (path: string, safetyStock: unknown) =>
        inventory.http('PUT', `/v1/inventory/stock/${path}`, { safetyStock });
      expect((await keep('A/L1', 4)).body).toMatchObject({ safetyStock: 4, available: 1 });
      expect((await inventory.published('oms.catalog')).at(-1)).toMatchObject({
        key: 'A',
        type: 'SafetyStockChanged',
        data: {
          sku: 'A',
          locationId: 'L1',
          safetyStock: 4,
          changedBy: 'tester',
          changedById: 'tester',
        },
      });
      expect((await keep('A/L1', 9)).body).toMatchObject({ safetyStock: 9, available: 0 });
      expect((await keep('B/L2', 1)).body).toMatchObject({
        onHand: 0,
        safetyStock: 1,
        available: 0,
      });
      expect((await keep('A/L1', -1)).status).toBe(422);
      expect((await keep('Z/L1', 1)).body.errors[0].field).toBe('sku');
      expect((await keep('A/L9', 1)).body.errors[0].field).toBe('locationId');
      expect(
        (await inventory.published('oms.availability'))
          .filter(({ type }) => type === 'AvailabilityChanged')
          .slice(3)
          .map(({ data }) => data),
      ).toEqual([
        { sku: 'A', locationId: 'L1', available: 1, version: 2 },
        { sku: 'A', locationId: 'L1', available: 0, version: 3 },
      ]);
    });
  });

  describe('the queue and what holds stock', () => {
    beforeEach(async () => {
      await inventory.catalogue(['A', 'B'], ['L1']);
      await inventory.receive('A', 'L1', 4);
      await inventory.propose('o1', 1, [at('L1', line('1', 'A', 3))]);
      const wait = (orderId: string, priority: number, acceptedAt: string, units = 2) =>
        inventory.propose(orderId, 1, [], {
          final: true,
          priority,
          acceptedAt,
          backorders: [line('1', 'A', units)],
        });
      await wait('o2', 0, '2026-11-01T08:00:00Z', 1);
      await wait('o3', 0, '2026-11-01T07:00:00+01:00');
      await wait('o4', 3, '2026-11-01T09:00:00Z');
      await inventory.propose('o5', 1, [], { final: true, backorders: [line('1', 'B', 1)] });
    });

    it('are listed in the order of turns', async () => {
      const listed = await pages('backorders', 2);
      expect(listed.map((one) => 'orderId' in one && one.orderId)).toEqual([
        'o4',
        'o3',
        'o2',
        'o5',
      ]);
      expect(listed[1]).toEqual({
        orderId: 'o3',
        lineId: '1',
        sku: 'A',
        quantity: 2,
        offered: 0,
        priority: 0,
        since: '2026-11-01T06:00:00.000Z',
        onlyLocationId: null,
        channel: null,
        promisedOn: null,
      });
      expect(await pages('backorders?sku=B', 1)).toHaveLength(1);
      expect(await pages('backorders?orderId=o2', 1)).toMatchObject([{ quantity: 1, offered: 1 }]);
    });

    it('are listed by order, by state, and by SKU while they hold stock', async () => {
      await inventory.handOver('o1', 1, 'L1', [line('1', 'A', 1)]);
      const held = { lineId: '1', sku: 'A', locationId: 'L1' };
      const committed = {
        orderId: 'o1',
        attempt: 1,
        ...held,
        quantity: 3,
        consumed: 1,
        released: 0,
        state: 'committed',
        kitSku: null,
        channel: null,
        expiresAt: null,
        offerId: null,
      };
      const all = await pages('reservations', 1);
      expect(all).toMatchObject([
        committed,
        { orderId: 'o2', attempt: 0, ...held, state: 'offered' },
      ]);
      expect(await pages('reservations?sku=A', 1)).toEqual(all);
      expect(await pages('reservations?sku=A&state=offered', 1)).toEqual(all.slice(1));
      expect(await pages('reservations?sku=A&state=committed', 1)).toEqual([committed]);
      await inventory.handOver('o1', 1, 'L1', [line('1', 'A', 2)]);
      expect(await pages('reservations?orderId=o1&state=consumed', 1)).toMatchObject([
        { consumed: 3 },
      ]);
      expect(await pages('reservations?orderId=o1&state=released', 1)).toEqual([]);
      expect(await pages('reservations?sku=A&state=committed', 1)).toEqual([]);
      const { status, body } = await inventory.http(
        'GET',
        '/v1/inventory/reservations?sku=A&state=consumed',
      );
      expect([status, body.errors[0].field]).toEqual([422, 'orderId']);
      expect((await inventory.http('GET', '/v1/inventory/reservations?state=gone')).status).toBe(
        422,
      );
    });
  });

  it('holds every setting once under an Idempotency-Key', async () => {
    await inventory.catalogue(['A'], ['L1']);
    const supply = (quantity: number) => ({
      kind: 'purchase-order',
      locationId: 'L1',
      lines: [{ lineId: '1', sku: 'A', quantity }],
    });
    const settings = [
      ['PUT', 'items/A', { name: 'Lamp' }, { name: 'Desk lamp' }],
      ['POST', 'items:batch', { items: [] }, { items: [{ sku: 'B', name: 'B' }] }],
      ['PUT', 'locations/L2', LEEDS, { ...LEEDS, name: 'York' }],
      ['PUT', 'stock/A/L1', { safetyStock: 1 }, { safetyStock: 2 }],
      ['PUT', 'channels/web/listings/A', { quota: 1 }, { quota: 2 }],
      ['PUT', 'supplies/PO-1', supply(1), supply(2)],
    ] as const;
    for (const [method, path, ...bodies] of settings) {
      const [own, other] = path === 'items:batch' ? [bodies[1], bodies[0]] : bodies;
      const send = (body: object, headers = {}) =>
        inventory.http(method, `/v1/inventory/${path}`, body, headers);
      const key = { 'idempotency-key': path };
      const first = await send(own, key);
      expect([path, first.status < 300]).toEqual([path, true]);
      const refused = await send(other, key);
      expect([path, refused.body.code]).toEqual([path, 'idempotency-key-reused']);
      if (method === 'PUT') await send(other);
      const again = await send(own, key);
      expect([path, again.status, again.body]).toEqual([path, first.status, first.body]);
    }
    // What was set since was not set back.
    const { body: item } = await inventory.http('GET', '/v1/inventory/items/A');
    expect(item.name).toBe('Desk lamp');
  });

  it('checks itself, page by page, and says what contradicts itself', async () => {
    const skus = Array.from({ length: 201 }, (_, index) => ({ sku: `S${index}`, name: 'S' }));
    await inventory.http('POST', '/v1/inventory/items:batch', { items: skus });
    await inventory.catalogue(['S0', 'S99'], ['L1']);
    await inventory.receive('S0', 'L1', 5);
    await inventory.receive('S99', 'L1', 5);
    await inventory.propose('o1', 1, [at('L1', line('1', 'S99', 3))]);
    expect(await pages('checks', 1)).toEqual([]);
    const { database } = inventory.runtime;
    await database.query(
      `update balances set on_hand = 7, reserved = 1 where sku in ('S0', 'S99')`,
    );
    const found = (await pages('checks', 1)) as { check: string; sku: string }[];
    const known = { locationId: 'L1', orderId: null, lineId: null };
    const movements = { condition: 'sellable', believed: 'movements' };
    const onHand = { ...known, expected: 5, actual: 7, facts: movements };
    const shelf = (sku: string, reserved: number, version: number) => [
      { check: 'on-hand-is-the-sum-of-movements', sku, ...onHand },
      {
        check: 'reserved-is-what-is-held',
        sku,
        ...known,
        expected: reserved,
        actual: 1,
        facts: {},
      },
      {
        check: 'history-ends-where-the-shelf-stands',
        sku,
        ...known,
        expected: version,
        actual: version,
        facts: {},
      },
    ];
    expect(found).toEqual([...shelf('S0', 0, 1), ...shelf('S99', 3, 2)]);
    await database.query('update balances set on_hand = 5');
    await database.query(`update balances set reserved = 0 where sku = 'S0'`);
    await database.query(`update balances set reserved = 3 where sku = 'S99'`);
  });

  it('cannot write what promises a unit twice, whoever tries', async () => {
    await inventory.catalogue(['A'], ['L1']);
    await inventory.receive('A', 'L1', 5);
    const { database } = inventory.runtime;
    for (const set of ['reserved = 6', 'reserved = -1', 'on_hand = -1'])
      await expect(database.query(`update balances set ${set}`)).rejects.toThrow(
        'never_promised_twice',
      );
  });
});

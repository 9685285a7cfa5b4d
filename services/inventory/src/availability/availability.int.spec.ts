import { startService } from '@throughline/testing';
import { inventory as definition } from '../inventory.module.js';
import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';

const NOW = '2026-11-01T10:00:00.000Z';
const SOON = '2026-11-10T00:00:00.000Z';
const LATE = '2026-11-20T00:00:00.000Z';

describe('availability over HTTP', () => {
  let inventory: Warehouse;
  const ask = (query: string) => inventory.http('GET', `/v1/inventory/availability?${query}`);
  const one = async (query: string) => (await ask(query)).body.items[0];
  const item = (sku: string, more: object) =>
    inventory.http('PUT', `/v1/inventory/items/${sku}`, { name: sku, ...more });
  const keep = (sku: string, locationId: string, more: object) =>
    inventory.http('PUT', `/v1/inventory/stock/${sku}/${locationId}`, more);
  const order = (sku: string, locationId: string, quantity: number, expectedAt: string) =>
    inventory.http('PUT', `/v1/inventory/supplies/${sku}.${locationId}.${expectedAt}`, {
      kind: 'purchase-order',
      locationId,
      lines: [{ lineId: '1', sku, quantity, expectedAt }],
    });

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A', 'B'], ['L1', 'L2']);
    await inventory.receive('A', 'L1', 5);
    await inventory.receive('B', 'L1', 3);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('tells of each SKU in the order asked, in all and per active location', async () => {
    await inventory.receive('B', 'L2', 7);
    await inventory.http('PUT', '/v1/inventory/locations/L2', {
      type: 'store',
      name: 'L2',
      address: { country: 'GB' },
      active: false,
    });
    await order('B', 'L2', 4, SOON);
    await keep('A', 'L1', { safetyStock: 1 });
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 2))]);
    const { status, body } = await ask('sku=B,A,Z,A');
    const shelf = { locationId: 'L1', inbound: 0, uncounted: false, leadTimeDays: null };
    const of = (sku: string, available: number, more: object) => ({
      sku,
      available,
      earliest: available > 0 ? { date: NOW, quantity: 1 } : null,
      leadTimeDays: null,
      locations: [{ ...shelf, available, ...more }],
      timeline: [{ date: NOW, available }],
    });
    expect([status, body]).toEqual([
      200,
      {
        items: [
          of('B', 3, { onHand: 3, reserved: 0, safetyStock: 0 }),
          of('A', 2, { onHand: 5, reserved: 2, safetyStock: 1 }),
        ],
        nextCursor: null,
        unknown: ['Z'],
      },
    ]);
  });

  it('knows a SKU that holds commas by its whole name', async () => {
    await inventory.catalogue(['A,B'], []);
    await inventory.receive('A,B', 'L1', 9);
    const told = async (query: string) => {
      const { items, unknown = [] } = (await ask(query)).body;
      return [...items.map((one: { sku: string; available: number }) => one.available), ...unknown];
    };
    expect(await told('sku=A,B')).toEqual([9]);
    expect(await told('sku=A&sku=B')).toEqual([5, 3]);
    expect(await told('sku=A,B&sku=A')).toEqual([9, 5]);
    expect(await told('sku=B,A')).toEqual([3, 5]);
    expect(await told('sku=B,A&sku=A,B')).toEqual([9, 'B,A']);
    expect(await told('sku=A,B,Z')).toEqual([5, 3, 'Z']);
    expect(await told('sku=%20A')).toEqual([' A']);
    expect(await told(`sku=Z&asOf=${NOW}`)).toEqual(['Z']);
  });

  it('rises when supply is due, and not before', async () => {
    await order('A', 'L2', 4, SOON);
    await order('A', 'L1', 1, LATE);
    const available = async (date: string) => (await one(`sku=A&date=${date}`)).available;
    expect(await available('2026-11-09T23:59:59.999Z')).toBe(5);
    expect(await available(SOON)).toBe(9);
    expect(await available('2026-11-20T01:00:00.000%2B01:00')).toBe(10);
    expect(await available('2020-01-01T00:00:00Z')).toBe(5);
    const { timeline, locations } = await one('sku=A');
    expect(timeline).toEqual([
      { date: NOW, available: 5 },
      { date: SOON, available: 9 },
      { date: LATE, available: 10 },
    ]);
    expect(locations).toMatchObject([
      { locationId: 'L1', available: 5, inbound: 1 },
      { locationId: 'L2', available: 0, onHand: 0, inbound: 4 },
    ]);
  });

  it('says when so many can be had', async () => {
    await order('A', 'L2', 4, SOON);
    const earliest = async (quantity: number) => (await one(`sku=A&quantity=${quantity}`)).earliest;
    expect(await earliest(5)).toEqual({ date: NOW, quantity: 5 });
    expect(await earliest(6)).toEqual({ date: SOON, quantity: 6 });
    expect(await earliest(10)).toBeNull();
    await item('A', { leadTimeDays: 30 });
    expect(await earliest(9)).toEqual({ date: SOON, quantity: 9 });
    expect(await earliest(10)).toEqual({ date: '2026-12-01T10:00:00.000Z', quantity: 10 });
    await keep('A', 'L2', { uncounted: true, leadTimeDays: 3 });
    expect(await earliest(10)).toEqual({ date: '2026-11-04T10:00:00.000Z', quantity: 10 });
    expect((await one('sku=A')).locations[1]).toMatchObject({
      locationId: 'L2',
      available: 0,
      uncounted: true,
      leadTimeDays: 3,
    });
  });

  it.each([
    [{ leadTimeDays: 3 }, 0],
    [{ leadTimeDays: null }, 1_000_000],
    [{ leadTimeDays: 0 }, 1_000_000],
  ])('tells of goods that nobody counts what the list of stock tells: %j', async (lead, units) => {
    await keep('A', 'L2', { uncounted: true, ...lead });
    const availableIn = (items: object[]): number =>
      (items as { locationId: string; available: number }[]).find(
        ({ locationId }) => locationId === 'L2',
      )!.available;
    for (const time of ['', `&asOf=${NOW}`]) {
      const { locations } = await one(`sku=A${time}`);
      const stock = await inventory.items(`stock?sku=A${time}`);
      expect([availableIn([...locations]), availableIn(stock)]).toEqual([units, units]);
    }
  });

  it('keeps what is owed to those who wait', async () => {
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 5))], { final: true });
    await inventory.propose('o2', 1, [], { final: true, backorders: [line('1', 'A', 3)] });
    await order('A', 'L2', 4, SOON);
    expect((await one('sku=A')).timeline).toEqual([
      { date: NOW, available: 0 },
      { date: SOON, available: 1 },
    ]);
  });

  it('of a kit is what its parts make, and any waiting for it takes them', async () => {
    await item('KIT', {
      components: [
        { sku: 'A', quantity: 2 },
        { sku: 'B', quantity: 1 },
      ],
    });
    await order('A', 'L1', 3, SOON);
    expect(await one('sku=KIT')).toEqual({
      sku: 'KIT',
      available: 2,
      earliest: { date: NOW, quantity: 1 },
      leadTimeDays: null,
      locations: [{ locationId: 'L1', available: 2 }],
      timeline: [
        { date: NOW, available: 2 },
        { date: SOON, available: 3 },
      ],
    });
    await item('A', { leadTimeDays: 4 });
    expect((await one('sku=KIT')).leadTimeDays).toBeNull();
    await item('B', { leadTimeDays: 9 });
    expect((await one('sku=KIT')).leadTimeDays).toBe(9);
  });

  it('puts the nearest location first where a destination is named', async () => {
    const place = (id: string, postalCode: string) =>
      inventory.http('PUT', `/v1/inventory/locations/${id}`, {
        type: 'store',
        name: id,
        address: { country: 'GB', postalCode },
      });
    await place('L1', 'EH1 1AA');
    await place('L2', 'N1 7GR');
    await inventory.receive('A', 'L2', 1);
    const ids = async (query: string) =>
      (await one(`sku=A${query}`)).locations.map((l: { locationId: string }) => l.locationId);
    expect(await ids('')).toEqual(['L1', 'L2']);
    expect(await ids('&shipTo=GB SW1Y 4JH')).toEqual(['L2', 'L1']);
    expect(await ids('&shipTo=GB-EH2 2BB')).toEqual(['L1', 'L2']);
    const [nearest] = (await one('sku=A&shipTo=GB EH2 2BB')).locations;
    expect(nearest.distanceMeters).toBeLessThan(10_000);
  });

  it('keeps to a channel, and a key to its own', async () => {
    await inventory.runtime.database.query(
      `insert into listings (channel, sku, quota, taken, buffer, updated_at)
       values ('web', 'A', null, 0, 2, now()), ('app', 'A', 4, 3, 0, now())`,
    );
    const available = async (query: string) => (await one(`sku=A${query}`)).available;
    expect(await available('')).toBe(5);
    expect(await available('&channel=web')).toBe(3);
    expect(await available('&channel=app')).toBe(1);
    expect(await available('&channel=other')).toBe(5);
    const limited = await startService(definition, {
      authenticate: async () => ({
        id: 'k',
        name: 'k',
        actions: new Set(['inventory:read'] as const),
        channels: ['web'],
      }),
    });
    try {
      await limited.runtime.database.query(`
        with item as (insert into items values ('A', 1, '{}', now())),
          location as (insert into locations values ('L1', 1, true, '{}', now())),
          listing as (
            insert into listings (channel, sku, buffer, updated_at) values ('web', 'A', 2, now())
          )
        insert into balances (sku, location_id, on_hand, reserved, version)
        values ('A', 'L1', 5, 0, 1)`);
      const path = '/v1/inventory/availability?sku=A';
      expect((await limited.http('GET', path)).body.items[0].available).toBe(3);
      const refused = await limited.http('GET', `${path}&channel=app`);
      expect([refused.status, refused.body.code]).toEqual([403, 'channel-not-allowed']);
    } finally {
      await limited.stop();
    }
  });

  it('as it was tells what was on the shelves then', async () => {
    inventory.at('2026-11-02T10:00:00.000Z');
    await keep('A', 'L1', { safetyStock: 1 });
    inventory.at('2026-11-03T10:00:00.000Z');
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 4))]);
    await inventory.receive('A', 'L2', 2);
    const then = async (time: string) => {
      const found = await one(`sku=A&asOf=${time}`);
      return [found.available, found.locations.length, found.earliest, found.timeline];
    };
    expect(await then('2026-11-01T09:59:59.999Z')).toEqual([0, 0, null, []]);
    expect(await then(NOW)).toEqual([5, 1, null, []]);
    expect(await then('2026-11-02T23:00:00Z')).toEqual([4, 1, null, []]);
    expect(await then('2026-11-03T10:00:00.000Z')).toEqual([2, 2, null, []]);
  });

  it('refuses by field and rule what cannot be asked', async () => {
    const many = Array.from({ length: 51 }, (_, index) => index).join();
    for (const [query, field] of [
      ['sku=', 'sku[0]'],
      ['sku=,', 'sku'],
      [`sku=${many}`, 'sku'],
      ['sku=A&quantity=0', 'quantity'],
      ['sku=A&quantity=1.5', 'quantity'],
      ['sku=A&quantity=1e3', 'quantity'],
      ['sku=A&date=tomorrow', 'date'],
      ['sku=A&shipTo=Britain', 'shipTo'],
      ['sku=A&shipTo=XX', 'shipTo'],
      [`sku=A&asOf=${NOW}&date=${NOW}`, 'date'],
      [`sku=A&asOf=${NOW}&channel=web`, 'channel'],
    ]) {
      const { status, body } = await ask(query!);
      expect([query, status, body.errors?.[0].field]).toEqual([query, 422, field]);
    }
  });
});

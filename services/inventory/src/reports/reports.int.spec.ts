import fc from 'fast-check';
import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';
import type { ShelfAge } from './ageing.query.js';
import { DAY_MS, PLACES, play, SKUS, steps } from './reports.fixtures.js';
import type { Overstock } from './overstock.query.js';

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const WORLDS = 4;
const STEPS = 90;

type Moved = {
  readonly type: string;
  readonly sku: string;
  readonly locationId: string;
  readonly condition: string;
  readonly quantity: number;
  readonly at: string;
};

/** All that was moved, oldest first. */
const movedOf = async (inventory: Warehouse): Promise<Moved[]> => {
  const moved: Moved[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const path: string = `/v1/inventory/movements?limit=200${cursor && `&cursor=${cursor}`}`;
    const { body } = await inventory.http('GET', path);
    moved.push(...body.items);
    cursor = body.nextCursor;
  }
  return moved.reverse().filter(({ condition }) => condition === 'sellable');
};

const bucketOf = (days: number): keyof ShelfAge['units'] => {
  if (days <= 30) return '0-30';
  if (days <= 90) return '31-90';
  if (days <= 180) return '91-180';
  return days <= 365 ? '181-365' : 'over-365';
};

/** Unit by unit: what leaves is what came in first. */
const agesOf = (moved: readonly Moved[], now: string): ShelfAge[] => {
  const shelves = SKUS.flatMap((sku) => PLACES.map((locationId) => ({ sku, locationId })));
  return shelves.flatMap((shelf) => {
    const units: string[] = [];
    for (const { sku, locationId, quantity, at } of moved)
      if (sku === shelf.sku && locationId === shelf.locationId)
        for (let one = 0; one < Math.abs(quantity); one += 1)
          if (quantity > 0) units.push(at);
          else units.shift();
    if (units.length === 0) return [];
    const counts = { '0-30': 0, '31-90': 0, '91-180': 0, '181-365': 0, 'over-365': 0 };
    for (const at of units)
      counts[bucketOf(Math.floor((Date.parse(now) - Date.parse(at)) / DAY_MS))] += 1;
    return [{ ...shelf, onHand: units.length, units: counts, oldest: units[0]! }];
  });
};

const overstockOf = (moved: readonly Moved[], now: string, cover: number, days: number) =>
  SKUS.flatMap((sku) => {
    const own = moved.filter((one) => one.sku === sku);
    const onHand = own.reduce((sum, { quantity }) => sum + quantity, 0);
    const from = Date.parse(now) - days * DAY_MS;
    const issued = own
      .filter(({ type, at }) => type === 'issue' && Date.parse(at) > from)
      .reduce((sum, { quantity }) => sum - quantity, 0);
    const lasts = issued === 0 ? Infinity : onHand / (issued / days);
    return onHand > 0 && lasts > cover ? [{ sku, onHand, issued, lasts }] : [];
  });

describe('reports', () => {
  let inventory: Warehouse;
  const report = async <Row>(path: string): Promise<Row[]> => {
    const { status, body } = await inventory.http('GET', `/v1/inventory/reports/${path}`);
    expect(status).toBe(200);
    return body.items;
  };

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(SKUS, PLACES);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it.each(
    fc
      .sample(steps(STEPS), { numRuns: WORLDS, seed: SEED })
      .map((world, index) => ({ world, index })),
  )(`say what counting unit by unit says (world $index of seed ${SEED})`, async ({ world }) => {
    const now = await play(inventory, world);
    const moved = await movedOf(inventory);
    expect(await report('ageing')).toEqual(agesOf(moved, now));
    for (const [cover, days] of [
      [90, 30],
      [10, 90],
      [1, 366],
      [3_650, 7],
    ] as const) {
      const rows = await report<Overstock>(`overstock?daysOfCover=${cover}&days=${days}`);
      const expected = overstockOf(moved, now, cover, days);
      expect(rows.map(({ sku, onHand, issued }) => ({ sku, onHand, issued })).sort(bySku)).toEqual(
        expected.map(({ sku, onHand, issued }) => ({ sku, onHand, issued })),
      );
      for (const { sku, daysOfCover, unitsOver, onHand } of rows) {
        const { lasts, issued } = expected.find((one) => one.sku === sku)!;
        if (daysOfCover === null) expect(lasts).toBe(Infinity);
        else expect(daysOfCover).toBeCloseTo(lasts, 0);
        // Without these units it would not be too much, but for a part of one.
        expect((onHand - unitsOver) * days).toBeLessThanOrEqual(cover * issued);
        expect((onHand - unitsOver + 1) * days).toBeGreaterThan(cover * issued);
      }
    }
  });

  const given = async () => {
    inventory.at('2024-01-01T08:00:00.000Z');
    for (const [sku, units] of [
      ['A', 30],
      ['B', 40],
      ['C', 30],
      ['NEVER-SOLD', 7],
    ] as const)
      await inventory.receive(sku, 'L1', units);
    inventory.at('2024-01-20T08:00:00.000Z');
    await inventory.receive('A', 'L2', 2);
    const sold = line('1', 'A', 3);
    await inventory.propose('o1', 1, [at('L1', sold)]);
    await inventory.handOver('o1', 1, 'L1', [sold]);
    inventory.at('2024-02-01T08:00:00.000Z');
  };

  it('count whole days', async () => {
    const now = Date.parse('2026-11-01T10:00:00.000Z');
    const ago = (days: number, ms = 0) => new Date(now - days * DAY_MS + ms).toISOString();
    for (const days of [366, 365, 181, 180, 91, 90, 31, 30])
      for (const ms of [0, 1]) {
        inventory.at(ago(days, ms));
        await inventory.receive('A', 'L1', ms === 0 ? 100 : 1);
      }
    inventory.at(ago(0));
    expect(await report('ageing')).toMatchObject([
      {
        units: { '0-30': 102, '31-90': 202, '91-180': 202, '181-365': 202, 'over-365': 100 },
        oldest: ago(366),
      },
    ]);
  });

  it('count what was issued within the days, to the instant', async () => {
    inventory.at('2026-10-01T10:00:00.000Z');
    await inventory.receive('A', 'L1', 50);
    const sold = line('1', 'A', 1);
    for (const [order, time] of [
      ['o1', '2026-10-02T10:00:00.000Z'],
      ['o2', '2026-10-02T10:00:00.001Z'],
    ] as const) {
      inventory.at(time);
      await inventory.propose(order, 1, [at('L1', sold)]);
      await inventory.handOver(order, 1, 'L1', [sold]);
    }
    inventory.at('2026-11-01T10:00:00.000Z');
    expect(await report('overstock?days=30')).toMatchObject([{ issued: 1, daysOfCover: 1_440 }]);
  });

  it('of age come page by page, of a shelf alone where that is asked for', async () => {
    await given();
    const all = await report<ShelfAge>('ageing');
    expect(
      all.map(({ sku, locationId, units }) => [sku, locationId, units['0-30'], units['31-90']]),
    ).toEqual([
      ['A', 'L1', 0, 27],
      ['A', 'L2', 2, 0],
      ['B', 'L1', 0, 40],
      ['C', 'L1', 0, 30],
      ['NEVER-SOLD', 'L1', 0, 7],
    ]);
    const paged: object[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/v1/inventory/reports/ageing?limit=2${cursor && `&cursor=${cursor}`}`;
      const { body } = await inventory.http('GET', path);
      paged.push(...body.items);
      cursor = body.nextCursor;
    }
    expect(paged).toEqual(all);
    expect(await report('ageing?sku=A&locationId=L2')).toEqual([all[1]]);
    expect(await report('ageing?locationId=L2')).toEqual([all[1]]);
  });

  it('of overstock begin with the most units, page by page', async () => {
    await given();
    const all = await report<Overstock>('overstock');
    expect(all).toEqual([
      { sku: 'B', name: 'B', onHand: 40, issued: 0, daysOfCover: null, unitsOver: 40 },
      { sku: 'C', name: 'C', onHand: 30, issued: 0, daysOfCover: null, unitsOver: 30 },
      { sku: 'A', name: 'A', onHand: 29, issued: 3, daysOfCover: 290, unitsOver: 20 },
      {
        sku: 'NEVER-SOLD',
        name: 'NEVER-SOLD',
        onHand: 7,
        issued: 0,
        daysOfCover: null,
        unitsOver: 7,
      },
    ]);
    const path = '/v1/inventory/reports/overstock?limit=3';
    const first = (await inventory.http('GET', path)).body;
    expect(first.items).toEqual(all.slice(0, 3));
    const { body } = await inventory.http('GET', `${path}&cursor=${first.nextCursor}`);
    expect(body).toEqual({ items: all.slice(3), nextCursor: null });
    expect(
      (await report<Overstock>('overstock?daysOfCover=290')).map(({ sku }) => sku),
    ).not.toContain('A');
  });

  it('are files too, whole', async () => {
    await given();
    const name = '=HYPERLINK("x"), 2';
    await inventory.http('PUT', '/v1/inventory/items/B', { name });
    const csv = async (path: string) => {
      const { headers, body } = await inventory.http(
        'GET',
        `/v1/inventory/reports/${path}`,
        undefined,
        { accept: 'text/csv' },
      );
      expect(headers['content-type']).toBe('text/csv; charset=utf-8');
      return body.split('\r\n');
    };
    expect(await csv('ageing?limit=1')).toEqual([
      'sku,locationId,onHand,0-30,31-90,91-180,181-365,over-365,oldest',
      'A,L1,27,0,27,0,0,0,2024-01-01T08:00:00.000Z',
      'A,L2,2,2,0,0,0,0,2024-01-20T08:00:00.000Z',
      'B,L1,40,0,40,0,0,0,2024-01-01T08:00:00.000Z',
      'C,L1,30,0,30,0,0,0,2024-01-01T08:00:00.000Z',
      'NEVER-SOLD,L1,7,0,7,0,0,0,2024-01-01T08:00:00.000Z',
      '',
    ]);
    expect((await csv('overstock?limit=1')).slice(0, 4)).toEqual([
      'sku,name,onHand,issued,daysOfCover,unitsOver',
      'B,"\'=HYPERLINK(""x""), 2",40,0,,40',
      'C,C,30,0,,30',
      'A,A,29,3,290,20',
    ]);
  });

  it.each([
    ['overstock?days=0', 'days'],
    ['overstock?daysOfCover=1.5', 'daysOfCover'],
    ['overstock?days=367', 'days'],
    ['ageing?limit=0', 'limit'],
    ['ageing?cursor=WzFd', 'cursor'],
    ['overstock?cursor=WzFd', 'cursor'],
  ])('refuse %s', async (path, field) => {
    const { status, body } = await inventory.http('GET', `/v1/inventory/reports/${path}`);
    expect([status, body.errors[0].field]).toEqual([422, field]);
  });
});

const bySku = (a: { sku: string }, b: { sku: string }): number => (a.sku < b.sku ? -1 : 1);

import { at, line } from '../inventory.fixtures.js';
import { market, type Market } from './listings.fixtures.js';

const LISTINGS = '/v1/inventory/channels/web/listings';

describe('listings over HTTP', () => {
  let inventory: Market;
  const put = (sku: string, body: object) => inventory.http('PUT', `${LISTINGS}/${sku}`, body);
  const one = async (sku: string) => (await inventory.http('GET', `${LISTINGS}/${sku}`)).body;

  beforeEach(async () => {
    inventory = await market();
    await inventory.catalogue(['A', 'B', 'C'], ['L1', 'L2']);
    await inventory.receive('A', 'L1', 5);
    await inventory.receive('A', 'L2', 3);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('are set, changed and answered as they stand', async () => {
    const first = await put('A', { quota: 10, buffer: 1 });
    const listing = {
      channel: 'web',
      sku: 'A',
      quota: 10,
      buffer: 1,
      taken: 0,
      available: 6,
      state: null,
      version: 0,
    };
    expect([first.status, first.body]).toEqual([201, listing]);
    const second = await put('A', { quota: 4 });
    expect([second.status, second.body]).toEqual([
      200,
      { ...listing, quota: 4, buffer: 0, available: 4 },
    ]);
    expect((await put('A', {})).body).toEqual({ ...listing, quota: null, buffer: 0, available: 8 });
    await inventory.seeToDue();
    expect(await one('A')).toMatchObject({ state: 'in-stock', version: 1 });
    expect((await put('A', { buffer: 3 })).body).toMatchObject({ buffer: 3, available: 2 });
  });

  it('begin with what the channel has promised, of kits too, offers included', async () => {
    const components = [{ sku: 'A', quantity: 2 }];
    await inventory.http('PUT', '/v1/inventory/items/KIT', { name: 'Kit', components });
    const channel = { channel: 'web' };
    await inventory.propose('o1', 1, [at('L1', line('1', 'KIT', 1), line('2', 'A', 1))], channel);
    await inventory.propose('o2', 1, [at('L2', line('1', 'A', 1))], { channel: 'shop' });
    const hold = { lines: [{ sku: 'A', quantity: 1 }], channel: 'web', locationId: 'L2' };
    await inventory.http('POST', '/v1/inventory/reservations', hold);
    await inventory.propose('o3', 1, [at('L1', line('1', 'KIT', 2))], { ...channel, final: true });
    await inventory.receive('A', 'L1', 2);
    expect((await inventory.told()).at(-1)).toMatchObject({
      type: 'StockOffered',
      data: { orderId: 'o3', lines: [line('1', 'KIT', 1)] },
    });
    expect((await put('A', {})).body.taken).toBe(2);
    expect((await put('KIT', { quota: 2 })).body).toMatchObject({ taken: 3, available: 0 });
    await inventory.handOver('o1', 1, 'L1', [line('1', 'KIT', 1), line('2', 'A', 1)]);
    expect([(await one('A')).taken, (await one('KIT')).taken]).toEqual([2, 3]);
    await inventory.http('DELETE', `${LISTINGS}/A`);
    expect((await put('A', {})).body.taken).toBe(1);
  });

  it('are listed by SKU, those of a state alone where that is asked for', async () => {
    for (const sku of ['C', 'A', 'B']) await put(sku, { quota: null });
    await inventory.http('PUT', '/v1/inventory/channels/shop/listings/A', {});
    await inventory.seeToDue();
    const skusOf = async (query: string) => {
      const { body } = await inventory.http('GET', `${LISTINGS}?${query}`);
      return [body.items.map(({ sku }: { sku: string }) => sku), body.nextCursor];
    };
    expect(await skusOf('')).toEqual([['A', 'B', 'C'], null]);
    expect(await skusOf('state=out-of-stock')).toEqual([['B', 'C'], null]);
    const [first, cursor] = await skusOf('state=out-of-stock&limit=1');
    expect(first).toEqual(['B']);
    expect(await skusOf(`state=out-of-stock&limit=1&cursor=${cursor}`)).toEqual([['C'], null]);
    expect((await inventory.http('GET', `${LISTINGS}?state=gone`)).status).toBe(422);
  });

  it('end, which is told, and count their versions on when they begin again', async () => {
    await put('A', {});
    await put('B', {});
    await inventory.seeToDue();
    for (const sku of ['A', 'B'])
      expect((await inventory.http('DELETE', `${LISTINGS}/${sku}`)).status).toBe(204);
    expect((await inventory.http('DELETE', `${LISTINGS}/A`)).status).toBe(404);
    expect((await inventory.http('GET', `${LISTINGS}/A`)).status).toBe(404);
    await put('A', {});
    await put('B', {});
    await inventory.seeToDue();
    const told = await inventory.toldChannels();
    expect(
      told.map(({ sku, state, available, version }) => [sku, state, available, version]),
    ).toEqual([
      ['A', 'in-stock', 8, 1],
      ['B', 'out-of-stock', 0, 1],
      ['A', 'out-of-stock', 0, 2],
      ['A', 'in-stock', 8, 3],
      ['B', 'out-of-stock', 0, 2],
    ]);
  });

  it.each([
    ['Z', { quota: 1 }, 'sku', 'unknown-sku'],
    ['A', { quota: -1 }, 'quota', 'minimum'],
    ['A', { quota: 1.5 }, 'quota', 'type'],
    ['A', { buffer: -1 }, 'buffer', 'minimum'],
    ['A', { taken: 0 }, 'taken', 'unknown-field'],
  ])('of %s are refused with %j', async (sku, body, field, code) => {
    const answer = await put(sku, body);
    expect([answer.status, answer.body.errors[0]]).toMatchObject([422, { field, code }]);
  });
});

import { createHash } from 'node:crypto';
import { warehouse, type Warehouse } from '../inventory.fixtures.js';
import { carriedOut, errorsOf, importOf, runsOf, stockFile, upload } from './imports.fixtures.js';

let shop: Warehouse;
beforeEach(async () => {
  shop = await warehouse();
  await shop.catalogue(['A', 'B', 'C'], ['north', 'south']);
});
afterEach(() => shop.stop());

const onHand = async (sku: string, locationId: string): Promise<number | undefined> =>
  ((await shop.stock(sku, locationId)) as { onHand: number } | undefined)?.onHand;
const movements = async (): Promise<number> => (await shop.items('movements?limit=200')).length;

describe('a stock file', () => {
  it('adds what comes to shelves', async () => {
    await shop.receive('A', 'north', 2);
    const file = stockFile(['A', 'north', 5], ['A', 'south', 7], ['A', 'north', 1]);
    const taken = await upload(shop, '?kind=stock&mode=add', file);
    expect(taken).toMatchObject({
      status: 202,
      headers: { location: `/v1/inventory/imports/${taken.body.importId}` },
      body: {
        kind: 'stock',
        mode: 'add',
        dryRun: false,
        fileHash: createHash('sha256').update(file).digest('hex'),
        state: 'running',
        rows: 3,
        applied: 0,
        createdAt: '2026-11-01T10:00:00.000Z',
        finishedAt: null,
      },
    });
    await runsOf(shop).run();
    expect(await importOf(shop, taken.body.importId)).toEqual({
      ...taken.body,
      state: 'done',
      applied: 3,
      finishedAt: '2026-11-01T10:00:00.000Z',
    });
    expect([await onHand('A', 'north'), await onHand('A', 'south')]).toEqual([8, 7]);
    await shop.isSound();
  });

  it('writes movements that tell where they come from', async () => {
    const file = 'sku,locationId,quantity,reason,reference\nA,north,5,delivery,D-1\nB,north,6,,\n';
    const { importId } = await carriedOut(shop, '?mode=add', file);
    const who = { actor: 'tester', actorName: 'tester' };
    const told = { type: 'receipt', locationId: 'north', ...who };
    expect(await shop.items('movements')).toMatchObject([
      { ...told, sku: 'B', quantity: 6, reason: 'stock file', reference: `${importId}/3` },
      { ...told, sku: 'A', quantity: 5, reason: 'delivery', reference: 'D-1' },
    ]);
  });

  it('sets what lies on shelves, and leaves those alone where that lies already', async () => {
    await shop.receive('A', 'north', 2);
    await shop.receive('B', 'north', 3);
    const file = stockFile(
      ['A', 'north', 2],
      ['B', 'north', 1],
      ['C', 'north', 4],
      ['C', 'south', 0],
    );
    const job = await carriedOut(shop, '?mode=set', file);
    expect(job).toMatchObject({ state: 'done', rows: 4, applied: 2, unchanged: 2, rejected: 0 });
    const stands = await Promise.all(['A', 'B', 'C'].map((sku) => onHand(sku, 'north')));
    expect(stands).toEqual([2, 1, 4]);
    expect(await movements()).toBe(4);
    await shop.isSound();
  });

  it('revokes what no longer fits', async () => {
    await shop.receive('A', 'north', 5);
    await shop.propose('o-1', 1, [
      { locationId: 'north', lines: [{ lineId: '1', sku: 'A', quantity: 4 }] },
    ]);
    await carriedOut(shop, '?mode=set', stockFile(['A', 'north', 3]));
    expect((await shop.told()).map(({ type }) => type)).toEqual([
      'StockReserved',
      'ReservationRevoked',
    ]);
    await shop.isSound();
  });

  it('tells which goods it means, or means those that are usual at the location', async () => {
    await shop.http('PUT', '/v1/inventory/locations/bazaar', {
      type: 'marketplace',
      name: 'Bazaar',
      address: { country: 'GB' },
    });
    const file = [
      'sku,locationId,quantity,condition',
      'A,north,5,',
      'A,north,2,damaged',
      'A,bazaar,9,',
      'B,north,1,broken',
      'B,north,1,sellable',
      'B,north,2,',
    ].join('\n');
    const first = await carriedOut(shop, '?mode=set', file);
    expect(first).toMatchObject({ applied: 4, rejected: 2 });
    expect(await errorsOf(shop, first.importId)).toEqual([
      [5, 'condition', 'enum'],
      [7, 'sku', 'twice'],
    ]);
    const piles = await shop.runtime.database.query(
      `select sku, location_id, condition, quantity from movements order by sequence`,
    );
    expect(piles.map((pile) => Object.values(pile))).toEqual([
      ['A', 'north', 'sellable', 5],
      ['A', 'north', 'damaged', 2],
      ['A', 'bazaar', 'marketplace-held', 9],
      ['B', 'north', 'sellable', 1],
    ]);
    // Other bytes, the same stock.
    const again = await carriedOut(shop, '?mode=set', `${file}\n`);
    expect(again).toMatchObject({ applied: 0, unchanged: 4, rejected: 2 });
    await shop.isSound();
  });

  it('has nothing to say of kits, not even when it is only checked', async () => {
    const components = [{ sku: 'A', quantity: 2 }];
    await shop.http('PUT', '/v1/inventory/items/KIT', { name: 'Kit', components });
    await shop.runtime.database.query(
      `insert into kit_components values ('KIT', 'A', 2) on conflict do nothing`,
    );
    for (const query of ['?mode=add&dryRun=true', '?mode=add']) {
      const job = await carriedOut(shop, query, stockFile(['KIT', 'north', 5], ['A', 'north', 1]));
      expect(job).toMatchObject({ applied: 1, rejected: 1 });
      expect(await errorsOf(shop, job.importId)).toEqual([[2, 'sku', 'kit-has-no-stock']]);
    }
  });

  it('that comes again is answered again, and changes nothing', async () => {
    const file = stockFile(['A', 'north', 5]);
    const job = await carriedOut(shop, '?mode=add', file);
    const again = await upload(shop, '?mode=add', file);
    expect(again).toMatchObject({
      status: 200,
      body: job,
      headers: { location: `/v1/inventory/imports/${job.importId}` },
    });
    await runsOf(shop).run();
    expect([await onHand('A', 'north'), await movements()]).toEqual([5, 1]);
    expect(await shop.items('imports')).toEqual([job]);
    const other = await upload(shop, '?mode=set', file);
    expect(other.status).toBe(202);
  });

  it('keeps to the Idempotency-Key that it came with first', async () => {
    const send = (file: string, query = '?mode=add&dryRun=true') =>
      upload(shop, query, file, { 'idempotency-key': 'monday' });
    const first = await send(stockFile(['A', 'north', 5]));
    const again = await send(stockFile(['A', 'north', 5]));
    expect([again.status, again.body.importId]).toEqual([200, first.body.importId]);
    for (const other of [
      await send(stockFile(['A', 'north', 6])),
      await send(stockFile(['A', 'north', 5]), '?mode=add'),
    ])
      expect([other.status, other.body.code]).toEqual([409, 'idempotency-key-reused']);
    expect(await shop.items('imports')).toHaveLength(1);
  });

  it('that comes twice at once is one job', async () => {
    const file = stockFile(['A', 'north', 5], ['B', 'north', 6]);
    const answers = await Promise.all([1, 2, 3].map(() => upload(shop, '?mode=add', file)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 202]);
    expect(new Set(answers.map(({ body }) => body.importId)).size).toBe(1);
    await runsOf(shop).run();
    expect(await shop.items('imports')).toMatchObject([{ state: 'done', applied: 2 }]);
    expect(await onHand('A', 'north')).toBe(5);
  });

  it('is checked without a change, as often as one likes', async () => {
    const file = stockFile(['A', 'north', 5], ['X', 'north', 6], ['B', 'north', 0]);
    const check = () => carriedOut(shop, '?mode=set&dryRun=true', file);
    const first = await check();
    const checked = { dryRun: true, state: 'done', applied: 1, unchanged: 1, rejected: 1 };
    expect(first).toMatchObject(checked);
    expect(await errorsOf(shop, first.importId)).toEqual([[3, 'sku', 'unknown-sku']]);
    await shop.catalogue(['X'], []);
    expect(await check()).toMatchObject({ ...checked, applied: 2, rejected: 0 });
    expect(await movements()).toBe(0);
    expect(await carriedOut(shop, '?mode=set', file)).toMatchObject({ dryRun: false, applied: 2 });
  });

  it.each([
    ['a byte order mark', '\ufeffsku,locationId,quantity\nA,north,5'],
    ['Windows line ends', 'sku,locationId,quantity\r\nA,north,5\r\n'],
    ['quotes', '"sku","locationId","quantity"\n"A","north","5"\n'],
    ['columns in another order and spelling', 'Quantity, Location ID ,SKU\n5,north,A'],
    ['snake case and blank lines', 'sku,location_id,quantity\n\nA, north ,5\n\n'],
  ])('may have %s', async (_, file) => {
    expect(await carriedOut(shop, '?mode=add', file)).toMatchObject({ rows: 1, applied: 1 });
    expect(await onHand('A', 'north')).toBe(5);
  });
});

describe('bad rows of a stock file', () => {
  it('are listed with field and rule, and the others are carried out', async () => {
    const file = stockFile(
      ['A', 'north', 5],
      ['A', 'north', 6],
      ['B', 'north', -1],
      ['B', 'north', 1.5],
      ['B', 'north', ''],
      ['', 'north', 1],
      ['X', 'west', 1],
      ['B', 'y'.repeat(101), 1],
      ['B', 'north'],
      ['"B"!', 'north', 1],
      ['B', 'south', 4],
    );
    const job = await carriedOut(shop, '?mode=set', file);
    expect(job).toMatchObject({ rows: 11, applied: 2, unchanged: 0, rejected: 9, state: 'done' });
    expect(await errorsOf(shop, job.importId)).toEqual([
      [3, 'sku', 'twice'],
      [4, 'quantity', 'range'],
      [5, 'quantity', 'integer'],
      [6, 'quantity', 'required'],
      [7, 'sku', 'required'],
      [8, 'sku', 'unknown-sku'],
      [8, 'locationId', 'unknown-location'],
      [9, 'locationId', 'max-length'],
      [10, 'row', 'columns'],
      [11, 'row', 'malformed-row'],
    ]);
    expect([await onHand('A', 'north'), await onHand('B', 'south')]).toEqual([5, 4]);
  });

  it('come a page at a time, or as a file', async () => {
    const { importId } = await carriedOut(
      shop,
      '?mode=add',
      stockFile(['X', 'north', 1], ['A', '"north"!', 1]),
    );
    const route = `/v1/inventory/imports/${importId}/errors`;
    const first = (await shop.http('GET', `${route}?limit=1`)).body;
    expect(first.items).toEqual([
      {
        row: 2,
        sku: 'X',
        locationId: 'north',
        field: 'sku',
        code: 'unknown-sku',
        message: 'X is not in the catalogue',
      },
    ]);
    const second = (await shop.http('GET', `${route}?limit=1&cursor=${first.nextCursor}`)).body;
    expect(second).toMatchObject({ items: [{ row: 3, code: 'malformed-row' }], nextCursor: null });
    const file = await shop.http('GET', route, undefined, { accept: 'text/csv' });
    expect(file.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(file.body).toBe(
      'row,sku,locationId,field,code,message\r\n' +
        '2,X,north,sku,unknown-sku,X is not in the catalogue\r\n' +
        '3,,,row,malformed-row,has text after a closing quote\r\n',
    );
  });

  it('may be all there are', async () => {
    const job = await carriedOut(shop, '?mode=add', stockFile(['A', 'north', 0]));
    expect(job).toMatchObject({ state: 'done', rows: 1, rejected: 1 });
  });
});

describe('a file as a whole', () => {
  it.each([
    [
      'an unknown column',
      'sku,locationId,quantity,colour\nA,north,1,red',
      'colour',
      'unknown-column',
    ],
    ['a missing column', 'sku,quantity\nA,1', 'locationId', 'required'],
    ['a column twice', 'sku,SKU,locationId,quantity\nA,A,north,1', 'SKU', 'twice'],
    [
      'a column without a name',
      'sku,locationId,quantity,\nA,north,1,',
      'column 4',
      'unknown-column',
    ],
    ['no rows', 'sku,locationId,quantity\n', 'file', 'required'],
    ['nothing in it', '', 'file', 'required'],
  ])('is refused for %s', async (_, file, field, code) => {
    const { status, body } = await upload(shop, '?mode=add', file);
    expect([status, body.errors?.[0]?.field, body.errors?.[0]?.code]).toEqual([422, field, code]);
    expect(await shop.items('imports')).toEqual([]);
  });

  it.each([
    ['?mode=replace', 'mode'],
    ['', 'mode'],
    ['?mode=add&kind=items', 'kind'],
    ['?mode=add&dryRun=yes', 'dryRun'],
    ['/items?mode=add', 'mode'],
  ])('is refused with %s', async (query, field) => {
    const { status, body } = await upload(shop, query, stockFile(['A', 'north', 1]));
    expect([status, body.errors[0].field]).toEqual([422, field]);
  });

  it('must be CSV', async () => {
    const { status, body } = await shop.http('POST', '/v1/inventory/imports?mode=add', { a: 1 });
    expect([status, body.code]).toEqual([415, 'unsupported-media-type']);
  });

  it('that nobody knows is not found', async () => {
    for (const path of ['none', 'none/errors'])
      expect((await shop.http('GET', `/v1/inventory/imports/${path}`)).status).toBe(404);
  });

  it('is listed, the newest first', async () => {
    for (const quantity of [1, 2, 3])
      await carriedOut(shop, '?mode=add', stockFile(['A', 'north', quantity]));
    const first = (await shop.http('GET', '/v1/inventory/imports?limit=2')).body;
    expect(first.items).toHaveLength(2);
    const next = await shop.items(`imports?limit=2&cursor=${first.nextCursor}`);
    const hashes = [...first.items, ...next].map(({ fileHash }) => fileHash);
    const hashOf = (quantity: number) =>
      createHash('sha256')
        .update(stockFile(['A', 'north', quantity]))
        .digest('hex');
    expect(hashes).toEqual([3, 2, 1].map(hashOf));
  });
});

describe('an item file', () => {
  const HEADER = 'sku,name,weightGrams,barcodes,cost,currency,lengthMm,widthMm,heightMm';

  it('makes and changes items', async () => {
    const file = [HEADER, 'A,Lamp,900,12|34,1.50,GBP,1,2,3', 'N,New,,,,,,,'].join('\n');
    const job = await carriedOut(shop, '/items', file);
    expect(job).toMatchObject({ kind: 'items', mode: 'set', applied: 2, state: 'done' });
    expect((await shop.http('GET', '/v1/inventory/items/A')).body).toMatchObject({
      name: 'Lamp',
      weightGrams: 900,
      barcodes: ['12', '34'],
      cost: { amount: '1.50', currency: 'GBP' },
      dimensionsMm: { length: 1, width: 2, height: 3 },
      version: 2,
    });
    expect((await shop.http('GET', '/v1/inventory/items/N')).body).toMatchObject({
      name: 'New',
      weightGrams: null,
      version: 1,
    });
  });

  it('leaves what it has no column for, and items that are so already', async () => {
    await shop.http('PUT', '/v1/inventory/items/A', {
      name: 'Lamp',
      barcodes: ['12'],
      attributes: { colour: 'red' },
      components: [{ sku: 'B', quantity: 2 }],
    });
    const job = await carriedOut(shop, '/items', 'sku,name,barcodes\nA,Lamp 2,\nB,B,');
    expect(job).toMatchObject({ applied: 1, unchanged: 1 });
    expect((await shop.http('GET', '/v1/inventory/items/A')).body).toMatchObject({
      name: 'Lamp 2',
      barcodes: [],
      attributes: { colour: 'red' },
      components: [{ sku: 'B', quantity: 2 }],
    });
  });

  it('tells what is wrong with its rows', async () => {
    const file = [
      HEADER,
      'A,,1.5,,1.5,GBP,1,,3',
      `B,B,,${'x'.repeat(501)},1.50,pounds,,,`,
      'C,C,,,,,,,',
      'C,C,,,,,,,',
    ].join('\n');
    const job = await carriedOut(shop, '/items', file);
    expect(job).toMatchObject({ rows: 4, unchanged: 1, rejected: 3 });
    expect(await errorsOf(shop, job.importId)).toEqual([
      [2, 'name', 'required'],
      [2, 'weightGrams', 'integer'],
      [2, 'cost', 'amount'],
      [2, 'widthMm', 'required'],
      [3, 'barcodes', 'max-length'],
      [3, 'currency', 'currency'],
      [5, 'sku', 'twice'],
    ]);
  });
});

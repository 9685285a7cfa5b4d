import { until } from '@throughline/testing';
import { warehouse, type Warehouse } from '../inventory.fixtures.js';
import { carriersOf, dying, importOf, runsOf, stockFile, upload } from './imports.fixtures.js';
import { ABANDONED_AFTER_MS, FAULTS_MAX } from './imports.process.js';
import { CHUNK_ROWS, INTAKES_MAX, intakeOf } from './intake.js';

const CHUNKS = 4;
const ROWS = (CHUNKS - 1) * CHUNK_ROWS + 10;
const skuOf = (index: number): string => `SKU-${index}`;
const shelves = Array.from({ length: ROWS }, (_, index) => [skuOf(index), 'north'] as const);
const bigFile = stockFile(...shelves.map((shelf) => [...shelf, 5]));
const itemFile = ['sku,name', ...shelves.map(([sku]) => `${sku},Item ${sku}`)].join('\n');
const NOW = Date.parse('2026-11-01T10:00:00.000Z');

let shop: Warehouse;
beforeEach(async () => {
  shop = await warehouse();
  await shop.catalogue([], ['north']);
});
afterEach(() => shop.stop());

const knowItems = async (): Promise<void> => {
  await upload(shop, '/items', itemFile);
  await runsOf(shop).run();
};
const sums = async (): Promise<object> =>
  (
    await shop.runtime.database.query(
      `select (select count(*) from movements) as movements,
        (select coalesce(sum(on_hand), 0)::bigint from balances) as units,
        (select count(*) from import_chunks) as chunks`,
    )
  )[0]!;
const taken = async (query: string, file: string): Promise<string> => {
  const { status, body } = await upload(shop, query, file);
  expect(status).toBe(202);
  return body.importId;
};

describe('carrying a file out', () => {
  it.each(['add', 'set'])('goes on where it was stopped, in mode %s', async (mode) => {
    await knowItems();
    const importId = await taken(`?mode=${mode}`, bigFile);
    await runsOf(shop, { chunksMax: 1 }).run();
    const half = await importOf(shop, importId);
    expect(half).toMatchObject({ state: 'running', rows: ROWS });
    expect(half.applied).toBeGreaterThan(0);
    expect(half.applied).toBeLessThan(ROWS);
    await runsOf(shop).run();
    expect(await importOf(shop, importId)).toMatchObject({ state: 'done', applied: ROWS });
    expect(await sums()).toEqual({ movements: ROWS, units: 5 * ROWS, chunks: 0 });
    await shop.isSound();
  });

  it.each(['add', 'set'])(
    'moves and counts each row once after a crash before the counting, in mode %s',
    async (mode) => {
      await knowItems();
      await shop.receive(skuOf(0), 'north', 5);
      const importId = await taken(`?mode=${mode}`, bigFile);
      const carriers = carriersOf(shop);
      const killed = runsOf(shop, { carriers: { ...carriers, stock: dying(carriers.stock) } });
      for (let time = 0; time < 2; time += 1) await expect(killed.run()).rejects.toThrow('killed');
      expect(await importOf(shop, importId)).toMatchObject({ state: 'running', applied: 0 });
      expect(await sums()).not.toMatchObject({ movements: 1 });
      await runsOf(shop).run();
      const unchanged = mode === 'set' ? 1 : 0;
      const applied = ROWS - unchanged;
      expect(await importOf(shop, importId)).toMatchObject({ state: 'done', applied, unchanged });
      const units = 5 * applied + 5;
      expect(await sums()).toEqual({ movements: applied + 1, units, chunks: 0 });
      await shop.isSound();
    },
  );

  it('sets and counts each item once after a crash before the counting', async () => {
    const importId = await taken('/items', itemFile);
    const carriers = carriersOf(shop);
    const killed = runsOf(shop, { carriers: { ...carriers, items: dying(carriers.items) } });
    await expect(killed.run()).rejects.toThrow('killed');
    await runsOf(shop).run();
    const done = { state: 'done', applied: ROWS, unchanged: 0 };
    expect(await importOf(shop, importId)).toMatchObject(done);
    const [{ versions } = {}] = await shop.runtime.database.query<{ versions: number }>(
      'select sum(version)::bigint as versions from items',
    );
    expect(versions).toBe(ROWS);
  });

  it('does a row once when two processes are at it', async () => {
    await knowItems();
    const importId = await taken('?mode=set', bigFile);
    const [one, other] = [runsOf(shop), runsOf(shop)];
    // One of them may lose a race, as it would for a moment when a lease changes hands.
    await Promise.allSettled([one.run(), other.run()]);
    await one.run();
    expect(await importOf(shop, importId)).toMatchObject({ state: 'done', applied: ROWS });
    expect(await sums()).toEqual({ movements: ROWS, units: 5 * ROWS, chunks: 0 });
    await shop.isSound();
  });

  it('gives a file up that a fault of ours stops again and again, until it is uploaded again', async () => {
    await knowItems();
    const importId = await taken('?mode=add', bigFile);
    const { items, stock } = carriersOf(shop);
    const fault = () => Promise.reject(new Error('a fault'));
    const faulty = runsOf(shop, { carriers: { items, stock: { ...stock, carryOut: fault } } });
    for (let time = 1; time < FAULTS_MAX; time += 1)
      await expect(faulty.run()).rejects.toThrow('a fault');
    expect(await importOf(shop, importId)).toMatchObject({ state: 'running', failure: null });
    await expect(faulty.run()).rejects.toThrow('a fault');
    const failed = { state: 'failed', failure: 'Error: a fault', applied: 0 };
    expect(await importOf(shop, importId)).toMatchObject(failed);
    await runsOf(shop).run();
    expect(await importOf(shop, importId)).toMatchObject(failed);
    const again = await upload(shop, '?mode=add', bigFile);
    expect([again.status, again.body.importId, again.body.state]).toEqual([
      200,
      importId,
      'running',
    ]);
    await runsOf(shop).run();
    expect(await importOf(shop, importId)).toMatchObject({ state: 'done', applied: ROWS });
  });

  it('is not stopped by what is not possible now', async () => {
    await knowItems();
    const importId = await taken('?mode=add', bigFile);
    const carriers = carriersOf(shop);
    const killed = runsOf(shop, { carriers: { ...carriers, stock: dying(carriers.stock) } });
    for (let time = 0; time <= FAULTS_MAX; time += 1)
      await expect(killed.run()).rejects.toThrow('killed');
    expect(await importOf(shop, importId)).toMatchObject({ state: 'running' });
  });
});

describe('taking a file in', () => {
  const who = { actor: 'tester', actorId: 't-1' };
  const asStock = { kind: 'stock', mode: 'add', dryRun: false, ...who } as const;
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('leaves nothing behind of a file that breaks off', async () => {
    async function* broken() {
      yield bytes(bigFile.slice(0, 30_000));
      expect(await shop.items('imports')).toMatchObject([{ state: 'reading', fileHash: null }]);
      throw new Error('broken off');
    }
    await expect(intakeOf(shop.runtime)(asStock, broken())).rejects.toThrow('broken off');
    expect(await shop.items('imports')).toEqual([]);
    expect(await sums()).toMatchObject({ chunks: 0 });
  });

  it('forgets a file of which nothing comes any more', async () => {
    const half = Math.floor(bigFile.length / 2);
    async function* slow() {
      yield bytes(bigFile.slice(0, half));
      shop.at(new Date(NOW + ABANDONED_AFTER_MS).toISOString());
      await runsOf(shop).run();
      expect(await shop.items('imports')).toHaveLength(1);
      shop.at(new Date(NOW + ABANDONED_AFTER_MS + 1).toISOString());
      await runsOf(shop).run();
      expect(await shop.items('imports')).toEqual([]);
      yield bytes(bigFile.slice(half));
    }
    await expect(intakeOf(shop.runtime)(asStock, slow())).rejects.toThrow('came too slowly');
    expect(await sums()).toMatchObject({ chunks: 0 });
  });

  it('takes a file while others come slowly, and so many at a time', async () => {
    const take = intakeOf(shop.runtime);
    const openings: (() => void)[] = [];
    const waiting = (index: number) =>
      (async function* () {
        yield bytes(`${stockFile(['A', 'north', index + 1])}\n`);
        await new Promise<void>((resolve) => openings.push(resolve));
        yield bytes(`B,north,${index}\n`);
      })();
    const reading = Array.from({ length: INTAKES_MAX - 1 }, (_, index) =>
      take(asStock, waiting(index)),
    );
    await until(() => openings.length === INTAKES_MAX - 1);
    async function* quick() {
      yield bytes(stockFile(['A', 'north', 99]));
    }
    expect(await take(asStock, quick())).toMatchObject({ ok: true });

    reading.push(take(asStock, waiting(INTAKES_MAX)));
    await expect(take(asStock, waiting(100))).rejects.toThrow('Enough files');
    await until(() => openings.length === INTAKES_MAX);
    for (const open of openings) open();
    expect((await Promise.all(reading)).map(({ ok }) => ok)).toEqual(reading.map(() => true));
  });

  it('reads characters that two pieces share', async () => {
    await shop.catalogue([encodeURIComponent('Über')], []);
    const file = bytes(stockFile(['Über', 'north', 1]));
    async function* byteByByte() {
      for (const byte of file) yield Uint8Array.of(byte);
    }
    const result = await intakeOf(shop.runtime)(asStock, byteByByte());
    await runsOf(shop).run();
    expect(result).toMatchObject({ ok: true });
    expect(await shop.items('imports')).toMatchObject([{ applied: 1, rejected: 0 }]);
  });
});

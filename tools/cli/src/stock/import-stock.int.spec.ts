import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testServer, type Call, type Reply, type TestServer } from '../api/server.fixtures.js';
import { deriveStock } from './derive-stock.js';
import { stockCommand } from './stock-command.js';
import { importStock, type ImportStockOptions } from './import-stock.js';
import { location } from './location.fixtures.js';
import type { Item, Movement } from './stock-rows.js';

const folder = (): string => mkdtempSync(join(tmpdir(), 'stock-'));

/** Keeps a ledger as the system does: known items, movements by their id. */
const warehouse = (trouble: (call: Call, index: number) => Reply | undefined = () => undefined) => {
  const items = new Set<string>();
  const movements = new Map<string, Movement>();
  const locations = new Map<string, unknown>();
  const work = ({ method, url, body }: Call): Reply => {
    if (method === 'GET') return { status: 200, body: { items: [], nextCursor: null } };
    if (method === 'PUT') {
      locations.set(url.pathname.split('/').at(-1)!, body);
      return { status: 200 };
    }
    if (url.pathname.endsWith('items:batch')) {
      const batch = (body as { items: Item[] }).items;
      for (const { sku } of batch) items.add(sku);
      return { status: 200, body: { items: batch.map(({ sku }) => ({ sku, status: 200 })) } };
    }
    const batch = (body as { movements: Movement[] }).movements;
    const answers = batch.map((movement) => {
      if (!items.has(movement.sku) || movement.locationId === 'nowhere')
        return { status: 422, problem: { code: 'unknown-location', title: 'No such location' } };
      movements.set(movement.movementId, movement);
      return { status: 201 };
    });
    return { status: 200, body: { items: answers } };
  };
  const server = testServer((call, index) => {
    const reply = work(call);
    return trouble(call, index) ?? reply;
  });
  const units = (): number =>
    [...movements.values()].reduce((sum, { quantity }) => sum + quantity, 0);
  return { server, items, locations, units };
};

const optionsFor = ({ url }: TestServer, dataDir: string): ImportStockOptions => ({
  url,
  key: 'k',
  dataDir,
  connections: 3,
  say: () => undefined,
});

const stockFile = (at: string, rows: number): string => {
  const path = join(at, 'stock.csv');
  const lines = Array.from({ length: rows }, (_, index) => `s-${index % 1_700},Lamp,w,2`);
  writeFileSync(path, `sku,name,locationId,quantity\n${lines.join('\n')}\n`);
  return path;
};

describe('importing stock', () => {
  it('adds the stock of a file once, however often it is imported and interrupted', async () => {
    const at = folder();
    const file = stockFile(at, 2_500);
    const {
      server: starting,
      items,
      units,
    } = warehouse((_, index) => (index % 3 === 1 ? 'cut' : undefined));
    await using server = await starting;
    const first = await importStock([file], optionsFor(server, at));
    const second = await importStock([file], optionsFor(server, at));
    expect(first).toEqual({
      rows: 2_500,
      items: 1_700,
      movements: 2_500,
      units: 5_000,
      rejected: 0,
      rejectsPath: join(at, 'imports', 'stock.csv.rejects.csv'),
    });
    expect(second).toEqual(first);
    expect([items.size, units()]).toEqual([1_700, 5_000]);
  });

  it('says what was refused, by row', async () => {
    const at = folder();
    const path = join(at, 'stock.csv');
    writeFileSync(path, 'sku,name,locationId,quantity\nA,Lamp,nowhere,1\nA,Lamp,w,x\nA,,w,3\n');
    const { server: starting, units } = warehouse();
    await using server = await starting;
    const report = await importStock([path], optionsFor(server, at));
    expect([report.rejected, report.movements, units()]).toEqual([2, 1, 3]);
    const rejects = readFileSync(report.rejectsPath, 'utf8').split('\n').slice(1, -1);
    expect(rejects.map((line) => line.split(',').slice(0, 6).join()).sort()).toEqual([
      'stock.csv,2,1,A,,unknown-location',
      'stock.csv,3,1,,quantity,integer',
    ]);
    const made = { seed: '1', factor: 1, shortRate: 0 };
    expect(await stockCommand([path], { ...optionsFor(server, at), ...made })).toBe(false);
  });

  it('puts locations first', async () => {
    const at = folder();
    const locations = join(at, 'locations.json');
    writeFileSync(locations, JSON.stringify([location('w'), location('x y')]));
    const { server: starting, locations: known } = warehouse();
    await using server = await starting;
    await importStock([stockFile(at, 1)], { ...optionsFor(server, at), locations });
    expect([...known.keys()]).toEqual(['w', 'x%20y']);
    expect(server.calls.slice(1, 3).map(({ method }) => method)).toEqual(['PUT', 'PUT']);
  });
});

describe('deriving stock from orders', () => {
  it('writes files that the import reads', async () => {
    const at = folder();
    const orders = join(at, 'orders.ndjson');
    const locations = join(at, 'locations.json');
    const order = (externalId: string, sku: string, quantity: number): string =>
      JSON.stringify({ channel: 'web', externalId, lines: [{ sku, name: 'Lamp, red', quantity }] });
    writeFileSync(orders, [order('1', 'B', 3), order('2', 'A', 10), order('3', 'B', 7)].join('\n'));
    writeFileSync(locations, JSON.stringify([location('w')]));
    const facts = { locations, out: join(at, 'out'), seed: '1', factor: 2, shortRate: 0 };
    const { files, unitsDemanded } = await deriveStock([orders], facts);
    expect(unitsDemanded).toBe(20);
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual([
      'sku,name\nA,"Lamp, red"\nB,"Lamp, red"\n',
      'sku,locationId,quantity\nA,w,20\nB,w,20\n',
    ]);
    const { server: starting, units } = warehouse();
    await using server = await starting;
    const report = await importStock(files, optionsFor(server, at));
    expect([report.items, report.units, units()]).toEqual([2, 40, 40]);
  });
});

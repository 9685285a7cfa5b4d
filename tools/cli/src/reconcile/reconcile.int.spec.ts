import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testServer, type TestServer } from '../api/server.fixtures.js';
import { listed } from './order.fixtures.js';
import { reconcile, type ReconcileOptions } from './reconcile.js';
import type { ListedException, ListedOrder, QueuedLine, StockLevel } from './system.js';

type System = {
  readonly orders?: readonly ListedOrder[];
  readonly exceptions?: readonly ListedException[];
  readonly queue?: readonly QueuedLine[];
  readonly stock?: readonly StockLevel[];
  readonly held?: readonly object[];
  readonly readers?: readonly object[];
  readonly broken?: readonly object[];
};

const PAGE = 2;

const serving = (system: System) => {
  const { orders = [], exceptions = [], queue = [], stock = [], broken = [] } = system;
  const { held = [], readers = [] } = system;
  return testServer(({ url }) => {
    const lists: Record<string, readonly object[]> = {
      '/v1/orders': orders,
      '/v1/exceptions': exceptions,
      '/v1/inventory/backorders': queue,
      '/v1/inventory/stock': stock,
      '/v1/inventory/checks': broken,
      '/v1/inventory/reservations': held,
      '/v1/routing/consumers': readers,
    };
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const items = lists[url.pathname] ?? [];
    const nextCursor = from + PAGE < items.length ? String(from + PAGE) : null;
    return { status: 200, body: { items: items.slice(from, from + PAGE), nextCursor } };
  });
};

const run = async (server: TestServer, more: Partial<ReconcileOptions> = {}) => {
  const said: string[] = [];
  const isFine = await reconcile({
    url: server.url,
    key: 'k',
    dataDir: '.',
    connections: 2,
    show: 2,
    say: (line) => void said.push(line),
    ...more,
  });
  return { isFine, said: said.join('\n') };
};

const orders = [
  listed('1', { A: { delivered: 2 }, B: { lost: 1 } }),
  listed('2', { A: { backordered: 3, shipped: 1 } }),
  listed('3', { B: { open: 4 } }, { status: 'held', holds: [{ kind: 'address', reason: null }] }),
];
const queue = [{ sku: 'A', quantity: 3 }];

describe('reconciling', () => {
  it('is content when every unit is accounted for', async () => {
    await using server = await serving({ orders, queue });
    const folder = mkdtempSync(join(tmpdir(), 'reconcile-'));
    const [csv, openCsv] = [join(folder, 'skus.csv'), join(folder, 'open.csv')];
    const { isFine, said } = await run(server, { csv, openCsv });
    expect(isFine).toBe(true);
    expect(said).toContain('Everything adds up.');
    expect(said).toMatch(/Units ordered +11\n/);
    expect(said).toMatch(/held; hold-address +1 +4\n/);
    const rows = readFileSync(csv, 'utf8').split('\n').slice(1, -1);
    expect(rows.map((row) => row.split(',').slice(0, 7).join())).toEqual([
      'A,6,3,3,0,0,0',
      'B,5,1,0,0,4,0',
    ]);
    expect(readFileSync(openCsv, 'utf8').split('\n')[1]).toBe(
      'number-3,web 3,4,held; hold-address,',
    );
  });

  it("is not when inventory's queue or its own checks disagree", async () => {
    const broken = [{ check: 'stock-is-sum-of-movements', sku: 'A', onHand: 1, sum: 2 }];
    await using server = await serving({ orders, broken, stock: [{ sku: 'B', reserved: 1 }] });
    const { isFine, said } = await run(server, { show: 9 });
    expect(isFine).toBe(false);
    expect(said).toContain("3 units backordered on orders, 0 in inventory's queue");
    expect(said).toContain('0 units at work on orders, 1 reserved for orders in inventory');
    expect(said).toContain('inventory: stock-is-sum-of-movements');
  });

  it('counts what checkouts hold apart, and does not judge what is on its way', async () => {
    const stock = [{ sku: 'B', reserved: 3 }];
    const held = [{ sku: 'B', quantity: 4, consumed: 1, released: 0 }];
    await using resting = await serving({ orders, queue, stock, held });
    const rest = await run(resting);
    expect([rest.isFine, rest.said.includes('Everything adds up.')]).toEqual([true, true]);
    expect(rest.said).toMatch(/Held by checkouts +3\n/);

    const readers = [{ group: 'routing.oms.order', head: '9', lagMessages: 2 }];
    await using busy = await serving({ orders, queue, stock, readers });
    const flight = await run(busy);
    expect(flight.isFine).toBe(false);
    expect(flight.said).toContain('1 not judged: work is under way (2 messages to be handled)');
    expect(flight.said).toContain('Nothing else differs.');
    expect(flight.said).not.toMatch(/^\d+ differences/m);
  });

  it('compares with files of orders', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'reconcile-')), 'orders.ndjson');
    const line = (externalId: string, sku: string, quantity: number): string =>
      JSON.stringify({ channel: 'web', externalId, lines: [{ sku, quantity }] });
    writeFileSync(file, [line('2', 'A', 4), line('3', 'B', 4), line('9', 'A', 1)].join('\n'));
    await using server = await serving({ orders, queue });
    const { isFine, said } = await run(server, { ordersFile: [file] });
    expect(isFine).toBe(false);
    expect(said).toMatch(/order-unexpected +web 1/);
    expect(said).toMatch(/order-missing +web 9/);
    expect(said).not.toContain('order-differs');
  });
});

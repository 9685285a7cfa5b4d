import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash } from '@throughline/kernel';
import type { CanonicalOrder } from '@throughline/contracts';
import { testServer, type Call, type Reply, type TestServer } from '../api/server.fixtures.js';
import { shopMapping } from '../mapping/mapping.fixtures.js';
import { importOrders } from './import-orders.js';
import type { ImportOrdersOptions } from './import-run.js';
import { isFine } from './summary.js';

const ORDERS = 400;

/** Remembers orders as the system does: by channel and external id, with their content. */
const shop = (trouble: (call: Call, index: number) => Reply | undefined = () => undefined) => {
  const placed = new Map<string, string>();
  const place = (order: CanonicalOrder): object => {
    if (order.externalId === 'unwanted')
      return {
        status: 422,
        problem: { errors: [{ field: 'externalId', code: 'unwanted', message: 'no' }] },
      };
    const [key, content] = [`${order.channel} ${order.externalId}`, contentHash(order)];
    const known = placed.get(key);
    if (known !== undefined && known !== content)
      return { status: 409, problem: { code: 'order-exists-with-other-content', title: 'Other' } };
    placed.set(key, content);
    return { status: known === undefined ? 201 : 200, orderId: key };
  };
  const server = testServer((call, index) => {
    if (call.method === 'GET') return { status: 200, body: { items: [], nextCursor: null } };
    const { orders } = call.body as { orders: CanonicalOrder[] };
    // What the system does and what it can still say are two things: trouble comes after the work.
    const items = orders.map(place);
    return trouble(call, index) ?? { status: 200, body: { items } };
  });
  return { placed, server };
};

const header = 'order,at,country,customer,sku,quantity,price\n';
const line = (order: string | number, sku = 'a-1', quantity = 1): string =>
  `${order},2026-01-05T10:00:00Z,UK,c-1,${sku},${quantity},1.25\n`;

const setUp = (csv: string): { folder: string; file: string; mapping: string; rejects: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'import-'));
  const [file, mapping] = [join(folder, 'orders.csv'), join(folder, 'mapping.json')];
  writeFileSync(file, csv);
  writeFileSync(mapping, JSON.stringify(shopMapping));
  return { folder, file, mapping, rejects: join(folder, 'imports', 'orders.csv.rejects.csv') };
};

const optionsFor = (
  { url }: TestServer,
  { folder, mapping }: { folder: string; mapping: string },
): ImportOrdersOptions => ({
  url,
  key: 'k',
  dataDir: folder,
  mapping,
  connections: 4,
  say: () => undefined,
});

const many = (): string =>
  header +
  Array.from({ length: ORDERS }, (_, order) =>
    [line(`n${order}`), line(`n${order}`, 'POST'), line(`n${order}`, 'b-2')].join(''),
  ).join('');

describe('importing orders', () => {
  it('takes the same file for another channel, and counts a quote that is never closed', async () => {
    const { placed, server: starting } = shop();
    await using server = await starting;
    const setup = setUp(`${header}${line(1)}2,"no end\n${line(3)}${line(4)}`);
    const options = { ...optionsFor(server, setup), channel: 'sample' };
    const report = await importOrders([setup.file], options);
    expect([...placed.keys()].sort()).toEqual(['sample 1', 'sample 3', 'sample 4']);
    expect([report.rowsRead, report.isAccounted]).toEqual([4, true]);
    expect(report.tally.rowsRejected).toEqual({ 'malformed-row': 1 });
    expect(isFine(report)).toBe(false);
    const [, rejected] = readFileSync(setup.rejects, 'utf8').split('\n');
    expect(rejected).toMatch(/^orders.csv,3,1,,,malformed-row,has a quote that is never closed/);
  });

  it('accounts for every row, and says why what was not accepted was not', async () => {
    const { placed, server: starting } = shop();
    await using server = await starting;
    const setup = setUp(
      header +
        [line(1), line(1, 'POST'), line(2), line('C3'), line(1, 'b-2'), line('unwanted')].join('') +
        line(4, 'POST'),
    );
    const report = await importOrders([setup.file], optionsFor(server, setup));
    expect(isFine(report)).toBe(false);
    expect(report).toEqual({
      tally: {
        rowsInOrders: 3,
        rowsRejected: { fee: 2, cancellation: 1, unwanted: 1 },
        placed: 2,
        repeated: 0,
        refused: 1,
        withoutLines: { cancellation: 1, fee: 1 },
        unitsInOrders: 3,
      },
      rowsRead: 7,
      rejectsPath: setup.rejects,
      isDryRun: false,
      isAccounted: true,
    });
    expect([...placed.keys()].sort()).toEqual(['shop 1', 'shop 2']);
    const rejected = readFileSync(setup.rejects, 'utf8').split('\n').slice(1, -1);
    expect(rejected.map((text) => text.split(',').slice(0, 6).join()).sort()).toEqual([
      'orders.csv,3,1,1,sku,fee',
      'orders.csv,5,1,C3,order,cancellation',
      'orders.csv,7,1,unwanted,externalId,unwanted',
      'orders.csv,8,1,4,sku,fee',
    ]);
  });

  it('doubles nothing when it is repeated', async () => {
    const { placed, server: starting } = shop();
    await using server = await starting;
    const setup = setUp(many());
    const first = await importOrders([setup.file], optionsFor(server, setup));
    const second = await importOrders([setup.file], optionsFor(server, setup));
    expect([first.tally.placed, first.tally.repeated]).toEqual([ORDERS, 0]);
    // Rows that a rule leaves out are meant to be left out.
    expect(isFine(first)).toBe(true);
    expect([second.tally.placed, second.tally.repeated]).toEqual([0, ORDERS]);
    expect(second.isAccounted).toBe(true);
    expect(placed.size).toBe(ORDERS);
  });

  it('neither loses nor doubles an order when answers get lost and the server is away', async () => {
    const { placed, server: starting } = shop((_, index) =>
      index % 5 === 1 ? 'cut' : index % 5 === 3 ? { status: 503 } : undefined,
    );
    await using server = await starting;
    const setup = setUp(many());
    const { tally, isAccounted } = await importOrders([setup.file], optionsFor(server, setup));
    expect(tally.placed + tally.repeated).toBe(ORDERS);
    expect([placed.size, tally.refused, isAccounted]).toEqual([ORDERS, 0, true]);
  });

  it('posts only those again that had to wait', async () => {
    let isFirst = true;
    await using server = await testServer(({ method, body }) => {
      if (method === 'GET') return { status: 200, body: { items: [], nextCursor: null } };
      const { orders } = body as { orders: CanonicalOrder[] };
      const items = orders.map((_, index) => ({ status: isFirst && index > 0 ? 503 : 201 }));
      isFirst = false;
      return { status: 200, body: { items } };
    });
    const setup = setUp(header + line(1) + line(2) + line(3));
    const { tally } = await importOrders([setup.file], optionsFor(server, setup));
    const posts = server.calls.filter(({ method }) => method === 'POST');
    expect(
      posts.map(({ body }) =>
        (body as { orders: CanonicalOrder[] }).orders.map(({ externalId }) => externalId),
      ),
    ).toEqual([
      ['1', '2', '3'],
      ['2', '3'],
    ]);
    expect(tally.placed).toBe(3);
  });

  it('finds the one order for which a whole batch is refused', async () => {
    const { server: starting } = shop(({ body }) => {
      const { orders } = body as { orders: CanonicalOrder[] };
      return orders.some(({ externalId }) => externalId === '2')
        ? { status: 413, body: { code: 'too-large', title: 'Too large' } }
        : undefined;
    });
    await using server = await starting;
    const setup = setUp(header + line(1) + line(2) + line(3));
    const { tally } = await importOrders([setup.file], optionsFor(server, setup));
    expect(tally.rowsRejected).toEqual({ 'too-large': 1 });
    expect([tally.placed + tally.repeated, tally.refused]).toEqual([2, 1]);
  });

  it('stops when the server fails for good, and goes on where it was', async () => {
    const setup = setUp(many());
    const isBroken = { value: true };
    const { placed, server: starting } = shop((_, index) =>
      isBroken.value && index > 4 ? { status: 500, body: { title: 'broken' } } : undefined,
    );
    await using server = await starting;
    const options = { ...optionsFor(server, setup), connections: 2, checkpointEveryMs: 0 };
    await expect(importOrders([setup.file], options)).rejects.toThrow('500 broken');
    expect(placed.size).toBeLessThan(ORDERS);

    isBroken.value = false;
    const callsBefore = server.calls.length;
    const { tally, isAccounted } = await importOrders([setup.file], options);
    expect([tally.placed + tally.repeated, tally.refused, isAccounted]).toEqual([ORDERS, 0, true]);
    expect(tally.rowsRejected).toEqual({ fee: ORDERS });
    expect(placed.size).toBe(ORDERS);
    const posted = server.calls
      .slice(callsBefore)
      .filter(({ method }) => method === 'POST')
      .flatMap(({ body }) => (body as { orders: CanonicalOrder[] }).orders);
    expect(posted.length).toBeLessThan(ORDERS);
    const rows = readFileSync(setup.rejects, 'utf8').split('\n').slice(1, -1);
    expect(new Set(rows.map((text) => text.split(',')[1])).size).toBe(rows.length);
    expect(rows.length).toBe(ORDERS);
  });

  it('starts anew where the mapping changed, or when told to', async () => {
    const setup = setUp(header + line(1));
    const other = { fingerprint: 'of other input', rejectsBytes: 0 };
    mkdirSync(join(setup.folder, 'imports'));
    writeFileSync(`${setup.rejects}.checkpoint.json`, JSON.stringify(other));
    const { server: starting } = shop();
    await using server = await starting;
    const { tally } = await importOrders([setup.file], optionsFor(server, setup));
    expect(tally.placed).toBe(1);
    expect(existsSync(`${setup.rejects}.checkpoint.json`)).toBe(false);
  });

  it('changes nothing in a dry run', async () => {
    const setup = setUp(header + line(1) + line(2, 'POST'));
    const report = await importOrders([setup.file], {
      url: 'http://127.0.0.1:9',
      dataDir: setup.folder,
      mapping: setup.mapping,
      connections: 2,
      dryRun: true,
      say: () => undefined,
    });
    expect([report.tally.placed, report.tally.rowsRejected]).toEqual([1, { fee: 1 }]);
    expect(existsSync(setup.rejects)).toBe(false);
  });

  it('stops after a limit of orders', async () => {
    const { placed, server: starting } = shop();
    await using server = await starting;
    const setup = setUp(many());
    const { tally } = await importOrders([setup.file], {
      ...optionsFor(server, setup),
      limit: 70,
    });
    expect([placed.size, tally.placed]).toEqual([70, 70]);
  });
});

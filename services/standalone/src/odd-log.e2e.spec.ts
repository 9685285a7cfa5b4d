import { readFileSync } from 'node:fs';
import { NO_STREAM } from '@throughline/event-store';
import { derivedId } from '@throughline/kernel';
import { Database } from '@throughline/postgres';
import { SERVICES } from './services.js';
import { orderOf, TestSystem } from './system.fixtures.js';

/** Made by `tools/test/odd-log.mjs` on commit 381ed63, which took all of it: one row of a table per line. */
const ODD_LOG = new URL('odd-log.fixtures/odd-log.ndjson', import.meta.url);
/** Rows as they were written: numbers beyond what JavaScript counts stay what they are. */
const ROWS = readFileSync(ODD_LOG, 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [, table, row] = /^\{"table":"([\w.]+)","row":(.*)\}$/.exec(line)!;
    return { table: table!, row: row! };
  });

type Placed = { readonly orderId: string; readonly externalId: string; readonly placedAt: string };
const PLACED: readonly Placed[] = ROWS.filter(({ table }) => table === 'order_capture.log_events')
  .map(({ row }) => JSON.parse(row))
  .filter(({ type }) => type === 'OrderPlaced')
  .map(({ data }) => data);

/** Writes the rows into tables that have just been made, as a restore does: without what triggers would add. */
const load = async (database: Database): Promise<void> => {
  const tables = Map.groupBy(ROWS, (row) => row.table);
  await database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    for (const [table, rows] of tables) {
      const columns = Object.keys(JSON.parse(rows[0]!.row)).join(', ');
      await tx.query(`delete from ${table}`);
      await tx.query(
        `insert into ${table} (${columns}) overriding system value
         select ${columns} from json_populate_recordset(null::${table}, $1)`,
        [`[${rows.map(({ row }) => row).join()}]`],
      );
    }
    const { rows: counted } = await tx.query<{ name: string; column: string }>(
      `select table_schema || '.' || table_name as name, column_name as column
       from information_schema.columns where is_identity = 'YES' and table_schema = 'inventory'`,
    );
    for (const { name, column } of counted.filter(({ name }) => tables.has(name)))
      await tx.query(`select setval(pg_get_serial_sequence($1, $2), max(${column})) from ${name}`, [
        name,
        column,
      ]);
  });
};

const open = (connectionString: string): Database =>
  new Database({ connectionString, schema: 'public', applicationName: 'test', connectionsMax: 2 });

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start({
    prepare: async (connectionString) => {
      const database = open(connectionString);
      await load(database);
      await database.stop();
    },
  });
  await system.settled();
}, 120_000);
afterAll(() => system.stop());

/** All pages of a list. */
const all = async (path: string): Promise<ReturnType<typeof JSON.parse>[]> => {
  const found = [];
  for (let cursor = ''; ;) {
    const page = await system.ok('GET', `${path}${cursor && `&cursor=${cursor}`}`);
    found.push(...page.items);
    if (page.nextCursor === null) return found;
    cursor = page.nextCursor;
  }
};
const idOf = (externalId: string): string =>
  PLACED.find((order) => order.externalId === externalId)!.orderId;

describe('a log of odd values that an earlier release took', () => {
  it('is listed whole, by the instants that were stated', async () => {
    const oldestFirst = [...PLACED].sort(
      (a, b) => Date.parse(a.placedAt) - Date.parse(b.placedAt) || (a.orderId < b.orderId ? -1 : 1),
    );
    const shown = ({ orderId, placedAt }: Placed) => [orderId, placedAt];
    expect((await all('/v1/orders?sort=placedAt&limit=3')).map(shown)).toEqual(
      oldestFirst.map(shown),
    );
    expect((await all('/v1/orders?limit=7')).map(shown)).toEqual(oldestFirst.reverse().map(shown));
    expect(PLACED.length).toBeGreaterThan(35);
    const years = new Set(PLACED.map(({ placedAt }) => placedAt.slice(0, -20)));
    expect([...years].sort()).toEqual([
      '+010000',
      '-000001',
      '0000',
      '0001',
      '0100',
      '1969',
      '2026',
      '9999',
    ]);
  });

  it('is served order by order, with its story', async () => {
    for (const { orderId, placedAt } of PLACED) {
      expect((await system.order(orderId)).placedAt).toBe(placedAt);
      const events = await all(`/v1/orders/${orderId}/events?limit=2`);
      expect(events[0].data.placedAt).toBe(placedAt);
    }
    const exceptions = await all('/v1/exceptions?limit=1');
    expect(exceptions.map(({ orderId }) => orderId)).toContain(idOf('held'));
  });

  it('is heard by every reader: nothing is parked', async () => {
    for (const { name } of SERVICES) {
      const parked = await all(`/v1/${name}/dead-letters?limit=50`);
      expect([name, parked.map(({ group, error }) => [group, error])]).toEqual([name, []]);
    }
  });

  it('goes on where that release was stuck', async () => {
    for (const externalId of ['promised-2', 'promised-8', 'promised-9', 'placed-2', 'placed-8'])
      expect([externalId, (await system.order(idOf(externalId))).status]).toEqual([
        externalId,
        'confirmed',
      ]);
    const shipments = await all('/v1/shipments?limit=1');
    expect(shipments.map(({ orderId }) => orderId)).toEqual(
      expect.arrayContaining(['shipped-0', 'shipped-1', 'shipped-2'].map(idOf)),
    );
    expect((await system.order(idOf('shipped-2'))).status).toBe('delivered');
  });

  it('may hold an order of ids and codes that no way in takes any more, which can be found and cancelled', async () => {
    const { store } = system.host.services.get('order-capture')!.runtime;
    const channel = ' old\u0007';
    const externalId = 'Cafe\u0301 ';
    const orderId = derivedId('order', channel, externalId);
    const [usual] = ROWS.filter(({ table }) => table === 'order_capture.log_events')
      .map(({ row }) => JSON.parse(row))
      .filter(({ type, data }) => type === 'OrderPlaced' && data.externalId === 'waits');
    const lines = [{ ...usual.data.lines[0], lineId: ' 1\n', sku: ' odd, \u0085' }];
    const shipTo = { ...usual.data.shipTo, country: 'XX', postalCode: '?' };
    const data = { ...usual.data, orderId, channel, externalId, lines, shipTo };
    const at = '2026-11-01T10:00:00.000Z';
    const metadata = { at, causationId: orderId, correlationId: orderId, actor: 'tester' };
    const event = { id: derivedId(orderId, 0), type: 'OrderPlaced', version: 1, data, metadata };
    await store.append(`order-${orderId}`, [event], NO_STREAM);
    await system.settled();
    const ids = async (query: Record<string, string>) =>
      (await system.list(`/v1/orders?${new URLSearchParams(query).toString()}`)).map(
        (found) => found.orderId,
      );
    expect(await ids({ channel })).toEqual([orderId]);
    expect(await ids({ externalId })).toEqual([orderId]);
    expect(await ids({ sku: lines[0].sku })).toEqual([orderId]);
    expect((await system.order(orderId)).lines).toMatchObject([
      { lineId: ' 1\n', sku: lines[0].sku },
    ]);
    const cancellation = { reason: 'old', lines: [{ lineId: ' 1\n', quantity: 1 }] };
    await system.ok('POST', `/v1/orders/${orderId}/cancellations`, cancellation);
    await system.settled();
    expect((await system.order(orderId)).status).toBe('cancelled');
    const again = { ...orderOf(externalId, { LAMP: 1 }), channel };
    expect((await system.http('POST', '/v1/orders', again)).status).toBe(422);
    for (const { name } of SERVICES)
      expect([name, await all(`/v1/${name}/dead-letters?limit=50`)]).toEqual([name, []]);
  });

  it('agrees with itself in every store', async () => {
    for (const { name } of SERVICES)
      expect([name, await all(`/v1/${name}/consistency?limit=50`)]).toEqual([name, []]);
    expect(await system.list('/v1/inventory/checks')).toEqual([]);
  });
});

import { warehouse } from '../inventory.fixtures.js';
import { tellerOf } from '../listings/telling.js';
it('measures', async () => {
  const inventory = await warehouse();
  const { database } = inventory.runtime;
  const out: string[] = [];
  const timed = async (name: string, work: () => Promise<unknown>) => {
    for (let i = 0; i < 2; i += 1) {
      const t = performance.now();
      const r = await work();
      out.push(`${name}: ${(performance.now() - t).toFixed(0)} ms ${JSON.stringify(r).slice(0, 150)}`);
    }
  };
  const q = async (text: string) => database.transaction(async (tx) => {
    await tx.query("set local statement_timeout = 0");
    await tx.query({ text, query_timeout: 120000 } as never);
  });
  await q(`insert into locations (location_id, version, active, document, updated_at) select 'L' || n, 1, true, '{}', now() from generate_series(1, 20) n`);
  await q(`insert into items (sku, version, document, updated_at) select 'S' || n, 1, '{"name":"x","components":[]}', now() from generate_series(1, 10000) n`);
  await q(`insert into balances (sku, location_id, on_hand, reserved, version) select 'S' || s, 'L' || l, 60, 0, 1 from generate_series(1, 10000) s, generate_series(1, 20) l`);
  for (let k = 0; k < 4; k += 1)
    await q(`insert into movements (type, sku, location_id, quantity, before, after, cause, at)
      select case when n % 4 = 0 then 'receipt' else 'issue' end, 'S' || s, 'L' || l, case when n % 4 = 0 then 33 else -1 end, 100, 100 + case when n % 4 = 0 then 33 else -1 end, 'c', timestamptz '2026-11-01' - interval '1 day' * (40 - (${k} * 8 + n * 2))
      from generate_series(1, 4) n, generate_series(1, 10000) s, generate_series(1, 20) l`);
  await q('insert into listings (channel, sku, updated_at) select c, sku, now() from items, unnest(array[\'a\',\'b\']) c');
  await q('truncate listings_due');
  await database.query('analyze').catch(() => undefined);
  const get = (path: string) => async () => { const { status, body } = await inventory.http('GET', '/v1/inventory/' + path); return [status, body.items?.length ?? body]; };
  await timed('ageing', get('reports/ageing?limit=200'));
  await timed('ageing L', get('reports/ageing?limit=200&locationId=L7'));
  await timed('overstock', get('reports/overstock?limit=200&daysOfCover=1'));
  await timed('alerts', get('alerts'));
  await timed('listings', get('channels/a/listings?limit=200'));
  const tell = tellerOf(inventory.runtime);
  const skus = Array.from({ length: 200 }, (_, i) => `S${i + 1}`);
  await timed('tell 200', async () => { await tell(skus); return 0; });
  await timed('tell 1', async () => { await tell(['S5000']); return 0; });
  await timed('close', async () => { await inventory.http('PUT', '/v1/inventory/locations/L3', { type: 'store', name: 'x', address: { country: 'GB' }, active: false }); const [r] = await database.query('select count(*) as n from listings_due'); return r; });
  await timed('ageing csv', async () => { const a = await inventory.http('GET', '/v1/inventory/reports/ageing', undefined, { accept: 'text/csv' }); return [a.status, String(a.body).length]; });
  process.stderr.write(out.join('\n') + '\n');
  await inventory.stop();
}, 300000);

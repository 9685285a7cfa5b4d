// Makes a log of odd values: has a running system take everything at the edges of what it accepts, and writes the tables
// of its logs and ledger as one JSON line per row. `services/standalone/src/odd-log.fixtures/odd-log.ndjson` was made so on commit 381ed63:
//
//   node tools/test/odd-log.mjs --url http://localhost:8080 --key "$(cat data/admin-key)" \
//     --database postgres://... > odd-log.ndjson
import { parseArgs } from 'node:util';
import pg from 'pg';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string' },
    database: { type: 'string' },
  },
});

/** Instants that `Time` of that release let in. */
const TIMES = [
  '0000-01-01T00:00:00Z',
  '0000-02-29T23:59:59.999Z',
  '0000-01-01T00:00:00+23:59',
  '0001-01-01T00:00:00Z',
  '0001-01-01T00:00:00+00:01',
  '0099-12-31T23:59:59-12:00',
  '1969-12-31T23:59:59.999999999Z',
  '9999-12-31T23:59:59Z',
  '9999-12-31T23:59:59-14:00',
  '9999-12-31T23:59:59.999999999-23:59',
];

const refusals = [];
const send = async (method, path, body) => {
  const answer = await fetch(`${values.url}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${values.key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.status >= 300) refusals.push(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
};

const client = new pg.Client({ connectionString: values.database });
await client.connect();
const all = async (text) => (await client.query(text)).rows;

const schemas = (
  await all(
    `select table_schema as name from information_schema.tables where table_name = 'log_head' order by 1`,
  )
).map(({ name }) => name);

/** Until nothing was written to any log for two seconds. */
const settled = async () => {
  const heads = schemas
    .map((schema) => `(select position from ${schema}.log_head)`)
    .join(` || ',' || `);
  for (let before = '', same = 0; same < 8;) {
    const [{ now }] = await all(`select ${heads} as now`);
    same = now === before ? same + 1 : 0;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

const order = (externalId, changes = {}, { sku = 'LAMP', quantity = 1 } = {}) => ({
  channel: 'web',
  externalId,
  placedAt: '2026-11-01T09:30:00Z',
  currency: 'GBP',
  shipTo: {
    personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
    city: 'London',
    postalCode: 'SW1Y 4JH',
    country: 'GB',
  },
  payments: [{ method: 'card', status: 'authorized', amount: '2.50', reference: 'ch_1' }],
  lines: [{ lineId: '1', sku, quantity, unitPrice: '2.50' }],
  total: '2.50',
  ...changes,
});
const place = (...parts) => send('POST', '/orders', order(...parts));

const address = { lines: [], city: 'London', region: null, postalCode: 'N1 7GR', country: 'GB' };
const location = { type: 'warehouse', name: 'London', address };
await send('PUT', '/inventory/locations/london', location);
await send('PUT', '/inventory/locations/early', { ...location, activeFrom: TIMES[0] });
await send('PUT', '/inventory/locations/earlier', { ...location, activeFrom: TIMES[2] });
await send('PUT', '/inventory/locations/late', {
  ...location,
  activeFrom: '2999-01-01T00:00:00Z',
  activeTo: TIMES[8],
  dailyCapacity: 1e300,
});
await send('PUT', '/inventory/locations/first', {
  ...location,
  activeFrom: '0001-01-01T00:00:00Z',
  activeTo: TIMES[7],
});
await send('PUT', '/inventory/items/LAMP', {
  name: 'Lamp',
  weightGrams: 1e300,
  dimensionsMm: { length: 1e300, width: 2 ** 53, height: 4e9 },
  cost: { amount: '999999999999.99', currency: 'GBP' },
});
await send('PUT', '/inventory/items/MANY', { name: 'Screw', weightGrams: 0 });
await send('PUT', '/inventory/items/SET', {
  name: 'Screws by the million',
  components: [{ sku: 'MANY', quantity: 1_000_000 }],
});
await send('PUT', `/inventory/items/${encodeURIComponent('"a\\,{}')}`, { name: 'Quoted' });
const receive = (sku, locationId, quantity) =>
  send('POST', '/inventory/movements', {
    type: 'receipt',
    sku,
    locationId,
    quantity,
    reason: 'delivery',
  });
await receive('LAMP', 'london', 1_000);
for (let times = 0; times < 4; times += 1) await receive('MANY', 'london', 1_000_000_000);
await send('PUT', '/inventory/stock/LAMP/early', { safetyStock: 1e18 });
await send('PUT', '/inventory/channels/shop/listings/LAMP', { quota: 1e18, buffer: 9e18 });
for (const [index, expectedAt] of TIMES.entries())
  await send('PUT', `/inventory/supplies/PO-${index}`, {
    kind: 'purchase-order',
    locationId: 'london',
    lines: [{ lineId: '1', sku: 'LAMP', quantity: 1_000_000, expectedAt }],
  });
await settled();

for (const [index, time] of TIMES.entries()) {
  await place(`placed-${index}`, { placedAt: time });
  await place(`promised-${index}`, { fulfillment: { method: 'ship', promisedBy: time } });
  await place(`not-before-${index}`, { fulfillment: { method: 'ship', notBefore: time } });
}
await place('pickup', {
  fulfillment: { method: 'pickup', locationId: 'first', promisedBy: TIMES[0] },
});
await place('held', { placedAt: TIMES[0], total: '9.99' });
await place('quoted', {}, { sku: '"a\\,{}' });
await place('dear', {
  payments: [{ method: 'card', status: 'authorized', amount: '999999999999.99' }],
  lines: [{ lineId: '1', sku: 'LAMP', quantity: 1, unitPrice: '9007199254.740991' }],
  total: '9007199254.74',
});
await place('many', { total: '2500000.00' }, { quantity: 1_000_000 });
await place('sets', { total: '2500.00' }, { sku: 'SET', quantity: 1_000 });
await place('waits', { fulfillment: { method: 'ship', promisedBy: TIMES[8] } }, { sku: 'NONE' });
await settled();

/** Packs, labels, hands over and tracks an order with odd weights and times. */
const ship = async (externalId, weightGrams, time) => {
  const { orderId } = await place(externalId, {
    fulfillment: { method: 'ship', promisedBy: TIMES[7] },
  });
  await settled();
  const { items } = await send('GET', `/fulfillments?orderId=${orderId}`);
  for (const { fulfillmentId } of items) {
    const path = `/fulfillments/${fulfillmentId}`;
    await send('POST', `${path}/picks`, { scanId: 'pick', lines: [{ lineId: '1', quantity: 1 }] });
    await send('POST', `${path}/packs`, { packageId: 'parcel', weightGrams });
    await settled();
    await send('POST', `${path}/hand-over`, { handOverId: 'van' });
  }
  await settled();
  const { items: parcels } = await send('GET', `/shipments?orderId=${orderId}`);
  for (const { shipmentId } of parcels)
    for (const status of ['in-transit', 'delivered'])
      await send('POST', `/shipments/${shipmentId}/tracking-events`, {
        eventId: status,
        status,
        at: time,
      });
};
await ship('shipped-0', 1e300, TIMES[0]);
await ship('shipped-1', 2 ** 53, TIMES[2]);
await ship('shipped-2', 0, TIMES[8]);
await send('POST', '/access/keys', { name: 'odd', roles: ['viewer'], expiresAt: TIMES[8] });
await settled();

/** What is made from the logs again, or belongs to the process that ran. */
const DERIVED = /^(migrations|leases|request_keys|(bus|kit|log|lease|projection)_\w+)$/;
const rows = await all(`
  select t.table_schema as schema, t.table_name as name,
    string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns
  from information_schema.tables t join information_schema.columns c using (table_schema, table_name)
  where t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER' and t.table_schema = any('{${schemas.join()}}')
  group by 1, 2 order by 1, 2`);
for (const { schema, name, columns } of rows) {
  const isLog = name === 'log_events' || name === 'log_head';
  const isLedger = schema === 'inventory' && !DERIVED.test(name);
  if (!isLog && !isLedger) continue;
  for (const { row } of await all(
    `select row_to_json(r)::text as row from (select ${columns} from ${schema}.${name}) as r`,
  ))
    process.stdout.write(
      `${JSON.stringify({ table: `${schema}.${name}` }).slice(0, -1)},"row":${row}}\n`,
    );
}
await client.end();
process.stderr.write(`Refused:\n${refusals.join('\n')}\n`);

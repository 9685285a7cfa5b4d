import { consistencyWatch, createLogger } from '@throughline/service-kit';
import { registry } from '@throughline/telemetry';
import { SERVICES } from './services.js';
import { TestSystem } from './system.fixtures.js';

/** Pages that a whole look through may take here. */
const PAGES_MAX = 20;

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start();
  await system.stock('LON', 'SW1Y 4JH', { A: 20 });
  const delivered = await system.place('1', { A: 2 });
  const lost = await system.place('2', { A: 3 });
  const early = await system.place('3', { A: 1 });
  await system.settled();
  await system.shipAll(delivered);
  await system.track(delivered, 'delivered');
  const lines = [{ lineId: '1', quantity: 1 }];
  await system.ok('POST', '/v1/returns', { orderId: delivered, lines, reason: 'too small' });
  await system.shipAll(lost);
  await system.track(lost, 'lost');
  // A parcel that the carrier has before anybody said that it was handed over.
  const [work] = await system.list(`/v1/fulfillments?orderId=${early}`);
  const path = `/v1/fulfillments/${work.fulfillmentId}`;
  const picked = [{ lineId: '1', quantity: 1 }];
  await system.ok('POST', `${path}/picks`, { scanId: 'pick', lines: picked });
  await system.ok('POST', `${path}/packs`, { packageId: 'parcel-1' });
  await system.settled();
  await system.track(early, 'in-transit');
});
afterAll(() => system.stop());

const running = (service: string) => system.host.services.get(service)!;
const query = <Row extends object>(service: string, text: string): Promise<Row[]> =>
  running(service).runtime.database.query<Row>(text);
const tablesOf = (service: string): string[] =>
  running(service).parts.projections.flatMap(({ tables }) => Object.keys(tables));

/** What breaks each rule that a service's streams are checked by. */
const BREAKS: Readonly<Record<string, string>> = {
  'order-capture I1': `update log_events
    set data = regexp_replace(data::text, '"handedOver":\\s*2', '"handedOver":9')::json
    where type = 'FulfillmentProgressed'`,
  'payments I4': `update log_events
    set data = regexp_replace(data::text, '"totalMinor":\\s*', '"totalMinor":1')::json
    where type = 'PaymentAuthorized'`,
};

/** What the gauge shows after a whole look through the service. */
const alarmOf = async (service: string, invariant: string): Promise<number> => {
  const { runtime, parts } = running(service);
  const { database, store } = runtime;
  const { projections, checks = [] } = parts;
  const logger = createLogger('silent');
  const watch = consistencyWatch({ service, database, store, projections, checks, logger });
  for (let page = 0; page < PAGES_MAX; page += 1) {
    await watch.run();
    const metric = await registry.getSingleMetric('oms_invariant_breaches')?.get();
    const shown = metric?.values.find(
      ({ labels }) => labels.service === service && labels.invariant === invariant,
    );
    if (shown && shown.value > 0) return shown.value;
  }
  return 0;
};

describe('every rule that is checked while it runs', () => {
  it('has something here that breaks it; those of the ledger have theirs with its repair', () => {
    const ruled = SERVICES.flatMap(({ name }) =>
      (running(name).parts.checks ?? []).map((check) => `${name} ${check.name}`),
    );
    expect(ruled.sort()).toEqual(Object.keys(BREAKS).sort());
  });

  it.each(Object.entries(BREAKS))('%s alarms when a stream breaks it', async (name, damage) => {
    const [service, invariant] = name.split(' ') as [string, string];
    expect(await alarmOf(service, invariant)).toBe(0);
    await query(service, 'create table log_kept as select position, data from log_events');
    await query(service, damage);
    expect(await alarmOf(service, invariant)).toBeGreaterThan(0);
    await query(
      service,
      'update log_events e set data = k.data from log_kept k where k.position = e.position',
    );
    expect(await alarmOf(service, invariant)).toBe(0);
  });

  const projecting = ['order-capture', 'fulfillment', 'shipping', 'returns'];
  it('I5 is looked at wherever there are rows of events', () => {
    const found = SERVICES.filter(({ name }) => tablesOf(name).length > 0);
    expect(found.map(({ name }) => name).sort()).toEqual([...projecting].sort());
  });

  it.each(projecting)(
    'I5 of %s alarms when rows are missing, of each of its tables',
    async (name) => {
      expect(await alarmOf(name, 'I5')).toBe(0);
      for (const table of tablesOf(name)) {
        expect([table, (await query(name, `select from ${table}`)).length > 0]).toEqual([
          table,
          true,
        ]);
        await query(name, `create table kept as select * from ${table}`);
        await query(name, `delete from ${table}`);
        const { items } = await system.ok('GET', `/v1/${name}/consistency`);
        expect(items).toContainEqual(
          expect.objectContaining({ check: 'I5', detail: expect.stringContaining(`${table} `) }),
        );
        expect(await alarmOf(name, 'I5')).toBeGreaterThan(0);
        await query(name, `insert into ${table} select * from kept`);
        await query(name, 'drop table kept');
      }
      expect(await alarmOf(name, 'I5')).toBe(0);
    },
  );
});

it('what the ledger contradicts is explained, put right by name and audited, through the gateway', async () => {
  const PATH = '/v1/inventory/repairs';
  expect((await system.ok('GET', PATH)).items).toEqual([]);
  await query('inventory', `update balances set reserved = reserved + 1 where sku = 'A'`);
  const { items } = await system.ok('GET', PATH);
  const names = items.map(({ name }: { name: string }) => name);
  expect(items.map(({ check }: { check: string }) => check)).toContain('reserved-is-what-is-held');
  const reason = 'counted by hand';
  expect(await system.ok('POST', PATH, { names, reason })).toMatchObject({
    applied: items.map(({ name }: { name: string }) => ({ name })),
    refused: [],
  });
  expect((await system.ok('GET', PATH)).items).toEqual([]);
  await system.settled();
  const trail = await system.list('/v1/access/audit?service=inventory');
  const repaired = trail.filter(({ change }: { change: string }) => change === 'repaired');
  expect(repaired.map(({ details }) => [details.name, details.reason]).sort()).toEqual(
    names.map((name: string) => [name, reason]).sort(),
  );
});

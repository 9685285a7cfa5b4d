import { exposition } from '@throughline/telemetry';
import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';
import { alertsGauge } from './alerts.process.js';
import { alertsQuery } from './alerts.query.js';

describe('buffer alerts', () => {
  let inventory: Warehouse;
  const keep = (sku: string, locationId: string, safetyStock: number) =>
    inventory.http('PUT', `/v1/inventory/stock/${sku}/${locationId}`, { safetyStock });
  const reserve = (orderId: string, sku: string, quantity: number, locationId = 'L1') =>
    inventory.propose(orderId, 1, [at(locationId, line('1', sku, quantity))]);
  const alert = (sku: string, locationId: string, free: number, since: string) => ({
    sku,
    locationId,
    free,
    safetyStock: 3,
    since,
  });
  const [TEN, ELEVEN, NOON] = ['10', '11', '12'].map((hour) => `2026-11-01T${hour}:00:00.000Z`) as [
    string,
    string,
    string,
  ];

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A', 'B'], ['L1', 'L2']);
    for (const sku of ['A', 'B'])
      for (const locationId of ['L1', 'L2']) {
        await inventory.receive(sku, locationId, 5);
        await keep(sku, locationId, 3);
      }
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('are open from when what is free falls to the safety stock until it rises above', async () => {
    expect(await inventory.items('alerts')).toEqual([]);
    await reserve('o1', 'A', 1);
    expect(await inventory.items('alerts')).toEqual([]);
    inventory.at(ELEVEN);
    await reserve('o2', 'A', 1);
    expect(await inventory.items('alerts')).toEqual([alert('A', 'L1', 3, ELEVEN)]);
    inventory.at(NOON);
    await inventory.handOver('o1', 1, 'L1', [line('1', 'A', 1)]);
    const damage = { type: 'damage', sku: 'A', locationId: 'L1', quantity: 1, reason: 'fell' };
    await inventory.http('POST', '/v1/inventory/movements', damage);
    expect(await inventory.items('alerts')).toEqual([alert('A', 'L1', 2, ELEVEN)]);
    await inventory.receive('A', 'L1', 1);
    expect(await inventory.items('alerts')).toEqual([alert('A', 'L1', 3, ELEVEN)]);
    await inventory.receive('A', 'L1', 1);
    expect(await inventory.items('alerts')).toEqual([]);
  });

  it('come page by page, the oldest first, of a SKU or location alone where that is asked for', async () => {
    inventory.at(ELEVEN);
    await reserve('o1', 'B', 2, 'L2');
    await reserve('o2', 'B', 2, 'L1');
    inventory.at(NOON);
    await reserve('o3', 'A', 2, 'L2');
    const all = [
      alert('B', 'L1', 3, ELEVEN),
      alert('B', 'L2', 3, ELEVEN),
      alert('A', 'L2', 3, NOON),
    ];
    expect(await inventory.items('alerts')).toEqual(all);
    const paged: object[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/v1/inventory/alerts?limit=1${cursor && `&cursor=${cursor}`}`;
      const { body } = await inventory.http('GET', path);
      paged.push(...body.items);
      cursor = body.nextCursor;
    }
    expect(paged).toEqual(all);
    expect(await inventory.items('alerts?locationId=L2')).toEqual([all[1], all[2]]);
    expect(await inventory.items('alerts?sku=B&locationId=L1')).toEqual([all[0]]);
    expect((await inventory.http('GET', '/v1/inventory/alerts?cursor=WzFd')).status).toBe(422);
  });

  it('are counted', async () => {
    const { database } = inventory.runtime;
    await reserve('o1', 'A', 2);
    await reserve('o2', 'B', 2);
    await alertsGauge(alertsQuery(database)).run();
    expect(await exposition()).toContain('oms_inventory_below_buffer{service="inventory"} 2');
    expect(await inventory.items('alerts?sku=A')).toEqual([alert('A', 'L1', 3, TEN)]);
  });
});

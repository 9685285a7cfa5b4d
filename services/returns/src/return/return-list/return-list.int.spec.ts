import { LocationChanged, ShipmentDelivered } from '@throughline/contracts';
import type { RecordedEvent } from '@throughline/event-store';
import { emptyTables } from '@throughline/read-model';
import { startService, type ServiceHarness } from '@throughline/testing';
import { returns } from '../../returns.module.js';
import { AT, location, requestOf, shipment } from '../return-messages.fixtures.js';
import { returnList } from './return-list.projection.js';

let clock = AT;
let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(returns, { now: () => clock });
  await service.deliver(LocationChanged, 'W1', location('W1'));
});
afterAll(() => service.stop());

const listed = async (filter: string) => {
  await service.caughtUp();
  return service.http('GET', `/v1/returns?${filter}`);
};

describe('the list', () => {
  beforeAll(async () => {
    for (const [index, orderId] of ['p1', 'p2', 'p3'].entries()) {
      clock = `2026-11-02T09:3${index}:00.000Z`;
      await service.deliver(ShipmentDelivered, orderId, shipment(orderId, 1));
      await service.http('POST', '/v1/returns', requestOf(orderId, 1));
    }
    await service.http('POST', '/v1/returns/p2.1/approval', {});
    await service.http('POST', '/v1/returns/p3.1/approval', {});
    await service.http('POST', '/v1/returns/p3.1/receipt', { locationId: 'W1' });
    await service.http('POST', '/v1/returns/p3.1/inspection', {});
  });

  it('goes page by page, oldest first', async () => {
    const everything = (await listed('limit=200')).body.items;
    const times = everything.map(({ requestedAt }: { requestedAt: string }) => requestedAt);
    expect(times).toEqual([...times].sort());
    const paged = [];
    let cursor = '';
    do {
      const { body } = await listed(`limit=2${cursor}`);
      paged.push(...body.items);
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(paged).toEqual(everything);
    expect(paged.slice(-3).map(({ returnId }) => returnId)).toEqual(['p1.1', 'p2.1', 'p3.1']);
  });

  it('filters by status, order and kind', async () => {
    const ids = async (filter: string) =>
      (await listed(filter)).body.items.map(({ returnId }: { returnId: string }) => returnId);
    expect(await ids('status=approved&orderId=p2')).toEqual(['p2.1']);
    expect(await ids('status=requested&orderId=p2')).toEqual([]);
    expect(await ids('orderId=p1&kind=customer')).toEqual(['p1.1']);
    expect(await ids('orderId=p1&kind=return-to-origin')).toEqual([]);
  });

  it.each([
    ['status=lost', 'status'],
    ['kind=other', 'kind'],
    ['orderId=a&orderId=b', 'orderId'],
    ['limit=0', 'limit'],
    ['cursor=x', 'cursor'],
    [`cursor=${Buffer.from('[1]').toString('base64url')}`, 'cursor'],
  ])('refuses %s', async (query, field) =>
    expect(await service.http('GET', `/v1/returns?${query}`)).toMatchObject({
      status: 422,
      body: { errors: [{ field }] },
    }),
  );

  it('is the same after a rebuild, and after a page that comes twice', async () => {
    await service.caughtUp();
    const { database, store } = service.runtime;
    const rows = () => database.query('select * from returns order by return_id');
    const before = await rows();
    expect(before.length).toBeGreaterThan(0);
    const events: RecordedEvent[] = [];
    const reading = new AbortController();
    const head = await store.head();
    for await (const page of store.subscribe(['return'], 0n, reading.signal)) {
      events.push(...page.events);
      if (page.position >= head) break;
    }
    await database.transaction((tx) => returnList.apply(tx, events));
    expect(await rows()).toEqual(before);
    await database.transaction(async (tx) => {
      await emptyTables(tx, returnList);
      for (const event of events) await returnList.apply(tx, [event]);
    });
    expect(await rows()).toEqual(before);
    // Pages that overlap, wherever they do.
    for (let end = 1; end <= events.length; end += 1) {
      await database.transaction(async (tx) => {
        await emptyTables(tx, returnList);
        await returnList.apply(tx, events.slice(0, end));
        await returnList.apply(tx, events.slice(end - 1));
      });
      expect(await rows()).toEqual(before);
    }
  });
});

import { PaymentAuthorized, type CanonicalOrder } from '@throughline/contracts';
import { START, type RecordedEvent } from '@throughline/event-store';
import { derivedId, readableNumber } from '@throughline/kernel';
import { emptyTables } from '@throughline/read-model';
import { startService, type ServiceHarness } from '@throughline/testing';
import { orderCapture } from '../../order-capture.module.js';
import {
  AT,
  canonicalOrder,
  milestonesOf,
  paymentAuthorized,
} from '../canonical-order.fixtures.js';
import { orderListProjection } from './order-list.projection.js';

let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(orderCapture, { now: () => AT });
  await place('full');
  for (const [type, data] of milestonesOf(idOf('full')))
    await service.deliver(type, idOf('full'), data);
  await place('early', { placedAt: '2026-10-01T00:00:00Z', customer: { id: 'c-18' } });
  await place('held', { placedAt: '2026-10-02T00:00:00Z', shipTo: null });
  await place('paid', {
    channel: 'shop',
    placedAt: '2026-10-03T00:00:00Z',
    fulfillment: { method: 'pickup', locationId: 'store-1' },
    lines: [
      { lineId: '1', sku: 'B "x" \\', quantity: 1, unitPrice: '6.00' },
      { lineId: '2', sku: 'A', quantity: 2, unitPrice: '3.00' },
    ],
  });
  const paid = idOf('paid', 'shop');
  await service.http('POST', `/v1/orders/${paid}/cancellations`, {
    reason: 'no',
    lines: [{ lineId: '1', quantity: 1 }],
  });
  await service.deliver(PaymentAuthorized, paid, paymentAuthorized(paid));
  await service.caughtUp();
});
afterAll(() => service.stop());

const idOf = (externalId: string, channel = 'web'): string =>
  derivedId('order', channel, externalId);

const place = async (externalId: string, overrides: Partial<CanonicalOrder> = {}) => {
  const order = canonicalOrder(externalId, overrides);
  expect((await service.http('POST', '/v1/orders', order)).status).toBe(201);
};

const list = async (query: string) => (await service.http('GET', `/v1/orders?${query}`)).body;
const namesOf = async (query: string): Promise<string[]> =>
  (await list(query)).items.map(({ externalId }: { externalId: string }) => externalId);

const LINE = { lineId: '1', quantity: 2, unitPrice: '6.00' };
const NONE = {
  ordered: 0,
  open: 0,
  backordered: 0,
  sourced: 0,
  picked: 0,
  packed: 0,
  shipped: 0,
  delivered: 0,
  returnedToOrigin: 0,
  lost: 0,
  cancelled: 0,
  returned: 0,
};

describe('GET /v1/orders', () => {
  it('lists every channel in one list, newest first or last', async () => {
    expect(await namesOf('')).toEqual(['full', 'paid', 'held', 'early']);
    expect(await namesOf('sort=-placedAt')).toEqual(['full', 'paid', 'held', 'early']);
    expect(await namesOf('sort=placedAt')).toEqual(['early', 'held', 'paid', 'full']);
  });

  it.each([
    ['channel=shop', ['paid']],
    ['channel=web', ['full', 'held', 'early']],
    ['channel=web,shop', ['full', 'paid', 'held', 'early']],
    ['status=held', ['held']],
    ['status=held,received', ['held', 'early']],
    ['status=delivered', []],
    ['sku=A', ['full', 'paid', 'held', 'early']],
    [`sku=${encodeURIComponent('B "x" \\')}`, ['paid']],
    ['customer=c-18', ['early']],
    ['externalId=held', ['held']],
    ['placedFrom=2026-10-02T00:00:00Z&placedTo=2026-10-03T00:00:00Z', ['paid', 'held']],
    ['placedTo=2026-10-02T01:00:00%2B02:00', ['early']],
    ['hold=address', ['held']],
    ['hold=fraud', []],
    ['locationId=store-1', ['paid']],
    ['locationId=london', ['full']],
    ['q=ear', ['early']],
    ['q=c-18', ['early']],
    [`q=${readableNumber(idOf('full')).slice(0, 9).toLowerCase()}`, ['full']],
    ['channel=web&sku=A&status=received&sort=placedAt', ['early']],
  ])('%s', async (query, names) => expect(await namesOf(query)).toEqual(names));

  it('shows what a list needs, and lines when asked', async () => {
    const orderId = idOf('paid', 'shop');
    const item = {
      orderId,
      orderNumber: readableNumber(orderId),
      channel: 'shop',
      externalId: 'paid',
      placedAt: '2026-10-03T00:00:00.000Z',
      acceptedAt: AT,
      currency: 'GBP',
      customerId: 'c-17',
      country: 'GB',
      status: 'approved',
      total: '12.00',
      holds: [],
      exceptions: [],
      refunded: '0.00',
      units: { ...NONE, ordered: 3, open: 2, cancelled: 1 },
    };
    expect(await list('channel=shop')).toEqual({ items: [item], nextCursor: null });
    const lines = [
      { lineId: '1', sku: 'B "x" \\', quantities: { ...NONE, ordered: 1, cancelled: 1 } },
      { lineId: '2', sku: 'A', quantities: { ...NONE, ordered: 2, open: 2 } },
    ];
    expect((await list('channel=shop&include=lines')).items).toEqual([{ ...item, lines }]);
  });

  it('shows holds with their reasons', async () => {
    const [held] = (await list('status=held')).items;
    expect([held.country, held.exceptions, held.holds]).toEqual([
      null,
      ['hold-address'],
      [
        {
          holdId: derivedId(idOf('held'), 'hold', 'address'),
          kind: 'address',
          reason: 'shipTo is missing',
          since: AT,
        },
      ],
    ]);
  });

  it.each(['sort=placedAt&', ''])('comes in pages (%s)', async (sort) => {
    const all = await namesOf(sort);
    const first = await list(`${sort}limit=3`);
    const second = await list(`${sort}limit=3&cursor=${first.nextCursor}`);
    expect(
      [...first.items, ...second.items].map(({ externalId }: { externalId: string }) => externalId),
    ).toEqual(all);
    expect(second.nextCursor).toBe(null);
  });

  it.each([
    ['status=stolen', 'status'],
    ['status=held,x', 'status'],
    ['hold=mood', 'hold'],
    ['sort=total', 'sort'],
    ['include=events', 'include'],
    ['placedFrom=yesterday', 'placedFrom'],
    ['placedTo=2016-12-31T23:59:60Z', 'placedTo'],
    ['colour=red', 'colour'],
    ['limit=0', 'limit'],
    ['cursor=x', 'cursor'],
    [`cursor=${Buffer.from('["x", 1]').toString('base64url')}`, 'cursor'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await service.http('GET', `/v1/orders?${query}`);
    expect([status, body.errors[0].field]).toEqual([422, field]);
  });

  it('agrees with the order itself', async () => {
    for (const item of (await list('include=lines')).items) {
      const { body } = await service.http('GET', `/v1/orders/${item.orderId}`);
      const { lines, ...head } = item;
      expect(body).toMatchObject(head);
      expect(
        body.lines.map(({ lineId, sku, quantities }: Record<string, unknown>) => ({
          lineId,
          sku,
          quantities,
        })),
      ).toEqual(lines);
    }
  });
});

const eventsOf = async ({ store }: ServiceHarness['runtime']): Promise<RecordedEvent[]> => {
  const head = await store.head();
  const events: RecordedEvent[] = [];
  const reading = new AbortController();
  for await (const page of store.subscribe(['order'], START, reading.signal)) {
    events.push(...page.events);
    if (page.position >= head) break;
  }
  return events;
};

const TABLES = ['orders', 'order_states', 'order_locations', 'order_exceptions'];

const rowsOf = ({ database }: ServiceHarness['runtime']) =>
  Promise.all(
    TABLES.map((table) => database.query(`select t::text as row from ${table} t order by 1`)),
  );

describe('the projection', () => {
  it.each([1, 2, 7, 1_000])('gives the same rows when rebuilt in pages of %i', async (size) => {
    const { runtime } = service;
    const before = await rowsOf(runtime);
    const events = await eventsOf(runtime);
    await runtime.database.transaction((tx) => emptyTables(tx, orderListProjection));
    for (let start = 0; start < events.length; start += size)
      await runtime.database.transaction((tx) =>
        orderListProjection.apply(tx, events.slice(start, start + size)),
      );
    expect(await rowsOf(runtime)).toEqual(before);
  });

  it('ignores a page that comes again', async () => {
    const { runtime } = service;
    const before = await rowsOf(runtime);
    const events = await eventsOf(runtime);
    await runtime.database.transaction((tx) => orderListProjection.apply(tx, events));
    expect(await rowsOf(runtime)).toEqual(before);
  });

  it('notices a hole in a stream', async () => {
    const { runtime } = service;
    const [, second] = (await eventsOf(runtime)).filter(
      ({ stream }) => stream === `order-${idOf('full')}`,
    );
    const strange = { ...second!, stream: `order-${idOf('nobody')}` };
    await expect(
      runtime.database.transaction((tx) => orderListProjection.apply(tx, [strange])),
    ).rejects.toThrow('lacks revision 0');
  });
});

// Last, because what it places would stand in the lists of all others.
describe('GET /v1/orders, asked for odd orders', () => {
  it('takes ids with commas for lists of ids where there are no such ids', async () => {
    await place('commas', { channel: 'a,b', lines: [{ ...LINE, sku: 'A,B' }] });
    await place('other', { channel: 'a', lines: [{ ...LINE, sku: 'Q' }] });
    await service.caughtUp();
    expect(await namesOf('channel=a,b')).toEqual(['commas']);
    expect(await namesOf('channel=b,a')).toEqual(['other']);
    expect(await namesOf('channel=a&channel=a,b&sort=placedAt')).toEqual(['commas', 'other']);
    expect(await namesOf('channel=a&channel=b,a')).toEqual(['other']);
    expect(await namesOf('sku=A,B')).toEqual(['commas']);
    expect(await namesOf('sku=B,Q')).toEqual(['other']);
    expect(await namesOf('sku=Q&sku=A,B&sort=placedAt')).toEqual(['commas', 'other']);
  });

  it('is not headed by an order that was placed far ahead', async () => {
    await place('ahead', { placedAt: '2036-01-01T00:00:00Z' });
    await place('tomorrow', { placedAt: '2026-11-02T09:00:00Z' });
    await service.caughtUp();
    const { items } = await list('limit=2');
    const shown = items.map((item: { externalId: string; placedAt: string }) => [
      item.externalId,
      item.placedAt,
    ]);
    expect(shown).toEqual([
      ['tomorrow', '2026-11-02T09:00:00.000Z'],
      ['ahead', '2036-01-01T00:00:00.000Z'],
    ]);
    const { body } = await service.http('GET', `/v1/orders/${idOf('ahead')}`);
    expect([body.status, body.placedAt, body.holds[0]]).toMatchObject([
      'held',
      '2036-01-01T00:00:00.000Z',
      { kind: 'review', reason: expect.stringContaining('2036-01-01') },
    ]);
    expect(body).not.toHaveProperty('listedAt');
    expect((await service.http('GET', `/v1/orders/${idOf('tomorrow')}`)).body.holds).toEqual([]);
  });
});

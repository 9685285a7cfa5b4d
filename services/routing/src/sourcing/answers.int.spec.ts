import {
  AvailabilityChanged,
  BackorderPromiseMoved,
  ItemChanged,
  LocationChanged,
  OrderApproved,
  StockRefused,
  StockReserved,
} from '@throughline/contracts';
import { startService, type ServiceHarness } from '@throughline/testing';
import { a, AT, b, order } from '../routing.fixtures.js';
import { pictureReader } from '../picture/picture.query.js';
import { routing } from '../routing.module.js';
import { resumeTask } from './resume.process.js';
import { sourcingHandler } from './sourcing-handler.js';
import { StalledOrders } from './stalled-orders.query.js';

let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(routing, { now: () => AT });
  for (const locationId of ['soho', 'leeds'])
    await service.deliver(LocationChanged, locationId, {
      locationId,
      version: 1,
      locationType: 'store',
      name: locationId,
      country: 'GB',
      postalCode: locationId === 'soho' ? 'W1D 3QY' : 'LS1 4AP',
      geo: null,
      active: true,
    });
  for (const sku of ['A', 'B'])
    await service.deliver(AvailabilityChanged, sku, {
      sku,
      locationId: 'soho',
      available: 10,
      version: 1,
    });
});
afterAll(() => service.stop());

const approve = (approved: OrderApproved) =>
  service.deliver(OrderApproved, approved.orderId, approved);
const messagesOf = async (orderId: string) =>
  (await service.published('oms.sourcing'))
    .filter(({ key }) => key === orderId)
    .map(({ type, data }) => ({ type, data }));
const lastOf = async (orderId: string) => (await messagesOf(orderId)).at(-1);
const eventsOf = async (orderId: string) =>
  (await service.runtime.store.read(`sourcing-${orderId}`)).map(({ type }) => type);
const decisionOn = async (orderId: string) =>
  (await service.http('GET', `/v1/routing/decisions/${orderId}`)).body;

describe('a checkout hold', () => {
  const held = (orderId: string) => ({
    ...order(orderId, { ...a(3), reservationId: 'cart-7' }, b(1)),
    channel: 'web',
  });
  const ofCart = (quantity: number) => ({ ...a(quantity), reservationId: 'cart-7' });

  it('is taken over where it lies, in one attempt with what is planned', async () => {
    await approve(held('h1'));
    expect(await lastOf('h1')).toEqual({
      type: 'SourcingProposed',
      data: {
        orderId: 'h1',
        attempt: 1,
        final: false,
        priority: 0,
        acceptedAt: AT,
        onlyLocationId: null,
        offerId: null,
        allocations: [{ locationId: 'soho', lines: [b(1)] }],
        backorders: [],
        held: [ofCart(3)],
        channel: 'web',
      },
    });
    const allocations = [
      { locationId: 'leeds', lines: [a(3)] },
      { locationId: 'soho', lines: [b(1)] },
    ];
    const answer = { orderId: 'h1', attempt: 1, allocations, backordered: [] };
    const { id } = await service.deliver(StockReserved, 'h1', answer);
    await service.deliver(StockReserved, 'h1', answer, { id });
    expect(await lastOf('h1')).toMatchObject({ type: 'OrderSourced', data: { allocations } });
    expect(await eventsOf('h1')).toEqual(['SourcingStarted', 'SourcingProposed', 'AttemptSettled']);
    expect(await decisionOn('h1')).toMatchObject({
      status: 'sourced',
      attempts: [{ held: [ofCart(3)], outcome: 'reserved', holds: [] }],
    });
  });

  it('that has less gives what it has, and the rest is planned', async () => {
    await approve(held('h2'));
    const holds = [{ reservationId: 'cart-7', sku: 'A', locationId: 'leeds', quantity: 1 }];
    const refusal = { orderId: 'h2', attempt: 1, shortages: [], holds };
    const { id } = await service.deliver(StockRefused, 'h2', refusal);
    await service.deliver(StockRefused, 'h2', refusal, { id });
    expect(await lastOf('h2')).toMatchObject({
      type: 'SourcingProposed',
      data: {
        attempt: 2,
        held: [ofCart(1)],
        allocations: [{ locationId: 'soho', lines: [a(2), b(1)] }],
      },
    });
    expect((await eventsOf('h2')).filter((type) => type === 'AttemptRefused')).toHaveLength(1);
    expect(await decisionOn('h2')).toMatchObject({
      attempts: [
        { outcome: 'refused', holds },
        { outcome: 'proposed', held: [ofCart(1)] },
      ],
    });
  });

  it('that is gone is forgotten', async () => {
    await approve(held('h3'));
    const holds = [{ reservationId: 'cart-7', sku: 'A', locationId: null, quantity: 0 }];
    const refusal = { orderId: 'h3', attempt: 1, shortages: [], holds };
    await service.deliver(StockRefused, 'h3', refusal);
    const proposal = await lastOf('h3');
    expect(proposal).toMatchObject({
      data: { attempt: 2, allocations: [{ locationId: 'soho', lines: [a(3), b(1)] }] },
    });
    expect(proposal!.data).not.toHaveProperty('held');
  });
});

describe('a SKU that no catalogue lists', () => {
  const c = { lineId: '3', sku: 'C', quantity: 1 };
  const itemIs = (sku: string, version = 1) =>
    service.deliver(ItemChanged, sku, { sku, version, name: sku, weightGrams: null });
  const resume = () => {
    const { store, database, now } = service.runtime;
    const handle = sourcingHandler(store, now);
    return resumeTask(handle, pictureReader(database), new StalledOrders(database), now).run();
  };
  const stalled = () => service.runtime.database.query('select order_id, skus from stalled_order');
  const refusal = (orderId: string, attempt: number, ...unknownSkus: string[]) => ({
    orderId,
    attempt,
    shortages: [],
    unknownSkus,
  });

  it('stops the order until the item is there', async () => {
    await approve(order('u1', a(1), c));
    const { id } = await service.deliver(StockRefused, 'u1', refusal('u1', 1, 'C'));
    await service.deliver(StockRefused, 'u1', refusal('u1', 1, 'C'), { id });
    expect((await messagesOf('u1')).slice(1)).toEqual([
      {
        type: 'SourcingFailed',
        data: { orderId: 'u1', attempt: 1, reason: 'unknown-sku', skus: ['C'] },
      },
    ]);
    expect(await decisionOn('u1')).toMatchObject({
      status: 'failed',
      failure: 'unknown-sku',
      attempts: [{ outcome: 'refused', unknownSkus: ['C'] }],
    });
    expect(await stalled()).toEqual([{ order_id: 'u1', skus: ['C'] }]);
    await resume();
    expect(await messagesOf('u1')).toHaveLength(2);

    await itemIs('C');
    await itemIs('C', 2);
    await resume();
    await resume();
    expect((await messagesOf('u1')).slice(2)).toMatchObject([
      { type: 'SourcingProposed', data: { attempt: 2, final: true, backorders: [c] } },
    ]);
    expect(await stalled()).toEqual([]);
  });

  it('may be known by the time that it is refused', async () => {
    await itemIs('D');
    await approve(order('u2', { ...c, sku: 'D' }));
    await service.deliver(StockRefused, 'u2', refusal('u2', 1, 'D'));
    await resume();
    expect(await lastOf('u2')).toMatchObject({ type: 'SourcingProposed', data: { attempt: 2 } });
  });

  it('is one of several, all of which must be there', async () => {
    await approve(order('u3', { ...c, sku: 'E' }, { ...c, lineId: '4', sku: 'F' }));
    await service.deliver(StockRefused, 'u3', refusal('u3', 1, 'E', 'F'));
    await itemIs('E');
    await resume();
    expect(await lastOf('u3')).toMatchObject({ type: 'SourcingFailed' });
    await itemIs('F');
    await resume();
    expect(await lastOf('u3')).toMatchObject({ type: 'SourcingProposed' });
  });

  it('that is refused anew while the order is resumed keeps it waiting', async () => {
    const orders = new StalledOrders(service.runtime.database);
    await orders.add('u4', { locationId: null, skus: ['A'], retryAt: null });
    await itemIs('A');
    const [before] = await orders.resumable(AT);
    await orders.add('u4', { locationId: null, skus: ['G'], retryAt: null });
    await orders.remove(before!);
    expect(await stalled()).toEqual([{ order_id: 'u4', skus: ['G'] }]);
  });
});

describe('supply that moves', () => {
  it('moves the promise of what waits, which is told once', async () => {
    await approve(order('p1', { ...a(1), sku: 'rare' }));
    const waiting = (promisedOn: string | null) => [{ ...a(1), sku: 'rare', promisedOn }];
    const answer = { orderId: 'p1', attempt: 1, allocations: [], backordered: waiting(null) };
    await service.deliver(StockReserved, 'p1', answer);
    const move = { orderId: 'p1', lines: waiting('2026-12-08T00:00:00.000Z') };
    const { id } = await service.deliver(BackorderPromiseMoved, 'p1', move);
    await service.deliver(BackorderPromiseMoved, 'p1', move, { id });
    await service.deliver(BackorderPromiseMoved, 'p1', move);
    expect((await messagesOf('p1')).slice(2)).toEqual([{ type: 'BackordersPromised', data: move }]);
    expect(await decisionOn('p1')).toMatchObject({
      status: 'backordered',
      backordered: move.lines,
    });
  });
});

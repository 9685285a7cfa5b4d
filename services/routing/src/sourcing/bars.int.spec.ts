import {
  AvailabilityChanged,
  FulfillmentRejected,
  LocationChanged,
  OrderApproved,
  SourcingRequested,
  StockReserved,
} from '@throughline/contracts';
import { startService, type ServiceHarness } from '@throughline/testing';
import { a, AT, order } from '../routing.fixtures.js';
import { pictureReader } from '../picture/picture.query.js';
import { routing } from '../routing.module.js';
import { fulfillmentIdOf } from './domain/attempt.js';
import { resumeTask } from './resume.process.js';
import { sourcingHandler } from './sourcing-handler.js';
import { StalledOrders } from './stalled-orders.query.js';

let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(routing, { now: () => AT });
  await service.deliver(LocationChanged, 'soho', {
    locationId: 'soho',
    version: 1,
    locationType: 'store',
    name: 'soho',
    country: 'GB',
    postalCode: 'W1D 3QY',
    geo: null,
    active: true,
  });
  const shelf = { sku: 'A', locationId: 'soho', available: 10, version: 1 };
  await service.deliver(AvailabilityChanged, 'A', shelf);
});
afterAll(() => service.stop());

const eventsOf = async (orderId: string) =>
  (await service.runtime.store.read(`sourcing-${orderId}`)).map(({ type }) => type);
const decisionOn = async (orderId: string) =>
  (await service.http('GET', `/v1/routing/decisions/${orderId}`)).body;

/** The only location with the goods rejects them. */
const rejected = async (orderId: string): Promise<void> => {
  await service.deliver(OrderApproved, orderId, order(orderId, a(2)));
  const allocations = [{ locationId: 'soho', lines: [a(2)] }];
  await service.deliver(StockReserved, orderId, {
    orderId,
    attempt: 1,
    allocations,
    backordered: [],
  });
  const progress = { released: 2, picked: 0, packed: 0, handedOver: 0, shorted: 0, cancelled: 2 };
  await service.deliver(FulfillmentRejected, orderId, {
    orderId,
    fulfillmentId: fulfillmentIdOf(orderId, 1, 'soho'),
    locationId: 'soho',
    attempt: 1,
    at: AT,
    progress: [{ lineId: '1', sku: 'A', ...progress }],
    reason: 'too busy',
    lines: [a(2)],
  });
};

describe('an order that its only location rejected', () => {
  it('fails with the bar shown, and is sourced again by itself when the bar ends', async () => {
    await rejected('b1');
    expect((await eventsOf('b1')).slice(-2)).toEqual(['LinesReturned', 'SourcingFailed']);
    const until = '2026-11-01T13:30:00.000Z';
    expect(await decisionOn('b1')).toMatchObject({
      status: 'failed',
      failure: 'rejected-by-all',
      bars: [{ locationId: 'soho', sku: 'A', reason: 'rejected', until }],
    });
    const { store, database } = service.runtime;
    const resumeAt = (at: string): Promise<unknown> => {
      const now = (): string => at;
      const handle = sourcingHandler(store, now);
      return resumeTask(handle, pictureReader(database), new StalledOrders(database), now).run();
    };
    await resumeAt('2026-11-01T13:29:59.000Z');
    expect((await eventsOf('b1')).at(-1)).toBe('SourcingFailed');
    await resumeAt('2026-11-01T13:31:00.000Z');
    expect((await eventsOf('b1')).at(-1)).toBe('SourcingProposed');
    expect(await database.query('select * from stalled_order')).toEqual([]);
  });

  it('is sourced again once when a person asks, with what is sent again on top', async () => {
    await rejected('b2');
    const request = { orderId: 'b2', requestId: 'r1', again: [a(1)] };
    const { id } = await service.deliver(SourcingRequested, 'b2', request);
    await service.deliver(SourcingRequested, 'b2', request, { id });
    await service.deliver(SourcingRequested, 'b2', request);
    expect((await eventsOf('b2')).slice(-3)).toEqual([
      'SourcingFailed',
      'SourcingReopened',
      'SourcingProposed',
    ]);
    expect((await decisionOn('b2')).attempts.at(-1)).toMatchObject({
      allocations: [{ locationId: 'soho', lines: [a(3)] }],
    });
  });
});

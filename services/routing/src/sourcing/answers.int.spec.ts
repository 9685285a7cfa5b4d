import {
  AvailabilityChanged,
  LocationChanged,
  OrderApproved,
  StockRefused,
  StockReserved,
} from '@throughline/contracts';
import { startService, type ServiceHarness } from '@throughline/testing';
import { a, AT, b, order } from '../routing.fixtures.js';
import { routing } from '../routing.module.js';

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

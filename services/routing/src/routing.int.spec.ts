import {
  AvailabilityChanged,
  FulfillmentHandedOver,
  FulfillmentRecalled,
  FulfillmentRejected,
  FulfillmentShorted,
  LocationChanged,
  OrderApproved,
  OrderCancellationRequested,
  OrderDisowned,
  ReservationRevoked,
  StockOffered,
  StockRefused,
  StockReserved,
  type LineQuantity,
} from '@throughline/contracts';
import { derivedId } from '@throughline/kernel';
import { startService, type ServiceHarness } from '@throughline/testing';
import { pictureReader } from './picture/picture.query.js';
import { a, AT, b, order, pickup } from './routing.fixtures.js';
import { routing } from './routing.module.js';
import { resumeTask } from './sourcing/resume.process.js';
import { sourcingHandler } from './sourcing/sourcing-handler.js';
import { StalledOrders } from './sourcing/stalled-orders.query.js';

let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(routing, { now: () => AT });
  await locationIs('soho', 'W1D 3QY');
  await locationIs('leeds', 'LS1 4AP');
  await availableIs('A', 'soho', 2);
  await availableIs('A', 'leeds', 10);
  await availableIs('B', 'leeds', 10);
});
afterAll(() => service.stop());

const locationIs = (locationId: string, postalCode: string | null, active = true, version = 1) =>
  service.deliver(LocationChanged, locationId, {
    locationId,
    version,
    locationType: 'store',
    name: locationId,
    country: 'GB',
    postalCode,
    geo: null,
    active,
  });
const availableIs = (sku: string, locationId: string, available: number, version = 1) =>
  service.deliver(AvailabilityChanged, sku, { sku, locationId, available, version });

const approve = (approved: OrderApproved) =>
  service.deliver(OrderApproved, approved.orderId, approved);

const reserve = (orderId: string, attempt: number, locationId: string, ...lines: LineQuantity[]) =>
  service.deliver(StockReserved, orderId, {
    orderId,
    attempt,
    allocations: [{ locationId, lines }],
    backordered: [],
  });

const progressOf = (orderId: string, attempt: number, locationId: string, line: LineQuantity) => ({
  orderId,
  fulfillmentId: derivedId(orderId, attempt, locationId),
  locationId,
  attempt,
  at: AT,
  progress: [
    {
      lineId: line.lineId,
      sku: line.sku,
      released: line.quantity,
      picked: 0,
      packed: 0,
      handedOver: 0,
      shorted: 0,
      cancelled: 0,
    },
  ],
});

const messagesOf = async (orderId: string) =>
  (await service.published('oms.sourcing'))
    .filter(({ key }) => key === orderId)
    .map(({ type, data }) => ({ type, data }));
const typesOf = async (orderId: string) => (await messagesOf(orderId)).map(({ type }) => type);
const lastOf = async (orderId: string) => (await messagesOf(orderId)).at(-1);
const eventsOf = async (orderId: string) =>
  (await service.runtime.store.read(`sourcing-${orderId}`)).map(({ type }) => type);

describe('an order', () => {
  it('is proposed to the nearest location that has everything, once', async () => {
    const { id, data } = await approve(order('o1', a(2), b(1)));
    await service.deliver(OrderApproved, 'o1', data, { id });
    expect(await messagesOf('o1')).toEqual([
      {
        type: 'SourcingProposed',
        data: {
          orderId: 'o1',
          attempt: 1,
          final: false,
          priority: 0,
          acceptedAt: AT,
          onlyLocationId: null,
          offerId: null,
          allocations: [{ locationId: 'leeds', lines: [a(2), b(1)] }],
          backorders: [],
        },
      },
    ]);
  });

  it('becomes work when its stock is reserved, and only once', async () => {
    const { delivery } = (await approve(order('o2', a(2)))).data;
    const { id, data } = await reserve('o2', 1, 'soho', a(2));
    await service.deliver(StockReserved, 'o2', data, { id });
    expect(await lastOf('o2')).toEqual({
      type: 'OrderSourced',
      data: {
        orderId: 'o2',
        orderNumber: 'N-o2',
        attempt: 1,
        priority: 0,
        delivery,
        allocations: [
          { locationId: 'soho', lines: [a(2)], fulfillmentId: derivedId('o2', 1, 'soho') },
        ],
        backordered: [],
      },
    });
    expect(await eventsOf('o2')).toEqual(['SourcingStarted', 'SourcingProposed', 'AttemptSettled']);
  });

  it('is planned again with what inventory really has, even after a crash in between', async () => {
    await approve(order('o3', a(2)));
    const shortages = [{ sku: 'A', locationId: 'soho', requested: 2, available: 1 }];
    const refusal = { orderId: 'o3', attempt: 1, shortages };
    // The first step of the message was written, then the process ended.
    const handle = sourcingHandler(service.runtime.store, service.runtime.now);
    const known = shortages.map(({ sku, locationId, available }) => ({
      sku,
      locationId,
      available,
    }));
    await handle(
      'o3',
      { type: 'RefuseAttempt', data: { attempt: 1, shortages: known } },
      'refusal-3',
    );
    await service.deliver(StockRefused, 'o3', refusal, { id: 'refusal-3' });
    await service.deliver(StockRefused, 'o3', refusal, { id: 'refusal-3' });
    expect(await eventsOf('o3')).toEqual([
      'SourcingStarted',
      'SourcingProposed',
      'AttemptRefused',
      'SourcingProposed',
    ]);
    expect(await lastOf('o3')).toMatchObject({
      data: { attempt: 2, allocations: [{ locationId: 'leeds', lines: [a(2)] }] },
    });
  });

  it('waits in the queue for what nobody has, and takes what is offered', async () => {
    await approve(order('o4', { lineId: '1', sku: 'rare', quantity: 3 }));
    const rare = (quantity: number) => ({ lineId: '1', sku: 'rare', quantity });
    expect(await lastOf('o4')).toMatchObject({ data: { final: true, backorders: [rare(3)] } });
    const backordered = [{ ...rare(3), promisedOn: '2026-12-01T00:00:00Z' }];
    const answer = { orderId: 'o4', attempt: 1, allocations: [], backordered };
    await service.deliver(StockReserved, 'o4', answer);
    expect(await lastOf('o4')).toEqual({
      type: 'OrderBackordered',
      data: { orderId: 'o4', attempt: 1, backordered },
    });
    const offer = { orderId: 'o4', offerId: 'offer-4', locationId: 'soho', expiresAt: AT };
    const { id } = await service.deliver(StockOffered, 'o4', { ...offer, lines: [rare(2)] });
    await service.deliver(StockOffered, 'o4', { ...offer, lines: [rare(2)] }, { id });
    expect(await typesOf('o4')).toEqual([
      'SourcingProposed',
      'OrderBackordered',
      'SourcingProposed',
    ]);
    expect(await lastOf('o4')).toMatchObject({
      data: { attempt: 2, offerId: 'offer-4', allocations: [{ locationId: 'soho' }] },
    });
  });
});

it('stock that was reserved for an order that was never sourced goes back once it is disowned', async () => {
  await reserve('never-sourced', 1, 'soho', a(2));
  const failed = { orderId: 'never-sourced', attempt: 1, reason: 'never-sourced' };
  expect(await lastOf('never-sourced')).toEqual({ type: 'SourcingFailed', data: failed });
  const disowned = { orderId: 'never-sourced', disownId: 'd-1', work: [] };
  await service.deliver(OrderDisowned, 'never-sourced', disowned);
  expect(await lastOf('never-sourced')).toMatchObject({
    type: 'SourcingReleased',
    data: { closesAttempt: 1, reason: 'cancelled' },
  });
  const short = { ...progressOf('o-none', 1, 'soho', a(2)), reason: 'not found', lines: [a(1)] };
  await expect(service.deliver(FulfillmentShorted, 'o-none', short)).rejects.toThrow(
    'never sourced',
  );
});

describe('what comes back', () => {
  it('from a short is released and sourced elsewhere', async () => {
    await approve(order('o5', a(2)));
    await reserve('o5', 1, 'soho', a(2));
    const short = { ...progressOf('o5', 1, 'soho', a(2)), reason: 'not found', lines: [a(1)] };
    const { id } = await service.deliver(FulfillmentShorted, 'o5', short);
    await service.deliver(FulfillmentShorted, 'o5', short, { id });
    expect((await messagesOf('o5')).slice(2)).toMatchObject([
      {
        type: 'SourcingReleased',
        data: { reason: 'short', reservations: [{ ...a(1), attempt: 1, locationId: 'soho' }] },
      },
      {
        type: 'SourcingProposed',
        data: { attempt: 2, allocations: [{ locationId: 'leeds', lines: [a(1)] }] },
      },
    ]);
  });

  it('from a rejection is sourced elsewhere', async () => {
    await approve(order('o6', a(2)));
    await reserve('o6', 1, 'soho', a(2));
    const rejection = { ...progressOf('o6', 1, 'soho', a(2)), reason: 'too busy', lines: [a(2)] };
    const { id } = await service.deliver(FulfillmentRejected, 'o6', rejection);
    await service.deliver(FulfillmentRejected, 'o6', rejection, { id });
    expect((await messagesOf('o6')).slice(2)).toMatchObject([
      { type: 'SourcingReleased', data: { reason: 'rejected' } },
      { type: 'SourcingProposed', data: { attempt: 2, allocations: [{ locationId: 'leeds' }] } },
    ]);
  });

  it('after a revoked reservation is asked for first', async () => {
    await approve(order('o7', a(2)));
    await reserve('o7', 1, 'soho', a(2));
    const revoked = { orderId: 'o7', attempt: 1, locationId: 'soho', lines: [a(2)] };
    const { id } = await service.deliver(ReservationRevoked, 'o7', revoked);
    await service.deliver(ReservationRevoked, 'o7', revoked, { id });
    const recall = (await lastOf('o7')) as { data: { recallId: string } };
    expect(recall).toMatchObject({
      type: 'RecallRequested',
      data: { reason: 'revoked', fulfillmentId: derivedId('o7', 1, 'soho'), lines: [a(2)] },
    });
    const { recallId } = recall.data;
    const answer = {
      ...progressOf('o7', 1, 'soho', a(2)),
      recallId,
      lines: [a(1)],
      refused: [a(1)],
    };
    const answered = await service.deliver(FulfillmentRecalled, 'o7', answer);
    await service.deliver(FulfillmentRecalled, 'o7', answer, { id: answered.id });
    expect(await typesOf('o7')).toEqual([
      'SourcingProposed',
      'OrderSourced',
      'RecallRequested',
      'SourcingProposed',
    ]);
    expect(await lastOf('o7')).toMatchObject({
      data: { allocations: [{ locationId: 'soho', lines: [a(1)] }] },
    });
  });
});

describe('a cancellation', () => {
  const cancel = (orderId: string, cancellationId: string, ...lines: LineQuantity[]) =>
    service.deliver(OrderCancellationRequested, orderId, { orderId, cancellationId, lines });

  it('of everything under way closes the attempt; a late answer is released', async () => {
    await approve(order('o8', a(2)));
    const { id, data } = await cancel('o8', 'c8', a(2));
    await service.deliver(OrderCancellationRequested, 'o8', data, { id });
    await reserve('o8', 1, 'soho', a(2));
    expect((await messagesOf('o8')).slice(1)).toEqual([
      {
        type: 'CancellationSettled',
        data: { orderId: 'o8', cancellationId: 'c8', lines: [a(2)] },
      },
      {
        type: 'SourcingReleased',
        data: {
          orderId: 'o8',
          reason: 'cancelled',
          closesAttempt: 1,
          reservations: [],
          backorders: [a(2)],
        },
      },
      {
        type: 'SourcingReleased',
        data: {
          orderId: 'o8',
          reason: 'attempt-closed',
          closesAttempt: null,
          reservations: [{ ...a(2), attempt: 1, locationId: 'soho' }],
          backorders: [],
        },
      },
    ]);
  });

  it('of work asks its location, which has not handed it over, and releases what is given', async () => {
    await approve(order('o9', a(2)));
    await reserve('o9', 1, 'soho', a(2));
    await cancel('o9', 'c9', a(1));
    const recallId = derivedId('c9', derivedId('o9', 1, 'soho'));
    const answer = { ...progressOf('o9', 1, 'soho', a(2)), recallId, lines: [a(1)], refused: [] };
    await service.deliver(FulfillmentRecalled, 'o9', answer);
    expect((await messagesOf('o9')).slice(2)).toMatchObject([
      { type: 'CancellationSettled', data: { lines: [] } },
      { type: 'RecallRequested', data: { recallId, reason: 'cancelled', lines: [a(1)] } },
      { type: 'SourcingReleased', data: { reason: 'cancelled', reservations: [a(1)] } },
    ]);
  });

  it('asks the location that still has a line, not the one that handed it over', async () => {
    await approve(order('o10', a(12)));
    await service.deliver(StockReserved, 'o10', {
      orderId: 'o10',
      attempt: 1,
      allocations: [
        { locationId: 'leeds', lines: [a(10)] },
        { locationId: 'soho', lines: [a(2)] },
      ],
      backordered: [],
    });
    const handedOver = {
      ...progressOf('o10', 1, 'soho', a(2)),
      receiver: 'carrier' as const,
      packages: [{ packageId: 'p1', shipmentId: null }],
      lines: [a(2)],
    };
    const { id } = await service.deliver(FulfillmentHandedOver, 'o10', handedOver);
    await service.deliver(FulfillmentHandedOver, 'o10', handedOver, { id });
    await cancel('o10', 'c10', a(1));
    expect(await lastOf('o10')).toMatchObject({
      type: 'RecallRequested',
      data: { fulfillmentId: derivedId('o10', 1, 'leeds') },
    });
    expect((await eventsOf('o10')).filter((type) => type === 'GoodsHandedOver')).toHaveLength(1);
  });
});

describe('a pickup', () => {
  it('at a location that nobody knows fails, and goes on when the location is there', async () => {
    const { store, database, now } = service.runtime;
    const handle = sourcingHandler(store, now);
    const resume = resumeTask(handle, pictureReader(database), new StalledOrders(database), now);
    await approve(pickup('o11', 'popup', a(1)));
    expect(await lastOf('o11')).toEqual({
      type: 'SourcingFailed',
      data: { orderId: 'o11', attempt: 1, reason: 'unknown-location' },
    });
    await resume.run();
    expect(await eventsOf('o11')).toEqual(['SourcingStarted', 'SourcingFailed']);
    await locationIs('popup', null);
    await resume.run();
    await resume.run();
    expect(await eventsOf('o11')).toEqual([
      'SourcingStarted',
      'SourcingFailed',
      'SourcingProposed',
    ]);
    expect(await lastOf('o11')).toMatchObject({
      data: { attempt: 1, final: true, onlyLocationId: 'popup', backorders: [a(1)] },
    });
    expect(await database.query('select * from stalled_order')).toEqual([]);
  });

  it('waits a moment for a location that its order has overtaken', async () => {
    const approved = approve(pickup('o12', 'late', a(1)));
    await locationIs('late', null);
    await approved;
    expect(await typesOf('o12')).toEqual(['SourcingProposed']);
  });
});

describe('the picture', () => {
  const read = (...skus: string[]) =>
    pictureReader(service.runtime.database)({ skus, onlyLocationId: null });

  it('keeps the newest state, whatever comes late or again', async () => {
    await availableIs('N', 'soho', 5, 3);
    await availableIs('N', 'soho', 9, 2);
    await availableIs('N', 'soho', 9, 3);
    expect((await read('N')).stock).toEqual([{ sku: 'N', locationId: 'soho', available: 5 }]);
    await Promise.all([
      availableIs('N', 'soho', 4, 4),
      availableIs('N', 'soho', 0, 5),
      availableIs('N', 'leeds', 7, 1),
    ]);
    expect((await read('N')).stock).toEqual([{ sku: 'N', locationId: 'leeds', available: 7 }]);
    await locationIs('moving', 'SW1Y 4JH', true, 2);
    await locationIs('moving', 'LS1 4AP', false, 1);
    await availableIs('M', 'moving', 1);
    expect((await read('M')).locations).toEqual([
      { locationId: 'moving', active: true, geo: { lat: 51.51, lng: -0.13 } },
    ]);
  });

  it('gives every decision its own part of what is read together', async () => {
    const reader = pictureReader(service.runtime.database);
    const [first, second, third] = await Promise.all([
      reader({ skus: ['B'], onlyLocationId: null }),
      reader({ skus: ['nothing'], onlyLocationId: 'soho' }),
      reader({ skus: ['nothing'], onlyLocationId: 'nowhere' }),
    ]);
    expect(first!.stock).toEqual([{ sku: 'B', locationId: 'leeds', available: 10 }]);
    expect(first!.locations.map(({ locationId }) => locationId)).toEqual(['leeds']);
    expect(second!.stock).toEqual([]);
    expect(second!.locations.map(({ locationId }) => locationId)).toEqual(['soho']);
    expect(third!.locations).toEqual([]);
  });
});

describe('GET /v1/routing/decisions/{orderId}', () => {
  it('tells every attempt, its candidates and its outcome', async () => {
    const { status, body } = await service.http('GET', '/v1/routing/decisions/o3');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      orderId: 'o3',
      orderNumber: 'N-o3',
      status: 'proposed',
      failure: null,
      attempts: [
        {
          attempt: 1,
          proposedAt: AT,
          outcome: 'refused',
          settledAt: AT,
          shortages: [{ sku: 'A', locationId: 'soho', available: 1 }],
          candidates: [
            { locationId: 'soho', chosen: true, eliminated: null, servesAll: true },
            { locationId: 'leeds', chosen: false, eliminated: null, servesAll: true },
          ],
          policyVersion: 'fewest-locations-then-nearest.1',
          engineVersion: 1,
        },
        { attempt: 2, outcome: 'proposed', settledAt: null },
      ],
      changes: [],
      backordered: [],
    });
  });

  it.each([
    ['o2', 'sourced', ['reserved']],
    ['o4', 'proposed', ['backordered', 'proposed']],
    ['o8', 'cancelled', ['cancelled']],
    ['o5', 'proposed', ['reserved', 'proposed']],
  ])('tells where %s stands: %s', async (orderId, status, outcomes) => {
    const { body } = await service.http('GET', `/v1/routing/decisions/${orderId}`);
    expect(body.status).toBe(status);
    expect(body.attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual(outcomes);
  });

  it('tells what changed an earlier decision', async () => {
    const changesOf = async (orderId: string) =>
      (await service.http('GET', `/v1/routing/decisions/${orderId}`)).body.changes;
    const soho = { at: AT, locationId: 'soho' };
    const fulfillmentId = derivedId('o7', 1, 'soho');
    expect(await changesOf('o7')).toEqual([
      { ...soho, change: 'revoked', fulfillmentId, lines: [a(2)] },
      { ...soho, change: 'recalled', fulfillmentId, lines: [a(1)] },
    ]);
    expect(await changesOf('o5')).toMatchObject([{ ...soho, change: 'short', lines: [a(1)] }]);
    expect(await changesOf('o8')).toMatchObject([{ at: AT, change: 'cancelled', lines: [a(2)] }]);
  });

  it('knows nothing of other orders', async () => {
    const { status, body } = await service.http('GET', '/v1/routing/decisions/unknown');
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'not-found' });
  });
});

describe('POST /v1/routing/quotes', () => {
  it('plans a cart as an order would be planned, and changes nothing', async () => {
    const before = await service.runtime.store.head();
    const { status, body } = await service.http('POST', '/v1/routing/quotes', {
      lines: [
        { sku: 'A', quantity: 2 },
        { sku: 'rare', quantity: 1 },
      ],
      shipTo: { postalCode: 'SW1Y 4JH', country: 'GB' },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      allocations: [{ locationId: 'soho', lines: [{ sku: 'A', quantity: 2 }] }],
      backorders: [{ sku: 'rare', quantity: 1 }],
      candidates: [{ locationId: 'soho', chosen: true }, { locationId: 'leeds' }],
      policyVersion: 'fewest-locations-then-nearest.1',
    });
    expect(await service.runtime.store.head()).toBe(before);
  });

  it('refuses a cart that says nothing, naming the field', async () => {
    const { status, body } = await service.http('POST', '/v1/routing/quotes', {
      lines: [],
      shipTo: { country: 'gb' },
    });
    expect(status).toBe(422);
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'lines',
      'shipTo.country',
    ]);
  });
});

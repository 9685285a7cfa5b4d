import {
  FulfillmentHandedOver,
  LocationChanged,
  LossSettled,
  ShipmentDelivered,
  ShipmentReturnedToOrigin,
  SourcingRequested,
} from '@throughline/contracts';
import { startService, type ServiceHarness } from '@throughline/testing';
import {
  AT,
  handedOver,
  lines,
  location,
  requestOf,
  shipment,
} from './return/return-messages.fixtures.js';
import { returns } from './returns.module.js';

let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(returns, { now: () => AT });
  for (const id of ['W1', 'W2']) await service.deliver(LocationChanged, id, location(id));
});
afterAll(() => service.stop());

const messagesOf = async (orderId: string) =>
  (await service.published('oms.return'))
    .filter(({ key }) => key === orderId)
    .map(({ type, data }) => ({ type, data }));

const typesOf = async (orderId: string) =>
  (await service.runtime.store.read(`return-${orderId}`)).map(({ type }) => type);

const listed = async (filter: string) => {
  await service.caughtUp();
  return service.http('GET', `/v1/returns?${filter}`);
};

describe('a customer return', () => {
  it('goes from request to inspection', async () => {
    await service.deliver(ShipmentDelivered, 'o1', shipment('o1', 3));
    const asked = await service.http('POST', '/v1/returns', requestOf('o1', 2));
    expect(asked).toMatchObject({ status: 201, body: { returnId: 'o1.1' } });
    expect(asked.headers['consistency-token']).toMatch(/^returns:\d+$/);
    expect((await service.http('POST', '/v1/returns/o1.1/approval', {})).status).toBe(204);
    const receipt = { locationId: 'W2' };
    expect((await service.http('POST', '/v1/returns/o1.1/receipt', receipt)).status).toBe(204);
    const judgement = {
      lines: [{ lineId: '1', quantity: 1, disposition: 'write-off' }],
      refund: false,
    };
    expect((await service.http('POST', '/v1/returns/o1.1/inspection', judgement)).status).toBe(204);
    expect((await service.http('POST', '/v1/returns/o1.1/inspection', {})).status).toBe(204);

    const fact = { orderId: 'o1', returnId: 'o1.1', kind: 'customer', at: AT };
    const unit = { lineId: '1', sku: 'A', quantity: 1 };
    expect(await messagesOf('o1')).toEqual([
      { type: 'ReturnRequested', data: { ...fact, reason: 'too small', lines: lines(2) } },
      { type: 'ReturnReceived', data: { ...fact, locationId: 'W2', lines: lines(2) } },
      {
        type: 'ReturnInspected',
        data: {
          ...fact,
          locationId: 'W2',
          refund: false,
          lines: [{ ...unit, disposition: 'write-off' }],
        },
      },
      {
        type: 'ReturnInspected',
        data: {
          ...fact,
          locationId: 'W2',
          refund: true,
          lines: [{ ...unit, disposition: 'restock' }],
        },
      },
    ]);
    const shown = {
      returnId: 'o1.1',
      orderId: 'o1',
      kind: 'customer',
      status: 'inspected',
      reason: 'too small',
      locationId: 'W2',
      requestedAt: AT,
      lines: [{ lineId: '1', sku: 'A', quantity: 2, received: 2, inspected: 2 }],
      inspections: [
        {
          at: AT,
          locationId: 'W2',
          refund: false,
          lines: [{ ...unit, disposition: 'write-off' }],
        },
        {
          at: AT,
          locationId: 'W2',
          refund: true,
          lines: [{ ...unit, disposition: 'restock' }],
        },
      ],
    };
    expect(await service.http('GET', '/v1/returns/o1.1')).toMatchObject({
      status: 200,
      body: shown,
    });
    expect((await listed('orderId=o1')).body).toEqual({ items: [shown], nextCursor: null });
  });

  it('is opened once per key, and each step happens once per key', async () => {
    await service.deliver(ShipmentDelivered, 'o2', shipment('o2', 3));
    const step = (route: string, body: object) =>
      service.http('POST', `/v1/returns${route}`, body, { 'idempotency-key': `o2${route}` });
    const steps = async () => [
      await step('', requestOf('o2', 2)),
      await step('/o2.1/approval', {}),
      await step('/o2.1/receipt', { locationId: 'W1', lines: [{ lineId: '1', quantity: 1 }] }),
      await step('/o2.1/inspection', {
        lines: [{ lineId: '1', quantity: 1, disposition: 'restock' }],
      }),
    ];
    const first = await steps();
    const once = await typesOf('o2');
    const again = await steps();
    expect(again.map(({ status, body }) => ({ status, body }))).toEqual(
      first.map(({ status, body }) => ({ status, body })),
    );
    expect(await typesOf('o2')).toEqual(once);
    expect(once).toEqual([
      'GoodsDelivered',
      'ReturnRequested',
      'ReturnApproved',
      'ReturnReceived',
      'ReturnInspected',
    ]);
    expect(await step('', requestOf('o2', 1))).toMatchObject({
      status: 409,
      body: { code: 'idempotency-key-reused' },
    });
  });

  it('meets the claims made before it', async () => {
    await service.deliver(ShipmentDelivered, 'o3', shipment('o3', 3));
    const answers = await Promise.all(
      [2, 2, 2].map((quantity) => service.http('POST', '/v1/returns', requestOf('o3', quantity))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'not-returnable',
      lines: [{ lineId: '1', requested: 2, returnable: 1 }],
    });
  });
});

describe('what reached the customer', () => {
  it('is a parcel delivered, once', async () => {
    await service.deliver(ShipmentDelivered, 'o4', shipment('o4', 1), { id: 'o4-delivered' });
    await service.deliver(ShipmentDelivered, 'o4', shipment('o4', 1), { id: 'o4-delivered' });
    await service.deliver(ShipmentDelivered, 'o4', shipment('o4', 1));
    expect(await typesOf('o4')).toEqual(['GoodsDelivered']);
  });

  it('is what was handed over in person, and not what a carrier took', async () => {
    const toCarrier = handedOver('o5', 'carrier');
    await service.deliver(FulfillmentHandedOver, 'o5', toCarrier);
    const early = await service.http('POST', '/v1/returns', requestOf('o5', 1));
    expect(early).toMatchObject({ status: 404, body: { code: 'not-found' } });
    const inPerson = handedOver('o5', 'customer');
    await service.deliver(FulfillmentHandedOver, 'o5', inPerson, { id: 'o5-collected' });
    await service.deliver(FulfillmentHandedOver, 'o5', inPerson, { id: 'o5-collected' });
    expect(await typesOf('o5')).toEqual(['GoodsDelivered']);
    expect((await service.http('POST', '/v1/returns', requestOf('o5', 2))).status).toBe(201);
  });
});

describe('a parcel that came back', () => {
  it('waits, approved, at the location that it came from', async () => {
    const parcel = shipment('o6', 2);
    await service.deliver(ShipmentReturnedToOrigin, 'o6', parcel, { id: 'o6-back' });
    await service.deliver(ShipmentReturnedToOrigin, 'o6', parcel, { id: 'o6-back' });
    expect(await typesOf('o6')).toEqual(['ReturnToOriginOpened']);
    expect(await messagesOf('o6')).toEqual([
      {
        type: 'ReturnRequested',
        data: {
          orderId: 'o6',
          returnId: 'o6.1',
          kind: 'return-to-origin',
          at: AT,
          reason: 'returned to origin',
          lines: lines(2),
        },
      },
    ]);
    expect((await listed('kind=return-to-origin')).body.items).toEqual([
      {
        returnId: 'o6.1',
        orderId: 'o6',
        kind: 'return-to-origin',
        status: 'approved',
        reason: 'returned to origin',
        locationId: 'W1',
        requestedAt: AT,
        lines: [{ lineId: '1', sku: 'A', quantity: 2, received: 0, inspected: 0 }],
        inspections: [],
      },
    ]);
    const receipt = await service.http('POST', '/v1/returns/o6.1/receipt', { locationId: 'W1' });
    expect(receipt.status).toBe(204);
    expect((await listed('orderId=o6')).body.items[0]).toMatchObject({ status: 'received' });
  });
});

describe('a parcel that came back after it was called delivered', () => {
  it('voids the return of its goods, and is refunded alone', async () => {
    const parcel = shipment('o8', 2);
    await service.deliver(ShipmentDelivered, 'o8', parcel);
    await service.http('POST', '/v1/returns', requestOf('o8', 2));
    await service.http('POST', '/v1/returns/o8.1/approval', {});
    await service.deliver(ShipmentReturnedToOrigin, 'o8', parcel, { id: 'o8-back' });
    await service.deliver(ShipmentReturnedToOrigin, 'o8', parcel, { id: 'o8-back' });
    const receipt = { locationId: 'W1' };
    for (const [route, body] of [
      ['receipt', receipt],
      ['receipt', { ...receipt, lines: [{ lineId: '1', quantity: 1 }] }],
      ['inspection', {}],
    ] as const)
      expect(await service.http('POST', `/v1/returns/o8.1/${route}`, body)).toMatchObject({
        status: 409,
        body: { code: 'return-voided' },
      });
    expect((await service.http('POST', '/v1/returns/o8.2/receipt', receipt)).status).toBe(204);
    expect((await service.http('POST', '/v1/returns/o8.2/inspection', {})).status).toBe(204);
    expect((await listed('orderId=o8&status=voided')).body.items).toMatchObject([
      { returnId: 'o8.1', lines: [{ quantity: 0, received: 0 }] },
    ]);
    const told = (await messagesOf('o8')).filter(({ type }) => type !== 'ReturnRequested');
    expect(told).toMatchObject([
      { type: 'ReturnReceived', data: { returnId: 'o8.2', lines: lines(2) } },
      { type: 'ReturnInspected', data: { returnId: 'o8.2', shipmentId: parcel.shipmentId } },
    ]);
  });

  it('is not expected where the customer has brought its goods', async () => {
    const parcel = shipment('o9', 1);
    await service.deliver(ShipmentDelivered, 'o9', parcel);
    await service.http('POST', '/v1/returns', requestOf('o9', 1));
    await service.http('POST', '/v1/returns/o9.1/approval', {});
    await service.http('POST', '/v1/returns/o9.1/receipt', { locationId: 'W1' });
    await service.deliver(ShipmentReturnedToOrigin, 'o9', parcel);
    expect((await listed('orderId=o9')).body.items).toMatchObject([{ status: 'received' }]);
    expect((await typesOf('o9')).at(-1)).toBe('ReturnToOriginCovered');
  });

  it('is not returnable when it was settled as lost before', async () => {
    const settled = { orderId: 'o10', settlementId: 'l-1', shipmentId: 's-o10', lines: lines(2) };
    await service.deliver(LossSettled, 'o10', settled, { id: 'o10-settled' });
    await service.deliver(LossSettled, 'o10', settled, { id: 'o10-settled' });
    await service.deliver(ShipmentDelivered, 'o10', shipment('o10', 2));
    expect(await service.http('POST', '/v1/returns', requestOf('o10', 1))).toMatchObject({
      status: 409,
      body: { code: 'not-returnable', lines: [{ lineId: '1', requested: 1, returnable: 0 }] },
    });
    expect(await typesOf('o10')).toEqual(['ParcelWrittenOff', 'GoodsDelivered']);
  });
});

describe('a lost parcel whose goods were sent again', () => {
  it('is not returnable when it turns up; what asks for sourcing alone changes nothing', async () => {
    const asked = { orderId: 'o12', requestId: 'q-1', again: [] };
    await service.deliver(SourcingRequested, 'o12', asked);
    const again = { ...asked, requestId: 'q-2', again: lines(2), shipmentId: 's-o12' };
    await service.deliver(SourcingRequested, 'o12', again, { id: 'o12-again' });
    await service.deliver(SourcingRequested, 'o12', again, { id: 'o12-again' });
    await service.deliver(ShipmentDelivered, 'o12', shipment('o12', 2));
    const { status, body } = await service.http('POST', '/v1/returns', requestOf('o12', 1));
    expect([status, body.code]).toEqual([409, 'not-returnable']);
    expect(await typesOf('o12')).toEqual(['ParcelWrittenOff', 'GoodsDelivered']);
  });
});

describe('a location that is not known', () => {
  const receive = (locationId: string) =>
    service.http('POST', '/v1/returns/o11.1/receipt', { locationId }, { 'idempotency-key': 'k11' });

  it('takes no return, until the catalogue has told of it', async () => {
    await service.deliver(ShipmentDelivered, 'o11', shipment('o11', 1));
    await service.http('POST', '/v1/returns', requestOf('o11', 1));
    await service.http('POST', '/v1/returns/o11.1/approval', {});
    expect(await receive('W9')).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'locationId', code: 'unknown-location' }] },
    });
    expect(await typesOf('o11')).toEqual(['GoodsDelivered', 'ReturnRequested', 'ReturnApproved']);
    const made = await service.deliver(LocationChanged, 'W9', location('W9', 2));
    await service.deliver(LocationChanged, 'W9', made.data, { id: made.id });
    await service.deliver(LocationChanged, 'W9', location('W9', 1));
    expect((await receive('W9')).status).toBe(204);
  });
});

describe('refusals', () => {
  beforeAll(async () => {
    await service.deliver(ShipmentDelivered, 'o7', shipment('o7', 3));
    await service.http('POST', '/v1/returns', requestOf('o7', 2));
  });
  const post = (route: string, body: object) => service.http('POST', `/v1/returns/${route}`, body);

  it.each([
    ['o7.1/receipt', { locationId: 'W1' }, 409, 'not-approved'],
    ['o7.1/inspection', {}, 409, 'not-received'],
    ['o7.9/approval', {}, 404, 'not-found'],
    ['nothing/approval', {}, 404, 'not-found'],
    ['o7.1/receipt', {}, 422, 'invalid-request'],
    [
      'o7.1/inspection',
      { lines: [{ lineId: '1', quantity: 1, disposition: 'burn' }] },
      422,
      'invalid-request',
    ],
  ])('answer %s %j', async (route, body, status, code) =>
    expect(await post(route, body)).toMatchObject({ status, body: { code } }),
  );

  it('tell what is open', async () => {
    await post('o7.1/approval', {});
    expect(
      await post('o7.1/receipt', { locationId: 'W1', lines: [{ lineId: '1', quantity: 3 }] }),
    ).toMatchObject({
      status: 409,
      body: { code: 'over-receipt', lines: [{ lineId: '1', requested: 3, open: 2 }] },
    });
    await post('o7.1/receipt', { locationId: 'W1', lines: [{ lineId: '1', quantity: 1 }] });
    await post('o7.1/receipt', { locationId: 'W2', lines: [{ lineId: '1', quantity: 1 }] });
    const judgement = { lines: [{ lineId: '1', quantity: 2, disposition: 'restock' }] };
    expect(await post('o7.1/inspection', judgement)).toMatchObject({
      status: 409,
      body: { code: 'location-needed', locationIds: ['W1', 'W2'] },
    });
    expect(await post('o7.1/inspection', { ...judgement, locationId: 'W1' })).toMatchObject({
      status: 409,
      body: { code: 'over-inspection', lines: [{ lineId: '1', requested: 2, open: 1 }] },
    });
  });

  it('of what is not known', async () => {
    expect((await service.http('GET', '/v1/returns/o7.2')).status).toBe(404);
    expect((await service.http('GET', '/v1/returns/none')).status).toBe(404);
    expect((await service.http('POST', '/v1/returns', requestOf('none', 1))).status).toBe(404);
  });
});

import {
  FulfillmentHandedOver,
  LossSettled,
  OrderLinesCancelled,
  OrderPlaced,
  ReturnInspected,
  SourcingRequested,
  type PlacedPayment,
} from '@throughline/contracts';
import { startService, type ServiceHarness } from '@throughline/testing';
import { payments } from './payments.module.js';

const AT = '2026-11-01T09:30:00.000Z';

let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(payments, { now: () => AT });
});
afterAll(() => service.stop());

const paidBy = (
  method: PlacedPayment['method'],
  status: PlacedPayment['status'],
): PlacedPayment[] => [{ method, status, amountMinor: 1000, reference: 'ch_1' }];

const placed = (orderId: string, means: PlacedPayment[]): OrderPlaced => ({
  orderId,
  orderNumber: `N-${orderId}`,
  channel: 'web',
  externalId: orderId,
  placedAt: AT,
  acceptedAt: AT,
  currency: 'GBP',
  totalMinor: 1000,
  customerId: null,
  payments: means,
  lines: [{ lineId: '1', sku: 'A', quantity: 3, name: null, valueMinor: 1000 }],
});

const lines = (quantity: number) => [{ lineId: '1', sku: 'A', quantity }];

const handedOver = (orderId: string, quantity: number): FulfillmentHandedOver => ({
  orderId,
  fulfillmentId: `f-${orderId}`,
  locationId: 'W1',
  attempt: 1,
  at: AT,
  receiver: 'carrier',
  packages: [{ packageId: 'p1', shipmentId: 's1' }],
  lines: lines(quantity),
  progress: [
    {
      ...lines(3)[0]!,
      released: 3,
      picked: 3,
      packed: 3,
      handedOver: quantity,
      shorted: 0,
      cancelled: 0,
    },
  ],
});

const inspected = (orderId: string, quantity: number, refund = true): ReturnInspected => ({
  orderId,
  returnId: `${orderId}.1`,
  kind: 'customer',
  at: AT,
  locationId: 'W1',
  refund,
  lines: [{ ...lines(quantity)[0]!, disposition: 'restock' }],
});

const messagesOf = async (orderId: string) =>
  (await service.published('oms.payment'))
    .filter(({ key }) => key === orderId)
    .map(({ type, data }) => ({ type, data }));

const eventsOf = async (orderId: string) =>
  (await service.runtime.store.read(`payment-${orderId}`)).map(({ type }) => type);

describe('payments', () => {
  it('tells whether an order is covered', async () => {
    await service.deliver(OrderPlaced, 'o1', placed('o1', paidBy('card', 'authorized')));
    await service.deliver(OrderPlaced, 'o2', placed('o2', paidBy('card', 'failed')));
    expect(await messagesOf('o1')).toEqual([
      {
        type: 'PaymentAuthorized',
        data: { orderId: 'o1', currency: 'GBP', coveredMinor: 1000 },
      },
    ]);
    expect(await messagesOf('o2')).toEqual([
      {
        type: 'PaymentDeclined',
        data: {
          orderId: 'o2',
          reason: 'failed',
          currency: 'GBP',
          coveredMinor: 0,
          totalMinor: 1000,
        },
      },
    ]);
    const { body } = await service.http('GET', '/v1/payments/o2');
    expect(body).toMatchObject({ status: 'declined', declineReason: 'failed', covered: '0.00' });
  });

  it('captures, voids and refunds, and shows it all', async () => {
    await service.deliver(OrderPlaced, 'o3', placed('o3', paidBy('card', 'authorized')));
    await service.deliver(FulfillmentHandedOver, 'o3', handedOver('o3', 2));
    const { id: cancellationId } = await service.deliver(OrderLinesCancelled, 'o3', {
      orderId: 'o3',
      lines: lines(1),
    });
    await service.deliver(ReturnInspected, 'o3', inspected('o3', 1));
    expect((await messagesOf('o3')).slice(1)).toEqual([
      {
        type: 'PaymentCaptured',
        data: { orderId: 'o3', fulfillmentId: 'f-o3', currency: 'GBP', amountMinor: 666 },
      },
      {
        type: 'PaymentRefunded',
        data: {
          orderId: 'o3',
          currency: 'GBP',
          amountMinor: 333,
          reason: 'return',
          referenceId: 'o3.1',
        },
      },
    ]);
    const stored = await service.runtime.store.read('payment-o3');
    expect(stored.find(({ type }) => type === 'AuthorizationVoided')?.data).toEqual({
      amountMinor: 334,
      referenceId: cancellationId,
    });
    expect(await service.http('GET', '/v1/payments/o3')).toMatchObject({
      status: 200,
      body: {
        orderId: 'o3',
        currency: 'GBP',
        status: 'authorized',
        declineReason: null,
        payments: [{ method: 'card', status: 'authorized', amount: '10.00', reference: 'ch_1' }],
        total: '10.00',
        covered: '10.00',
        authorized: '10.00',
        voided: '3.34',
        captured: '6.66',
        receivable: '0.00',
        earned: '3.33',
        refunded: '3.33',
        liability: '0.00',
        captures: [
          {
            fulfillmentId: 'f-o3',
            at: AT,
            amount: '6.66',
            fromAuthorization: '6.66',
            receivable: '0.00',
            lines: [{ lineId: '1', quantity: 2 }],
          },
        ],
        refunds: [{ at: AT, amount: '3.33', reason: 'return', referenceId: 'o3.1', note: null }],
      },
    });
  });

  it('does nothing when any of its messages comes again', async () => {
    const means = paidBy('wallet', 'paid');
    const deliverAll = async (): Promise<void> => {
      await service.deliver(OrderPlaced, 'o4', placed('o4', means), { id: 'o4-placed' });
      await service.deliver(FulfillmentHandedOver, 'o4', handedOver('o4', 2), { id: 'o4-sent' });
      const cancelled = { orderId: 'o4', lines: lines(1) };
      await service.deliver(OrderLinesCancelled, 'o4', cancelled, { id: 'o4-cancelled' });
      await service.deliver(ReturnInspected, 'o4', inspected('o4', 1), { id: 'o4-inspected' });
    };
    await deliverAll();
    const once = await eventsOf('o4');
    expect(once).toEqual([
      'PaymentAuthorized',
      'PaymentCaptured',
      'UnitsCancelled',
      'PaymentRefunded',
      'UnitsReturned',
      'PaymentRefunded',
    ]);
    await deliverAll();
    expect(await eventsOf('o4')).toEqual(once);
  });

  it('ends the same when the messages come in the opposite order', async () => {
    await service.deliver(ReturnInspected, 'o5', inspected('o5', 1));
    await service.deliver(FulfillmentHandedOver, 'o5', handedOver('o5', 2));
    expect((await service.http('GET', '/v1/payments/o5')).status).toBe(404);
    await service.deliver(OrderLinesCancelled, 'o5', { orderId: 'o5', lines: lines(1) });
    await service.deliver(OrderPlaced, 'o5', placed('o5', paidBy('card', 'authorized')));
    const { body } = await service.http('GET', '/v1/payments/o5');
    const { captured, earned, refunded, voided, liability } = body;
    expect({ captured, earned, refunded, voided, liability }).toEqual({
      captured: '6.66',
      earned: '3.33',
      refunded: '3.33',
      voided: '3.34',
      liability: '0.00',
    });
  });

  it('gives nothing back for goods whose inspection says so', async () => {
    await service.deliver(ReturnInspected, 'o6', inspected('o6', 1, false));
    expect(await eventsOf('o6')).toEqual([]);
  });

  it('gives the value of lost goods back once, also when their parcel comes back', async () => {
    await service.deliver(OrderPlaced, 'o8', placed('o8', paidBy('card', 'authorized')));
    await service.deliver(FulfillmentHandedOver, 'o8', handedOver('o8', 3));
    const settled = { orderId: 'o8', settlementId: 'l-8', shipmentId: 's1', lines: lines(2) };
    const back = { ...inspected('o8', 2), kind: 'return-to-origin' as const, shipmentId: 's1' };
    for (let round = 0; round < 2; round += 1) {
      await service.deliver(LossSettled, 'o8', settled, { id: 'o8-settled' });
      await service.deliver(ReturnInspected, 'o8', back, { id: 'o8-back' });
    }
    expect((await service.http('GET', '/v1/payments/o8')).body).toMatchObject({
      captured: '10.00',
      earned: '3.34',
      refunded: '6.66',
      liability: '0.00',
      refunds: [{ amount: '6.66', reason: 'loss', referenceId: 'l-8' }],
    });
  });

  it('charges goods that are sent again once, and gives nothing for their first parcel', async () => {
    await service.deliver(OrderPlaced, 'o9', placed('o9', paidBy('card', 'authorized')));
    await service.deliver(FulfillmentHandedOver, 'o9', handedOver('o9', 3));
    const again = { orderId: 'o9', requestId: 'q-9', shipmentId: 's1', again: lines(2) };
    const more = { ...handedOver('o9', 2), fulfillmentId: 'f-o9-again' };
    const back = { ...inspected('o9', 2), kind: 'return-to-origin' as const, shipmentId: 's1' };
    for (let round = 0; round < 2; round += 1) {
      await service.deliver(SourcingRequested, 'o9', again, { id: 'o9-again' });
      await service.deliver(FulfillmentHandedOver, 'o9', more, { id: 'o9-more' });
      await service.deliver(ReturnInspected, 'o9', back, { id: 'o9-back' });
    }
    expect((await service.http('GET', '/v1/payments/o9')).body).toMatchObject({
      captured: '10.00',
      earned: '10.00',
      refunded: '0.00',
      liability: '0.00',
    });
    const charged = (await messagesOf('o9')).filter(({ type }) => type === 'PaymentCaptured');
    expect(charged.map(({ data }) => (data as { amountMinor: number }).amountMinor)).toEqual([
      1000, 0,
    ]);
  });

  it('answers 404 for an order that it does not know', async () => {
    expect(await service.http('GET', '/v1/payments/none')).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
    const body = { amount: '1.00', reason: 'late' };
    expect(await service.http('POST', '/v1/payments/none/refunds', body)).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });
});

describe('a refund by hand', () => {
  const url = '/v1/payments/o7/refunds';
  beforeAll(async () => {
    await service.deliver(OrderPlaced, 'o7', placed('o7', paidBy('card', 'authorized')));
    await service.deliver(FulfillmentHandedOver, 'o7', handedOver('o7', 3));
  });

  it('is made once per key', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const body = { amount: '4.00', reason: 'box was dented' };
    const first = await service.http('POST', url, body, headers);
    const again = await service.http('POST', url, body, headers);
    expect(first).toMatchObject({ status: 201, body: { refundId: expect.any(String) } });
    expect(first.headers['consistency-token']).toMatch(/^payments:\d+$/);
    expect(again).toMatchObject({ status: 201, body: first.body });
    const shown = await service.http('GET', '/v1/payments/o7');
    expect(shown.body).toMatchObject({ captured: '10.00', refunded: '4.00', earned: '6.00' });
    expect(shown.body.refunds).toEqual([
      {
        refundId: first.body.refundId,
        at: AT,
        amount: '4.00',
        reason: 'manual',
        referenceId: first.body.refundId,
        note: 'box was dented',
      },
    ]);
    expect((await messagesOf('o7')).at(-1)?.data).toEqual({
      orderId: 'o7',
      currency: 'GBP',
      amountMinor: 400,
      reason: 'manual',
      referenceId: first.body.refundId,
    });
    const other = await service.http('POST', url, { ...body, amount: '5.00' }, headers);
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency-key-reused' } });
  });

  it('is refused above what is left', async () => {
    const answer = await service.http('POST', url, { amount: '6.01', reason: 'all' });
    expect(answer).toMatchObject({
      status: 409,
      body: {
        code: 'refund-exceeds-captured',
        currency: 'GBP',
        requested: '6.01',
        refundable: '6.00',
      },
    });
  });

  it.each(['0.00', '1.5', '-1.00'])('is refused for %s', async (amount) => {
    const answer = await service.http('POST', url, { amount, reason: 'odd' });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'invalid-request', errors: [{ field: 'amount', code: 'amount-malformed' }] },
    });
  });

  it('is refused with a field that nobody knows', async () => {
    const answer = await service.http('POST', url, { amount: '1.00', reason: 'x', to: 'me' });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'to' }] } });
  });
});

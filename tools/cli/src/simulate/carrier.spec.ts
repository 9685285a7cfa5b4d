import { carrierWork, returnRequest, type Shipment } from './carrier.js';
import { idWhere, smooth } from './plan.fixtures.js';
import type { Plan } from './play.js';

const shipment = (status: string, shipmentId = 's-1'): Shipment => ({
  shipmentId,
  orderId: 'o-1',
  status,
  statusAt: '2026-11-01T10:00:00.000Z',
  lines: [
    { lineId: 'a', sku: 'A', quantity: 3 },
    { lineId: 'b', sku: 'B', quantity: 2 },
  ],
});

const reports = (status: string, more: Partial<Plan> = {}, id?: string): string[] =>
  carrierWork(shipment(status, id), { ...smooth, ...more }).steps.map(({ act }) => act);

describe('the carrier', () => {
  it('delivers', () => {
    expect(reports('in-transit')).toEqual(['out-for-delivery', 'delivered']);
    expect(reports('out-for-delivery')).toEqual(['delivered']);
  });

  it('fails to deliver, and then delivers or brings it back', () => {
    const failing = { deliveryFailureRate: 1 };
    const [back, again] = [idWhere('origin', true), idWhere('origin', false)];
    expect(reports('in-transit', failing, again)).toEqual([
      'out-for-delivery',
      'delivery-failed',
      'delivered',
    ]);
    expect(reports('in-transit', failing, back)).toEqual([
      'out-for-delivery',
      'delivery-failed',
      'returned-to-origin',
    ]);
    expect(reports('delivery-failed', failing, back)).toEqual(['returned-to-origin']);
  });

  it('loses', () => expect(reports('in-transit', { lostRate: 1 })).toEqual(['lost']));

  it('goes one step at a time when time passes', () =>
    expect(reports('in-transit', { speed: 60 })).toEqual(['out-for-delivery']));

  it('names each report so that it counts once', () => {
    const [first, last] = carrierWork(shipment('in-transit'), smooth).steps;
    const [again] = carrierWork(shipment('out-for-delivery'), smooth).steps;
    expect(last).toEqual(again);
    expect(first).toEqual({
      act: 'out-for-delivery',
      path: '/v1/shipments/s-1/tracking-events',
      body: { eventId: expect.any(String), status: 'out-for-delivery' },
    });
  });
});

describe('a customer', () => {
  it('keeps what is good', () =>
    expect(returnRequest(shipment('delivered'), smooth)).toBeUndefined());

  it('sends something back, once, and never more than was delivered', () => {
    const plan = { ...smooth, returnRate: 1 };
    const work = returnRequest(shipment('delivered'), plan)!;
    expect(work).toEqual(returnRequest(shipment('delivered'), plan));
    const [{ path, key, body }] = work.steps as [(typeof work.steps)[0]];
    const { orderId, lines } = body as { orderId: string; lines: Shipment['lines'] };
    expect([path, orderId]).toEqual(['/v1/returns', 'o-1']);
    expect(key).toEqual(expect.any(String));
    expect(lines.length).toBeGreaterThan(0);
    for (const { lineId, quantity } of lines)
      expect(quantity).toBeLessThanOrEqual(lineId === 'a' ? 3 : 2);
  });
});

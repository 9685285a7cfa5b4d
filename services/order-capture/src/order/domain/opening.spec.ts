import { AT, LATER, ORDER_ID, ORDER_NUMBER, request } from './order.fixtures.js';
import type { Opening } from './placed-order.js';
import { placementOf } from './placement.js';

const identity = { orderId: ORDER_ID, orderNumber: ORDER_NUMBER };

describe('a location that exists for a time', () => {
  const CLOSES = '2026-11-01T20:00:00.000Z';
  const at = (acceptedAt: string, opening?: Opening) => {
    const fulfillment = { method: 'pickup', locationId: 'popup' } as const;
    const known = opening ? { opening } : {};
    const placement = placementOf(request({ fulfillment }), { ...identity, acceptedAt }, known);
    return placement.ok ? [] : placement.errors;
  };
  const closed = (message: string) => [
    { field: 'fulfillment.locationId', code: 'location-closed', message },
  ];

  it('takes orders from its first instant on, and not at its last', () => {
    const opening = { from: AT, to: CLOSES };
    expect(at('2026-11-01T09:59:59.999Z', opening)).toEqual(
      closed(`is a location that opens at ${AT}`),
    );
    expect(at(AT, opening)).toEqual([]);
    expect(at('2026-11-01T19:59:59.999Z', opening)).toEqual([]);
    expect(at(CLOSES, opening)).toEqual(closed(`is a location that closed at ${CLOSES}`));
  });

  it('may lack a beginning or an end, and may not be known', () => {
    expect(at(AT, { from: null, to: CLOSES })).toEqual([]);
    expect(at(LATER, { from: AT, to: null })).toEqual([]);
    expect(at(AT, { from: null, to: null })).toEqual([]);
    expect(at(AT)).toEqual([]);
  });
});

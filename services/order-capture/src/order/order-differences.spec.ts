import { canonicalOrder } from './canonical-order.fixtures.js';
import type { OrderRequest } from './domain/placed-order.js';
import { placementOf } from './domain/placement.js';
import { differencesOf } from './order-differences.js';

const IDENTITY = { orderId: 'o', orderNumber: 'n', acceptedAt: '2026-11-01T09:30:00.000Z' };
const placed = (more: object = {}) => {
  const request = { ...canonicalOrder('1'), ...more } as OrderRequest;
  const placement = placementOf(request, IDENTITY);
  if (!placement.ok) throw new Error(JSON.stringify(placement.errors));
  return placement.order;
};
const [line] = canonicalOrder('1').lines;

describe('what differs between two orders of one id', () => {
  it.each<[object, string[]]>([
    [{}, []],
    [{ total: '12.50' }, ['total']],
    [{ notes: 'ring twice' }, ['notes']],
    [{ tags: ['gift'] }, ['tags[0]']],
    [{ lines: [{ ...line!, quantity: 7 }] }, ['lines[0].quantity']],
    [{ lines: [line!, { ...line!, lineId: '2' }] }, ['lines[1]']],
    [{ shipping: { price: '1.00' } }, ['shipping']],
    [{ attributes: { a: 1 } }, ['attributes.a']],
  ])('%j', (more, fields) => expect(differencesOf(placed(), placed(more))).toEqual(fields));

  it('ends where more says nothing', () => {
    const lines = Array.from({ length: 50 }, (_, at) => ({ ...line!, lineId: `${at}` }));
    expect(differencesOf(placed(), placed({ lines }))).toHaveLength(20);
  });
});

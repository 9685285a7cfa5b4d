import { quantities } from '../reconcile/order.fixtures.js';
import { isMoving } from './moving.js';

const order = (units: object, more: object = {}) => ({
  orderNumber: 'n',
  status: 's',
  holds: [],
  exceptions: [],
  ...more,
  units: quantities(units),
});

describe('an order', () => {
  it.each([
    ['open', true],
    ['sourced', true],
    ['picked', true],
    ['packed', true],
    ['shipped', true],
    ['backordered', false],
    ['delivered', false],
    ['lost', false],
    ['returnedToOrigin', false],
    ['cancelled', false],
  ])('with units that are %s moves: %s', (bucket, expected) =>
    expect(isMoving(order({ [bucket]: 1 }))).toBe(expected),
  );

  it('that waits for a person does not move', () => {
    const hold = { holds: [{ kind: 'address', reason: null }] };
    expect(isMoving(order({ open: 2 }, hold))).toBe(false);
    expect(isMoving(order({ open: 2 }, { exceptions: ['sourcing-failed'] }))).toBe(false);
    expect(isMoving(order({ shipped: 1 }, hold))).toBe(true);
  });
});

import { CanonicalOrder } from './order.js';
import { validatorOf } from './validator.js';

const atAWayIn = validatorOf(CanonicalOrder, { strict: true });
const asAMessage = validatorOf(CanonicalOrder);

/** An order as a channel states it, with one thing about it changed. */
const order = (change: object) => ({
  channel: 'web',
  externalId: '1',
  placedAt: '2026-11-01T09:30:00Z',
  currency: 'GBP',
  lines: [{ lineId: '1', sku: 'A', quantity: 1, unitPrice: '1.00' }],
  total: '1.00',
  ...change,
});
const promised = (promisedBy: string) => order({ fulfillment: { method: 'ship', promisedBy } });
const faults = (check: typeof atAWayIn, value: object) =>
  check(value).map(({ field, code }) => `${field} ${code}`);

describe('an instant', () => {
  it.each([
    '0000-01-01T00:00:00Z',
    '0000-01-01T00:00:00+23:59',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-14:00',
    '+010000-01-01T13:59:59.000Z',
  ])('%s is refused at a way in, and stays readable in a message', (time) => {
    expect(faults(atAWayIn, promised(time))).toEqual(['fulfillment.promisedBy format']);
    expect(faults(asAMessage, promised(time))).toEqual([]);
  });

  it.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2024-02-29T23:59:59+14:00'])(
    '%s is taken',
    (time) => expect(faults(atAWayIn, promised(time))).toEqual([]),
  );

  it.each(['2026-02-30T00:00:00Z', '2026-12-31T23:59:60Z', '2026-11-01', 'x', ''])(
    '"%s" is none, in a message either',
    (time) => {
      expect(faults(atAWayIn, promised(time))).toEqual(['fulfillment.promisedBy format']);
      expect(faults(asAMessage, promised(time))).toEqual(['fulfillment.promisedBy format']);
    },
  );
});

it.each([
  ['NUL', { channel: 'a\u0000' }, 'channel pattern'],
  ['half a surrogate pair', { notes: '\ud800' }, 'notes pattern'],
  ['NUL within attributes', { attributes: { a: ['\u0000'] } }, 'attributes storable'],
  ['a number without end', { attributes: { a: Number('1e400') } }, 'attributes storable'],
])('%s is refused everywhere, with field and rule', (_, change, fault) => {
  expect(faults(atAWayIn, order(change))).toEqual([fault]);
  expect(faults(asAMessage, order(change))).toEqual([fault]);
});

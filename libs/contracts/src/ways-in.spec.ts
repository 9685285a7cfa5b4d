import { decimalsOf } from '@throughline/kernel';
import * as currencies from 'dinero.js/currencies';
import { CURRENCIES } from './codes.js';
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

describe('a rule of ways in alone', () => {
  const refusedAtAWayIn = (change: object, ...refusals: string[]) => {
    expect(faults(atAWayIn, order(change))).toEqual(refusals);
    expect(faults(asAMessage, order(change))).toEqual([]);
  };

  it.each([
    ['a blank before it', ' a'],
    ['a blank behind it', 'a '],
    ['a wide blank', 'a\u3000'],
    ['a blank that does not break', '\u00a0a'],
    ['nothing but a blank', ' '],
    ['a line break', 'a\nb'],
    ['a tab', '\ta'],
    ['a control character of ASCII', 'a\u001bb'],
    ['a control character beyond ASCII', 'a\u0085b'],
    ['letters that are not in NFC', 'Cafe\u0301'],
    ['a compatible letter that NFC replaces', '\u212b'],
  ])('an id with %s is refused, and stays readable in a message', (_, id) => {
    refusedAtAWayIn({ externalId: id }, 'externalId id');
    refusedAtAWayIn({ customer: { id } }, 'customer.id id');
    const line = { lineId: id, sku: id, quantity: 1, unitPrice: '1.00' };
    refusedAtAWayIn({ lines: [line] }, 'lines[0].lineId id', 'lines[0].sku id');
  });

  it.each([
    'a b',
    'A,B',
    'Caf\u00e9',
    '\u5546\u54c1',
    '\ud83e\uded6',
    '"a\\,{}',
    '=1+1',
    '\u200bx',
  ])('the id %s is taken', (externalId) =>
    expect(faults(atAWayIn, order({ externalId }))).toEqual([]),
  );

  it.each([
    [{ shipTo: { country: 'XX' } }, 'shipTo.country country'],
    [{ shipTo: { country: 'EU' } }, 'shipTo.country country'],
    [{ shipTo: { country: 'UK' } }, 'shipTo.country country'],
    [{ billTo: { country: 'ZZ' } }, 'billTo.country country'],
    [{ currency: 'ZZZ' }, 'currency currency'],
    [{ currency: 'XXX' }, 'currency currency'],
    [{ currency: 'DEM' }, 'currency currency'],
    [{ currency: 'ANG' }, 'currency currency'],
  ])('%j is refused by the lists of ISO', (change, refusal) => refusedAtAWayIn(change, refusal));

  it.each([
    { shipTo: { country: 'XK' } },
    { shipTo: { country: 'GB' } },
    { currency: 'XCG' },
    { currency: 'ZWG' },
  ])('%j is taken', (change) => expect(faults(atAWayIn, order(change))).toEqual([]));

  it.each(['\u0007', '\u001b[2J', 'a\u009b', 'a\nb', 'a\tb'])(
    'a name, an address or a tag with %j is refused',
    (text) => {
      refusedAtAWayIn({ customer: { personal: { name: text } } }, 'customer.personal.name text');
      refusedAtAWayIn({ shipTo: { personal: { lines: [text] } } }, 'shipTo.personal.lines[0] text');
      refusedAtAWayIn({ tags: [text] }, 'tags[0] text');
    },
  );

  it('lets lines and tabs be in notes, and no other control character', () => {
    expect(faults(atAWayIn, order({ notes: 'Dear Ada,\r\n\tthank you' }))).toEqual([]);
    refusedAtAWayIn({ notes: 'a\u0007' }, 'notes text');
  });

  it('says the rule in words', () => {
    expect(atAWayIn(order({ externalId: ' 1' }))).toEqual([
      {
        field: 'externalId',
        code: 'id',
        message: expect.stringContaining('must not begin or end with a blank'),
      },
    ]);
  });
});

it('counts every currency by the minor unit that its list states', () => {
  const differing = Object.values(currencies).filter(
    // Fifths of an ariary or an ouguiya are no decimals; ISO 4217 counts both in hundredths.
    ({ code, base, exponent }) => base === 10 && decimalsOf(code) !== exponent,
  );
  expect(differing).toEqual([]);
  expect(CURRENCIES.size).toBeGreaterThan(150);
});

import type { Cells, Value } from './mapping.js';
import { postalCodesFrom } from './postal-codes.js';
import { computedWriter, fillerOf, readPath, type Draft } from './values.js';

const codes = postalCodesFrom(new Map([['GB', ['NN11', 'DN4', 'G2', 'BS1']]]));

const filled = (fields: Readonly<Record<string, Value>>, cells: Cells) => {
  const draft: Draft = {};
  return fillerOf(fields, codes)(cells, draft) ?? draft;
};

describe('a value', () => {
  it('comes from a column, trimmed', () =>
    expect(
      filled({ a: { column: 'x' }, b: { column: 'x', transform: ['lower'] } }, { x: ' Q ' }),
    ).toEqual({ a: 'Q', b: 'q' }));

  it('of a name or an address is one line; an id stays what it is, for the server to refuse', () =>
    expect(
      filled(
        {
          externalId: { template: '{y} ' },
          'customer.id': { column: 'x' },
          'customer.personal.name': { column: 'x' },
          'shipTo.personal.lines.0': { column: 'x' },
          notes: { column: 'x' },
        },
        { x: '\tAda\r\nLovelace ', y: ' 7 ' },
      ),
    ).toEqual({
      externalId: '7',
      customer: { id: 'Ada\r\nLovelace', personal: { name: 'Ada Lovelace' } },
      shipTo: { personal: { lines: ['Ada Lovelace'] } },
      notes: 'Ada\r\nLovelace',
    }));

  it('is null where the column is empty or missing', () =>
    expect(filled({ a: { column: 'x' }, b: { column: 'y' } }, { x: ' ' })).toEqual({
      a: null,
      b: null,
    }));

  it.each([
    [{ column: 'x', required: true }, '', 'required'],
    [{ column: 'x', transform: ['integer'] }, '1.5', 'integer'],
    [{ column: 'x', transform: ['decimal'] }, '1e3', 'decimal'],
    [{ column: 'x', transform: ['number'] }, 'many', 'number'],
    [{ column: 'x', map: { a: 'b' } }, 'c', 'not-mapped'],
  ] as const)('%j cannot be made of "%s": %s', (value, x, code) =>
    expect(filled({ 'a.b': value }, { x })).toEqual(
      expect.objectContaining({ field: 'a.b', code }),
    ),
  );

  it('passes through transforms in their order', () =>
    expect(
      filled(
        {
          sku: { column: 'sku', transform: ['trim', 'upper'] },
          count: { column: 'count', transform: ['integer'] },
          weight: { column: 'weight', transform: ['number'] },
          price: { column: 'price', transform: ['decimal'] },
        },
        { sku: ' 85123a ', count: ' 6', weight: '1.5', price: '2.550' },
      ),
    ).toEqual({ sku: '85123A', count: 6, weight: 1.5, price: '2.550' }));

  it('is looked up in a map, and may stand for nothing', () =>
    expect(
      filled(
        {
          a: { column: 'x', map: { EIRE: 'IE' } },
          b: { column: 'x', map: { EIRE: null } },
          c: { column: 'x', map: {}, otherwise: 'ZZ' },
          d: { column: 'x', map: {}, otherwise: null },
        },
        { x: 'EIRE' },
      ),
    ).toEqual({ a: 'IE', b: null, c: 'ZZ', d: null }));

  it('builds objects and lists from dotted paths', () =>
    expect(
      filled(
        {
          'payments.0.method': { constant: 'card' },
          'payments.0.reference': { template: 'r-{x}-{y}' },
          'shipTo.personal.lines.0': { column: 'x' },
        },
        { x: '1' },
      ),
    ).toEqual({
      payments: [{ method: 'card', reference: 'r-1-' }],
      shipTo: { personal: { lines: ['1'] } },
    }));

  it('never shares a constant between orders', () => {
    const fill = fillerOf({ tags: { constant: ['a'] } }, codes);
    const [one, two]: Draft[] = [{}, {}];
    fill({}, one!);
    fill({}, two!);
    (one!['tags'] as string[]).push('b');
    expect(two).toEqual({ tags: ['a'] });
  });

  it('draws the same postal code for the same customer', () => {
    const fields: Readonly<Record<string, Value>> = {
      country: { column: 'country' },
      code: { postalCode: { country: 'country', by: ['customer', 'order'] } },
      verified: { isSet: 'code' },
    };
    const draw = (customer: string, order: string, country = 'GB'): Draft =>
      filled(fields, { customer, order, country }) as Draft;
    expect(draw('17850', '1')).toEqual({ country: 'GB', code: 'BS1', verified: true });
    expect(draw('17850', '2')).toEqual({ country: 'GB', code: 'BS1', verified: true });
    expect(draw('', '2')['code']).toBe(draw('', '2')['code']);
    expect(draw('17850', '1', 'HK')).toEqual({ country: 'HK', code: null, verified: false });
  });

  it('that is computed is written to every path that asks for it', () => {
    const fields: Readonly<Record<string, Value>> = {
      total: { computed: 'total' },
      'payments.0.amount': { computed: 'total' },
    };
    const draft = filled(fields, {}) as Draft;
    computedWriter(fields)(draft, '1.00');
    expect(draft).toEqual({ total: '1.00', payments: [{ amount: '1.00' }] });
    expect(readPath(draft, 'payments.0.amount')).toBe('1.00');
    expect(readPath(draft, 'a.b.c')).toBeUndefined();
  });
});

describe('drawing postal codes', () => {
  it('takes codes of the mapping for countries that the file does not have', () => {
    expect(codes.draw('FR', 'k', { FR: ['75001'] })).toBe('75001');
    expect(codes.draw('GB', 'k', { GB: ['X'] })).not.toBe('X');
    expect(codes.draw('FR', 'k', { FR: [] })).toBeNull();
    expect(codes.draw(null, 'k')).toBeNull();
  });

  it('spreads over all codes of a country', () => {
    const drawn = Array.from({ length: 100 }, (_, index) => codes.draw('GB', `c-${index}`));
    expect(new Set(drawn)).toEqual(new Set(['NN11', 'DN4', 'G2', 'BS1']));
  });
});

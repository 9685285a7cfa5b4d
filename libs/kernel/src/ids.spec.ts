import fc from 'fast-check';
import { contentHash, derivedId, newId, readableNumber } from './ids.js';

// Written down from Python's `uuid.uuid5`: these ids are stored, so they may never change.
describe('a derived id', () => {
  it.each([
    [['a'], '59d52268-1869-5a7a-bd1b-c9684d230429'],
    [['a', 'b'], '81884f5a-67c9-56f4-a0d2-1c3733ab0d26'],
    [['shop', '1001'], '9ac70171-d803-5b91-b4db-420d41a35144'],
    [['order-1', 'cause', 0], 'e75a324c-0054-5759-b5bd-ff8f22883801'],
    [['münchen'], '3676e2f7-6b67-5ef7-b335-8e24e1800d51'],
  ])('of %j is %s for ever', (parts, id) => expect(derivedId(...parts)).toBe(id));

  it('is a UUID of version 5', () =>
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) =>
        expect(derivedId(...parts)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        ),
      ),
    ));

  it('differs wherever the parts differ, whatever separators a part contains', () => {
    expect(derivedId('a\u001fb', 'c')).not.toBe(derivedId('a', 'b\u001fc'));
    const symbol = fc.constantFrom('a', '0', '1', '\u001e', '\u001f');
    const parts = fc.array(fc.string({ unit: symbol, maxLength: 4 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isSame = one.length === other.length && one.every((part, at) => part === other[at]);
        expect(derivedId(...one) === derivedId(...other)).toBe(isSame);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a new id', () => {
  it('is a UUID of version 4, and another one each time', () => {
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    expect(newId()).not.toBe(newId());
  });
});

describe('a readable number', () => {
  it.each([
    ['00000000-0000-0000-0000-000000000000', '0000-0000-0000'],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', 'ZZZZ-ZZZZ-ZZZZ'],
    ['6f0d3c1e-8a4b-4e0f-9b7a-2d5c41e6a973', 'PYHD-BH0Y-DABK'],
  ])('of %s is %s', (id, number) => expect(readableNumber(id)).toBe(number));

  it('has no letter that is mistaken for a digit', () =>
    fc.assert(
      fc.property(fc.uuid(), (id) =>
        expect(readableNumber(id)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/),
      ),
    ));
});

describe('a content hash', () => {
  it('is the SHA-256 of the canonical JSON', () =>
    expect(contentHash({ b: [1, null, { c: 'x' }], a: 1 })).toBe(
      '2aca3c6033c623a855951ba05c229870ba79b85f40901a0d9091fbc736a49e7f',
    ));

  it('looks neither at the order of keys nor at members that are null or missing', () => {
    const hash = contentHash({ a: 1, b: { c: 2, d: 3 } });
    expect(contentHash({ b: { d: 3, c: 2 }, a: 1 })).toBe(hash);
    expect(contentHash({ a: 1, b: { c: 2, d: 3, e: null }, f: undefined })).toBe(hash);
  });

  it.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: [null] }, { a: [] }],
    [{ a: {} }, {}],
    [{ a: 0 }, { a: false }],
    [{ 'a":1,"b': 1 }, { a: 1, b: 1 }],
    [null, {}],
  ])('tells %j from %j', (one, other) => expect(contentHash(one)).not.toBe(contentHash(other)));

  it('is the same for any order of the keys of any JSON', () =>
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(contentHash(reversed)).toBe(contentHash(value));
      }),
    ));
});

import fc from 'fast-check';
import {
  allocate,
  decimalsOf,
  extendedAmount,
  formatAmount,
  parseAmount,
  valueOfFirst,
} from './money.js';

const currency = fc.constantFrom('GBP', 'EUR', 'JPY', 'KWD', 'CLF');
const amountMinor = fc.integer({ min: -999_999_999_999, max: 999_999_999_999 });
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

describe('decimals of a currency', () => {
  it.each([
    ['GBP', 2],
    ['XYZ', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['CLF', 4],
  ])('%s has %d', (code, decimals) => expect(decimalsOf(code)).toBe(decimals));
});

describe('parsing an amount', () => {
  it.each([
    ['12.34', 'GBP', 1_234],
    ['-12.34', 'GBP', -1_234],
    ['0.00', 'GBP', 0],
    ['-0.00', 'GBP', 0],
    ['007.10', 'GBP', 710],
    ['500', 'JPY', 500],
    ['1.234', 'KWD', 1_234],
    ['999999999999.99', 'GBP', 99_999_999_999_999],
  ])('reads %s %s', (text, code, minor) => expect(parseAmount(text, code)).toBe(minor));

  it.each([
    ['12.3', 'GBP'],
    ['12.345', 'GBP'],
    ['12', 'GBP'],
    ['12.', 'GBP'],
    ['.50', 'GBP'],
    ['500.0', 'JPY'],
    ['1,234.00', 'GBP'],
    ['1e3', 'JPY'],
    ['+1.00', 'GBP'],
    [' 1.00', 'GBP'],
    ['1.00\n', 'GBP'],
    ['', 'GBP'],
    ['1234567890123.00', 'GBP'],
    ['٣.00', 'GBP'],
  ])('refuses %j %s', (text, code) => expect(parseAmount(text, code)).toBeUndefined());

  it('reads back what was formatted, in every currency', () =>
    fc.assert(
      fc.property(amountMinor, currency, (minor, code) =>
        expect(parseAmount(formatAmount(minor, code), code)).toBe(minor),
      ),
    ));
});

describe('formatting an amount', () => {
  it.each([
    [1_234, 'GBP', '12.34'],
    [5, 'GBP', '0.05'],
    [-5, 'GBP', '-0.05'],
    [0, 'GBP', '0.00'],
    [500, 'JPY', '500'],
    [-1, 'JPY', '-1'],
    [1, 'KWD', '0.001'],
  ])('%d %s is %s', (minor, code, text) => expect(formatAmount(minor, code)).toBe(text));
});

describe('price times quantity', () => {
  it.each([
    ['1.41', 100, 'EUR', 14_100],
    ['0.005', 1, 'GBP', 1],
    ['0.004999', 1, 'GBP', 0],
    ['-0.005', 1, 'GBP', -1],
    ['-0.004999', 1, 'GBP', 0],
    ['28.979', 1, 'USD', 2_898],
    ['0.5', 1, 'JPY', 1],
    ['0.4', 1, 'JPY', 0],
    ['0.0005', 1, 'KWD', 1],
    ['0.000001', 1_000_000, 'GBP', 100],
    ['9007199254.74', 1, 'GBP', 900_719_925_474],
  ])('%s x %d %s is %d, half up', (price, quantity, code, minor) =>
    expect(extendedAmount(price, quantity, code)).toBe(minor),
  );

  it.each([
    ['1.2345678', 1],
    ['one', 1],
    ['999999999999', 1_000_000],
    ['99999999999.999999', 1],
  ])('refuses %s x %d', (price, quantity) =>
    expect(extendedAmount(price, quantity, 'GBP')).toBeUndefined(),
  );

  it('is the same as many parts as it is whole, where the price has no more decimals than the currency', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999 }), fc.nat(5_000), (minor, quantity) =>
        expect(extendedAmount(formatAmount(minor, 'GBP'), quantity, 'GBP')).toBe(minor * quantity),
      ),
    ));
});

describe('splitting by largest remainder', () => {
  it.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [-100, [1, 1, 1], [-34, -33, -33]],
    [5, [0, 3, 0, 2], [0, 3, 0, 2]],
    [-1, [1, 3], [0, -1]],
    [7, [], []],
    [7, [0, 0], [7, 0]],
    [7, [-1, 1], [0, 7]],
    [0, [1, 2], [0, 0]],
    [2, [1, 1, 1], [1, 1, 0]],
  ])('%d over %j is %j', (total, weights, parts) =>
    expect(allocate(total, weights)).toEqual(parts),
  );

  it('adds up exactly and leaves nobody a whole unit from the exact share', () =>
    fc.assert(
      fc.property(
        amountMinor,
        fc.array(fc.nat(100_000_000), { minLength: 1, maxLength: 60 }),
        (total, weights) => {
          const parts = allocate(total, weights);
          expect(parts).toHaveLength(weights.length);
          expect(sum(parts)).toBe(total);
          const all = BigInt(sum(weights));
          if (all === 0n) return;
          parts.forEach((part, index) => {
            const off = BigInt(part) * all - BigInt(total) * BigInt(weights[index]!);
            expect(off < all && off > -all).toBe(true);
          });
        },
      ),
    ));

  it('never gives the heavier one less, and mirrors a negative total', () =>
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 }),
        (total, weights) => {
          const parts = allocate(total, weights);
          weights.forEach((weight, index) =>
            weights.forEach((other, at) => {
              if (weight > other) expect(parts[index]).toBeGreaterThanOrEqual(parts[at]!);
            }),
          );
          expect(allocate(-total, weights)).toEqual(parts.map((part) => (part === 0 ? 0 : -part)));
        },
      ),
    ));
});

describe('the value of the first units of a line', () => {
  it.each([
    [1_000, 3, 0, 0],
    [1_000, 3, 1, 333],
    [1_000, 3, 2, 666],
    [1_000, 3, 3, 1_000],
    [1_000, 3, 4, 1_000],
    [-1_000, 3, 1, -333],
    [-1_000, 3, 3, -1_000],
  ])('of %d for %d units, the first %d are worth %d', (total, ordered, quantity, value) =>
    expect(valueOfFirst(total, ordered, quantity)).toBe(value),
  );

  it('never falls, and its steps add up to the total', () =>
    fc.assert(
      fc.property(fc.nat(100_000_000), fc.integer({ min: 1, max: 400 }), (total, ordered) => {
        const steps = Array.from(
          { length: ordered },
          (_, index) =>
            valueOfFirst(total, ordered, index + 1) - valueOfFirst(total, ordered, index),
        );
        expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
        expect(sum(steps)).toBe(total);
      }),
    ));
});

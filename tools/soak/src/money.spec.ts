import { allocate, extendedAmount, valueOfFirst } from '@throughline/kernel';
import fc from 'fast-check';
import { goodsMinor, priced, read, settledMoney, split, written, type LineFate } from './money.js';

const line = (valueMinor: number, quantity: number, more: Partial<LineFate> = {}): LineFate => ({
  lineId: '1',
  quantity,
  valueMinor,
  cancelled: 0,
  handedOver: 0,
  givenBack: 0,
  ...more,
});
const authorized = (minor: number) => ({ paidMinor: 0, authorizedMinor: minor });
const paid = (minor: number) => ({ paidMinor: minor, authorizedMinor: 0 });

describe('the reckoning of an order', () => {
  it('rounds each line once, half up', () => {
    expect(goodsMinor(2_555_000, 1, 2)).toBe(256);
    expect(goodsMinor(333_333, 3, 2)).toBe(100);
    expect(goodsMinor(1_500_000, 1, 0)).toBe(2);
  });

  it('gives what is left over to the largest remainders', () =>
    expect(split(100, [1, 1, 1])).toEqual([34, 33, 33]));

  it('shares the total that the channel says', () => {
    const one = { lineId: '1', quantity: 1, unitMicro: 1_000_000, discountMinor: 0, taxMinor: 0 };
    const other = { ...one, lineId: '2', unitMicro: 2_000_000 };
    expect(priced([one, other], 100, 0, 2, (minor) => minor + 1)).toEqual({
      computedMinor: 400,
      valuesMinor: [134, 267],
    });
  });

  it('agrees with the system about whatever amounts, though written apart from it', () => {
    const amounts = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: -9_999, max: 9_999 }), amounts, (amount, weights) =>
        expect(split(amount, weights)).toEqual(allocate(amount, weights)),
      ),
    );
    fc.assert(
      fc.property(fc.nat(99_999_999), fc.integer({ min: 1, max: 999 }), (micro, quantity) => {
        const price = `${Math.floor(micro / 1e6)}.${String(micro % 1e6).padStart(6, '0')}`;
        expect(goodsMinor(micro, quantity, 2)).toBe(extendedAmount(price, quantity, 'GBP'));
      }),
    );
    fc.assert(
      fc.property(fc.nat(99_999), fc.integer({ min: 1, max: 9 }), (value, quantity) => {
        const some = line(value, quantity, { handedOver: quantity, givenBack: 1 });
        const { refundedMinor } = settledMoney([some], paid(value), 0);
        expect(refundedMinor).toBe(valueOfFirst(value, quantity, 1));
      }),
    );
  });

  it('captures what left, and gives back what was paid for what was cancelled', () => {
    const half = line(100, 3, { cancelled: 2, handedOver: 1 });
    expect(settledMoney([half], authorized(100), 0)).toEqual({
      capturedMinor: 33,
      refundedMinor: 0,
    });
    expect(settledMoney([half], paid(100), 0)).toEqual({ capturedMinor: 100, refundedMinor: 67 });
  });

  it('lets a return lower what is owed before money is given back', () => {
    const back = line(100, 2, { handedOver: 2, givenBack: 1 });
    expect(settledMoney([back], paid(70), 0)).toEqual({ capturedMinor: 70, refundedMinor: 20 });
  });

  it('never gives back more than was captured', () => {
    const back = line(100, 2, { handedOver: 2, givenBack: 2 });
    expect(settledMoney([back], authorized(100), 30).refundedMinor).toBe(100);
  });

  it('writes and reads amounts', () => {
    expect([written(5, 2), written(-1234, 2), written(7, 0)]).toEqual(['0.05', '-12.34', '7']);
    expect([read('0.05'), read('12.34'), read('7')]).toEqual([5, 1234, 7]);
  });
});

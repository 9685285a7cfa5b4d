import fc from 'fast-check';
import type { LineUnits } from './payment.js';
import { counting, NO_VALUES, pricing, valuesOf } from './units.js';

/** Totals of other systems' rounding faults (quantity, line value in minor units). */
const GOLDEN: readonly (readonly [string, number, number])[] = [
  ['10 x 23.90 with VAT, 25 % coupon', 10, 17_925],
  ['51.86 less 40 % plus 8.25 % tax', 1, 3_369],
  ['14.28 x 10 at 19 %', 10, 16_993],
  ['195 less 50 % plus 25 % tax', 1, 12_188],
  ['10 % off, VAT 25 %', 7, 562_388],
  ['204.98 net at 20 %', 3, 24_598],
  ['1.41 net x 100 at 20 %', 100, 16_920],
  ['a credit line', 3, -100],
];

const lineOf = (quantity: number, valueMinor: number): LineUnits => ({
  quantity,
  valueMinor,
  handedOver: 0,
  cancelled: 0,
  returned: 0,
  again: 0,
});

describe('the value of units', () => {
  it.each(GOLDEN)('of %s adds up however it is split', (_, quantity, valueMinor) => {
    for (let handedOver = 0; handedOver <= quantity; handedOver += 1) {
      const line = {
        ...lineOf(quantity, valueMinor),
        handedOver,
        cancelled: quantity - handedOver,
      };
      const values = valuesOf({ ...line, returned: handedOver });
      expect(values.handedOver + values.cancelled).toBe(valueMinor);
      expect(values.returned).toBe(values.handedOver);
    }
  });

  it.each(GOLDEN)('of %s adds up unit by unit', (_, quantity, valueMinor) => {
    let counted = pricing(new Map(), [{ lineId: 'a', quantity, valueMinor }]);
    let sum = 0;
    for (let unit = 0; unit < quantity; unit += 1) {
      const before = counted.values.handedOver;
      counted = counting(counted, 'handedOver', [{ lineId: 'a', quantity: 1 }]);
      sum += counted.values.handedOver - before;
    }
    expect(sum).toBe(valueMinor);
  });

  it('never gives a unit more than one minor unit above another', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(10_000), (quantity, valueMinor) => {
        const prices = Array.from({ length: quantity }, (_, unit) => {
          const upTo = (units: number): number =>
            valuesOf({ ...lineOf(quantity, valueMinor), handedOver: units }).handedOver;
          return upTo(unit + 1) - upTo(unit);
        });
        expect(Math.max(...prices) - Math.min(...prices)).toBeLessThanOrEqual(1);
      }),
    ));

  it('counts units beyond the line no further', () =>
    expect(valuesOf({ ...lineOf(2, 100), handedOver: 3, cancelled: 2, returned: 5 })).toEqual({
      handedOver: 100,
      cancelled: 0,
      returned: 100,
    }));

  it('counts what came before the order once the order is known', () => {
    const before = counting({ lines: new Map(), values: NO_VALUES }, 'cancelled', [
      { lineId: 'a', quantity: 1 },
    ]);
    expect(before.values).toEqual(NO_VALUES);
    const known = pricing(before.lines, [{ lineId: 'a', quantity: 3, valueMinor: 1000 }]);
    expect(known.values).toEqual({ handedOver: 0, cancelled: 334, returned: 0 });
  });
});

import fc from 'fast-check';
import { add, common, subtract, summed, unitsOf, type Lines } from './lines.js';

const lines: fc.Arbitrary<Lines> = fc.uniqueArray(
  fc.record({
    lineId: fc.constantFrom('a', 'b', 'c', 'd'),
    sku: fc.constant('x'),
    quantity: fc.integer({ min: 1, max: 9 }),
  }),
  { selector: ({ lineId }) => lineId },
);

describe('quantities of lines', () => {
  const a2 = { lineId: 'a', sku: 'x', quantity: 2 };
  const b1 = { lineId: 'b', sku: 'y', quantity: 1 };

  it('add up by line, in the order first named', () =>
    expect(add([a2], [b1, a2])).toEqual([{ ...a2, quantity: 4 }, b1]));

  it('sum what names a line twice', () =>
    expect(summed([a2, b1, a2])).toEqual([{ ...a2, quantity: 4 }, b1]));

  it('never go below nothing', () =>
    expect(subtract([a2, b1], [{ ...a2, quantity: 5 }])).toEqual([b1]));

  it('share what both hold', () =>
    expect(common([{ ...a2, quantity: 5 }, b1], [a2])).toEqual([a2]));

  it('are what is shared and what is left of it', () =>
    fc.assert(
      fc.property(lines, lines, (some, others) => {
        const shared = common(some, others);
        const rest = subtract(some, others);
        expect(unitsOf(shared) + unitsOf(rest)).toBe(unitsOf(some));
        expect(unitsOf(common(others, some))).toBe(unitsOf(shared));
        expect(unitsOf(add(shared, rest))).toBe(unitsOf(some));
      }),
    ));
});

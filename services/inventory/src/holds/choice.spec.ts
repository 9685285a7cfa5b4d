import fc from 'fast-check';
import { choose, corrected, type Place, type Wish } from './choice.js';

const LONDON = { lat: 51.5, lng: -0.1 };
const LEEDS = { lat: 53.8, lng: -1.5 };
const OSLO = { lat: 59.9, lng: 10.7 };
const place = (
  locationId: string,
  available: Record<string, number>,
  geo: Place['geo'] = null,
): Place => ({ locationId, geo, available: new Map(Object.entries(available)) });
const wish = (sku: string, quantity: number): Wish => ({ sku, quantity });
const chosen = (...[wishes, places, destination]: Parameters<typeof choose>) =>
  choose(wishes, places, destination).allocations.map(({ locationId, lines }) => [
    locationId,
    ...lines.map(({ sku, quantity }) => `${quantity} ${sku}`),
  ]);

describe('where a checkout holds', () => {
  it('is the nearest location that has all of it', () => {
    const places = [
      place('near', { A: 1 }, LONDON),
      place('far', { A: 5 }, OSLO),
      place('mid', { A: 2 }, LEEDS),
    ];
    expect(chosen([wish('A', 2)], places, LONDON)).toEqual([['mid', '2 A']]);
  });

  it('is otherwise where most of it is, again and again', () => {
    const places = [
      place('L1', { A: 1, B: 1 }),
      place('L2', { A: 3 }),
      place('L3', { B: 1, A: 1 }),
    ];
    expect(chosen([wish('A', 4), wish('B', 1)], places, null)).toEqual([
      ['L2', '3 A'],
      ['L1', '1 A', '1 B'],
    ]);
  });

  it('is the smaller id of two that are as good, whatever their order', () => {
    const places = [place('b', { A: 1 }), place('a', { A: 1 })];
    expect(chosen([wish('A', 1)], places, LONDON)).toEqual([['a', '1 A']]);
  });

  it('is nowhere where all together have too little, which is said', () => {
    const places = [place('L1', { A: 1 }), place('L2', { A: 1 })];
    expect(choose([wish('A', 3), wish('B', 1)], places, null)).toEqual({
      allocations: [],
      shortages: [
        { sku: 'A', locationId: null, requested: 3, available: 2 },
        { sku: 'B', locationId: null, requested: 1, available: 0 },
      ],
    });
  });

  it('goes by what a shelf really had when it was asked', () => {
    const places = [place('L1', { A: 2 }), place('L2', { A: 2 })];
    const known = [{ sku: 'A', locationId: 'L1', available: 1 }];
    expect(chosen([wish('A', 2)], corrected(places, known), null)).toEqual([['L2', '2 A']]);
  });

  it('has all that is wished for, and of no place more than it has', () => {
    const units = fc.integer({ min: 0, max: 4 });
    const stock = fc.array(fc.record({ A: units, B: units }), { maxLength: 5 });
    fc.assert(
      fc.property(stock, fc.tuple(units, units), (shelves, [a, b]) => {
        const wishes = [wish('A', a + 1), wish('B', b + 1)];
        const places = shelves.map((available, index) => place(`L${index}`, available));
        const { allocations, shortages } = choose(wishes, places, null);
        const got = (sku: string): number =>
          allocations
            .flatMap(({ lines }) => lines)
            .reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0);
        if (shortages.length > 0) expect(allocations).toEqual([]);
        else expect([got('A'), got('B')]).toEqual([a + 1, b + 1]);
        for (const { locationId, lines } of allocations)
          for (const { sku, quantity } of lines)
            expect(quantity).toBeLessThanOrEqual(
              places.find((one) => one.locationId === locationId)!.available.get(sku)!,
            );
      }),
    );
  });
});

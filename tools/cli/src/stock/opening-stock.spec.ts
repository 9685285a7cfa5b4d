import fc from 'fast-check';
import { location } from './location.fixtures.js';
import { openingStock, type Demand, type OpeningStockOptions } from './opening-stock.js';

const places = [location('w'), location('f', 'fulfillment-center'), location('s', 'store')];
const options: OpeningStockOptions = { seed: '1', factor: 1.1, shortRate: 0.04 };
const demand = (sku: string, units: number): Demand => ({ sku, name: sku, units });

const demands = fc
  .array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 60 })
  .map((units) => units.map((count, index) => demand(`sku-${index}`, count)));

const totals = (stock: readonly { sku: string; quantity: number }[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of stock) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
};

describe('stock made up from a demand', () => {
  it('covers every item but those that are to be short, and never misses more than wanted', () =>
    fc.assert(
      fc.property(demands, fc.string(), (wanted, seed) => {
        const { stock, unitsShort, unitsDemanded } = openingStock(wanted, places, {
          ...options,
          seed,
        });
        const held = totals(stock);
        let missing = 0;
        for (const { sku, units } of wanted) missing += Math.max(0, units - (held.get(sku) ?? 0));
        expect(missing).toBe(unitsShort);
        expect(unitsShort).toBeLessThanOrEqual(Math.round(unitsDemanded * options.shortRate));
        expect(stock.every(({ quantity }) => quantity > 0)).toBe(true);
      }),
    ));

  it('misses about the wanted share of a large assortment', () => {
    const wanted = Array.from({ length: 2_000 }, (_, index) => demand(`s-${index}`, 50 + index));
    const { unitsShort, unitsDemanded } = openingStock(wanted, places, options);
    expect(unitsShort / unitsDemanded).toBeCloseTo(0.04, 3);
  });

  it('misses nothing when nothing is to be short', () =>
    expect(openingStock([demand('a', 10)], places, { ...options, shortRate: 0 })).toEqual({
      stock: [
        { sku: 'a', locationId: 'w', quantity: 9 },
        { sku: 'a', locationId: 'f', quantity: 2 },
      ],
      understocked: 0,
      unitsDemanded: 10,
      unitsShort: 0,
    }));

  it('is the same for the same seed, and other for another', () => {
    const wanted = Array.from({ length: 50 }, (_, index) => demand(`s-${index}`, 100));
    const made = (seed: string) => openingStock(wanted, places, { ...options, seed });
    expect(made('1')).toEqual(made('1'));
    expect(made('1')).not.toEqual(made('2'));
  });

  it('keeps rare items out of stores', () => {
    const { stock } = openingStock([demand('a', 5), demand('b', 5_000)], places, options);
    expect(new Set(stock.filter(({ sku }) => sku === 'a').map((row) => row.locationId))).toEqual(
      new Set(['w']),
    );
  });
});

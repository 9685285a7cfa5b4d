import fc from 'fast-check';
import { quotesFor, WEIGHT_GRAMS_DEFAULT } from './rates.js';

const namesOf = (service: string, country: string, weightGrams: number | null) =>
  quotesFor({ service, country, weightGrams }).map(
    (quote) => `${quote.carrier} ${quote.service} ${quote.costMinor} ${quote.currency}`,
  );

describe('the rates of a parcel', () => {
  it.each([
    [
      'standard',
      'GB',
      300,
      ['throughline-post packet 320 EUR', 'throughline-post standard 500 EUR'],
    ],
    ['standard', 'NZ', 751, ['throughline-post standard 500 EUR']],
    ['standard', 'GB', 12_001, ['throughline-post standard 1820 EUR']],
    [
      'express',
      'DE',
      1_200,
      ['throughline-express express 1250 EUR', 'throughline-express worldwide 3700 EUR'],
    ],
    ['next-day', 'JP', 500, ['throughline-express worldwide 3050 EUR']],
    ['same-day', 'DE', 30_001, ['throughline-express worldwide 22550 EUR']],
    ['whatever', 'GB', 800, ['throughline-post standard 500 EUR']],
  ])('for %s to %s, %d g', (service, country, weightGrams, quotes) => {
    expect(namesOf(service, country, weightGrams)).toEqual(quotes);
  });

  it('assume a weight where none is known', () =>
    expect(namesOf('standard', 'GB', null)).toEqual(
      namesOf('standard', 'GB', WEIGHT_GRAMS_DEFAULT),
    ));

  it('are never missing, and the cheapest comes first', () =>
    fc.assert(
      fc.property(
        fc.constantFrom('standard', 'express', 'same-day', 'other'),
        fc.stringMatching(/^[A-Z]{2}$/),
        fc.option(fc.nat(5_000_000)),
        (service, country, weightGrams) => {
          const costs = quotesFor({ service, country, weightGrams }).map(
            ({ costMinor }) => costMinor,
          );
          expect(costs.length).toBeGreaterThan(0);
          expect(costs[0]).toBe(Math.min(...costs));
        },
      ),
    ));
});

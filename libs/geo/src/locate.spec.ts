import { distanceMeters } from '@throughline/kernel';
import { locate } from './locate.js';

describe('locate', () => {
  it('knows a British outward code whole', () =>
    expect(locate({ country: 'GB', postalCode: 'SW1Y' })).toEqual({
      lat: 51.51,
      lng: -0.13,
      precision: 'postal-code',
    }));

  it.each(['SW1Y 4JH', 'sw1y4jh', ' SW1Y  4jh '])('reads %p by its outward code', (postalCode) =>
    expect(locate({ country: 'GB', postalCode })).toEqual(
      locate({ country: 'GB', postalCode: 'SW1Y' }),
    ),
  );

  it('tells a short outward code from the inward part behind it', () => {
    expect(locate({ country: 'GB', postalCode: 'M1 1AE' })).toEqual(
      locate({ country: 'GB', postalCode: 'M1' }),
    );
    expect(locate({ country: 'GB', postalCode: 'M11 1AE' })).toEqual(
      locate({ country: 'GB', postalCode: 'M11' }),
    );
  });

  it('finds an American code by its first three digits, with or without the four behind', () => {
    const newYork = { lat: 40.71, lng: -74.0 };
    const found = locate({ country: 'US', postalCode: '10001-1234' })!;
    expect(found.precision).toBe('area');
    expect(distanceMeters(found, newYork)).toBeLessThan(15_000);
    expect(locate({ country: 'US', postalCode: '10001' })).toEqual(found);
  });

  it.each([
    ['DE', 'D-10115', '10115'],
    ['LV', 'LV-1001', '1001'],
    ['LU', 'L-1019', '1019'],
    ['CA', 'k1a 0b1', 'K1A0B1'],
    ['NL', '1011 AB', '1011ab'],
  ])('reads %s %s as %s', (country, written, plain) => {
    const found = locate({ country, postalCode: written });
    expect(found).toEqual(locate({ country, postalCode: plain }));
    expect(found!.precision).toBe('area');
  });

  it('finds all of the Channel Islands and the Isle of Man by their British codes', () => {
    expect(locate({ country: 'IM', postalCode: 'IM1 1AA' })!.precision).toBe('postal-code');
    expect(locate({ country: 'JE', postalCode: 'JE2 3AB' })!.precision).toBe('postal-code');
    expect(locate({ country: 'GG', postalCode: 'GY1 1AA' })!.precision).toBe('postal-code');
  });

  it('falls back to the country for a code that it does not know, and where there is none', () => {
    const middle = locate({ country: 'DE' })!;
    expect(middle.precision).toBe('country');
    expect(locate({ country: 'DE', postalCode: 'no code' })).toEqual(middle);
    expect(locate({ country: 'de', postalCode: null })).toEqual(middle);
  });

  it.each([
    'FR',
    'PL',
    'PT',
    'MX',
    'JP',
    'RU',
    'SG',
    'PE',
    'IL',
    'GR',
    'HK',
    'AE',
    'LB',
    'BH',
    'SA',
  ])('knows the middle of %s, which the postal tables lack', (country) =>
    expect(locate({ country, postalCode: '12345' })!.precision).toBe('country'),
  );

  it('says so when it does not know the country', () =>
    expect(locate({ country: 'ZZ', postalCode: '1' })).toBeUndefined());
});

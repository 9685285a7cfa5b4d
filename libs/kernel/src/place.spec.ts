import fc from 'fast-check';
import { distanceMeters, type GeoPoint } from './place.js';

const LONDON = { lat: 51.5074, lng: -0.1278 };
const PARIS = { lat: 48.8566, lng: 2.3522 };
const NEW_YORK = { lat: 40.7128, lng: -74.006 };
const HALF_WAY_ROUND_METERS = 20_015_115;

const point: fc.Arbitrary<GeoPoint> = fc.record({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lng: fc.double({ min: -180, max: 180, noNaN: true }),
});

describe('the distance between two places', () => {
  it.each([
    ['a place and itself', LONDON, LONDON, 0],
    ['London and Paris', LONDON, PARIS, 343_557],
    ['London and New York', LONDON, NEW_YORK, 5_570_230],
    ['one degree of the equator', { lat: 0, lng: 0 }, { lat: 0, lng: 1 }, 111_195],
    ['both sides of the date line', { lat: 0, lng: 179.5 }, { lat: 0, lng: -179.5 }, 111_195],
    ['antipodes', { lat: 0, lng: 0 }, { lat: 0, lng: 180 }, HALF_WAY_ROUND_METERS],
    ['the poles', { lat: 90, lng: 0 }, { lat: -90, lng: 77 }, HALF_WAY_ROUND_METERS],
  ])('%s', (_, from, to, meters) => {
    expect(Math.abs(distanceMeters(from, to) - meters)).toBeLessThanOrEqual(1);
  });

  it('is a whole number, the same both ways, and never more than half way round', () =>
    fc.assert(
      fc.property(point, point, (from, to) => {
        const meters = distanceMeters(from, to);
        expect(Number.isInteger(meters)).toBe(true);
        expect(meters).toBeLessThanOrEqual(HALF_WAY_ROUND_METERS + 1);
        expect(Math.abs(distanceMeters(to, from) - meters)).toBeLessThanOrEqual(1);
      }),
    ));
});

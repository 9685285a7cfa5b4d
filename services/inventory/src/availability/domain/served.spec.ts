import fc from 'fast-check';
import { servedOf, type Claim } from './served.js';

const LOCATIONS = ['L1', 'L2', 'L3', 'L4'];

/** By the theorem of the minimum cut: whichever claims go unserved, the others get no more than their locations have. */
const cutOf = (claims: readonly Claim[], units: ReadonlyMap<string, number>): number => {
  const cuts = Array.from({ length: 2 ** claims.length }, (_, mask) => {
    const within = claims.filter((_claim, index) => mask & (1 << index));
    const beside = claims.filter((claim) => !within.includes(claim));
    const reached = new Set(within.flatMap(({ locationIds }) => locationIds));
    return (
      [...reached].reduce((sum, id) => sum + (units.get(id) ?? 0), 0) +
      beside.reduce((sum, claim) => sum + claim.units, 0)
    );
  });
  return Math.min(...cuts);
};

it('lets who could be served from elsewhere make way', () => {
  const units = new Map([
    ['L1', 3],
    ['L2', 3],
  ]);
  const claims = [
    { units: 3, locationIds: ['L1', 'L2'] },
    { units: 3, locationIds: ['L1'] },
  ];
  expect(servedOf(claims, units)).toBe(6);
});

it('serves as many as any way of serving them could', () => {
  const claim = fc.record({ units: fc.nat(9), locationIds: fc.subarray(LOCATIONS) });
  const units = fc.array(fc.nat(9), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 6 }), units, (claims, at) => {
      const unitsAt = new Map(LOCATIONS.map((id, index) => [id, at[index]!]));
      expect(servedOf(claims, unitsAt)).toBe(cutOf(claims, unitsAt));
    }),
    { numRuns: 1_000 },
  );
});

import fc from 'fast-check';
import { unitsOf, type Lines } from './lines.js';
import { CANDIDATES_MAX, planOf, type Demand } from './plan.js';
import { stockKey, type Candidate, type Location, type Picture, type Stock } from './picture.js';
import { at, line, location, LONDON, picture, stock } from './sourcing.fixtures.js';

const demand = (lines: Lines, more: Partial<Demand> = {}): Demand => ({
  lines,
  destination: LONDON,
  onlyLocationId: null,
  bars: new Map(),
  known: [],
  ...more,
});

const A = line('a', 2);
const B = line('b', 1);
const NEAR = location('near', 1);
const FAR = location('far', 2);
const FARTHER = location('farther', 3);
const ALL = [NEAR, FAR, FARTHER];

const both = (locationId: string): Stock[] => [
  stock(locationId, 'sku-a', 5),
  stock(locationId, 'sku-b', 5),
];
const candidate = (locationId: string, terms: Partial<Candidate>): Candidate => ({
  locationId,
  chosen: false,
  eliminated: null,
  distanceMeters: 0,
  lines: 0,
  units: 0,
  servesAll: false,
  ...terms,
});

describe('the plan', () => {
  it('takes the nearest location that has everything, and says what it ranked', () => {
    const seen = picture(ALL, [...both('far'), ...both('farther'), stock('near', 'sku-a', 1)]);
    expect(planOf(demand([A, B]), seen)).toEqual({
      allocations: [at('far', A, B)],
      backorders: [],
      barred: [],
      explanation: {
        policyVersion: 'fewest-locations-then-nearest.1',
        engineVersion: 1,
        method: 'exact',
        steps: expect.any(Number),
        candidates: [
          candidate('near', { distanceMeters: 111_195, units: 1 }),
          candidate('far', {
            distanceMeters: 222_390,
            chosen: true,
            lines: 2,
            units: 3,
            servesAll: true,
          }),
          candidate('farther', { distanceMeters: 333_585, lines: 2, units: 3, servesAll: true }),
        ],
        others: { withoutStock: 0, inactive: 0, rankedLower: 0 },
      },
    });
  });

  it('prefers one far location to two near ones', () => {
    const seen = picture(ALL, [
      stock('near', 'sku-a', 2),
      stock('far', 'sku-b', 1),
      ...both('farther'),
    ]);
    expect(planOf(demand([A, B]), seen).allocations).toEqual([at('farther', A, B)]);
  });

  it('splits an order over the fewest locations where none has everything', () => {
    const seen = picture(ALL, [
      stock('near', 'sku-a', 2),
      stock('far', 'sku-b', 1),
      stock('farther', 'sku-b', 9),
    ]);
    expect(planOf(demand([A, B]), seen).allocations).toEqual([at('near', A), at('far', B)]);
  });

  it('splits a line only where no single location has it whole, into as few pieces as can be', () => {
    const wanted = line('a', 5);
    const seen = picture(ALL, [
      stock('near', 'sku-a', 1),
      stock('far', 'sku-a', 3),
      stock('farther', 'sku-a', 2),
    ]);
    expect(planOf(demand([wanted]), seen)).toMatchObject({
      allocations: [at('far', line('a', 3)), at('farther', line('a', 2))],
      backorders: [],
    });
  });

  it('backorders what no location has, and ships the rest', () => {
    const seen = picture(ALL, [stock('near', 'sku-a', 1)]);
    expect(planOf(demand([A, B]), seen)).toMatchObject({
      allocations: [at('near', line('a', 1))],
      backorders: [line('a', 1), B],
    });
  });

  it('adds up lines of one SKU, and keeps lines whole where a SKU is split', () => {
    const first = line('1', 3, 'x');
    const second = line('2', 3, 'x');
    const seen = picture(ALL, [stock('near', 'x', 3), stock('far', 'x', 4)]);
    expect(planOf(demand([first, second]), seen).allocations).toEqual([
      at('near', second),
      at('far', first),
    ]);
    const whole = picture(ALL, [stock('near', 'x', 5), stock('far', 'x', 6)]);
    expect(planOf(demand([first, second]), whole).allocations).toEqual([at('far', first, second)]);
  });

  it('ranks unknown places last, and by id where the destination is unknown', () => {
    const nowhere: Location = { locationId: 'a-nowhere', geo: null, active: true };
    const seen = picture(
      [...ALL, nowhere],
      [...both('near'), ...both('far'), ...both('a-nowhere')],
    );
    expect(planOf(demand([A, B]), seen).allocations).toEqual([at('near', A, B)]);
    const { allocations, explanation } = planOf(demand([A, B], { destination: null }), seen);
    expect(allocations).toEqual([at('a-nowhere', A, B)]);
    expect(explanation.candidates.map(({ locationId }) => locationId)).toEqual([
      'a-nowhere',
      'far',
      'near',
    ]);
  });

  it('believes what inventory said more than its picture', () => {
    const seen = picture(ALL, [...both('near'), ...both('far')]);
    const known = [stock('near', 'sku-a', 1), stock('farther', 'sku-a', 9)];
    expect(planOf(demand([A], { known }), seen).allocations).toEqual([at('far', A)]);
    const none = [stock('near', 'sku-a', 0), stock('far', 'sku-a', 0)];
    expect(planOf(demand([A], { known: none }), seen).backorders).toEqual([A]);
  });

  it('says why a location is out', () => {
    const closed = location('closed', 0.5, false);
    const seen: Picture = {
      ...picture(
        [...ALL, closed],
        [
          ...both('near'),
          ...both('far'),
          ...both('farther'),
          ...both('closed'),
          ...both('unheard-of'),
        ],
      ),
      active: 10,
      inactive: 4,
    };
    const { allocations, explanation } = planOf(
      demand([A], {
        bars: new Map([
          [stockKey('near', 'sku-a'), { sku: 'sku-a', reason: 'rejected', until: null }],
          [stockKey('far', 'sku-a'), { sku: 'sku-a', reason: 'short', until: null }],
        ]),
      }),
      seen,
    );
    expect(allocations).toEqual([at('farther', A)]);
    expect(
      explanation.candidates.map(({ locationId, eliminated }) => [locationId, eliminated]),
    ).toEqual([
      ['closed', 'inactive'],
      ['near', 'rejected-order'],
      ['far', 'fell-short'],
      ['farther', null],
      ['unheard-of', 'unknown-location'],
    ]);
    expect(explanation.others).toEqual({ withoutStock: 7, inactive: 3, rankedLower: 0 });
  });

  it('uses only the location that the order names', () => {
    const seen = picture(ALL, [...both('near'), ...both('far')]);
    const { allocations, explanation } = planOf(demand([A], { onlyLocationId: 'far' }), seen);
    expect(allocations).toEqual([at('far', A)]);
    expect(explanation.candidates[0]).toMatchObject({ eliminated: 'other-location-named' });
  });

  it('lists the best candidates and the chosen ones, and counts the others', () => {
    const many = Array.from({ length: 200 }, (_, index) =>
      location(`l${String(index).padStart(3, '0')}`, 0.01 * index),
    );
    const held = many.map(({ locationId }) => stock(locationId, 'sku-a', 1));
    const { explanation } = planOf(
      demand([A]),
      picture(many, [...held, stock('l150', 'sku-b', 1), stock('l199', 'sku-a', 2)]),
    );
    expect(explanation.candidates).toHaveLength(CANDIDATES_MAX + 1);
    expect(explanation.candidates.at(-1)).toMatchObject({ locationId: 'l199', chosen: true });
    expect(explanation.others.rankedLower).toBe(149);
  });

  it('plans a very large order among very many locations in bounded work', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => location(`l${index}`, index / 100));
    const lines = Array.from({ length: 1_100 }, (_, index) => line(`${index}`, 1 + (index % 4)));
    const held = lines.flatMap(({ sku }, index) =>
      Array.from({ length: 12 }, (_, turn) =>
        stock(`l${(index * 31 + turn * 167) % 2_000}`, sku, 1 + ((index + turn) % 5)),
      ),
    );
    const { allocations, backorders, explanation } = planOf(demand(lines), picture(many, held));
    expect(unitsOf(allocations.flatMap((each) => each.lines))).toBe(unitsOf(lines));
    expect(backorders).toEqual([]);
    expect(explanation.steps).toBeLessThan(1_000_000);
  });
});

const pictures = fc.record({
  lines: fc
    .array(
      fc.record({ sku: fc.constantFrom('x', 'y', 'z'), quantity: fc.integer({ min: 1, max: 6 }) }),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((items) => items.map((item, index) => ({ lineId: `${index}`, ...item }))),
  held: fc.uniqueArray(
    fc.record({
      locationId: fc.constantFrom('a', 'b', 'c', 'd'),
      sku: fc.constantFrom('x', 'y', 'z'),
      available: fc.integer({ min: 1, max: 8 }),
    }),
    { selector: ({ locationId, sku }) => stockKey(locationId, sku) },
  ),
});
/** Two and two lie at the same distance, so that ties must be broken alike. */
const PLACES = ['a', 'b', 'c', 'd'].map((id, index) => location(id, Math.floor(index / 2)));

describe('any plan', () => {
  it('asks no location for more than it has, and accounts for every unit', () =>
    fc.assert(
      fc.property(pictures, ({ lines, held }) => {
        const { allocations, backorders } = planOf(demand(lines), picture(PLACES, held));
        for (const { lines: given } of allocations) expect(given).not.toEqual([]);
        for (const { locationId, lines: given } of allocations)
          for (const sku of ['x', 'y', 'z']) {
            const available = held.find(
              (one) => one.locationId === locationId && one.sku === sku,
            )?.available;
            const asked = unitsOf(given.filter((each) => each.sku === sku));
            expect(asked).toBeLessThanOrEqual(available ?? 0);
          }
        const planned = [...allocations.flatMap((each) => each.lines), ...backorders];
        for (const { lineId, quantity } of lines)
          expect(unitsOf(planned.filter((each) => each.lineId === lineId))).toBe(quantity);
      }),
    ));

  it('backorders nothing that someone has', () =>
    fc.assert(
      fc.property(pictures, ({ lines, held }) => {
        const { backorders } = planOf(demand(lines), picture(PLACES, held));
        for (const sku of ['x', 'y', 'z']) {
          const wanted = unitsOf(lines.filter((each) => each.sku === sku));
          const available = held
            .filter((each) => each.sku === sku)
            .reduce((sum, each) => sum + each.available, 0);
          const missing = unitsOf(backorders.filter((each) => each.sku === sku));
          expect(missing).toBe(Math.max(0, wanted - available));
        }
      }),
    ));

  it('is the same, byte for byte, in whatever order the picture was read', () =>
    fc.assert(
      fc.property(
        pictures.chain(({ lines, held }) =>
          fc.record({
            lines: fc.constant(lines),
            held: fc.constant(held),
            shuffled: fc.shuffledSubarray(held, { minLength: held.length }),
            places: fc.shuffledSubarray(PLACES, { minLength: PLACES.length }),
          }),
        ),
        ({ lines, held, shuffled, places }) =>
          expect(JSON.stringify(planOf(demand(lines), picture(places, shuffled)))).toBe(
            JSON.stringify(planOf(demand(lines), picture(PLACES, held))),
          ),
      ),
    ));
});

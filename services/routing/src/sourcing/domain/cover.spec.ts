import fc from 'fast-check';
import { chooseLocations, type Option, type Want } from './cover.js';

const option = (locationId: string, cost: number): Option => ({ locationId, cost });
const want = (target: number, ...holders: [candidate: number, quantity: number][]): Want => ({
  target,
  holders: holders.map(([candidate, quantity]) => ({ candidate, quantity })),
});

/** Every subset, the slow way. */
const bestByHand = (wants: readonly Want[], options: readonly Option[]) => {
  let best: { size: number; cost: number } | undefined;
  for (let mask = 0; mask < 2 ** options.length; mask += 1) {
    const isIn = (candidate: number): boolean => Math.floor(mask / 2 ** candidate) % 2 === 1;
    const covers = wants.every(
      ({ target, holders }) =>
        holders.reduce(
          (sum, { candidate, quantity }) => sum + (isIn(candidate) ? quantity : 0),
          0,
        ) >= target,
    );
    if (!covers) continue;
    const chosen = options.filter((_, candidate) => isIn(candidate));
    const size = chosen.length;
    const cost = chosen.reduce((sum, each) => sum + each.cost, 0);
    if (!best || size < best.size || (size === best.size && cost < best.cost))
      best = { size, cost };
  }
  return best!;
};

const problem = fc.integer({ min: 1, max: 7 }).chain((count) =>
  fc.record({
    options: fc
      .array(fc.integer({ min: 0, max: 50 }), { minLength: count, maxLength: count })
      .map((costs) =>
        costs.sort((a, b) => a - b).map((cost, index) => option(`location-${index}`, cost)),
      ),
    wants: fc.array(
      fc.array(fc.nat(4), { minLength: count, maxLength: count }).chain((quantities) =>
        fc.record({
          quantities: fc.constant(quantities),
          wanted: fc.integer({ min: 1, max: 9 }),
        }),
      ),
      { minLength: 1, maxLength: 8 },
    ),
  }),
);

/** As the plan makes them: whole where someone has it whole, otherwise in pieces. */
const wantsOf = (made: readonly { quantities: readonly number[]; wanted: number }[]): Want[] =>
  made.flatMap(({ quantities, wanted }) => {
    const able = quantities.map((quantity, candidate) => ({
      candidate,
      quantity: Math.min(quantity, wanted),
    }));
    const whole = able.filter(({ quantity }) => quantity === wanted);
    const holders = whole.length > 0 ? whole : able.filter(({ quantity }) => quantity > 0);
    const target = Math.min(
      wanted,
      holders.reduce((sum, { quantity }) => sum + quantity, 0),
    );
    return target > 0 ? [{ target, holders }] : [];
  });

describe('choosing locations', () => {
  it('chooses nobody for nothing', () =>
    expect(chooseLocations([], [option('a', 1)])).toEqual({
      chosen: [],
      method: 'exact',
      steps: 0,
    }));

  it('takes the nearest of those that have everything', () => {
    const options = [option('near', 1), option('far', 2), option('farther', 3)];
    const wants = [want(1, [0, 1], [1, 1], [2, 1]), want(1, [1, 1], [2, 1])];
    expect(chooseLocations(wants, options).chosen).toEqual([1]);
  });

  it('finds two where the greedy choice needs three', () => {
    const options = [option('big', 1), option('left', 2), option('right', 3)];
    const wants = [
      want(2, [0, 2], [1, 2]),
      want(2, [0, 2], [2, 2]),
      want(1, [1, 1]),
      want(1, [2, 1]),
      want(1, [0, 1], [1, 1]),
    ];
    expect(chooseLocations(wants, options)).toMatchObject({ chosen: [1, 2], method: 'exact' });
  });

  it('finds a nearer pair than the greedy one, also where both fit to the unit', () => {
    const options = [option('a', 1), option('b', 2), option('c', 3), option('d', 10)];
    const wants = [
      want(1, [0, 1], [1, 1]),
      want(1, [1, 1], [3, 1]),
      want(1, [0, 1], [2, 1]),
      want(1, [2, 1], [3, 1]),
    ];
    expect(chooseLocations(wants, options)).toMatchObject({ chosen: [1, 2], method: 'exact' });
  });

  it('breaks ties by the ids of the locations', () => {
    const options = [option('a', 5), option('b', 5), option('c', 5), option('d', 5)];
    const wants = [want(1, [1, 1], [3, 1]), want(1, [0, 1], [2, 1])];
    expect(chooseLocations(wants, options).chosen).toEqual([0, 1]);
  });

  it('is never worse than trying every set of locations', () =>
    fc.assert(
      fc.property(problem, ({ options, wants: made }) => {
        const wants = wantsOf(made);
        const { chosen, method } = chooseLocations(wants, options);
        const cost = chosen.reduce((sum, candidate) => sum + options[candidate]!.cost, 0);
        expect({ method, size: chosen.length, cost }).toEqual({
          method: 'exact',
          ...bestByHand(wants, options),
        });
      }),
      { numRuns: 500 },
    ));

  it('stops after so many steps on a problem without end, still covers all, and says how sure it is', () => {
    const options = Array.from({ length: 60 }, (_, index) => option(`l${index}`, index));
    const wants = Array.from({ length: 200 }, (_, index) =>
      want(1, ...[7, 11, 13].map((step): [number, number] => [(index * step + step) % 60, 1])),
    ).map(({ target, holders }) => ({
      target,
      holders: [...new Map(holders.map((holder) => [holder.candidate, holder])).values()].sort(
        (a, b) => a.candidate - b.candidate,
      ),
    }));
    const first = chooseLocations(wants, options);
    expect(['greedy', 'bounded']).toContain(first.method);
    expect(first.steps).toBeLessThan(60_000);
    const inPlan = new Set(first.chosen);
    for (const { holders } of wants)
      expect(holders.some(({ candidate }) => inPlan.has(candidate))).toBe(true);
    expect(chooseLocations(wants, options)).toEqual(first);
  });
});

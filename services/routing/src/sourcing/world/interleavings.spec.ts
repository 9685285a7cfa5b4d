import fc from 'fast-check';
import { unitsOf } from '../domain/lines.js';
import { World } from './world.fixtures.js';

const LOCATIONS = ['A', 'B', 'C'];
const SKUS = ['x', 'y'];

const lines = fc
  .array(fc.record({ sku: fc.constantFrom(...SKUS), quantity: fc.integer({ min: 1, max: 5 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((items) => items.map((item, index) => ({ lineId: `l${index}`, ...item })));

const stock = fc.array(fc.nat(6), { minLength: 6, maxLength: 6 });

type Step = readonly [action: number, choice: number, quantity: number];
const steps = fc.array(fc.tuple(fc.nat(19), fc.nat(1_000), fc.integer({ min: 1, max: 4 })), {
  minLength: 20,
  maxLength: 120,
  size: 'max',
});

/** Mostly deliveries, so that stories get somewhere; facts and repetitions between them. */
const act = async (world: World, [action, choice, quantity]: Step): Promise<void> => {
  const locationId = LOCATIONS[choice % LOCATIONS.length]!;
  const sku = SKUS[choice % SKUS.length]!;
  switch (action) {
    case 0:
      return world.customer.cancel(choice, quantity);
    case 1:
      return world.inventory.receive(locationId, sku, quantity);
    case 2:
      return world.inventory.loseAll(locationId, sku);
    case 3:
      return world.inventory.expireOffers();
    case 4:
      return world.floor.short(choice, quantity);
    case 5:
      return world.floor.reject(choice);
    case 6:
      return world.floor.handOver(choice, quantity);
    case 7:
      return world.look();
    case 8:
    case 9:
      return world.repeat(choice);
    default:
      await world.deliver(choice);
  }
};

const quantityOf = (
  all: readonly { readonly lineId: string; readonly quantity: number }[],
  lineId: string,
): number => unitsOf(all.filter((line) => line.lineId === lineId) as never);

const wholeStory = async (
  onlyLocationId: string | null,
  ordered: readonly { lineId: string; sku: string; quantity: number }[],
  held: readonly number[],
  story: readonly Step[],
): Promise<World> => {
  const world = new World(LOCATIONS, ordered, onlyLocationId);
  held.forEach((quantity, index) =>
    world.inventory.onHand.set(`${LOCATIONS[index % 3]} ${SKUS[index % 2]}`, quantity),
  );
  world.look();
  world.approve();
  for (const step of story) await act(world, step);
  await world.rest();
  return world;
};

const isAtRest = ({ state, inventory, floor, customer, ordered }: World): void => {
  expect(state.inFlight).toBeNull();
  expect(state.recalls.size).toBe(0);
  expect(state.offers).toEqual([]);
  if (state.failure === null) expect(state.open).toEqual([]);
  for (const { lineId, quantity } of ordered) {
    const waiting = quantityOf(state.waiting, lineId);
    const open = quantityOf(state.open, lineId);
    const work = [...state.work.values()].flatMap((at) => at.lines);
    const cancelled = customer.cancelled(lineId);
    expect(cancelled + customer.refused(lineId)).toBe(customer.requested(lineId));
    expect(open + waiting + quantityOf(work, lineId)).toBe(quantity - cancelled);
    expect(floor.active(lineId)).toBe(quantityOf(work, lineId));
    expect(inventory.queued(lineId)).toBe(waiting);
    const held = floor.active(lineId) - floor.handedOver(lineId);
    if (inventory.revocations === 0) expect(inventory.reserved(lineId)).toBe(held);
    else expect(inventory.reserved(lineId)).toBeLessThanOrEqual(held);
  }
  if (inventory.revocations === 0) expect(inventory.surplusReleases).toBe(0);
};

describe('sourcing among its neighbours, in any interleaving', () => {
  it('comes to rest with every unit accounted for, by everybody alike', () =>
    fc.assert(
      fc.asyncProperty(lines, stock, steps, async (ordered, held, story) =>
        isAtRest(await wholeStory(null, ordered, held, story)),
      ),
      { numRuns: 300 },
    ));

  it('does so for goods that one location alone may hand over', () =>
    fc.assert(
      fc.asyncProperty(lines, stock, steps, async (ordered, held, story) => {
        const world = await wholeStory('B', ordered, held, story);
        isAtRest(world);
        expect(world.floor.work.every(({ locationId }) => locationId === 'B')).toBe(true);
      }),
      { numRuns: 100 },
    ));
});

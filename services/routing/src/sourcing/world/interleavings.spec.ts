import fc from 'fast-check';
import { unitsOf } from '../domain/lines.js';
import type { OrderedLine } from '../domain/sourcing.js';
import type { HoldRow } from './holds.fixtures.js';
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

/** Lines of which some name one of two holds. */
const linesWithHolds = fc
  .tuple(lines, fc.array(fc.constantFrom('h1', 'h2', undefined), { minLength: 4, maxLength: 4 }))
  .map(([ordered, names]) =>
    ordered.map((line, index): OrderedLine => {
      const reservationId = names[index];
      return reservationId === undefined ? line : { ...line, reservationId };
    }),
  );
/** What the holds have, which may be less than the lines want of them, or more, or of other goods. */
const holds = fc.array(
  fc.record({
    reservationId: fc.constantFrom('h1', 'h2'),
    sku: fc.constantFrom(...SKUS),
    locationId: fc.constantFrom(...LOCATIONS),
    quantity: fc.integer({ min: 1, max: 6 }),
  }),
  { maxLength: 4 },
);

type Step = readonly [action: number, choice: number, quantity: number];
const steps = fc.array(fc.tuple(fc.nat(23), fc.nat(1_000), fc.integer({ min: 1, max: 4 })), {
  minLength: 20,
  maxLength: 120,
  size: 'max',
});

/** Little besides cancellations, shorts, rejections, counts and hand-overs of goods that are there. */
const crossingSteps = fc.array(
  fc.tuple(
    fc.constantFrom(0, 0, 0, 2, 4, 4, 5, 6, 10, 12, 13, ...Array.from({ length: 12 }, () => 23)),
    fc.nat(1_000),
    fc.integer({ min: 1, max: 4 }),
  ),
  { minLength: 20, maxLength: 120, size: 'max' },
);

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
      return world.inventory.count(locationId, sku, quantity - 1);
    case 3:
      return world.inventory.expireOffers();
    case 4:
      return world.floor.short(choice, quantity);
    case 5:
      return world.floor.reject(choice, quantity);
    case 6:
      return world.floor.handOver(choice, quantity);
    case 7:
      return world.look();
    case 8:
      return world.inventory.expireHold(choice % 2 === 0 ? 'h1' : 'h2');
    case 9:
      return world.inventory.shrinkHold(choice, quantity);
    case 10:
      return world.resume();
    case 11:
      return world.inventory.movePromises(`2026-12-0${quantity}T00:00:00.000Z`);
    case 12:
      return world.customer.sourceAgain(choice, quantity, choice % 2 === 0 && quantity > 2);
    case 13:
      return world.repeat(choice);
    default:
      await world.deliver(choice);
  }
};

const quantityOf = (
  all: readonly { readonly lineId: string; readonly quantity: number }[],
  lineId: string,
): number => unitsOf(all.filter((line) => line.lineId === lineId) as never);

type Setting = {
  readonly onlyLocationId?: string;
  readonly ordered: readonly OrderedLine[];
  readonly stock: readonly number[];
  readonly holds?: readonly HoldRow[];
  /** A SKU that the catalogue lacks until goods of it come, at the end at the latest. */
  readonly unknownSku?: string;
};

const wholeStory = async (setting: Setting, story: readonly Step[]): Promise<World> => {
  const { onlyLocationId = null, ordered, stock: units, holds: rows = [], unknownSku } = setting;
  const world = new World(LOCATIONS, ordered, onlyLocationId);
  units.forEach((quantity, index) =>
    world.inventory.receive(LOCATIONS[index % 3]!, SKUS[index % 2]!, quantity),
  );
  // What a hold has lay on the shelf before, and is nobody else's.
  for (const { locationId, sku, quantity } of rows)
    world.inventory.receive(locationId, sku, quantity);
  world.inventory.holds.rows = [...rows];
  if (unknownSku !== undefined) {
    for (const locationId of LOCATIONS) world.inventory.loseAll(locationId, unknownSku);
    world.inventory.unknown.add(unknownSku);
  }
  world.look();
  world.approve();
  for (const step of story) await act(world, step);
  await world.rest();
  world.inventory.unknown.clear();
  world.resume();
  await world.rest();
  return world;
};

const isAtRest = ({ state, inventory, floor, customer, ordered }: World): void => {
  expect(state.inFlight).toBeNull();
  expect(state.recalls.size).toBe(0);
  expect(state.heldBack).toEqual([]);
  expect(state.offers).toEqual([]);
  if (state.failure === null) expect(state.open).toEqual([]);
  for (const { lineId, promisedOn } of state.waiting)
    expect(promisedOn).toBe(inventory.queue.promisedOn(lineId));
  for (const { lineId, quantity } of ordered) {
    const waiting = quantityOf(state.waiting, lineId);
    const open = quantityOf(state.open, lineId);
    const work = [...state.work.values()].flatMap((at) => at.lines);
    const cancelled = customer.cancelled(lineId);
    expect(cancelled + customer.refused(lineId)).toBe(customer.requested(lineId));
    // A cancellation is refused for goods that were handed over, and for nothing else.
    expect(customer.unwanted(lineId) - cancelled).toBeLessThanOrEqual(floor.handedOver(lineId));
    const wanted = quantity + customer.again(lineId) - cancelled;
    expect(open + waiting + quantityOf(work, lineId)).toBe(wanted);
    expect(floor.active(lineId)).toBe(quantityOf(work, lineId));
    expect(inventory.queue.units(lineId)).toBe(waiting);
    const held = floor.active(lineId) - floor.handedOver(lineId);
    if (inventory.revocations === 0) expect(inventory.reserved(lineId)).toBe(held);
    else expect(inventory.reserved(lineId)).toBeLessThanOrEqual(held);
  }
  if (inventory.revocations === 0) expect(inventory.surplusReleases).toBe(0);
};

describe('sourcing among its neighbours, in any interleaving', () => {
  it('comes to rest with every unit accounted for, by everybody alike', () =>
    fc.assert(
      fc.asyncProperty(lines, stock, steps, async (ordered, units, story) =>
        isAtRest(await wholeStory({ ordered, stock: units }, story)),
      ),
      { numRuns: 300 },
    ));

  it('does so while cancellations cross what locations give up by themselves', () =>
    fc.assert(
      fc.asyncProperty(lines, crossingSteps, async (ordered, story) =>
        isAtRest(await wholeStory({ ordered, stock: [9, 9, 9, 9, 9, 9] }, story)),
      ),
      { numRuns: 600 },
    ));

  it('does so for orders that name holds, which last, shrink and end', () =>
    fc.assert(
      fc.asyncProperty(linesWithHolds, holds, stock, steps, async (ordered, rows, units, story) =>
        isAtRest(await wholeStory({ ordered, stock: units, holds: rows }, story)),
      ),
      { numRuns: 300 },
    ));

  it('takes over what the holds have, wherever it lies, when nothing else happens', () =>
    fc.assert(
      fc.asyncProperty(linesWithHolds, stock, async (ordered, units) => {
        const named = ordered.filter(({ reservationId }) => reservationId !== undefined);
        const rows = named.map(({ reservationId, sku, quantity }, index) => {
          const locationId = LOCATIONS[index % LOCATIONS.length]!;
          return { reservationId: reservationId!, sku, locationId, quantity };
        });
        const world = await wholeStory({ ordered, stock: units, holds: rows }, []);
        isAtRest(world);
        for (const { lineId, quantity } of named) expect(world.floor.active(lineId)).toBe(quantity);
        expect(world.inventory.holds.rows).toEqual([]);
      }),
      { numRuns: 100 },
    ));

  it('does so for SKUs that the catalogue lacks for a while', () =>
    fc.assert(
      fc.asyncProperty(linesWithHolds, holds, stock, steps, async (ordered, rows, units, story) => {
        const setting = { ordered, stock: units, holds: rows, unknownSku: 'y' };
        const world = await wholeStory(setting, story);
        isAtRest(world);
        expect(world.state.failure).not.toBe('unknown-sku');
      }),
      { numRuns: 200 },
    ));

  it('does so for goods that one location alone may hand over', () =>
    fc.assert(
      fc.asyncProperty(linesWithHolds, holds, stock, steps, async (ordered, rows, units, story) => {
        const setting = { onlyLocationId: 'B', ordered, stock: units, holds: rows };
        const stays = story.filter(([action]) => action !== 12);
        const world = await wholeStory(setting, stays);
        isAtRest(world);
        expect(world.floor.work.every(({ locationId }) => locationId === 'B')).toBe(true);
      }),
      { numRuns: 100 },
    ));
});

import { at, line } from '../inventory.fixtures.js';
import { market, type Market } from './listings.fixtures.js';
import { tellerOf } from './telling.js';

describe('what routing is told of kits', () => {
  let inventory: Market;
  const compose = (...parts: (readonly [string, number])[]) =>
    inventory.http('PUT', '/v1/inventory/items/KIT', {
      name: 'Kit',
      components: parts.map(([sku, quantity]) => ({ sku, quantity })),
    });
  const told = () => inventory.toldRouting('KIT');

  beforeEach(async () => {
    inventory = await market();
    await inventory.catalogue(['A', 'B'], ['L1', 'L2']);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('is how many can be made where, whenever that changes', async () => {
    await compose(['A', 2], ['B', 1]);
    await inventory.receive('A', 'L1', 7);
    await inventory.receive('B', 'L2', 9);
    await inventory.passOn();
    expect(await told()).toEqual([]);
    await inventory.receive('B', 'L1', 5);
    await inventory.passOn();
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 1))]);
    await inventory.passOn();
    await inventory.propose('o2', 1, [at('L1', line('1', 'KIT', 3))]);
    await inventory.passOn();
    expect(await told()).toEqual([
      ['L1', 3, 1],
      ['L1', 0, 2],
    ]);
  });

  it('follows what the kit consists of', async () => {
    await inventory.receive('A', 'L1', 8);
    await inventory.receive('B', 'L2', 2);
    await compose(['A', 2]);
    await inventory.seeToDue();
    await compose(['A', 3]);
    await inventory.seeToDue();
    await compose(['B', 1]);
    await inventory.seeToDue();
    expect(await told()).toEqual([
      ['L1', 4, 1],
      ['L1', 2, 2],
      ['L1', 0, 3],
      ['L2', 2, 1],
    ]);
  });

  it('goes on where the item stopped that becomes a kit, and for the item that is one no more', async () => {
    await inventory.catalogue(['KIT'], []);
    await inventory.receive('KIT', 'L1', 2);
    const count = { type: 'count', sku: 'KIT', locationId: 'L1', quantity: 0, reason: 'count' };
    await inventory.http('POST', '/v1/inventory/movements', count);
    await inventory.receive('A', 'L1', 6);
    await inventory.receive('A', 'L2', 4);
    await compose(['A', 1]);
    await inventory.seeToDue();
    await compose();
    await inventory.seeToDue();
    await inventory.receive('KIT', 'L2', 5);
    await inventory.passOn();
    await inventory.receive('KIT', 'L2', 1);
    await inventory.passOn();
    expect(await told()).toEqual([
      ['L1', 2, 1],
      ['L1', 0, 2],
      ['L1', 6, 3],
      ['L2', 4, 1],
      ['L1', 0, 4],
      ['L2', 0, 2],
      ['L2', 5, 1],
      ['L2', 5, 3],
      ['L2', 6, 2],
      ['L2', 6, 4],
    ]);
  });

  it('is told once by many at the same time, and never of an older state', async () => {
    await compose(['A', 1]);
    const tellers = Array.from({ length: 4 }, () => tellerOf(inventory.runtime));
    for (let round = 0; round < 10; round += 1)
      await Promise.all([inventory.receive('A', 'L1', 1), ...tellers.map((tell) => tell(['A']))]);
    await Promise.all(tellers.map((tell) => tell(['A'])));
    const states = await told();
    expect(states.at(-1)![1]).toBe(10);
    states.forEach(([, available, version], index) => {
      expect(version).toBe(index + 1);
      expect(available).toBeGreaterThan(states[index - 1]?.[1] ?? 0);
    });
  });
});

import { readFile } from 'node:fs/promises';
import { TransientError } from '@throughline/kernel';
import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';

const KIT = 'TEA-SET';

describe('a kit that comes back', () => {
  let inventory: Warehouse;
  const set = (quantity: number) => line('1', KIT, quantity);
  const back = (quantity: number, disposition = 'restock') => [
    { ...set(quantity), disposition: disposition as 'restock' },
  ];
  const compose = async (...components: (readonly [string, number])[]) => {
    const { status } = await inventory.http('PUT', `/v1/inventory/items/${KIT}`, {
      name: 'Tea set',
      components: components.map(([sku, quantity]) => ({ sku, quantity })),
    });
    expect(status).toBeLessThan(300);
  };
  /** Units on hand at the location that takes goods back. */
  const restocked = async () =>
    Object.fromEntries(
      ((await inventory.items('stock?locationId=L2')) as { sku: string; onHand: number }[]).map(
        ({ sku, onHand }) => [sku, onHand],
      ),
    );
  const sell = async (orderId: string, attempt: number, quantity: number) => {
    await inventory.propose(orderId, attempt, [at('L1', set(quantity))]);
    await inventory.handOver(orderId, attempt, 'L1', [set(quantity)]);
  };

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['CUP', 'POT', 'LID'], ['L1', 'L2']);
    await compose(['CUP', 4], ['POT', 1]);
    for (const sku of ['CUP', 'POT', 'LID']) await inventory.receive(sku, 'L1', 40);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('restocks what was sold, whatever it consists of now', async () => {
    await sell('o1', 1, 2);
    await compose(['LID', 3]);
    await inventory.takeBack('o1', 'L2', back(1), 'r1');
    expect(await restocked()).toEqual({ CUP: 4, POT: 1 });
    await inventory.takeBack('o1', 'L2', back(1), 'r1');
    expect(await restocked()).toEqual({ CUP: 4, POT: 1 });
    await compose();
    await inventory.takeBack('o1', 'L2', back(1, 'repair'), 'r2');
    expect(await inventory.items('stock?locationId=L2')).toMatchObject([
      { sku: 'CUP', onHand: 4, setAside: { repair: 4 } },
      { sku: 'POT', onHand: 1, setAside: { repair: 1 } },
    ]);
  });

  it('restocks first what left first, and no composition more often than it left', async () => {
    await sell('o1', 1, 1);
    await compose(['LID', 3]);
    await sell('o1', 2, 2);
    await compose(['POT', 1]);
    await inventory.takeBack('o1', 'L2', back(2), 'r1');
    expect(await restocked()).toEqual({ CUP: 4, LID: 3, POT: 1 });
    await inventory.takeBack('o1', 'L2', back(1), 'r2');
    expect(await restocked()).toEqual({ CUP: 4, LID: 6, POT: 1 });
    // More than left: nothing tells what that was but the catalogue.
    await inventory.takeBack('o1', 'L2', back(1), 'r3');
    expect(await restocked()).toEqual({ CUP: 4, LID: 6, POT: 2 });
  });

  it('is known as it left also where its reservation had been revoked', async () => {
    await inventory.propose('o1', 1, [at('L1', set(1))]);
    await inventory.http('POST', '/v1/inventory/movements', {
      type: 'count',
      sku: 'POT',
      locationId: 'L1',
      quantity: 0,
      reason: 'count',
    });
    await compose(['LID', 3]);
    await inventory.handOver('o1', 1, 'L1', [set(1)]);
    await inventory.takeBack('o1', 'L2', back(1));
    expect(await restocked()).toEqual({ CUP: 4, POT: 1 });
    expect(await inventory.stock('LID', 'L1')).toMatchObject({ onHand: 40 });
  });

  it('that left before such were kept is known by its reservation', async () => {
    await sell('o1', 1, 2);
    const { database } = inventory.runtime;
    await database.query('delete from issued_kits');
    const file = new URL('../../migrations/006_issued_kits.sql', import.meta.url);
    const migration = await readFile(file, 'utf8');
    await database.query(migration.slice(migration.indexOf('insert into')));
    await compose(['LID', 3]);
    await inventory.takeBack('o1', 'L2', back(1));
    expect(await restocked()).toEqual({ CUP: 4, POT: 1 });
  });

  it('waits for its hand-over, which may be told later', async () => {
    await inventory.propose('o1', 1, [at('L1', set(1))]);
    await compose(['LID', 3]);
    const tooEarly = inventory.takeBack('o1', 'L2', back(1), 'r1');
    await expect(tooEarly).rejects.toBeInstanceOf(TransientError);
    expect(await restocked()).toEqual({});
    await inventory.handOver('o1', 1, 'L1', [set(1)]);
    await inventory.takeBack('o1', 'L2', back(1), 'r1');
    expect(await restocked()).toEqual({ CUP: 4, POT: 1 });
  });

  it('restocks what it was made of although it leaves in the same batch', async () => {
    await inventory.propose('o1', 1, [at('L1', set(1))]);
    await compose(['LID', 3]);
    await Promise.all([
      inventory.handOver('o1', 1, 'L1', [set(1)]),
      inventory.takeBack('o1', 'L2', back(1)),
    ]);
    expect(await restocked()).toEqual({ CUP: 4, POT: 1 });
  });

  it('restocks the parts of a part that has become a kit itself', async () => {
    await compose(['POT', 1]);
    await sell('o1', 1, 2);
    await compose();
    await inventory.http('POST', '/v1/inventory/movements', {
      type: 'count',
      sku: 'POT',
      locationId: 'L1',
      quantity: 0,
      reason: 'count',
    });
    const components = [{ sku: 'LID', quantity: 2 }];
    const body = { name: 'Pot', components };
    expect((await inventory.http('PUT', '/v1/inventory/items/POT', body)).status).toBe(200);
    await inventory.takeBack('o1', 'L2', back(1));
    expect(await restocked()).toEqual({ LID: 2 });
  });
});

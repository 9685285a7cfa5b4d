import { until } from '@throughline/testing';
import { at, line } from '../inventory.fixtures.js';
import { market, type Market } from './listings.fixtures.js';
import { tellerOf } from './telling.js';

describe('what channels are told', () => {
  let inventory: Market;
  const told = async () =>
    (await inventory.toldChannels()).map(({ channel, sku, state, available, version }) => [
      `${channel} ${sku}`,
      state,
      available,
      version,
    ]);
  const count = async (quantity: number, sku = 'A', locationId = 'L1') => {
    const body = { type: 'count', sku, locationId, quantity, reason: 'count' };
    await inventory.http('POST', '/v1/inventory/movements', body);
  };
  const buy = (orderId: string, quantity: number, channel = 'market') =>
    inventory.propose(orderId, 1, [at('L1', line('1', 'A', quantity))], { channel });
  const everything = async () => {
    await inventory.seeToDue();
    await inventory.passOn();
  };

  beforeEach(async () => {
    inventory = await market();
    await inventory.catalogue(['A', 'B'], ['L1', 'L2']);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('is that they can sell some, or none, and nothing in between', async () => {
    await inventory.share('A', null);
    await everything();
    await count(5);
    await everything();
    await count(3);
    await everything();
    await count(0);
    await everything();
    expect(await told()).toEqual([
      ['market A', 'out-of-stock', 0, 1],
      ['market A', 'in-stock', 5, 2],
      ['market A', 'out-of-stock', 0, 3],
    ]);
  });

  it('leaves the buffer of every shelf out, and locations that take no part', async () => {
    await inventory.share('A', null, 2);
    await inventory.share('A', null, 0, 'web');
    await count(2);
    await count(2, 'A', 'L2');
    await everything();
    await count(3, 'A', 'L2');
    await everything();
    const closed = { type: 'store', name: 'L2', address: { country: 'GB' }, active: false };
    await inventory.http('PUT', '/v1/inventory/locations/L2', closed);
    await everything();
    expect(await told()).toEqual([
      ['market A', 'out-of-stock', 0, 1],
      ['web A', 'in-stock', 4, 1],
      ['market A', 'in-stock', 1, 2],
      ['market A', 'out-of-stock', 0, 3],
    ]);
  });

  it('follows the share, whether or not a shelf can promise more or less', async () => {
    await count(10);
    await inventory.share('A', 2);
    await everything();
    await buy('o1', 2);
    await everything();
    expect((await told()).at(-1)).toEqual(['market A', 'out-of-stock', 0, 2]);
    // One gives back what the other takes: the shelf can promise as much as before.
    await Promise.all([inventory.release('o1', { closesAttempt: 1 }), buy('o2', 2, 'web')]);
    await everything();
    expect((await told()).at(-1)).toEqual(['market A', 'in-stock', 2, 3]);
    await inventory.share('A', 0);
    await everything();
    await inventory.share('A', null);
    await everything();
    expect((await told()).slice(3)).toEqual([
      ['market A', 'out-of-stock', 0, 4],
      ['market A', 'in-stock', 8, 5],
    ]);
  });

  it('follows the share of goods that are supplied on demand, whose shelf never changes', async () => {
    await inventory.http('PUT', '/v1/inventory/stock/A/L1', { uncounted: true });
    await inventory.share('A', 3);
    await everything();
    await buy('o1', 3);
    await everything();
    await inventory.release('o1', { closesAttempt: 1 });
    await everything();
    expect(await told()).toEqual([
      ['market A', 'in-stock', 3, 1],
      ['market A', 'out-of-stock', 0, 2],
      ['market A', 'in-stock', 3, 3],
    ]);
  });

  it('is of a kit what can be made of it at one place', async () => {
    const components = [
      { sku: 'A', quantity: 2 },
      { sku: 'B', quantity: 1 },
    ];
    await inventory.http('PUT', '/v1/inventory/items/KIT', { name: 'Kit', components });
    await inventory.share('KIT', null);
    await count(3);
    await count(1, 'B', 'L2');
    await everything();
    await count(1, 'B');
    await everything();
    await inventory.http('PUT', '/v1/inventory/items/KIT', {
      name: 'Kit',
      components: [{ sku: 'A', quantity: 4 }],
    });
    await everything();
    expect(await told()).toEqual([
      ['market KIT', 'out-of-stock', 0, 1],
      ['market KIT', 'in-stock', 1, 2],
      ['market KIT', 'out-of-stock', 0, 3],
    ]);
  });

  it('is told once, however many replicas look and however often a message comes', async () => {
    await inventory.share('A', null);
    await inventory.share('A', null, 1, 'web');
    const tellers = Array.from({ length: 6 }, () => tellerOf(inventory.runtime));
    for (const quantity of [2, 0, 2, 0]) {
      await count(quantity);
      await Promise.all(tellers.map((tell) => tell(['A', 'B'])));
    }
    await everything();
    await everything();
    const states = await told();
    expect(states).toHaveLength(8);
    for (const channel of ['market A', 'web A'])
      expect(states.flatMap(([name, state]) => (name === channel ? [state] : []))).toEqual([
        'in-stock',
        'out-of-stock',
        'in-stock',
        'out-of-stock',
      ]);
  });

  it('is right in the end, whatever changes while it is told', async () => {
    await inventory.share('A', null);
    const tellers = Array.from({ length: 3 }, () => tellerOf(inventory.runtime));
    for (let round = 0; round < 25; round += 1) {
      const last = round % 2;
      await Promise.all([
        count(1 - last).then(() => count(last)),
        ...tellers.map((tell) => tell(['A'])),
      ]);
      // The message of the last change comes after it, and meets whoever is still at it.
      await Promise.all(tellers.map((tell) => tell(['A'])));
      const { body } = await inventory.http('GET', '/v1/inventory/channels/market/listings/A');
      expect([body.available, body.state]).toEqual([last, last ? 'in-stock' : 'out-of-stock']);
    }
    const states = (await inventory.toldChannels()).map(({ state, version }) => [state, version]);
    states.forEach(([state, version], index) => {
      expect(version).toBe(index + 1);
      expect(state).not.toBe(states[index - 1]?.[0]);
    });
  });

  /** What is at work meanwhile waits for the lock. Answers what `work` answers, once the lock is given back. */
  const whileLocked = async <Answer>(
    lock: string,
    work: () => Promise<Answer>,
    meanwhile: () => Promise<unknown>,
  ): Promise<Answer> => {
    const { database } = inventory.runtime;
    const { working } = await database.transaction(async (tx) => {
      await tx.query(lock);
      const working = work();
      const waiting = 'select from pg_locks where not granted';
      await until(async () => (await database.query(waiting)).length > 0);
      await meanwhile();
      return { working };
    });
    return working;
  };

  it('is what is so when it is their turn, not what was so when they began to look', async () => {
    await count(1);
    await inventory.share('A', null);
    await everything();
    await count(0);
    const tell = tellerOf(inventory.runtime);
    await whileLocked(
      'select from listings for update',
      () => tell(['A']),
      () => count(1),
    );
    await everything();
    expect(await told()).toEqual([['market A', 'in-stock', 1, 1]]);
  });

  it('is looked at again by who told, since others looked before that could be seen', async () => {
    await count(1);
    await inventory.share('A', null);
    await everything();
    await count(0);
    const { database } = inventory.runtime;
    const [first, second] = [tellerOf(inventory.runtime), tellerOf(inventory.runtime)];
    await whileLocked(
      'select from log_head for update',
      () => first(['A']),
      async () => {
        await database.query(`with moved as (
            update balances set on_hand = 1, version = version + 1 returning *
          ), noted as (
            insert into shelf_history
              (sku, location_id, at, version, on_hand, reserved, safety_stock, uncounted)
            select sku, location_id, now(), version, on_hand, reserved, safety_stock, uncounted
            from moved
          )
          insert into movements (type, sku, location_id, quantity, before, after, cause, at)
          values ('receipt', 'A', 'L1', 1, 0, 1, 'test', now())`);
        await second(['A']);
      },
    );
    expect((await told()).map(([, state]) => state)).toEqual([
      'in-stock',
      'out-of-stock',
      'in-stock',
    ]);
  });

  it('is found and told although a message was lost', async () => {
    await inventory.share('A', null);
    await everything();
    await count(4);
    await inventory.lookThrough();
    await inventory.lookThrough();
    expect(await told()).toEqual([
      ['market A', 'out-of-stock', 0, 1],
      ['market A', 'in-stock', 4, 2],
    ]);
  });
});

import { TransientError } from '@throughline/kernel';
import { line, warehouse, type Warehouse } from '../inventory.fixtures.js';
import type { LedgerCommand } from './domain/ledger.js';
import { at, move, propose, proposeFinally, receive, release } from './domain/ledger.fixtures.js';
import { ledgerOf, type Ledger } from './ledger.js';

const UNITS = 100;
const BUYERS = 300;
const CONCURRENT = 64;
const ROUNDS = 3;
const TRIES_MAX = 20;
const PAIRS = 20;
const KNOWN = 30;
const SKUS = Array.from({ length: 60 }, (_, index) => `S${index}`);

/** Runs everything, so many at a time, begun in the order in which they stand. */
const racing = async (work: readonly (() => Promise<unknown>)[]): Promise<void> => {
  const left = [...work];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) await next();
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
};

describe('two replicas that race', () => {
  let inventory: Warehouse;
  let replicas: readonly [Ledger, Ledger];
  let causes = 0;
  const carryOut = async (replica: 0 | 1, command: LedgerCommand): Promise<void> => {
    // As the runner of the messages does: what is "not now" is tried again with the same cause.
    const cause = { id: `race-${(causes += 1)}` };
    for (let tries = 0; ; tries += 1)
      try {
        await replicas[replica].carryOut(command, cause);
        return;
      } catch (error) {
        if (!(error instanceof TransientError) || tries > TRIES_MAX) throw error;
      }
  };
  const count = async (text: string): Promise<number> =>
    (await inventory.runtime.database.query<{ units: number }>(`${text} as units`))[0]!.units;

  beforeEach(async () => {
    inventory = await warehouse();
    replicas = [ledgerOf(inventory.runtime), ledgerOf(inventory.runtime)];
    await inventory.catalogue(['A', ...SKUS], ['L1', 'L2']);
  });
  afterEach(() => inventory.stop());

  it(`sell ${UNITS} units exactly once to ${BUYERS} buyers, and queue the others`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const orders = Array.from({ length: BUYERS }, (_, index) => `o-${round}-${index}`);
      const one = [line('1', 'A', 1)];
      await inventory.receive('A', 'L1', UNITS);
      await racing(
        orders.map(
          (orderId, index) => () =>
            carryOut(index % 2 === 0 ? 0 : 1, proposeFinally(orderId, 1, [at('L1', ...one)])),
        ),
      );
      const reserved = 'select sum(quantity - released)::bigint from reservations';
      expect([
        await count(`select (${reserved})`),
        await count('select (select sum(quantity)::bigint from backorders)'),
      ]).toEqual([UNITS, BUYERS - UNITS]);
      await inventory.isSound();

      await racing(
        orders.map(
          (orderId, index) => () =>
            carryOut(
              index % 3 === 0 ? 0 : 1,
              release(orderId, { closesAttempt: 1, backorders: one }),
            ),
        ),
      );
      await inventory.isSound();
      expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: UNITS, reserved: 0 });
      expect(await inventory.items('backorders?sku=A')).toEqual([]);
      await carryOut(0, move('count', 'A', 'L1', 0));
    }
  });

  it('reserve whole attempts out of the last units without taking any of them twice', async () => {
    await inventory.receive('A', 'L1', UNITS);
    const orders = Array.from({ length: BUYERS }, (_, index) => `o-${index}`);
    await racing(
      orders.map(
        (orderId, index) => () =>
          carryOut(index % 2 === 0 ? 0 : 1, propose(orderId, 1, [at('L1', line('1', 'A', 1))])),
      ),
    );
    expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: UNITS, reserved: UNITS });
    await inventory.isSound();
    const outcomes = (await inventory.told()).map(({ type }) => type);
    expect(outcomes.filter((type) => type === 'StockReserved')).toHaveLength(UNITS);
    expect(outcomes.filter((type) => type === 'StockRefused')).toHaveLength(BUYERS - UNITS);
  });

  it('offer what comes in while an order is being queued, on shelves known and new', async () => {
    for (const sku of SKUS.slice(0, KNOWN)) await carryOut(0, move('count', sku, 'L1', 0));
    // One SKU after the other, so that the two transactions really run at the same time.
    for (const [index, sku] of SKUS.entries()) {
      const backorders = [line('1', sku, 1)];
      const both = [
        () => carryOut(0, proposeFinally(`o-${sku}`, 1, [], { backorders })),
        () => carryOut(1, receive(sku, 'L1', 1)),
      ];
      await racing(index % 2 === 0 ? both : both.reverse());
    }
    expect(await count('select (select sum(offered)::bigint from backorders)')).toBe(SKUS.length);
    await inventory.isSound();
  });

  it('never let a newcomer take what comes in while somebody waits', async () => {
    for (const sku of SKUS)
      await carryOut(0, proposeFinally(`old-${sku}`, 1, [], { backorders: [line('1', sku, 2)] }));
    await racing(
      SKUS.flatMap((sku) => [
        () => carryOut(0, propose(`new-${sku}`, 1, [at('L1', line('1', sku, 1))])),
        () => carryOut(1, receive(sku, 'L1', 2)),
        () =>
          carryOut(
            0,
            proposeFinally(`newer-${sku}`, 1, [at('L1', line('1', sku, 1))], {
              acceptedAt: '2026-11-01T09:30:00.000Z',
            }),
          ),
        () => carryOut(1, propose(`newest-${sku}`, 1, [at('L1', line('1', sku, 1))])),
      ]),
    );
    expect(await count('select (select count(*) from reservations)')).toBe(0);
    expect(await count('select (select sum(offered)::bigint from backorders)')).toBe(
      2 * SKUS.length,
    );
    expect(
      await count(
        "select (select count(*) from backorders where offered > 0 and order_id not like 'old-%')",
      ),
    ).toBe(0);
    await inventory.isSound();
  });

  it('settle an attempt once that both are told of, also where there is nothing to lock', async () => {
    await inventory.receive('A', 'L1', 5);
    const orders = Array.from({ length: PAIRS }, (_, index) => `o-${index}`);
    const backorders = [line('1', 'never heard of', 1)];
    for (const orderId of orders) {
      const known = propose(orderId, 1, [at('L1', line('1', 'A', 1))]);
      const unknown = propose(orderId, 2, [], { final: true, backorders });
      for (const command of [known, unknown])
        await Promise.all(([0, 1] as const).map((replica) => carryOut(replica, command)));
    }
    expect(await inventory.stock('A', 'L1')).toMatchObject({ reserved: 5 });
    expect(await count('select (select sum(quantity)::bigint from backorders)')).toBe(PAIRS);
    expect((await inventory.told()).map(({ data }) => data.orderId)).toEqual(
      orders.flatMap((orderId) => [orderId, orderId]),
    );
  });

  it('record a movement once that both are told of', async () => {
    const movement = move('receipt', 'A', 'L1', 5);
    await Promise.all(([0, 1, 0, 1] as const).map((replica) => carryOut(replica, movement)));
    expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: 5 });
    await inventory.isSound();
  });
});

import { TransientError } from '@throughline/kernel';
import { line, warehouse, type Warehouse } from '../inventory.fixtures.js';
import { ticking } from './crashes.fixtures.js';
import type { LedgerCommand } from './domain/ledger.js';
import {
  at,
  move,
  MUCH_LATER,
  NOW,
  propose,
  proposeFinally,
  receive,
  release,
  takeBack,
} from './domain/ledger.fixtures.js';
import { ledgerOf, type Ledger } from './ledger.js';

const UNITS = 100;
const BUYERS = 300;
const CONCURRENT = 64;
const ROUNDS = 3;
const TRIES_MAX = 20;
const PAIRS = 20;
const TIMES = 1_000;
const SKUS = Array.from({ length: TIMES }, (_, index) => `S${index}`);
/** Each of the two orders of events happens at least so often by itself. */
const EACH_WAY_MIN = 50;
/** Pairs that race at the same time: few, so that the two transactions of each really meet. */
const AT_ONCE = 3;

/** Runs everything, so many at a time, begun in the order in which they stand. */
const racing = async (
  work: readonly (() => Promise<unknown>)[],
  concurrent = CONCURRENT,
): Promise<void> => {
  const left = [...work];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) await next();
  };
  await Promise.all(Array.from({ length: concurrent }, worker));
};

const hold = (reservationId: string, sku: string, expiresAt: string): LedgerCommand => ({
  type: 'HoldStock',
  data: {
    reservationId,
    channel: null,
    channels: null,
    expiresAt,
    contentHash: sku,
    allocations: [at('L1', line(sku, sku, 1))],
    shortages: [],
  },
});

/** How a unit of a SKU comes free at L1: what is done before, and what frees it. */
const FREEING: readonly ((sku: string) => {
  readonly before: readonly LedgerCommand[];
  readonly free: LedgerCommand;
})[] = [
  (sku) => ({ before: [], free: receive(sku, 'L1', 1) }),
  (sku) => ({ before: [move('count', sku, 'L1', 0)], free: move('count', sku, 'L1', 1) }),
  (sku) => ({
    before: [receive(sku, 'L1', 1), propose(`had-${sku}`, 1, [at('L1', line('1', sku, 1))])],
    free: release(`had-${sku}`, {
      reservations: [{ ...line('1', sku, 1), locationId: 'L1', attempt: 1 }],
    }),
  }),
  (sku) => ({
    before: [receive(sku, 'L1', 1), propose(`had-${sku}`, 1, [at('L1', line('1', sku, 1))])],
    free: release(`had-${sku}`, { reason: 'attempt-closed', closesAttempt: 1 }),
  }),
  (sku) => ({
    before: [receive(sku, 'L1', 1), hold(`cart-${sku}`, sku, MUCH_LATER)],
    free: { type: 'GiveBackHold', data: { reservationId: `cart-${sku}`, channels: null } },
  }),
  (sku) => ({
    before: [receive(sku, 'L1', 1), hold(`cart-${sku}`, sku, NOW)],
    free: { type: 'ExpireHolds', data: { reservationIds: [`cart-${sku}`] } },
  }),
  (sku) => ({
    before: [],
    free: takeBack(`old-${sku}`, 'L1', [{ ...line('1', sku, 1), disposition: 'restock' }]),
  }),
];

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
  /** The catalogue lists all these too. */
  const many = async (): Promise<void> => {
    const items = SKUS.map((sku) => ({ sku, name: sku }));
    const answer = await inventory.http('POST', '/v1/inventory/items:batch', { items });
    expect(answer.status).toBe(200);
  };
  const count = async (text: string): Promise<number> =>
    (await inventory.runtime.database.query<{ units: number }>(`${text} as units`))[0]!.units;

  beforeEach(async () => {
    inventory = await warehouse();
    const now = ticking(inventory.runtime.now);
    const runtime = { ...inventory.runtime, now };
    replicas = [ledgerOf(runtime), ledgerOf(runtime)];
    await inventory.catalogue(['A'], ['L1', 'L2']);
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

  it(`let stock that comes free reach an order that is being queued (${TIMES} times)`, async () => {
    await many();
    const cases = SKUS.map((sku, index) => ({ sku, ...FREEING[index % FREEING.length]!(sku) }));
    for (const step of [0, 1])
      await racing(
        cases.flatMap(({ before }) => {
          const command = before[step];
          return command ? [() => carryOut(0, command)] : [];
        }),
        TIMES,
      );
    await racing(
      cases.map(({ sku, free }, index) => () => {
        const queue = proposeFinally(`o-${sku}`, 1, [at('L1', line('1', sku, 1))]);
        const both = [() => carryOut(0, free), () => carryOut(1, queue)];
        return Promise.all((index % 2 === 0 ? both : both.reverse()).map((start) => start()));
      }),
      AT_ONCE,
    );
    const reserved = await count(`select (
      select count(*) from reservations join attempts using (attempt_id)
      where order_id like 'o-%' and quantity = 1)`);
    const offered = await count(
      `select (select count(*) from backorders where order_id like 'o-%' and offered = 1)`,
    );
    expect(reserved + offered).toBe(TIMES);
    expect(Math.min(reserved, offered)).toBeGreaterThan(EACH_WAY_MIN);
    await inventory.isSound();
  });

  it(`never let a newcomer take what comes in while somebody waits (${TIMES} times)`, async () => {
    await many();
    await racing(
      SKUS.map((sku) => () => {
        const backorders = [line('1', sku, 2)];
        return carryOut(0, proposeFinally(`old-${sku}`, 1, [], { backorders }));
      }),
      TIMES,
    );
    await racing(
      SKUS.flatMap((sku) => [
        () => carryOut(0, propose(`new-${sku}`, 1, [at('L1', line('1', sku, 1))])),
        () => carryOut(1, receive(sku, 'L1', 2)),
        () => carryOut(1, hold(`cart-${sku}`, sku, MUCH_LATER)),
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
    expect(
      await count(
        "select (select count(*) from backorders where offered = 2 and order_id like 'old-%')",
      ),
    ).toBe(TIMES);
    expect(await count('select (select sum(offered)::bigint from backorders)')).toBe(2 * TIMES);
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
    expect(await count('select (select count(*) from attempts)')).toBe(2 * PAIRS);
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

import { at, line, type Warehouse } from '../inventory.fixtures.js';
import { busyWarehouse } from './busy-warehouse.fixtures.js';
import type { Proposal } from './repair.js';

let inventory: Warehouse;
beforeEach(async () => {
  inventory = await busyWarehouse();
});
afterEach(async () => {
  await inventory.isSound();
  await inventory.stop();
});

const damage = (statement: string) => inventory.runtime.database.query(statement);
const proposals = async (): Promise<Proposal[]> => (await inventory.items('repairs')) as Proposal[];
const namesOf = async (): Promise<string[]> => (await proposals()).map(({ name }) => name);
const apply = (names: readonly string[], reason = 'by hand') =>
  inventory.http('POST', '/v1/inventory/repairs', { names, reason });
const onHand = async (sku: string) =>
  ((await inventory.stock(sku, 'leeds')) as { onHand: number }).onHand;
const RAISE = `update balances set reserved = reserved + 3 where sku = 'A' and location_id = 'leeds'`;

describe('a proposal', () => {
  it('that is not as it was seen any more is refused, and nothing changes', async () => {
    await damage(RAISE);
    const seen = (await namesOf()).filter((name) => name.startsWith('reserved'));
    await damage(RAISE);
    const now = await proposals();
    const names = [...seen, 'nothing', 'one-place-per-line:%E0:1'];
    expect((await apply(names)).body).toMatchObject({ applied: [], refused: names });
    expect(await proposals()).toEqual(now);
    await apply(now.map(({ name }) => name));
  });

  it('stays the same while trade goes on beside it, and is carried out once', async () => {
    await damage(RAISE);
    const seen = (await namesOf()).filter((name) => name.startsWith('reserved'));
    await inventory.propose('o9', 1, [at('leeds', line('1', 'A', 2))]);
    const answers = await Promise.all([1, 2, 3].map(() => apply(seen)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.flatMap(({ body }) => body.applied)).toHaveLength(1);
    expect(await inventory.stock('A', 'leeds')).toMatchObject({ reserved: 16 });
  });

  it('is refused without a reason, without names, and with odd ones', async () => {
    const send = async (body: object) =>
      (await inventory.http('POST', '/v1/inventory/repairs', body)).status;
    expect(await send({ names: ['a'], reason: ' ' })).toBe(422);
    expect(await send({ names: [], reason: 'r' })).toBe(422);
    expect(await send({ names: ['a\u0000'], reason: 'r' })).toBe(422);
  });
});

describe('a repair', () => {
  it('takes nothing back from orders by a number that is itself in doubt', async () => {
    await damage(`update balances set on_hand = 4, reserved = 4 where sku = 'A'`);
    const seen = await namesOf();
    const [reserved, onHandIs] = ['reserved', 'on-hand'].map((check) =>
      seen.find((name) => name.startsWith(check)),
    ) as [string, string];
    expect((await apply([reserved])).body).toMatchObject({ applied: [], refused: [reserved] });
    const { body } = await apply([reserved, onHandIs]);
    expect(body.refused).toEqual([]);
    expect(await inventory.stock('A', 'leeds')).toMatchObject({ onHand: 28, reserved: 14 });
    expect((await inventory.told()).filter(({ type }) => type === 'ReservationRevoked')).toEqual(
      [],
    );
    await apply(await namesOf());
  });

  it('brings back what was sold of a kit although it was forgotten', async () => {
    await damage('delete from issued_kits');
    await apply(await namesOf());
    const before = await onHand('A');
    const components = [{ sku: 'B', quantity: 3 }];
    await inventory.http('PUT', '/v1/inventory/items/KIT', { name: 'Kit', components });
    const lines = [{ ...line('1', 'KIT', 1), disposition: 'restock' as const }];
    await inventory.takeBack('o6', 'leeds', lines);
    expect(await onHand('A')).toBe(before + 2);
  });

  it('makes up for a missing movement by one that says who, why and which proposal', async () => {
    await damage(`delete from movements where sku = 'C' and quantity = 5`);
    const before = await onHand('C');
    const names = await namesOf();
    await apply(names, 'row lost in the restore');
    expect(await onHand('C')).toBe(before);
    expect((await inventory.items('movements?sku=C'))[0]).toMatchObject({
      type: 'adjustment',
      quantity: 5,
      after: before,
      reason: 'repair: row lost in the restore',
      reference: names[0],
      actor: expect.any(String),
    });
  });

  it('tells orders what they lost, lowest first, and everybody what is available', async () => {
    await damage('alter table balances drop constraint never_promised_twice');
    await damage(`update reservations set quantity = 40 where sku = 'A' and quantity = 5`);
    await damage(`update balances set reserved = reserved + 35, version = 1 where sku = 'A'`);
    await apply(await namesOf());
    const revoked = (await inventory.told()).filter(({ type }) => type === 'ReservationRevoked');
    expect(revoked.map(({ data }) => data.orderId)).toEqual(expect.arrayContaining(['o3']));
    const shelf = (await inventory.stock('A', 'leeds')) as { onHand: number; reserved: number };
    expect(shelf.reserved).toBeLessThanOrEqual(shelf.onHand);
    const told = (await inventory.published('oms.availability'))
      .filter(({ type }) => type === 'AvailabilityChanged')
      .map(({ data }) => data as { sku: string; available: number; version: number })
      .filter(({ sku }) => sku === 'A');
    const [last, ...earlier] = told.reverse();
    expect(last).toMatchObject({ available: shelf.onHand - shelf.reserved });
    expect(Math.max(...earlier.map(({ version }) => version))).toBeLessThan(last!.version);
  });
});

it('work in flight is no difference', async () => {
  let isOver = false;
  const trade = async (worker: number): Promise<void> => {
    for (let turn = 0; turn < 12; turn += 1) {
      const orderId = `w${worker}-${turn}`;
      const lines = [line('1', turn % 3 === 0 ? 'KIT' : 'A', 1), line('2', 'C', 1)];
      const backorders = turn % 2 === 0 ? [line('3', 'C', 1)] : [];
      await inventory.propose(orderId, 1, [at('leeds', ...lines)], { final: true, backorders });
      await inventory.receive('C', 'leeds', 1);
      await inventory.receive('A', 'leeds', 1);
      const wanted = { reservationId: `${orderId}-h`, locationId: 'leeds' };
      const held = [{ sku: 'B', quantity: 1 }];
      await inventory.http('POST', '/v1/inventory/reservations', { ...wanted, lines: held });
      await inventory.http('POST', '/v1/inventory/supplies/PO/receipts', {
        lines: [{ lineId: '1', quantity: 1 }],
      });
      await inventory.http('DELETE', `/v1/inventory/reservations/${orderId}-h`);
      await inventory.release(orderId, { closesAttempt: 1, backorders });
    }
  };
  const trading = Promise.all([1, 2, 3, 4].map(trade)).finally(() => {
    isOver = true;
  });
  let looks = 0;
  while (!isOver) {
    expect(await proposals()).toEqual([]);
    looks += 1;
  }
  await trading;
  expect(looks).toBeGreaterThan(3);
});

import type { LineQuantity, SourcingProposed } from '@throughline/contracts';
import { line, warehouse, type Warehouse } from '../inventory.fixtures.js';
import { promiseMoves } from './promises.process.js';

const NOW = '2026-11-01T10:00:00.000Z';
const SOON = '2026-11-10T00:00:00.000Z';
const LATE = '2026-11-20T00:00:00.000Z';
const nov = (day: number): string => new Date(Date.UTC(2026, 10, day, 10)).toISOString();

describe('what those who wait are promised', () => {
  let inventory: Warehouse;
  let run: () => Promise<void>;
  let heard: number;

  const order = (id: string, lines: object[], more: object = {}) =>
    inventory.http('PUT', `/v1/inventory/supplies/${id}`, {
      kind: 'purchase-order',
      locationId: 'L1',
      lines,
      ...more,
    });
  const ordered = (sku: string, quantity: number, expectedAt: string | null) => ({
    lineId: '1',
    sku,
    quantity,
    expectedAt,
  });
  const wait = (orderId: string, lines: LineQuantity[], more: Partial<SourcingProposed> = {}) =>
    inventory.propose(orderId, 1, [], { final: true, backorders: lines, ...more });
  const lead = (sku: string, leadTimeDays: number | null) =>
    inventory.http('PUT', `/v1/inventory/items/${sku}`, { name: sku, leadTimeDays });
  /** What is told by the next run of the task: order, line, date. */
  const told = async (): Promise<string[]> => {
    await run();
    const all = (await inventory.told()).filter(({ type }) => type === 'BackorderPromiseMoved');
    const fresh = all.slice(heard);
    heard = all.length;
    return fresh.flatMap(({ data }) =>
      (data.lines as { lineId: string; quantity: number; promisedOn: string | null }[]).map(
        ({ lineId, quantity, promisedOn }) => `${data.orderId}.${lineId} ${quantity} ${promisedOn}`,
      ),
    );
  };
  const marks = async (): Promise<number> => {
    const text = 'select count(*) as marks from promises_due';
    return (await inventory.runtime.database.query<{ marks: number }>(text))[0]!.marks;
  };

  beforeEach(async () => {
    inventory = await warehouse();
    heard = 0;
    run = promiseMoves(inventory.runtime).run;
    await inventory.catalogue(['A', 'B'], ['L1', 'L2']);
  });
  afterEach(async () => {
    expect(await told()).toEqual([]);
    expect(await marks()).toBe(0);
    await inventory.isSound();
    await inventory.stop();
  });

  it('is nothing while nobody knows, then what is ordered, later when that is late, and nothing again', async () => {
    await wait('o1', [line('1', 'A', 2)]);
    expect(await told()).toEqual([]);
    await order('po-1', [ordered('A', 5, SOON)]);
    expect(await told()).toEqual([`o1.1 2 ${SOON}`]);
    expect(await inventory.items('backorders')).toMatchObject([{ promisedOn: SOON }]);
    await order('po-1', [ordered('A', 5, SOON)]);
    expect(await told()).toEqual([]);
    await order('po-1', [ordered('A', 5, LATE)]);
    expect(await told()).toEqual([`o1.1 2 ${LATE}`]);
    await inventory.http('POST', '/v1/inventory/supplies/po-1/closure', { reason: 'cancelled' });
    expect(await told()).toEqual(['o1.1 2 null']);
  });

  it('is the lead time where no supply covers it, which does not move as time goes by', async () => {
    await lead('A', 10);
    await order('po-1', [ordered('A', 2, SOON)]);
    await wait('o1', [line('1', 'A', 2)]);
    expect(await told()).toEqual([`o1.1 2 ${SOON}`]);
    inventory.at(nov(5));
    await inventory.http('POST', '/v1/inventory/supplies/po-1/closure', { reason: 'lost' });
    expect(await told()).toEqual([`o1.1 2 ${nov(15)}`]);
    inventory.at(nov(7));
    await wait('o2', [line('1', 'A', 1)]);
    expect(await told()).toEqual([`o2.1 1 ${nov(17)}`]);
    await lead('A', 12);
    expect(await told()).toEqual([`o1.1 2 ${nov(17)}`, `o2.1 1 ${nov(19)}`]);
    inventory.at(nov(25));
    expect(await told()).toEqual([]);
    await lead('A', null);
    expect(await told()).toEqual(['o1.1 2 null', 'o2.1 1 null']);
  });

  it('goes in turn, so that who is urgent moves the others', async () => {
    await order('po-1', [ordered('A', 2, SOON)]);
    await order('po-2', [ordered('A', 2, LATE)]);
    await wait('o1', [line('1', 'A', 2)]);
    await wait('o2', [line('1', 'A', 1)]);
    expect(await told()).toEqual([`o1.1 2 ${SOON}`, `o2.1 1 ${LATE}`]);
    await wait('o3', [line('1', 'A', 1)], { priority: 5 });
    expect(await told()).toEqual([`o1.1 2 ${LATE}`, `o3.1 1 ${SOON}`]);
    await inventory.release('o3', { backorders: [line('1', 'A', 1)] });
    expect(await told()).toEqual([`o1.1 2 ${SOON}`]);
  });

  it('tells an order once of all its lines that moved, and each change once', async () => {
    await wait('o1', [line('1', 'A', 2), line('2', 'B', 1), line('3', 'A', 1)]);
    await order('po-1', [
      { ...ordered('A', 5, SOON), lineId: '1' },
      { ...ordered('B', 5, LATE), lineId: '2' },
    ]);
    const runs = Array.from({ length: 4 }, () => promiseMoves(inventory.runtime).run());
    await Promise.all(runs);
    expect(await told()).toEqual([`o1.1 2 ${SOON}`, `o1.2 1 ${LATE}`, `o1.3 1 ${SOON}`]);
    const messages = (await inventory.told()).map(({ type }) => type);
    expect(messages).toEqual(['StockReserved', 'BackorderPromiseMoved']);
  });

  it('moves up when goods come, and leaves with those who are served', async () => {
    await order('po-1', [ordered('A', 2, SOON)]);
    await order('po-2', [ordered('A', 3, LATE)]);
    await wait('o1', [line('1', 'A', 2)]);
    await wait('o2', [line('1', 'A', 2)]);
    expect(await told()).toEqual([`o1.1 2 ${SOON}`, `o2.1 2 ${LATE}`]);
    const receipt = { lines: [{ lineId: '1', quantity: 2 }] };
    await inventory.http('POST', '/v1/inventory/supplies/po-2/receipts', receipt);
    expect(await told()).toEqual([`o2.1 2 ${SOON}`]);
  });

  it('comes from where the order may have it', async () => {
    await order('po-1', [ordered('A', 9, SOON)]);
    await wait('o1', [line('1', 'A', 1)], { onlyLocationId: 'L2' });
    expect(await told()).toEqual([]);
    await order('po-2', [ordered('A', 9, LATE)], { locationId: 'L2' });
    expect(await told()).toEqual([`o1.1 1 ${LATE}`]);
    const place = { type: 'store', name: 'L2', address: { country: 'GB' } };
    await inventory.http('PUT', '/v1/inventory/locations/L2', { ...place, active: false });
    expect(await told()).toEqual(['o1.1 1 null']);
    await inventory.http('PUT', '/v1/inventory/locations/L2', { ...place, active: true });
    expect(await told()).toEqual([`o1.1 1 ${LATE}`]);
  });

  it('of what is overdue is the end of the next day, and told again once that has passed', async () => {
    await order('po-1', [ordered('A', 9, SOON)]);
    await wait('o1', [line('1', 'A', 1)]);
    expect(await told()).toEqual([`o1.1 1 ${SOON}`]);
    inventory.at('2026-11-09T23:59:59.999Z');
    expect(await told()).toEqual([]);
    inventory.at('2026-11-10T06:00:00.000Z');
    expect(await told()).toEqual(['o1.1 1 2026-11-12T00:00:00.000Z']);
    inventory.at('2026-11-11T20:00:00.000Z');
    expect(await told()).toEqual([]);
    inventory.at('2026-11-12T01:00:00.000Z');
    expect(await told()).toEqual(['o1.1 1 2026-11-14T00:00:00.000Z']);
  });

  it('of a kit is when its last part comes, and its parts are waited for in one queue', async () => {
    const components = [
      { sku: 'A', quantity: 2 },
      { sku: 'B', quantity: 1 },
    ];
    await inventory.http('PUT', '/v1/inventory/items/KIT', { name: 'kit', components });
    await wait('o1', [line('1', 'KIT', 1)]);
    await wait('o2', [line('1', 'A', 1)]);
    await order('po-1', [ordered('A', 2, SOON)]);
    expect(await told()).toEqual([`o2.1 1 ${SOON}`]);
    await order('po-2', [ordered('A', 2, LATE)]);
    expect(await told()).toEqual([]);
    await order('po-3', [ordered('B', 1, NOW)]);
    expect(await told()).toEqual([`o1.1 1 ${SOON}`, `o2.1 1 ${LATE}`]);
    await inventory.release('o1', { backorders: [line('1', 'KIT', 1)] });
    expect(await told()).toEqual([`o2.1 1 ${SOON}`]);
  });

  it('is told of more lines than fit into one transaction', async () => {
    await inventory.runtime.database.query(
      `insert into backorders (order_id, line_id, sku, quantity, priority, since, correlation_id)
       select 'o' || g, '1', 'A', 1, 0, $1, 'c' from generate_series(1, 2500) as g`,
      [NOW],
    );
    await order('po-1', [ordered('A', 2400, SOON)]);
    const moved = await told();
    expect(moved).toHaveLength(2400);
    expect(new Set(moved).size).toBe(2400);
  });

  it('is told as it stands and never twice the same, whatever happens at the same time', async () => {
    const orders = Array.from({ length: 6 }, (_, number) => `o${number}`);
    for (const orderId of orders) await wait(orderId, [line('1', 'A', 100)]);
    await order('po-2', [ordered('A', 20, LATE)]);
    const fewer = async (orderId: string, count: number): Promise<void> => {
      for (let time = 0; time < count; time += 1)
        await inventory.release(orderId, { backorders: [line('1', 'A', 1)] });
    };
    const back = async (): Promise<void> => {
      for (let time = 1; time <= 90; time += 1)
        await order('po-1', [ordered('A', 70, nov(1 + (time % 31)))]);
    };
    let isBusy = true;
    const busily = Promise.all([...orders.map((orderId) => fewer(orderId, 90)), back()]).finally(
      () => {
        isBusy = false;
      },
    );
    const others = Array.from({ length: 4 }, () => promiseMoves(inventory.runtime).run);
    while (isBusy) await Promise.all(others.map((one) => one()));
    await busily;
    await told();
    type Waiting = { orderId: string; quantity: number; promisedOn: string | null };
    const queue = (await inventory.items('backorders?sku=A')) as Waiting[];
    expect(queue.map(({ quantity }) => quantity)).toEqual(orders.map(() => 10));
    expect(queue.map(({ promisedOn }) => promisedOn)).toEqual(
      orders.map((_, turn) => (turn < 2 ? LATE : nov(29))),
    );
    const dates = new Map<unknown, (string | null)[]>(orders.map((orderId) => [orderId, [null]]));
    for (const { type, data } of await inventory.told())
      if (type === 'BackorderPromiseMoved')
        dates.get(data.orderId)!.push((data.lines as Waiting[])[0]!.promisedOn);
    for (const { orderId, promisedOn } of queue) {
      const ofOrder = dates.get(orderId)!;
      expect(ofOrder.at(-1)).toBe(promisedOn);
      expect(ofOrder.filter((date, index) => date === ofOrder[index - 1])).toEqual([]);
    }
  });
});

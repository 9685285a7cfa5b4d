import { exposition } from '@throughline/telemetry';
import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';

const shelf = (sku: string, locationId: string, onHand: number, reserved: number) => ({
  sku,
  locationId,
  onHand,
  reserved,
  safetyStock: 0,
  inbound: 0,
  available: onHand - reserved,
  uncounted: false,
  leadTimeDays: null,
  setAside: {},
});

describe('the ledger', () => {
  let inventory: Warehouse;
  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A', 'B'], ['L1', 'L2']);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('reserves, hands over and takes back, each once however often it is told', async () => {
    await inventory.receive('A', 'L1', 5);
    for (let time = 0; time < 2; time += 1) {
      await inventory.propose('o1', 1, [at('L1', line('1', 'A', 3))], {}, 'm-propose');
      expect(await inventory.stock('A', 'L1')).toEqual(shelf('A', 'L1', 5, 3));
    }
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 3))], {}, 'm-other');
    for (let time = 0; time < 2; time += 1) {
      await inventory.handOver('o1', 1, 'L1', [line('1', 'A', 2)], 'm-issue');
      expect(await inventory.stock('A', 'L1')).toEqual(shelf('A', 'L1', 3, 1));
    }
    for (let time = 0; time < 2; time += 1) {
      const reservations = [{ ...line('1', 'A', 9), attempt: 1, locationId: 'L1' }];
      await inventory.release('o1', { reservations }, 'm-release');
      expect(await inventory.stock('A', 'L1')).toEqual(shelf('A', 'L1', 3, 0));
    }
    for (let time = 0; time < 2; time += 1) {
      const lines = [
        { ...line('1', 'A', 1), disposition: 'restock' as const },
        { ...line('1', 'A', 1), disposition: 'write-off' as const },
      ];
      await inventory.takeBack('o1', 'L2', lines, 'm-return');
      expect(await inventory.stock('A', 'L2')).toEqual(shelf('A', 'L2', 1, 0));
    }
    expect((await inventory.told()).map(({ type }) => type)).toEqual(['StockReserved']);
    const through = await inventory.items('movements?sku=A&locationId=L2');
    expect(through).toMatchObject([
      { type: 'disposition', condition: 'quarantine', quantity: -1, reason: 'write-off' },
      { type: 'return', condition: 'quarantine', quantity: 1, reason: 'write-off' },
      { type: 'return', condition: 'sellable', quantity: 1 },
    ]);
  });

  it('counts each refusal once, by whether anything was left', async () => {
    const counts = async () =>
      [
        ...(await exposition()).matchAll(
          /^oms_reservation_refusals_total\{reason="(.+)"\} (\d+)$/gm,
        ),
      ]
        .map(([, reason, count]) => [reason, Number(count)])
        .sort();
    const before = new Map((await counts()) as [string, number][]);
    await inventory.receive('A', 'L1', 2);
    for (let time = 0; time < 2; time += 1)
      await inventory.propose('o1', 1, [at('L1', line('1', 'A', 3))], {}, 'm-few');
    await inventory.propose('o2', 1, [at('L1', line('1', 'B', 1))], {}, 'm-none');
    await inventory.propose('o3', 1, [at('L1', line('1', 'A', 1))], {}, 'm-fits');
    expect(await counts()).toEqual([
      ['none', (before.get('none') ?? 0) + 1],
      ['too-few', (before.get('too-few') ?? 0) + 1],
    ]);
  });

  it('answers what does not fit with what is there', async () => {
    await inventory.receive('A', 'L1', 2);
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 2), line('2', 'A', 1))]);
    expect(await inventory.told()).toEqual([
      {
        type: 'StockRefused',
        data: {
          orderId: 'o1',
          attempt: 1,
          shortages: [{ sku: 'A', locationId: 'L1', requested: 3, available: 2 }],
        },
      },
    ]);
    expect(await inventory.items('reservations?orderId=o1')).toEqual([]);
  });

  it('queues the rest of a final attempt and serves it, when stock comes, before anybody else', async () => {
    await inventory.receive('A', 'L1', 2);
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 3))], {
      final: true,
      backorders: [line('2', 'B', 1)],
    });
    await inventory.receive('A', 'L2', 4);
    await inventory.propose('o2', 1, [at('L2', line('1', 'A', 4))]);
    const told = await inventory.told();
    expect(told.map(({ type, data }) => [type, data.orderId])).toEqual([
      ['StockReserved', 'o1'],
      ['StockOffered', 'o1'],
      ['StockRefused', 'o2'],
    ]);
    expect(told[0]!.data.backordered).toEqual([
      { ...line('1', 'A', 1), promisedOn: null },
      { ...line('2', 'B', 1), promisedOn: null },
    ]);
    const { offerId } = told[1]!.data as { offerId: string };
    for (let time = 0; time < 2; time += 1)
      await inventory.propose('o1', 2, [at('L2', line('1', 'A', 1))], { final: true, offerId });
    expect((await inventory.told()).at(-1)!.data).toEqual({
      orderId: 'o1',
      attempt: 2,
      allocations: [at('L2', line('1', 'A', 1))],
      backordered: [{ ...line('2', 'B', 1), promisedOn: null }],
    });
    expect(await inventory.items('backorders?sku=A')).toEqual([]);
    expect(await inventory.stock('A', 'L2')).toEqual(shelf('A', 'L2', 4, 1));
  });

  it('releases all of a closed attempt and never answers it again', async () => {
    await inventory.receive('A', 'L1', 2);
    await inventory.receive('B', 'L2', 2);
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 2)), at('L2', line('2', 'B', 1))]);
    await inventory.release('o1', { reason: 'attempt-closed', closesAttempt: 1 });
    await inventory.release('o2', { reason: 'attempt-closed', closesAttempt: 1 });
    await inventory.propose('o2', 1, [at('L1', line('1', 'A', 2))]);
    expect(await inventory.stock('A', 'L1')).toEqual(shelf('A', 'L1', 2, 0));
    expect(await inventory.stock('B', 'L2')).toEqual(shelf('B', 'L2', 2, 0));
    expect((await inventory.told()).map(({ type }) => type)).toEqual(['StockReserved']);
  });

  it('believes that goods are gone whose reservation was revoked, and takes them from others', async () => {
    await inventory.receive('A', 'L1', 4);
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 4))]);
    await inventory.http('POST', '/v1/inventory/movements', {
      type: 'count',
      sku: 'A',
      locationId: 'L1',
      quantity: 0,
      reason: 'stock take',
    });
    await inventory.receive('A', 'L1', 2);
    await inventory.propose('o2', 1, [], { final: true, backorders: [line('1', 'A', 1)] });
    await inventory.propose('o3', 1, [at('L1', line('1', 'A', 1))]);
    await inventory.handOver('o1', 1, 'L1', [line('1', 'A', 4)]);
    expect(await inventory.stock('A', 'L1')).toEqual(shelf('A', 'L1', 0, 0));
    expect((await inventory.told()).map(({ type, data }) => [type, data.orderId])).toEqual([
      ['StockReserved', 'o1'],
      ['ReservationRevoked', 'o1'],
      ['StockReserved', 'o2'],
      ['StockOffered', 'o2'],
      ['StockReserved', 'o3'],
      ['ReservationRevoked', 'o3'],
    ]);
    const movements = (await inventory.items('movements?sku=A&locationId=L1')) as {
      type: string;
      quantity: number;
    }[];
    expect(movements.map(({ type, quantity }) => [type, quantity])).toEqual([
      ['issue', -4],
      ['discrepancy', 2],
      ['receipt', 2],
      ['count', -4],
      ['receipt', 4],
    ]);
  });

  it('takes goods that are missing from the lowest priority first, then from the youngest', async () => {
    await inventory.receive('A', 'L1', 4);
    const one = [at('L1', line('1', 'A', 1))];
    await inventory.propose('old', 1, one, { acceptedAt: '2026-11-01T07:00:00Z' });
    await inventory.propose('urgent', 1, one, { priority: 2, acceptedAt: '2026-11-01T09:00:00Z' });
    await inventory.propose('young', 1, one, { acceptedAt: '2026-11-01T08:30:00Z' });
    await inventory.propose('older', 1, one, { acceptedAt: '2026-11-01T06:00:00Z' });
    for (let units = 0; units < 3; units += 1)
      await inventory.http('POST', '/v1/inventory/movements', {
        type: 'damage',
        sku: 'A',
        locationId: 'L1',
        quantity: 1,
        reason: 'water',
      });
    const revoked = (await inventory.told()).slice(4);
    expect(revoked.map(({ type, data }) => [type, data.orderId])).toEqual([
      ['ReservationRevoked', 'young'],
      ['ReservationRevoked', 'old'],
      ['ReservationRevoked', 'older'],
    ]);
  });

  it('remembers how much of an offer is left, and what was handed over of a reservation', async () => {
    await inventory.propose('o1', 1, [], { final: true, backorders: [line('1', 'A', 5)] });
    await inventory.receive('A', 'L1', 4);
    await inventory.release('o1', { backorders: [line('1', 'A', 2)] });
    expect(await inventory.items('reservations?state=offered')).toMatchObject([{ quantity: 3 }]);
    const { offerId } = (await inventory.told()).at(-1)!.data as { offerId: string };
    await inventory.propose('o1', 2, [at('L1', line('1', 'A', 3))], { final: true, offerId });
    await inventory.handOver('o1', 2, 'L1', [line('1', 'A', 1)]);
    await inventory.release('o1', { closesAttempt: 2 });
    expect(await inventory.items('reservations?orderId=o1')).toMatchObject([
      { attempt: 2, quantity: 3, consumed: 1, released: 2, state: 'consumed' },
    ]);
    expect(await inventory.stock('A', 'L1')).toEqual(shelf('A', 'L1', 3, 0));
  });

  it('lets nobody share the fate of a command that fails', async () => {
    await inventory.receive('A', 'L1', 3);
    await inventory.receive('B', 'L1', 3);
    const { database } = inventory.runtime;
    await database.query(`update balances set reserved = 3 where sku = 'A'`);
    const settled = await Promise.allSettled([
      inventory.propose('o1', 1, [at('L1', line('1', 'B', 1))]),
      inventory.handOver('o2', 1, 'L1', [line('1', 'A', 1)]),
      inventory.propose('o3', 1, [at('L1', line('1', 'B', 1))]),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await inventory.stock('B', 'L1')).toEqual(shelf('B', 'L1', 3, 2));
    await database.query(`update balances set reserved = 0 where sku = 'A'`);
  });

  it('keeps a message about what it does not know for when it does', async () => {
    const lines = [{ ...line('1', 'Z', 1), disposition: 'restock' as const }];
    await expect(inventory.takeBack('o1', 'L1', lines, 'm')).rejects.toThrow(
      'There is no item Z: create it, then replay this message',
    );
    await expect(inventory.handOver('o1', 1, 'L9', [line('1', 'A', 1)])).rejects.toThrow(
      'There is no location L9: create it, then replay this message',
    );
    await inventory.catalogue(['Z'], []);
    await inventory.takeBack('o1', 'L1', lines, 'm');
    expect(await inventory.stock('Z', 'L1')).toEqual(shelf('Z', 'L1', 1, 0));
  });

  it('tells availability once per shelf and batch, newest version last, and not when goods leave', async () => {
    await inventory.receive('A', 'L1', 5);
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 3))]);
    await inventory.handOver('o1', 1, 'L1', [line('1', 'A', 3)]);
    await inventory.receive('A', 'L1', 1);
    const told = await inventory.published('oms.availability');
    expect(told.map(({ key, data }) => [key, data])).toEqual([
      ['A', { sku: 'A', locationId: 'L1', available: 5, version: 1 }],
      ['A', { sku: 'A', locationId: 'L1', available: 2, version: 2 }],
      ['A', { sku: 'A', locationId: 'L1', available: 3, version: 4 }],
    ]);
  });

  it('takes an order of 5,000 lines that partly has to wait', async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => line(`${index}`, 'A', 1));
    await inventory.receive('A', 'L1', 4_000);
    await inventory.propose('o1', 1, [at('L1', ...lines)]);
    await inventory.propose('o1', 2, [at('L1', ...lines)], { final: true });
    expect(await inventory.stock('A', 'L1')).toEqual(shelf('A', 'L1', 4_000, 4_000));
    await inventory.receive('A', 'L2', 2_000);
    const offers = (await inventory.told()).filter(({ type }) => type === 'StockOffered');
    expect(offers.map(({ data }) => (data.lines as object[]).length)).toEqual([1_000]);
    expect(await inventory.stock('A', 'L2')).toEqual(shelf('A', 'L2', 2_000, 1_000));
  });
});

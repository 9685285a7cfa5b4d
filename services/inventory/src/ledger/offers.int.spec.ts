import { newId } from '@throughline/kernel';
import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';
import type { LedgerCommand } from './domain/ledger.js';
import { propose, receive } from './domain/ledger.fixtures.js';
import { ledgerOf } from './ledger.js';
import { offerExpiry, queueLookThrough } from './offers.process.js';

describe('offers', () => {
  let inventory: Warehouse;
  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A'], ['L1', 'L2']);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });
  const wait = (orderId: string, quantity = 1, more = {}) =>
    inventory.propose(orderId, 1, [], {
      final: true,
      backorders: [line('1', 'A', quantity)],
      ...more,
    });
  const offers = async () =>
    (await inventory.told())
      .filter(({ type }) => type === 'StockOffered')
      .map(({ data }) => [data.orderId, data.locationId, data.expiresAt]);
  const expiry = () => {
    const { database, now } = inventory.runtime;
    return offerExpiry(ledgerOf(inventory.runtime), database, now).run();
  };
  const lookThrough = () =>
    queueLookThrough(ledgerOf(inventory.runtime), inventory.runtime.database).run();

  it('expire after ten minutes and go to the next, once on however many replicas', async () => {
    await wait('o1');
    await wait('o2');
    await inventory.receive('A', 'L1', 1);
    inventory.at('2026-11-01T10:09:59.999Z');
    await expiry();
    inventory.at('2026-11-01T10:10:00.000Z');
    await Promise.all([expiry(), expiry(), expiry()]);
    expect(await offers()).toEqual([
      ['o1', 'L1', '2026-11-01T10:10:00.000Z'],
      ['o2', 'L1', '2026-11-01T10:20:00.000Z'],
    ]);
    expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: 1, reserved: 1 });
  });

  it('that expired leave the order in the queue when it answers late', async () => {
    await wait('o1');
    await wait('o2');
    await inventory.receive('A', 'L1', 1);
    const offerId = (await inventory.told()).at(-1)!.data.offerId as string;
    inventory.at('2026-11-01T10:10:00.000Z');
    await expiry();
    await inventory.propose('o1', 2, [at('L1', line('1', 'A', 1))], { final: true, offerId });
    expect((await inventory.told()).at(-1)!.data).toEqual({
      orderId: 'o1',
      attempt: 2,
      allocations: [],
      backordered: [{ ...line('1', 'A', 1), promisedOn: null }],
    });
    expect(await inventory.items('backorders')).toMatchObject([
      { orderId: 'o1', quantity: 1, offered: 0 },
      { orderId: 'o2', quantity: 1, offered: 1 },
    ]);
  });

  it('are made when a location becomes active again; meanwhile newcomers do not get its stock', async () => {
    const address = { country: 'GB', postalCode: 'M1 1AE' };
    const turn = (active: boolean) =>
      inventory.http('PUT', '/v1/inventory/locations/L1', {
        type: 'store',
        name: 'L1',
        address,
        active,
      });
    await turn(false);
    await wait('o1');
    await inventory.receive('A', 'L1', 1);
    await lookThrough();
    expect(await offers()).toEqual([]);
    await turn(true);
    await inventory.propose('o2', 1, [at('L1', line('1', 'A', 1))]);
    expect((await inventory.told()).at(-1)!.type).toBe('StockRefused');
    await lookThrough();
    await lookThrough();
    expect(await offers()).toEqual([['o1', 'L1', '2026-11-01T10:10:00.000Z']]);
  });

  it('go to the first of a long queue that may use the location', async () => {
    await inventory.runtime.database.query(`
      insert into backorders (order_id, line_id, sku, quantity, priority, since, correlation_id, declined,
        only_location_id)
      select kind || n, '1', 'A', 1, priority, since::timestamptz, 's', declined, only_location_id
      from generate_series(1, 3) as n, (values
        ('declined', 9, '2026-11-01T01:00:00Z', array['L1'], null),
        ('elsewhere', 8, '2026-11-01T02:00:00Z', array[]::text[], 'L2'),
        ('ordinary', 0, '2026-11-01T03:00:00Z', array[]::text[], null),
        ('urgent', 5, '2026-11-01T09:00:00Z', array[]::text[], 'L1')
      ) as row (kind, priority, since, declined, only_location_id)`);
    await inventory.receive('A', 'L1', 1);
    await inventory.receive('A', 'L1', 3);
    const orders = (await offers()).map(([orderId]) => orderId);
    expect(orders).toEqual(['urgent1', 'urgent2', 'urgent3', 'ordinary1']);
  });

  it('of one receipt serve more orders than one transaction does', async () => {
    const { database } = inventory.runtime;
    await database.query(`
      insert into backorders (order_id, line_id, sku, quantity, priority, since, correlation_id)
      select 'o' || n, '1', 'A', 1, 0, '2026-11-01T09:00:00Z', 's' from generate_series(1, 4500) as n`);
    await database.query(`
      insert into backorders (order_id, line_id, sku, quantity, priority, since, correlation_id, only_location_id)
      select 'other' || n, '1', 'A', 1, 9, '2026-11-01T08:00:00Z', 's', 'L2' from generate_series(1, 100) as n`);
    const ledger = ledgerOf(inventory.runtime);
    const carryOut = (command: LedgerCommand) => ledger.carryOut(command, { id: newId() });
    // Both in one transaction, which only reads the first of the queue.
    await Promise.all([
      carryOut(receive('A', 'L1', 4_400)),
      carryOut(propose('new', 1, [at('L1', line('1', 'A', 1))])),
    ]);
    const earmarked = async () =>
      (
        await database.query<{ units: number }>(
          'select sum(offered)::bigint as units from backorders',
        )
      )[0]!.units;
    expect(await earmarked()).toBe(4_000);
    await inventory.propose('newer', 1, [at('L1', line('1', 'A', 1))]);
    const refused = (await inventory.told()).filter(({ type }) => type === 'StockRefused');
    expect(refused.map(({ data }) => data.orderId)).toEqual(['new', 'newer']);
    await lookThrough();
    expect(await earmarked()).toBe(4_400);
    expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: 4_400, reserved: 4_400 });
  });
});

import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';
import { ledgerOf } from '../ledger/ledger.js';
import { expireDue, holdExpiry } from './holds.process.js';

const LONDON = { country: 'GB', postalCode: 'N1 7GR' };
const PATH = '/v1/inventory/reservations';

describe('a checkout holds stock', () => {
  let inventory: Warehouse;
  const hold = (body: object, key?: string) =>
    inventory.http('POST', PATH, body, key === undefined ? {} : { 'idempotency-key': key });
  const one = (sku: string, quantity = 1) => [{ sku, quantity }];
  const shelf = (sku: string, locationId: string) => inventory.stock(sku, locationId);
  const expire = async (): Promise<void> => {
    const { runtime } = inventory;
    await holdExpiry(expireDue(ledgerOf(runtime), runtime.database, runtime.now)).run();
  };

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A', 'B'], ['L1', 'L2']);
    await inventory.receive('A', 'L1', 5);
    await inventory.receive('A', 'L2', 2);
    await inventory.receive('B', 'L2', 3);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('at the location that it names, for a quarter of an hour', async () => {
    const { status, body } = await hold({ lines: one('A', 2), locationId: 'L2' });
    expect([status, body]).toEqual([
      201,
      {
        reservationId: expect.any(String),
        expiresAt: '2026-11-01T10:15:00.000Z',
        allocations: [{ locationId: 'L2', lines: [{ sku: 'A', quantity: 2 }] }],
      },
    ]);
    expect(await shelf('A', 'L2')).toMatchObject({ onHand: 2, reserved: 2, available: 0 });
    expect(await inventory.items(`reservations?orderId=${body.reservationId}`)).toMatchObject([
      { state: 'held', quantity: 2, expiresAt: '2026-11-01T10:15:00.000Z' },
    ]);
  });

  it('at the nearest location that has all of it, else at as few as can be', async () => {
    const places = async (lines: object[]) =>
      (await hold({ lines, shipTo: LONDON })).body.allocations.map(
        ({ locationId }: { locationId: string }) => locationId,
      );
    expect(await places([...one('A'), ...one('B')])).toEqual(['L2']);
    expect(await places(one('A', 6))).toEqual(['L1', 'L2']);
  });

  it('or not at all, and says what there is', async () => {
    const named = await hold({ lines: one('A', 6), locationId: 'L1' });
    expect([named.status, named.body.code, named.body.available]).toEqual([
      409,
      'insufficient-stock',
      [{ sku: 'A', locationId: 'L1', requested: 6, available: 5 }],
    ]);
    const anywhere = await hold({ lines: [...one('A', 8), ...one('B')] });
    expect([anywhere.status, anywhere.body.available]).toEqual([
      409,
      [{ sku: 'A', locationId: null, requested: 8, available: 7 }],
    ]);
    expect(await shelf('B', 'L2')).toMatchObject({ reserved: 0 });
  });

  it('sums a SKU that stands on two lines', async () => {
    const lines = [...one('A', 3), ...one('A', 3)];
    expect((await hold({ lines, locationId: 'L1' })).status).toBe(409);
    expect((await hold({ lines: [...one('A', 3), ...one('A', 2)], locationId: 'L1' })).status).toBe(
      201,
    );
    expect(await shelf('A', 'L1')).toMatchObject({ reserved: 5 });
  });

  it('once per Idempotency-Key, with the same answer, also when nothing is left', async () => {
    const lines = one('A', 7);
    const first = await hold({ lines }, 'k');
    expect([first.status, await shelf('A', 'L1')]).toMatchObject([201, { reserved: 5 }]);
    expect((await hold({ lines }, 'k')).body).toEqual(first.body);
    expect((await hold({ lines: one('A', 1) }, 'k')).body.code).toBe('idempotency-key-reused');
    expect(await inventory.items('reservations?sku=A')).toHaveLength(2);
  });

  it('and never competes with itself when the cart changes', async () => {
    const cart = (lines: object[], more: object = {}) =>
      hold({ reservationId: 'cart-1', lines, locationId: 'L1', ...more });
    expect((await cart(one('A', 4))).status).toBe(201);
    expect((await cart(one('A', 5))).body.allocations[0].lines).toEqual(one('A', 5));
    expect(await shelf('A', 'L1')).toMatchObject({ reserved: 5 });
    // Too much: what was held stays.
    expect((await cart(one('A', 6))).status).toBe(409);
    expect(await shelf('A', 'L1')).toMatchObject({ reserved: 5 });
    expect((await cart(one('A', 1))).status).toBe(201);
    expect(await shelf('A', 'L1')).toMatchObject({ reserved: 1 });
    inventory.at('2026-11-01T10:10:00.000Z');
    expect((await cart(one('A', 1))).body.expiresAt).toBe('2026-11-01T10:25:00.000Z');
    expect(await shelf('A', 'L1')).toMatchObject({ reserved: 1 });
  });

  it('until it gives it back, once', async () => {
    const { body } = await hold({ lines: one('A', 5), locationId: 'L1' });
    const path = `${PATH}/${body.reservationId}`;
    expect((await inventory.http('DELETE', path)).status).toBe(204);
    expect((await inventory.http('DELETE', path)).status).toBe(204);
    expect(await shelf('A', 'L1')).toMatchObject({ reserved: 0, available: 5 });
    expect((await inventory.http('DELETE', `${PATH}/never`)).status).toBe(404);
    expect(await inventory.items(`reservations?orderId=${body.reservationId}`)).toMatchObject([
      { state: 'released' },
    ]);
  });

  it('until its time is up, also when the books of another hold are broken', async () => {
    await hold({ lines: one('A', 5), locationId: 'L1', ttlSeconds: 60 });
    await hold({ lines: one('B', 3), locationId: 'L2', ttlSeconds: 60 });
    const { database } = inventory.runtime;
    const setReserved = (units: number) =>
      database.query(`update balances set reserved = $1 where sku = 'A' and location_id = 'L1'`, [
        units,
      ]);
    await setReserved(0);
    inventory.at('2026-11-01T10:01:00.000Z');
    await expect(expire()).rejects.toThrow('1 of 2 failed');
    expect(await shelf('B', 'L2')).toMatchObject({ reserved: 0 });
    // A checkout that is refused is told so, whatever became of the broken hold.
    expect((await hold({ lines: one('B', 4), locationId: 'L2' })).status).toBe(409);
    await setReserved(5);
    await expire();
    expect(await shelf('A', 'L1')).toMatchObject({ reserved: 0 });
  });

  it('or until its time is up: then who waits is served', async () => {
    const { body } = await hold({ lines: one('A', 5), locationId: 'L1', ttlSeconds: 60 });
    await inventory.propose('o1', 1, [], {
      final: true,
      onlyLocationId: 'L1',
      backorders: [line('1', 'A', 2)],
    });
    inventory.at('2026-11-01T10:00:59.999Z');
    await expire();
    expect(await shelf('A', 'L1')).toMatchObject({ reserved: 5 });
    inventory.at('2026-11-01T10:01:00.000Z');
    await expire();
    expect(await shelf('A', 'L1')).toMatchObject({ reserved: 2, available: 3 });
    expect(await inventory.items(`reservations?orderId=${body.reservationId}`)).toMatchObject([
      { state: 'expired' },
    ]);
    expect((await inventory.told()).map(({ type }) => type)).toEqual([
      'StockReserved',
      'StockOffered',
    ]);
  });

  it('and who asks for it then need not wait until somebody looks', async () => {
    await hold({ lines: one('A', 5), locationId: 'L1', ttlSeconds: 60 });
    inventory.at('2026-11-01T10:01:00.000Z');
    expect((await hold({ lines: one('A', 5), locationId: 'L1' })).status).toBe(201);
    expect((await hold({ lines: one('A'), locationId: 'L1' })).status).toBe(409);
  });

  it('not while somebody waits for it', async () => {
    await inventory.propose('o1', 1, [], {
      final: true,
      onlyLocationId: 'L1',
      backorders: [line('1', 'A', 9)],
    });
    expect((await hold({ lines: one('A'), locationId: 'L1' })).body.available).toEqual([
      { sku: 'A', locationId: 'L1', requested: 1, available: 0 },
    ]);
    expect((await hold({ lines: one('A') })).body.allocations).toMatchObject([
      { locationId: 'L2' },
    ]);
  });

  it('which goes first when a count finds less', async () => {
    await inventory.propose('o1', 1, [at('L1', line('1', 'A', 2))]);
    await hold({ lines: one('A', 3), locationId: 'L1' });
    const count = { type: 'count', sku: 'A', locationId: 'L1', quantity: 3, reason: 'count' };
    const { body } = await inventory.http('POST', '/v1/inventory/movements', count);
    expect(body.revoked).toMatchObject([{ quantity: 2 }]);
    expect((await inventory.told()).map(({ type }) => type)).toEqual(['StockReserved']);
    expect(await inventory.items('reservations?orderId=o1')).toMatchObject([
      { state: 'committed', released: 0 },
    ]);
  });

  it.each<[string, object]>([
    ['lines', { lines: [] }],
    ['lines[0].quantity', { lines: one('A', 0) }],
    ['lines[0].quantity', { lines: one('A', 1.5) }],
    ['lines[0].quantity', { lines: one('A', -1) }],
    ['lines[1].sku', { lines: [...one('A'), ...one('Z')] }],
    ['lines[0].sku', { lines: one('Z'), locationId: 'L1' }],
    ['locationId', { lines: one('A'), locationId: 'L9' }],
    ['ttlSeconds', { lines: one('A'), ttlSeconds: 0 }],
    ['colour', { lines: one('A'), colour: 'red' }],
  ])('and is told that %s breaks a rule', async (field, body) => {
    const answer = await hold(body);
    expect([answer.status, answer.headers['content-type']]).toEqual([
      422,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual([field]);
  });
});

describe('an order takes its hold over', () => {
  let inventory: Warehouse;
  const held = (quantity: number, lineId = '1') => ({
    ...line(lineId, 'A', quantity),
    reservationId: 'cart',
  });
  const told = async () =>
    (await inventory.told()).map(({ type, data }) => [type, data.allocations ?? data.holds]);

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A', 'B'], ['L1', 'L2']);
    await inventory.receive('A', 'L1', 3);
    const body = { reservationId: 'cart', lines: [{ sku: 'A', quantity: 3 }], locationId: 'L1' };
    expect((await inventory.http('POST', PATH, body)).status).toBe(201);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('although nothing else is left, wherever it lies, once', async () => {
    for (let times = 0; times < 2; times += 1)
      await inventory.propose('o1', 1, [], { held: [held(2), held(1, '2')] }, 'm');
    expect(await told()).toEqual([
      ['StockReserved', [at('L1', line('1', 'A', 2), line('2', 'A', 1))]],
    ]);
    expect(await inventory.stock('A', 'L1')).toMatchObject({ onHand: 3, reserved: 3 });
    expect(await inventory.items('reservations?sku=A')).toMatchObject([
      { orderId: 'o1', lineId: '1', state: 'committed' },
      { orderId: 'o1', lineId: '2', state: 'committed' },
    ]);
  });

  it('and what it does not need of it comes free', async () => {
    await inventory.propose('o1', 1, [], { held: [held(1)] });
    expect(await inventory.stock('A', 'L1')).toMatchObject({ reserved: 1, available: 2 });
  });

  it('but is told what the hold has when it has less, and keeps nothing then', async () => {
    await inventory.propose('o1', 1, [], { held: [held(4)], final: true });
    await inventory.propose('o2', 1, [], { held: [held(1)], onlyLocationId: 'L2' });
    await inventory.propose('o3', 1, [], { held: [{ ...held(1), reservationId: 'gone' }] });
    const nothing = { sku: 'A', locationId: null, quantity: 0 };
    expect(await told()).toEqual([
      ['StockRefused', [{ reservationId: 'cart', sku: 'A', locationId: 'L1', quantity: 3 }]],
      ['StockRefused', [{ reservationId: 'cart', ...nothing }]],
      ['StockRefused', [{ reservationId: 'gone', ...nothing }]],
    ]);
    expect(await inventory.items('reservations?orderId=cart')).toMatchObject([{ state: 'held' }]);
  });

  it('all or nothing with the rest of the attempt', async () => {
    const rest = [at('L2', line('2', 'B', 1))];
    await inventory.propose('o1', 1, rest, { held: [held(3)] });
    expect((await inventory.told()).map(({ type }) => type)).toEqual(['StockRefused']);
    await inventory.receive('B', 'L2', 1);
    await inventory.propose('o1', 2, rest, { held: [held(3)] });
    expect((await told()).at(-1)).toEqual([
      'StockReserved',
      [at('L1', line('1', 'A', 3)), at('L2', line('2', 'B', 1))],
    ]);
  });
});

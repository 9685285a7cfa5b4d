import { randomUUID } from 'node:crypto';
import type { ContractMessage } from '@throughline/contracts';
import { Database } from '@throughline/postgres';
import { faultyNetwork, freshDatabase, until } from '@throughline/testing';
import { parkableOf } from './key-parking.js';
import { ParkingLot } from './parking.js';
import { ReaderPositions } from './positions.js';

let database: Database;
beforeEach(async () => {
  database = await freshDatabase({ schema: 'reader' });
});
afterEach(() => database.stop());

const message = (key: string): ContractMessage => ({
  id: randomUUID(),
  type: 'OrderConfirmed',
  topic: 'oms.order',
  source: 'test',
  key,
  time: '2026-01-01T00:00:00.000Z',
  data: { orderId: key, note: 'half a pair: \ud800, and NUL: \u0000' },
  correlationId: 'c',
  causationId: 'c',
  stream: 's-1',
  streamRevision: 0,
});

describe('the positions of readers', () => {
  const quiet = (): undefined => undefined;

  it('are stored by themselves, the newest of each reader', async () => {
    const positions = new ReaderPositions(database, quiet);
    expect(await positions.load('g', 'oms.order')).toBeUndefined();
    positions.advance('g', 'oms.order', 3n, 'log');
    positions.advance('g', 'oms.order', 5n, 'log');
    positions.advance('g', 'oms.payment', 2n, 'log');
    await until(async () => (await positions.load('g', 'oms.order'))?.position === 5n);
    expect(await positions.load('g', 'oms.payment')).toEqual({ position: 2n, epoch: 'log' });
    expect(await positions.load('other', 'oms.order')).toBeUndefined();
  });

  it('never go back', async () => {
    const positions = new ReaderPositions(database, quiet);
    positions.advance('g', 'oms.order', 9n, 'log');
    await positions.flush();
    positions.advance('g', 'oms.order', 4n, 'log');
    await positions.flush();
    expect(await positions.load('g', 'oms.order')).toMatchObject({ position: 9n });
  });

  it('are not moved by a reader of another log, until an operator says where to go on', async () => {
    const positions = new ReaderPositions(database, quiet);
    positions.advance('g', 'oms.order', 9n, 'log');
    await positions.flush();
    positions.advance('g', 'oms.order', 12n, 'another');
    await positions.flush();
    expect(await positions.load('g', 'oms.order')).toEqual({ position: 9n, epoch: 'log' });
    await positions.set('g', 'oms.order', 4n);
    expect(await positions.load('g', 'oms.order')).toEqual({ position: 4n, epoch: undefined });
    positions.advance('g', 'oms.order', 5n, 'another');
    await positions.flush();
    expect(await positions.load('g', 'oms.order')).toEqual({ position: 5n, epoch: 'another' });
  });

  it('are stored later while the database is away, and not for ever after a stop', async () => {
    const network = await faultyNetwork(database.options.connectionString);
    const { connectionString } = network;
    const remote = new Database({ ...database.options, connectionString });
    const errors: unknown[] = [];
    const positions = new ReaderPositions(remote, (error) => errors.push(error));
    network.refuse();
    positions.advance('g', 'oms.order', 7n, 'log');
    await until(() => errors.length === 2);
    network.heal();
    const seen = new ReaderPositions(database, quiet);
    await until(async () => (await seen.load('g', 'oms.order'))?.position === 7n);
    network.refuse();
    positions.advance('g', 'oms.order', 8n, 'log');
    await positions.flush();
    expect(errors).toHaveLength(3);
    await remote.stop();
    await network.stop();
  });
});

describe('the parking lot', () => {
  const park = (group: string, one: ContractMessage, error = 'why', holdsKey = true) =>
    new ParkingLot(database).park(group, 'oms.order', parkableOf(one, null), error, holdsKey);

  it('keeps a message whole and once, whatever it says', async () => {
    const lot = new ParkingLot(database);
    const one = message('a');
    await park('g', one);
    await park('g', one, 'again');
    await park('other', one, 'theirs', false);
    const [parked, theirs] = await lot.list(10);
    expect(parked).toEqual({
      parkedId: parked!.parkedId,
      group: 'g',
      topic: 'oms.order',
      key: 'a',
      error: 'why',
      holdsKey: true,
      parkedAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/),
      replayRequestedAt: null,
      message: one,
      raw: null,
    });
    expect(theirs).toMatchObject({ group: 'other', holdsKey: false });
    expect(await lot.list(10)).toHaveLength(2);
    expect(await lot.get(parked!.parkedId)).toEqual(parked);
  });

  it('keeps the bytes of what could not be read, and lists it without them', async () => {
    const lot = new ParkingLot(database);
    const raw = {
      topic: 'oms.order',
      partition: 2,
      offset: '7',
      headers: { 'x-from': 'elsewhere\u0000' },
      bytes: 3,
      value: 'AAEC',
    };
    const unreadable = { id: randomUUID(), key: '', message: null, raw, partition: 2 };
    await lot.park('g', 'oms.order', unreadable, 'why', false);
    const [listed] = await lot.list(10);
    expect(listed).toMatchObject({ message: null, raw: { ...raw, value: '' } });
    expect(await lot.get(listed!.parkedId)).toMatchObject({ message: null, raw });
  });

  it('lists page by page, and what was asked for', async () => {
    const lot = new ParkingLot(database);
    const messages = ['a', 'b', 'a', 'b', 'a'].map(message);
    for (const one of messages) await park('g', one);
    await park('other', { ...message('a'), type: 'OrderLinesCancelled' });
    const first = await lot.list(3);
    const rest = await lot.list(3, first.at(-1)!.parkedId, { group: 'g' });
    expect([...first, ...rest].map((one) => one.message!.id)).toEqual(messages.map(({ id }) => id));
    const found = (filter: object) => lot.list(10, 0, filter).then(({ length }) => length);
    expect(await found({ key: 'a' })).toBe(4);
    expect(await found({ key: 'a', group: 'g' })).toBe(3);
    expect(await found({ type: 'OrderLinesCancelled' })).toBe(1);
    expect(await found({ type: 'OrderConfirmed', group: 'other' })).toBe(0);
  });

  it('says which keys are held, until nothing holds them', async () => {
    const lot = new ParkingLot(database);
    await park('g', message('free'), 'why', false);
    await park('g', message('held'));
    await park('other', message('theirs'));
    expect(await lot.heldKeys('g', 'oms.order')).toEqual(new Set(['held']));
    expect(await lot.heldKeys('g', 'oms.payment')).toEqual(new Set());
    for (const { parkedId } of await lot.list(10)) await lot.remove(parkedId);
    expect(await lot.heldKeys('g', 'oms.order')).toEqual(new Set());
    expect([await lot.list(10), await lot.get(1)]).toEqual([[], undefined]);
  });

  it('parks a message behind those of its key, and not when none is left', async () => {
    const lot = new ParkingLot(database);
    await park('g', message('a'));
    const behind = (key: string) =>
      lot.parkBehind('g', 'oms.order', parkableOf(message(key), null), 'behind');
    expect([await behind('a'), await behind('b')]).toEqual([true, false]);
    expect((await lot.list(10)).map(({ error }) => error)).toEqual(['why', 'behind']);
    for (const { parkedId } of await lot.list(10)) await lot.remove(parkedId);
    expect([await behind('a'), await lot.list(10)]).toEqual([false, []]);
  });

  it('parks nothing behind a message that is just being taken away', async () => {
    const lot = new ParkingLot(database);
    await park('g', message('a'));
    const [first] = await lot.list(1);
    let parking: Promise<boolean> | undefined;
    await database.transaction(async (tx) => {
      await tx.query('delete from bus_parked where parked_id = $1', [first!.parkedId]);
      parking = lot.parkBehind('g', 'oms.order', parkableOf(message('a'), null), 'behind');
      await until(async () => {
        const waiting = await database.query(
          `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        );
        return waiting.length > 0;
      });
    });
    expect([await parking, await lot.list(10)]).toEqual([false, []]);
  });
});

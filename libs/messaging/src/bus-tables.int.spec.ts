import { randomUUID } from 'node:crypto';
import type { ContractMessage } from '@throughline/contracts';
import { Database } from '@throughline/postgres';
import { faultyNetwork, freshDatabase, until } from '@throughline/testing';
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
    positions.advance('g', 'oms.order', 3n);
    positions.advance('g', 'oms.order', 5n);
    positions.advance('g', 'oms.payment', 2n);
    await until(async () => (await positions.load('g', 'oms.order')) === 5n);
    expect(await positions.load('g', 'oms.payment')).toBe(2n);
    expect(await positions.load('other', 'oms.order')).toBeUndefined();
  });

  it('never go back', async () => {
    const positions = new ReaderPositions(database, quiet);
    positions.advance('g', 'oms.order', 9n);
    await positions.flush();
    positions.advance('g', 'oms.order', 4n);
    await positions.flush();
    expect(await positions.load('g', 'oms.order')).toBe(9n);
  });

  it('are stored later while the database is away, and not for ever after a stop', async () => {
    const network = await faultyNetwork(database.options.connectionString);
    const { connectionString } = network;
    const remote = new Database({ ...database.options, connectionString });
    const errors: unknown[] = [];
    const positions = new ReaderPositions(remote, (error) => errors.push(error));
    network.refuse();
    positions.advance('g', 'oms.order', 7n);
    await until(() => errors.length === 2);
    network.heal();
    const seen = new ReaderPositions(database, quiet);
    await until(async () => (await seen.load('g', 'oms.order')) === 7n);
    network.refuse();
    positions.advance('g', 'oms.order', 8n);
    await positions.flush();
    expect(errors).toHaveLength(3);
    await remote.stop();
    await network.stop();
  });
});

describe('the parking lot', () => {
  it('keeps a message whole and once, whatever it says', async () => {
    const lot = new ParkingLot(database);
    const one = message('a');
    await lot.park('g', one, 'why', true);
    await lot.park('g', one, 'again', true);
    await lot.park('other', one, 'theirs', false);
    const [parked, theirs] = await lot.list(10);
    expect(parked).toEqual({
      parkedId: parked!.parkedId,
      group: 'g',
      topic: 'oms.order',
      key: 'a',
      error: 'why',
      holdsKey: true,
      parkedAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/),
      message: one,
    });
    expect(theirs).toMatchObject({ group: 'other', holdsKey: false });
    expect(await lot.count()).toBe(2);
    expect(await lot.get(parked!.parkedId)).toEqual(parked);
  });

  it('lists page by page, and the messages of a key in the order in which they came', async () => {
    const lot = new ParkingLot(database);
    const messages = ['a', 'b', 'a', 'b', 'a'].map(message);
    for (const one of messages) await lot.park('g', one, 'why', true);
    const first = await lot.list(3);
    const rest = await lot.list(3, first.at(-1)!.parkedId);
    expect([...first, ...rest].map(({ message: { id } }) => id)).toEqual(
      messages.map(({ id }) => id),
    );
    const ofKey = await lot.ofKey('g', 'oms.order', 'a');
    expect(ofKey.map(({ message: { id } }) => id)).toEqual([0, 2, 4].map((at) => messages[at]!.id));
  });

  it('says which keys are held, until nothing holds them', async () => {
    const lot = new ParkingLot(database);
    await lot.park('g', message('free'), 'why', false);
    await lot.park('g', message('held'), 'why', true);
    await lot.park('other', message('theirs'), 'why', true);
    expect(await lot.heldKeys('g', 'oms.order')).toEqual(new Set(['held']));
    expect(await lot.heldKeys('g', 'oms.payment')).toEqual(new Set());
    for (const { parkedId } of await lot.list(10)) await lot.remove(parkedId);
    expect(await lot.heldKeys('g', 'oms.order')).toEqual(new Set());
    expect([await lot.count(), await lot.get(1)]).toEqual([0, undefined]);
  });
});

import { Database, Lease, LEASE_MIGRATIONS, migrate } from './index.js';
import { faultyNetwork, freshDatabaseUrl, until } from '@throughline/testing';

let connectionString: string;
let ends: (() => Promise<unknown>)[];

const open = (url = connectionString): Database => {
  const database = new Database({
    connectionString: url,
    schema: 'leases',
    applicationName: 'test',
    connectionsMax: 2,
  });
  ends.push(() => database.stop());
  return database;
};
/** A process that competes, and says what it does. */
const compete = (who: string, said: string[], database = open()): Lease => {
  const lease = new Lease({ database, name: 'work', onError: () => undefined });
  ends.unshift(() => lease.stop());
  lease.start(async (signal) => {
    said.push(`${who} begins`);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    said.push(`${who} ends`);
  });
  return lease;
};

beforeEach(async () => {
  ends = [];
  connectionString = await freshDatabaseUrl();
  await migrate({ connectionString, schema: 'leases', sets: [LEASE_MIGRATIONS] });
});
afterEach(async () => {
  for (const end of ends) await end();
});

describe('a lease', () => {
  it('is held by one of several, and goes on to the next when that one stops', async () => {
    const said: string[] = [];
    const competing = ['a', 'b', 'c'].map((who) => compete(who, said));
    await until(() => said.length > 0);
    const first = competing.find(({ isHeld }) => isHeld)!;
    await first.stop();
    await until(() => said.length === 3);
    expect(said.map((words) => words.split(' ')[1])).toEqual(['begins', 'ends', 'begins']);
    expect(said[0]!.split(' ')[0]).not.toBe(said[2]!.split(' ')[0]);
    expect(competing.filter(({ isHeld }) => isHeld)).toHaveLength(1);
  });

  it('is lost by a holder that is cut off, before another one has it', async () => {
    const said: string[] = [];
    const network = await faultyNetwork(connectionString);
    ends.push(() => network.stop());
    compete('cut off', said, open(network.connectionString));
    await until(() => said.length === 1);
    compete('next', said);
    network.freeze();
    await until(() => said.length === 3, { deadlineMs: 30_000 });
    network.heal();
    network.cut();
    expect(said).toEqual(['cut off begins', 'cut off ends', 'next begins']);
  });

  it('goes on when the work failed', async () => {
    let tries = 0;
    const lease = new Lease({ database: open(), name: 'work', onError: () => undefined });
    ends.unshift(() => lease.stop());
    lease.start(async () => {
      tries += 1;
      throw new Error('no');
    });
    await until(() => tries === 2);
  });
});

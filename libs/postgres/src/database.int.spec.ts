import { TransientError } from '@throughline/kernel';
import { faultyNetwork, freshDatabaseUrl, until, type FaultyNetwork } from '@throughline/testing';
import {
  CONNECT_TIMEOUT_MS,
  Database,
  LOCK_TIMEOUT_MS,
  QUERY_TIMEOUT_MS,
  STATEMENT_TIMEOUT_MS,
} from './database.js';

/** A busy machine may be late; it must not wait for ever. */
const TOLERANCE_MS = 3_000;

type World = {
  readonly url: string;
  /** Two connections, straight. */
  readonly database: Database;
  /** One connection, through the network. */
  readonly remote: Database;
  readonly network: FaultyNetwork;
  amountOf(id: number): Promise<number | undefined>;
};

const open = (connectionString: string, connectionsMax: number): Database =>
  new Database({ connectionString, schema: 'public', applicationName: 'test', connectionsMax });

/** Runs a test on a database of its own, so that tests that wait can wait side by side. */
const inWorld = (test: (world: World) => Promise<void>) => async (): Promise<void> => {
  const url = await freshDatabaseUrl();
  const network = await faultyNetwork(url);
  const database = open(url, 2);
  const remote = open(network.connectionString, 1);
  const amountOf = async (id: number): Promise<number | undefined> => {
    const sql = 'select amount from item where id = $1';
    return (await database.query<{ amount: number }>(sql, [id]))[0]?.amount;
  };
  try {
    await database.query('create table item (id integer primary key, amount integer not null)');
    await database.query('insert into item values (1, 10), (2, 20)');
    await test({ url, database, remote, network, amountOf });
  } finally {
    await network.stop();
    await Promise.all([remote.stop(), database.stop()]);
  }
};

/** How long it took until `call` was refused as "not now". */
const refusedAfterMs = async (call: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await expect(call()).rejects.toBeInstanceOf(TransientError);
  return performance.now() - startedAt;
};
const expectAbout = (durationMs: number, deadlineMs: number): void => {
  expect(durationMs).toBeGreaterThan(deadlineMs - 100);
  expect(durationMs).toBeLessThan(deadlineMs + TOLERANCE_MS);
};

/** Holds a transaction open until `letGo`. */
const held = async (database: Database, sql: string) => {
  let letGo = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isHeld = false;
  const done = database.transaction(async (tx) => {
    await tx.query(sql);
    isHeld = true;
    await released;
  });
  await until(() => isHeld);
  return { letGo, done };
};

/** Asks again until it is answered. */
const untilAnswered = (database: Database, sql: string) =>
  until(async () => {
    try {
      return await database.query(sql);
    } catch {
      return undefined;
    }
  });

describe('a wait ends', () => {
  it.concurrent(
    'when a statement takes too long, and the connection goes on',
    inWorld(async ({ remote, network }) => {
      const sleep = (): Promise<unknown> => remote.query('select pg_sleep(9)');
      expectAbout(await refusedAfterMs(sleep), STATEMENT_TIMEOUT_MS);
      await remote.query('select 1');
      expect(network.made()).toBe(1);
    }),
  );

  it.concurrent(
    'when another transaction holds the lock, and the connection goes on',
    inWorld(async ({ database, remote, network, amountOf }) => {
      const { letGo, done } = await held(database, 'select from item where id = 1 for update');
      const update = 'update item set amount = 11 where id = 1';
      expectAbout(await refusedAfterMs(() => remote.query(update)), LOCK_TIMEOUT_MS);
      const inTransaction = (): Promise<unknown> => remote.transaction((tx) => tx.query(update));
      expectAbout(await refusedAfterMs(inTransaction), LOCK_TIMEOUT_MS);
      letGo();
      await done;
      await remote.query(update);
      expect(network.made()).toBe(1);
      expect(await amountOf(1)).toBe(11);
    }),
  );

  it.concurrent(
    'when every connection is taken',
    inWorld(async ({ database, amountOf }) => {
      const holders = [await held(database, 'select 1'), await held(database, 'select 1')];
      expectAbout(await refusedAfterMs(() => database.query('select 1')), CONNECT_TIMEOUT_MS);
      for (const { letGo, done } of holders) {
        letGo();
        await done;
      }
      expect(await amountOf(1)).toBe(10);
    }),
  );

  it.concurrent(
    'when the server no longer answers, and that connection is never used again',
    inWorld(async ({ remote, network }) => {
      await remote.query('select 1');
      network.freeze();
      expectAbout(await refusedAfterMs(() => remote.query('select 1')), QUERY_TIMEOUT_MS);
      expectAbout(await refusedAfterMs(() => remote.query('select 1')), CONNECT_TIMEOUT_MS);
      network.heal();
      await remote.query('select 1');
      expect(network.made()).toBe(3);
    }),
  );

  it.concurrent(
    'when the server no longer answers within a transaction, and its work is undone',
    inWorld(async ({ database, remote, network, amountOf }) => {
      const call = (): Promise<unknown> =>
        remote.transaction(async (tx) => {
          await tx.query('update item set amount = 0 where id = 1');
          network.freeze();
          await tx.query('select 1');
        });
      expectAbout(await refusedAfterMs(call), QUERY_TIMEOUT_MS);
      network.cut();
      await untilAnswered(database, 'update item set amount = amount + 1 where id = 1');
      expect(await amountOf(1)).toBe(11);
    }),
  );

  it.concurrent(
    'when nobody listens',
    inWorld(async ({ remote, network }) => {
      await network.stop();
      await expect(remote.query('select 1')).rejects.toBeInstanceOf(TransientError);
    }),
  );

  it.concurrent(
    'for others, when a transaction does nothing for too long',
    inWorld(async ({ database, remote, amountOf }) => {
      const { letGo, done } = await held(database, 'select from item where id = 1 for update');
      const lost = expect(done).rejects.toBeInstanceOf(TransientError);
      await untilAnswered(remote, 'update item set amount = 11 where id = 1');
      letGo();
      await lost;
      expect(await amountOf(1)).toBe(11);
    }),
  );
});

describe('a broken connection', () => {
  it(
    'fails its own call as "not now" and is replaced',
    inWorld(async ({ database, remote, network }) => {
      const call = remote.query('select pg_sleep(1)');
      await until(async () => {
        const sql = `select from pg_stat_activity where query = 'select pg_sleep(1)'`;
        return (await database.query(sql)).length > 0;
      });
      network.cut();
      await expect(call).rejects.toBeInstanceOf(TransientError);
      await remote.query('select 1');
      expect(network.made()).toBe(2);
    }),
  );

  it(
    'that was idle ends nothing',
    inWorld(async ({ remote, network }) => {
      await remote.query('select 1');
      network.cut();
      await untilAnswered(remote, 'select 1');
      expect(network.made()).toBe(2);
    }),
  );
});

describe('a transaction', () => {
  it(
    'commits what it did, and answers with its result',
    inWorld(async ({ database, amountOf }) => {
      const result = await database.transaction(async (tx) => {
        await tx.query('update item set amount = amount - 3 where id = 1');
        await tx.query('update item set amount = amount + 3 where id = 2');
        return 'moved';
      });
      expect([result, await amountOf(1), await amountOf(2)]).toEqual(['moved', 7, 23]);
    }),
  );

  it(
    'is undone when its work throws, and passes the error on',
    inWorld(async ({ remote, network, amountOf }) => {
      const error = new Error('no');
      const call = remote.transaction(async (tx) => {
        await tx.query('delete from item');
        throw error;
      });
      await expect(call).rejects.toBe(error);
      expect(await amountOf(1)).toBe(10);
      await remote.query('select 1');
      expect(network.made()).toBe(1);
    }),
  );

  it(
    'is undone when a statement is refused, as a fault and not as "not now"',
    inWorld(async ({ database, amountOf }) => {
      const call = database.transaction(async (tx) => {
        await tx.query('update item set amount = 0 where id = 1');
        await tx.query('insert into item values (2, 0)');
      });
      await expect(call).rejects.toMatchObject({ code: '23505' });
      expect(await amountOf(1)).toBe(10);
    }),
  );

  it(
    'does not pass for committed when its work took no notice of an error',
    inWorld(async ({ database, amountOf }) => {
      const call = database.transaction(async (tx) => {
        await tx.query('update item set amount = 0 where id = 1');
        await tx.query('insert into item values (2, 0)').catch(() => undefined);
      });
      await expect(call).rejects.toThrow(/nothing was committed/);
      expect(await amountOf(1)).toBe(10);
    }),
  );

  it(
    'tells the error of its work, not that of a connection that broke then',
    inWorld(async ({ remote, network, amountOf }) => {
      const error = new Error('no');
      const call = remote.transaction(async (tx) => {
        await tx.query('select 1');
        network.cut();
        throw error;
      });
      await expect(call).rejects.toBe(error);
      expect(await amountOf(1)).toBe(10);
    }),
  );
});

describe('a query', () => {
  it(
    'reads big integers as numbers',
    inWorld(async ({ database }) => {
      const rows = await database.query('select 9007199254740991::bigint as most');
      expect(rows).toEqual([{ most: 9_007_199_254_740_991 }]);
    }),
  );

  it(
    'finds unqualified names in the schema of the service, until it is stopped',
    inWorld(async ({ url, database }) => {
      await database.query('create schema shop create table till (id integer)');
      const options = { connectionString: url, applicationName: 'test', connectionsMax: 1 };
      const shop = new Database({ ...options, schema: 'shop' });
      expect(await shop.query('select * from till')).toEqual([]);
      await shop.stop();
      await expect(shop.query('select 1')).rejects.toBeInstanceOf(TransientError);
    }),
  );
});

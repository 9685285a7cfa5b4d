import { randomUUID } from 'node:crypto';
import { Database } from '@throughline/postgres';

const SCHEMA = 'textbook';
/** How often an optimistic reservation is tried before its client is sent away. */
const TRIES_MAX = 20;
const PAUSE_MS = 5;
const PAUSE_MAX_MS = 500;

/** What an order asks for. */
export type Order = { readonly sku: string; readonly quantity: number };
/** `failed`: the race was lost too often. `retries`: how often it was lost. */
export type Reserved = {
  readonly outcome: 'reserved' | 'refused' | 'failed';
  readonly retries: number;
};
export type Way = (database: Database, order: Order) => Promise<Reserved>;

export const textbookDatabase = (connectionString: string, connectionsMax: number): Database =>
  new Database({ connectionString, schema: SCHEMA, applicationName: 'textbook', connectionsMax });

/** Empty tables, and so many units of a SKU. */
export const stockTextbook = async (
  database: Database,
  sku: string,
  units: number,
): Promise<void> => {
  await database.query(`create schema if not exists ${SCHEMA}`);
  await database.query(`
    create table if not exists stock (sku text primary key, on_hand bigint not null, reserved bigint not null,
      version bigint not null, check (0 <= reserved and reserved <= on_hand))`);
  await database.query(`
    create table if not exists reservations (reservation_id uuid primary key, sku text not null,
      quantity bigint not null, at timestamptz not null default now())`);
  await database.query('truncate stock, reservations');
  await database.query('insert into stock values ($1, $2, 0, 0)', [sku, units]);
};

/** Units reserved, as the stock says and as the reservations say. */
export const textbookReserved = async (database: Database): Promise<readonly [number, number]> => {
  const [row] = await database.query<{ stock: number; reservations: number }>(`
    select (select sum(reserved)::bigint from stock) as stock,
      (select coalesce(sum(quantity), 0)::bigint from reservations) as reservations`);
  return [row!.stock, row!.reservations];
};

const INSERT = 'insert into reservations (reservation_id, sku, quantity) values ($1, $2, $3)';
const insert = ({ sku, quantity }: Order) => ({
  name: 'textbook-insert',
  text: INSERT,
  values: [randomUUID(), sku, quantity],
});

/** Locks the stock, looks, and reserves: every order waits until the one before it is on disk. */
export const lockingWay: Way = (database, order) =>
  database.transaction(async (tx) => {
    const { rows } = await tx.query<{ free: number }>({
      name: 'textbook-lock',
      text: 'select on_hand - reserved as free from stock where sku = $1 for update',
      values: [order.sku],
    });
    if ((rows[0]?.free ?? 0) < order.quantity) return { outcome: 'refused', retries: 0 };
    await tx.query({
      name: 'textbook-update',
      text: 'update stock set reserved = reserved + $2 where sku = $1',
      values: [order.sku, order.quantity],
    });
    await tx.query(insert(order));
    return { outcome: 'reserved', retries: 0 };
  });

/** Twice as long each time, with full jitter. */
const pause = (tries: number): Promise<void> =>
  new Promise((resolve) =>
    setTimeout(resolve, Math.random() * Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** tries)),
  );

/** Looks without a lock, and reserves if nobody came in between; otherwise looks again after a moment. */
export const optimisticWay: Way = async (database, order) => {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const [seen] = await database.query<{ free: number; version: number }>(
      'select on_hand - reserved as free, version from stock where sku = $1',
      [order.sku],
      'textbook-look',
    );
    if ((seen?.free ?? 0) < order.quantity) return { outcome: 'refused', retries: tries };
    const isFirst = await database.transaction(async (tx) => {
      const { rowCount } = await tx.query({
        name: 'textbook-compare',
        text: `update stock set reserved = reserved + $2, version = version + 1
          where sku = $1 and version = $3`,
        values: [order.sku, order.quantity, seen!.version],
      });
      if (rowCount === 1) await tx.query(insert(order));
      return rowCount === 1;
    });
    if (isFirst) return { outcome: 'reserved', retries: tries };
    await pause(tries);
  }
  return { outcome: 'failed', retries: TRIES_MAX };
};

export const WAYS = { 'for-update': lockingWay, optimistic: optimisticWay } as const;
export type WayName = keyof typeof WAYS;

import type { PoolClient } from 'pg';
import { ask } from './ask.js';
import { shelfKey } from './domain/books.js';
import type { Footprint } from './domain/footprint.js';
import type { Shelf } from './domain/ledger.js';
import type { Backorder, Balance, Kit } from './domain/rows.js';
import { backorderOf, type BackorderRow } from './ledger-rows.js';

/** Places in the queue that one batch reads, and so offers that it makes; a task goes on with the rest. */
const QUEUE_ROWS_MAX = 4_000;

const OF_ORDERS = `select * from backorders where order_id = any($1)`;

/**
 * A channel whose share is used up keeps nobody from being served, unless this batch may give some of it back
 * (`$5`); nor does one whose buffer is more than the shelf has.
 */
const WAITING = `
  select b.*, shelf.location_id
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
    as shelf (sku, location_id, rows_max, free)
  cross join lateral (
    select b.* from backorders b
    left join listings l on l.channel = b.channel and l.sku = b.sku
    where b.sku = shelf.sku and b.offered < b.quantity
      and (b.only_location_id is null or b.only_location_id = shelf.location_id)
      and not shelf.location_id = any(b.declined)
      and (l.quota is null or l.taken < l.quota or b.channel = any($5))
      and (l.buffer is null or l.buffer < shelf.free)
    order by -b.priority, b.since, b.order_id, b.line_id
    limit shelf.rows_max
  ) as b`;

/** All that the orders wait for. */
export const ofOrders = async (
  tx: PoolClient,
  orderIds: ReadonlySet<string>,
): Promise<Backorder[]> => {
  const rows = await ask<BackorderRow>(tx, 'ledger-backorders', OF_ORDERS, [[...orderIds]]);
  return rows.map(backorderOf);
};

export type Waiting = { readonly rows: Backorder[]; readonly longQueues: Shelf[] };

/** Units that each shelf may come to have free; of a kit, whole ones. */
const unitsOf = (
  { shelves }: Footprint,
  balances: readonly Balance[],
  kits: readonly Kit[],
): ((shelf: Shelf) => number) => {
  // Who may not have the safety stock must not stand before those who may have the rest.
  const keptOf = (row: Balance): number =>
    shelves.get(shelfKey(row))?.isKept ? 0 : row.safetyStock;
  const promised = new Map(
    balances.map((row) => [
      shelfKey(row),
      row.uncounted ? QUEUE_ROWS_MAX : Math.max(0, row.onHand - row.reserved - keptOf(row)),
    ]),
  );
  const parts = new Map(kits.map((kit) => [kit.sku, kit.parts]));
  const ofShelf = (shelf: Shelf): number =>
    (promised.get(shelfKey(shelf)) ?? 0) + (shelves.get(shelfKey(shelf))?.raised ?? 0);
  return ({ sku, locationId }) =>
    Math.min(
      ...(parts.get(sku) ?? [{ sku, perKit: 1 }]).map((part) =>
        Math.floor(ofShelf({ sku: part.sku, locationId }) / part.perKit),
      ),
    );
};

/**
 * Whoever waits first for each shelf: as many as it may come to serve, or one, to know that it is owed.
 * `channels`: those that may get back some of their share.
 */
export const waitingOf = async (
  tx: PoolClient,
  footprint: Footprint,
  balances: readonly Balance[],
  kits: readonly Kit[],
  channels: ReadonlySet<string>,
): Promise<Waiting> => {
  const { shelves, queueSkus } = footprint;
  const units = unitsOf(footprint, balances, kits);
  const wanted = [...shelves.values()].map((use) => {
    const free = units(use);
    return { ...use, free, rowsMax: queueSkus.has(use.sku) ? free + 1 : 1 };
  });
  const total = wanted.reduce((sum, { rowsMax }) => sum + rowsMax, 0);
  const perShelfMax =
    total <= QUEUE_ROWS_MAX ? total : Math.max(1, Math.floor(QUEUE_ROWS_MAX / wanted.length));
  const asked = wanted.map((use) => ({ ...use, rowsMax: Math.min(use.rowsMax, perShelfMax) }));
  if (asked.length === 0) return { rows: [], longQueues: [] };
  const rows = await ask<BackorderRow & { location_id: string }>(tx, 'ledger-waiting', WAITING, [
    asked.map(({ sku }) => sku),
    asked.map(({ locationId }) => locationId),
    asked.map(({ rowsMax }) => rowsMax),
    asked.map(({ free }) => free),
    [...channels],
  ]);
  const found = new Map<string, number>();
  for (const { sku, location_id: locationId } of rows) {
    const key = shelfKey({ sku, locationId });
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return {
    rows: rows.map(backorderOf),
    longQueues: asked.filter((shelf) => found.get(shelfKey(shelf)) === shelf.rowsMax),
  };
};

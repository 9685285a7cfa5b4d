import type { PoolClient } from 'pg';
import { arrayLiteral } from './array-literal.js';
import type { Balance } from './domain/rows.js';
import { raise, useShelf, type Footprint } from './domain/footprint.js';
import type { Shelf } from './domain/ledger.js';

/** Rows beside the named ones that a batch locks because a SKU may have to wait while they hold some of it. */
const SPREAD_ROWS_MAX = 2_000;
const SPREAD_ROWS_PER_SKU_MAX = 50;

const CLOSING = `
  select r.sku, r.location_id, r.quantity - r.consumed - r.released as units
  from unnest($1::text[], $2::integer[]) as closing (order_id, attempt)
  join attempts a using (order_id, attempt) join reservations r using (attempt_id)
  where r.consumed + r.released < r.quantity`;

const OFFERED = `
  select l.sku, o.location_id, l.quantity as units
  from offers o join offer_lines l using (offer_id)
  where o.offer_id = any($1) and o.state = 'open'`;

const OFFERED_TO = `
  select l.sku, o.location_id, l.quantity as units
  from offers o join offer_lines l using (offer_id)
  where o.order_id = any($1) and o.state = 'open' and l.sku = any($2)`;

// NO KEY UPDATE: new shelves of the SKU may still refer to it.
const LOCK_SKUS = `
  select sku from items where sku = any($1) order by sku for no key update`;

const LOCK_SHELVES = `
  select b.sku, b.location_id, b.on_hand, b.reserved, b.safety_stock, b.version
  from (
    select sku, location_id from unnest($1::text[], $2::text[]) as named (sku, location_id)
    union
    select spread.sku, spread.location_id
    from unnest($3::text[]) as wanted (sku)
    cross join lateral (
      select s.sku, s.location_id from balances s join locations l using (location_id)
      where s.sku = wanted.sku and s.available > 0 and l.active
      order by s.location_id limit $4
    ) as spread
  ) as keys
  join balances b using (sku, location_id)
  order by b.sku, b.location_id
  for update of b`;

type UnitsRow = { sku: string; location_id: string; units: number };
type BalanceRow = {
  sku: string;
  location_id: string;
  on_hand: number;
  reserved: number;
  safety_stock: number;
  version: number;
};

const noteUnits = (footprint: Footprint, rows: readonly UnitsRow[]): void => {
  for (const { sku, location_id: locationId, units } of rows)
    raise(footprint, { sku, locationId }, units);
};

/** Locks SKUs as a whole, in order. Answers those that the catalogue knows. */
export const lockSkus = async (tx: PoolClient, skus: readonly string[]): Promise<string[]> => {
  if (skus.length === 0) return [];
  const { rows } = await tx.query<{ sku: string }>({
    name: 'ledger-lock-skus',
    text: LOCK_SKUS,
    values: [arrayLiteral(skus)],
  });
  return rows.map(({ sku }) => sku);
};

/**
 * Locks what the batch may change, always in the same order: SKUs whose queue may change, then shelves, each
 * sorted. Who frees stock and who queues for it hold the same SKU, so neither can miss the other. Adds to the
 * footprint what only the database knows, and answers the known SKUs and the balances as they stand now.
 */
export const lockLedger = async (
  tx: PoolClient,
  footprint: Footprint,
): Promise<{ readonly skus: string[]; readonly balances: Balance[] }> => {
  const { closing, offerIds, offersOf, queueSkus, spreadSkus } = footprint;
  if (closing.size > 0) {
    const attempts = [...closing.values()];
    const values = [attempts.map(({ orderId }) => orderId), attempts.map((one) => one.attempt)];
    const name = 'ledger-closing';
    noteUnits(footprint, (await tx.query<UnitsRow>({ name, text: CLOSING, values })).rows);
  }
  if (offerIds.size > 0) {
    const name = 'ledger-offered';
    const values = [[...offerIds]];
    const { rows } = await tx.query<UnitsRow>({ name, text: OFFERED, values });
    noteUnits(footprint, rows);
    for (const { sku } of rows) spreadSkus.add(sku);
  }
  const skus = await lockSkus(tx, [...queueSkus]);
  if (offersOf.size > 0) {
    // Offers of these SKUs are only made under their locks, so none can come in between.
    const name = 'ledger-offered-to';
    const values = [[...offersOf], [...queueSkus]];
    noteUnits(footprint, (await tx.query<UnitsRow>({ name, text: OFFERED_TO, values })).rows);
  }
  const named = [...footprint.shelves.values()];
  return { skus, balances: await lockShelves(tx, footprint, named, [...spreadSkus]) };
};

/**
 * Locks the shelves named, and those that have some of the SKUs that may have to wait. Answers their balances
 * as they stand now.
 */
export const lockShelves = async (
  tx: PoolClient,
  footprint: Footprint,
  named: readonly Shelf[],
  spreadSkus: readonly string[],
): Promise<Balance[]> => {
  const perSku = Math.floor(SPREAD_ROWS_MAX / Math.max(1, spreadSkus.length));
  const { rows } = await tx.query<BalanceRow>({
    name: 'ledger-lock-shelves',
    text: LOCK_SHELVES,
    values: [
      arrayLiteral(named.map(({ sku }) => sku)),
      arrayLiteral(named.map(({ locationId }) => locationId)),
      arrayLiteral(spreadSkus),
      Math.min(SPREAD_ROWS_PER_SKU_MAX, Math.max(1, perSku)),
    ],
  });
  const balances = rows.map((row) => ({
    sku: row.sku,
    locationId: row.location_id,
    onHand: row.on_hand,
    reserved: row.reserved,
    safetyStock: row.safety_stock,
    version: row.version,
  }));
  for (const balance of balances) useShelf(footprint, balance);
  return balances;
};

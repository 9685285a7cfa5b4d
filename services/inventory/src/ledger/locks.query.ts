import type { PoolClient } from 'pg';
import { arrayLiteral } from './array-literal.js';
import { raise, spreadKits, useShelf, type Footprint } from './domain/footprint.js';
import type { Shelf } from './domain/ledger.js';
import type { Balance, Kit } from './domain/rows.js';
import { kitsOf } from './kits.query.js';

/** Rows beside the named ones that a batch locks because a SKU may have to wait while they hold some of it. */
const SPREAD_ROWS_MAX = 2_000;
const SPREAD_ROWS_PER_SKU_MAX = 50;

/**
 * What of reservations may come free beside the shelves that are named anyway: of attempts that are closed, of
 * kits, and of holds.
 */
const OPEN = `
  select r.sku, r.location_id, r.quantity - r.consumed - r.released as units
  from unnest($1::text[], $2::integer[], $3::boolean[]) as named (order_id, attempt, closes)
  join attempts a using (order_id, attempt) join reservations r using (attempt_id)
  where r.consumed + r.released < r.quantity and (named.closes or r.kit_sku is not null)
  union all
  select r.sku, r.location_id, r.quantity - r.consumed - r.released
  from attempts a join reservations r using (attempt_id)
  where a.order_id = any($4) and a.owner = 'checkout' and a.outcome = 'reserved'
    and r.consumed + r.released < r.quantity`;

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
  select b.sku, b.location_id, b.on_hand, b.reserved, b.safety_stock, b.uncounted,
    b.lead_time_days, b.below_buffer_since is not null as below_buffer, b.version
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
  uncounted: boolean;
  lead_time_days: number | null;
  below_buffer: boolean;
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
 * footprint what only the database knows, and answers the known SKUs, the kits concerned and the balances as
 * they stand now.
 */
export const lockLedger = async (
  tx: PoolClient,
  footprint: Footprint,
): Promise<{
  readonly skus: string[];
  readonly balances: Balance[];
  readonly kits: readonly Kit[];
}> => {
  const { offerIds, offersOf, queueSkus, spreadSkus, lineSkus } = footprint;
  await noteOpen(tx, footprint);
  if (offerIds.size > 0) {
    const name = 'ledger-offered';
    const values = [[...offerIds]];
    const { rows } = await tx.query<UnitsRow>({ name, text: OFFERED, values });
    noteUnits(footprint, rows);
    for (const { sku } of rows) spreadSkus.add(sku);
  }
  const { kits, hasOthers } = await kitsOf(tx, lineSkus, queueSkus);
  spreadKits(footprint, kits);
  const skus = await lockSkus(tx, [...queueSkus]);
  const late = hasOthers ? await lockLateKits(tx, footprint, kits) : { skus: [], kits };
  if (offersOf.size > 0) {
    // Offers of these SKUs are only made under their locks, so none can come in between.
    const name = 'ledger-offered-to';
    const values = [[...offersOf], [...queueSkus]];
    noteUnits(footprint, (await tx.query<UnitsRow>({ name, text: OFFERED_TO, values })).rows);
  }
  const named = [...footprint.shelves.values()];
  const balances = await lockShelves(tx, footprint, named, [...spreadSkus]);
  // Those of shelves that the parts were found on.
  spreadKits(footprint, late.kits);
  return { skus: [...skus, ...late.skus], balances, kits: late.kits };
};

const noteOpen = async (tx: PoolClient, footprint: Footprint): Promise<void> => {
  const { reservations, closing, holdIds } = footprint;
  if (reservations.size + holdIds.size === 0) return;
  const named = [...reservations];
  const values = [
    arrayLiteral(named.map(([, { orderId }]) => orderId)),
    arrayLiteral(named.map(([, { attempt }]) => attempt)),
    arrayLiteral(named.map(([key]) => closing.has(key))),
    arrayLiteral([...holdIds]),
  ];
  const name = 'ledger-open';
  noteUnits(footprint, (await tx.query<UnitsRow>({ name, text: OPEN, values })).rows);
};

/**
 * Somebody may have begun to wait for a kit before its parts were locked. Rare, and locked late: where that
 * meets another batch head-on, one of the two is tried again.
 */
const lockLateKits = async (
  tx: PoolClient,
  footprint: Footprint,
  known: readonly Kit[],
): Promise<{ readonly skus: string[]; readonly kits: readonly Kit[] }> => {
  const { kits } = await kitsOf(tx, footprint.lineSkus, footprint.queueSkus);
  if (kits.length === known.length) return { skus: [], kits: known };
  const before = new Set(footprint.queueSkus);
  spreadKits(footprint, kits);
  const late = [...footprint.queueSkus].filter((sku) => !before.has(sku));
  return { skus: await lockSkus(tx, late), kits };
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
    uncounted: row.uncounted,
    leadTimeDays: row.lead_time_days,
    belowBuffer: row.below_buffer,
    version: row.version,
  }));
  for (const balance of balances) useShelf(footprint, balance);
  return balances;
};

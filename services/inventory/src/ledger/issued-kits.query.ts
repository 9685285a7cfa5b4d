import type { PoolClient } from 'pg';
import { ask } from './ask.js';
import { asideOf, raise, type Footprint } from './domain/footprint.js';
import { issuedKey } from './domain/issued.js';
import type { Part } from './domain/ledger.js';
import type { HeldKit, IssuedKit } from './domain/rows.js';
import type { LedgerChanges } from './domain/ledger.decider.js';
import { json, write } from './write.js';

// Locked before all else: two returns of one line must not both take what left once.
const ISSUED = `
  select issue_id as "issueId", order_id as "orderId", line_id as "lineId", sku, parts, quantity, returned
  from issued_kits where order_id = any($1) order by sequence for update`;

const RESERVED = `
  select a.order_id as "orderId", a.attempt, r.line_id as "lineId", r.location_id as "locationId",
    r.kit_sku as sku, r.quantity / r.per_kit as quantity, r.sku as part, r.per_kit as "perKit",
    r.consumed + r.released < r.quantity as "isOpen"
  from attempts a join reservations r using (attempt_id)
  where a.order_id = any($1) and a.owner = 'order' and r.kit_sku is not null`;

const NEW = `
  insert into issued_kits (issue_id, order_id, line_id, sku, parts, quantity, returned)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::bigint[],
    $7::bigint[])
  on conflict (issue_id) do update set returned = excluded.returned`;

type ReservedRow = HeldKit & { part: string; perKit: number; isOpen: boolean };
export type IssuedKits = {
  readonly issuedKits: readonly IssuedKit[];
  readonly heldKits: readonly HeldKit[];
};

/**
 * What kits consisted of that left with the orders whose goods come back. Adds to the footprint the shelves that
 * their parts may come back to.
 */
export const issuedKitsOf = async (tx: PoolClient, footprint: Footprint): Promise<IssuedKits> => {
  const { returns } = footprint;
  if (returns.length === 0) return { issuedKits: [], heldKits: [] };
  const orders = [[...new Set(returns.map(({ orderId }) => orderId))]];
  const issuedKits = await ask<IssuedKit>(tx, 'ledger-issued-kits', ISSUED, orders);
  const reserved = await ask<ReservedRow>(tx, 'ledger-reserved-kits', RESERVED, orders);
  const parts = new Map<string, Part[]>();
  const note = (key: string, part: Part): void =>
    void parts.set(key, [...(parts.get(key) ?? []), part]);
  for (const row of issuedKits) for (const part of row.parts) note(issuedKey(row), part);
  // They may leave in this very batch.
  for (const row of reserved) note(issuedKey(row), { sku: row.part, perKit: row.perKit });
  for (const { locationId, ...line } of returns)
    for (const { sku, perKit } of parts.get(issuedKey(line)) ?? []) {
      raise(footprint, { sku, locationId }, line.quantity * perKit);
      asideOf(footprint, { sku, locationId });
      footprint.lineSkus.add(sku);
    }
  return { issuedKits, heldKits: reserved.filter(({ isOpen }) => isOpen) };
};

/** Adds what left, and counts what came back. */
export const writeIssuedKits = async (
  tx: PoolClient,
  { issuedKits }: LedgerChanges,
): Promise<void> => {
  await write(tx, 'issued-kits', NEW, issuedKits, [
    (row) => row.issueId,
    (row) => row.orderId,
    (row) => row.lineId,
    (row) => row.sku,
    (row) => json(row.parts),
    (row) => row.quantity,
    (row) => row.returned,
  ]);
};

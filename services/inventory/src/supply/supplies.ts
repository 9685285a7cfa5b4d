import type { Asker } from '@throughline/event-store';
import type { Runtime } from '@throughline/service-kit';
import type { PoolClient } from 'pg';
import { arrayLiteral } from '../ledger/array-literal.js';
import { write } from '../ledger/write.js';
import { close, endOf, revise, type SupplyRejection } from './domain/revision.js';
import {
  inboundOf,
  type ClosureReason,
  type EtaChange,
  type Supply,
  type Wanted,
} from './domain/supply.js';
import { supplyOf, type LineRow, type SupplyRow } from './supply-rows.js';

export type Outcome<Done> =
  | { readonly ok: true; readonly done: Done }
  | { readonly ok: false; readonly rejection: SupplyRejection };
export type Supplies = {
  /** Makes the document or changes it; the same again changes nothing. Every SKU and location must be known. */
  put(
    supplyId: string,
    wanted: Wanted,
    asker: Asker,
  ): Promise<Outcome<{ readonly isNew: boolean }>>;
  /** Ends it, whatever was still expected; what ended already stays as it is. Undefined: there is none. */
  close(
    supplyId: string,
    reason: ClosureReason,
    because: string,
  ): Promise<Outcome<Supply> | undefined>;
};

const NEW = `
  insert into supplies (supply_id, kind, location_id, from_location_id, supplier, reference, state,
    version, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, 'open', 1, $7, $7) on conflict do nothing`;
/** Tells the triggers when it happens. */
const HAPPENS = "select set_config('throughline.at', $1, true)";
const LOCK = 'select * from supplies where supply_id = $1 for update';
const LINES = 'select * from supply_lines where supply_id = $1 order by ordinal';
const DROP = 'delete from supply_lines where supply_id = $1 and line_id = any($2)';

const PUT_LINES = `
  insert into supply_lines (line_id, sku, ordered, eta, dispatched, received, surplus, lost, cancelled,
    ordinal, supply_id, is_transfer)
  select *, $11, $12 from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::bigint[],
    $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::integer[])
  on conflict (supply_id, line_id) do update set sku = excluded.sku, ordered = excluded.ordered,
    eta = excluded.eta, received = excluded.received, surplus = excluded.surplus,
    lost = excluded.lost, cancelled = excluded.cancelled, ordinal = excluded.ordinal,
    is_transfer = excluded.is_transfer`;

const UPDATE = `
  update supplies set kind = $2, location_id = $3, from_location_id = $4, supplier = $5,
    reference = $6, state = $7, closed_because = $8, version = version + 1, updated_at = $9
  where supply_id = $1`;

const ETA_CHANGES = `
  insert into supply_eta_changes (line_id, eta_before, eta_after, supply_id, actor, actor_id, at)
  select *, $4, $5, $6, $7 from unnest($1::text[], $2::timestamptz[], $3::timestamptz[])`;

/** The documents of what is to come. What movements make of them is written by the ledger. */
export const suppliesOf = ({ database, now }: Pick<Runtime, 'database' | 'now'>): Supplies => ({
  put: (supplyId, wanted, asker) =>
    database.transaction(async (tx) => {
      const at = now();
      await tx.query(HAPPENS, [at]);
      const isNew = await create(tx, supplyId, wanted, at);
      const known = (await locked(tx, supplyId))!;
      const revision = revise(known, wanted);
      if (!revision.ok) return revision;
      const { lines, dropped, etaChanges, isSame } = revision;
      if (isSame) return { ok: true, done: { isNew } };
      if (dropped.length > 0) await tx.query(DROP, [supplyId, dropped]);
      const state = lines.some((line) => inboundOf(line) > 0) ? 'open' : endOf(lines);
      // Before its lines: what they bring is expected at the location that stands there.
      if (!isNew || state !== 'open') await update(tx, { ...known, ...wanted, lines, state }, at);
      await writeLines(tx, { ...known, ...wanted, lines });
      await writeEtaChanges(tx, supplyId, etaChanges, asker, at);
      return { ok: true, done: { isNew } };
    }),

  close: (supplyId, reason, because) =>
    database.transaction(async (tx) => {
      const known = await locked(tx, supplyId);
      if (known?.state !== 'open') return known && { ok: true, done: known };
      const closure = close(known, reason);
      if (!closure.ok) return closure;
      const { lines, state } = closure;
      const closed = { ...known, lines, state, closedBecause: because };
      const at = now();
      await tx.query(HAPPENS, [at]);
      await writeLines(tx, closed);
      await update(tx, closed, at);
      return { ok: true, done: closed };
    }),
});

const create = async (
  tx: PoolClient,
  supplyId: string,
  { kind, locationId, fromLocationId, supplier, reference }: Wanted,
  at: string,
): Promise<boolean> => {
  const values = [supplyId, kind, locationId, fromLocationId, supplier, reference, at];
  return (await tx.query(NEW, values)).rowCount === 1;
};

/** Nobody else changes the supply or its lines from here on; the ledger waits for the same row. */
const locked = async (tx: PoolClient, supplyId: string): Promise<Supply | undefined> => {
  const { rows } = await tx.query<SupplyRow>(LOCK, [supplyId]);
  if (!rows[0]) return undefined;
  return supplyOf(rows[0], (await tx.query<LineRow>(LINES, [supplyId])).rows);
};

const update = async (tx: PoolClient, supply: Supply, at: string): Promise<void> => {
  const { supplyId, kind, locationId, fromLocationId, supplier, reference } = supply;
  const terms = [supplyId, kind, locationId, fromLocationId, supplier, reference];
  await tx.query(UPDATE, [...terms, supply.state, supply.closedBecause, at]);
};

const writeLines = async (tx: PoolClient, { supplyId, kind, lines }: Supply): Promise<void> => {
  const values = [
    lines.map(({ lineId }) => lineId),
    lines.map(({ sku }) => sku),
    lines.map(({ ordered }) => ordered),
    lines.map(({ eta }) => eta),
    lines.map(({ dispatched }) => dispatched),
    lines.map(({ received }) => received),
    lines.map(({ surplus }) => surplus),
    lines.map(({ lost }) => lost),
    lines.map(({ cancelled }) => cancelled),
    lines.map((_, index) => index),
  ];
  await tx.query(PUT_LINES, [...values.map(arrayLiteral), supplyId, kind === 'transfer']);
};

const writeEtaChanges = async (
  tx: PoolClient,
  supplyId: string,
  changes: readonly EtaChange[],
  { actor, actorId }: Asker,
  at: string,
): Promise<void> => {
  const columns = [
    ({ lineId }: EtaChange) => lineId,
    ({ before }: EtaChange) => before,
    ({ after }: EtaChange) => after,
  ];
  const asker = [actor ?? null, actorId ?? null];
  await write(tx, 'eta-changes', ETA_CHANGES, changes, columns, supplyId, ...asker, at);
};

import type { PoolClient } from 'pg';
import { markPromisesDue } from '../availability/promises-due.js';
import { writeSupplyProgress } from '../supply/supply-changes.js';
import { writeClaims } from './claim-changes.js';
import type { LedgerChanges } from './domain/ledger.decider.js';
import type { Balance, Movement } from './domain/rows.js';
import { writeIssuedKits } from './issued-kits.query.js';
import type { AttemptIds } from './ledger-rows.js';
import { json, write, type Column } from './write.js';

const NEW_BALANCES = `
  insert into balances (sku, location_id, on_hand, reserved, safety_stock, version, uncounted,
    lead_time_days, below_buffer_since)
  select sku, location_id, on_hand, reserved, safety_stock, version, uncounted, lead_time_days,
    case when below then $10::timestamptz end
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::boolean[], $8::integer[], $9::boolean[]) as row (sku, location_id, on_hand, reserved,
    safety_stock, version, uncounted, lead_time_days, below)`;
const BALANCES = `
  update balances b set on_hand = row.on_hand, reserved = row.reserved,
    safety_stock = row.safety_stock, version = row.version, uncounted = row.uncounted,
    lead_time_days = row.lead_time_days,
    below_buffer_since = case when below then coalesce(b.below_buffer_since, $10::timestamptz) end
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::boolean[], $8::integer[], $9::boolean[]) as row (sku, location_id, on_hand, reserved,
    safety_stock, version, uncounted, lead_time_days, below)
  where b.sku = row.sku and b.location_id = row.location_id`;

const HISTORY = `
  insert into shelf_history (sku, location_id, version, on_hand, reserved, safety_stock, uncounted, at)
  select *, $8::timestamptz from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[],
    $5::bigint[], $6::bigint[], $7::boolean[])`;

const SET_ASIDE = `
  insert into set_aside (sku, location_id, condition, quantity, version)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
  on conflict (sku, location_id, condition) do update
  set quantity = excluded.quantity, version = excluded.version`;

const LISTINGS = `
  update listings l set taken = row.taken
  from unnest($1::text[], $2::text[], $3::bigint[]) as row (channel, sku, taken)
  where l.channel = row.channel and l.sku = row.sku`;

const MOVEMENTS = `
  insert into movements (type, sku, location_id, condition, quantity, before, after, reason, reference,
    cause, actor, actor_id, at)
  select *, $13::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[],
    $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])`;
const REQUESTED_MOVEMENTS = `
  insert into movements (type, sku, location_id, condition, quantity, before, after, reason, reference,
    cause, actor, actor_id, movement_id, request_id, content_hash, answer, at)
  select *, $17::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[],
    $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
    $13::text[], $14::text[], $15::text[], $16::jsonb[])`;

const HANDLED = `insert into handled (cause, at) select *, $2::timestamptz from unnest($1::text[])`;

/** Writes what a batch changed: one or two statements per table, whatever the number of rows. */
export const writeChanges = async (
  tx: PoolClient,
  changes: LedgerChanges,
  attemptIds: AttemptIds,
  now: string,
): Promise<void> => {
  await writeStock(tx, changes, now);
  await writeClaims(tx, changes, attemptIds, now);
  await markPromisesDue(tx, changes);
  await writeSupplyProgress(tx, changes.supplies, now);
  await writeIssuedKits(tx, changes);
  await writeMovements(tx, changes, now);
  await write(tx, 'handled', HANDLED, changes.handled, [(cause) => cause], now);
};

const writeStock = async (
  tx: PoolClient,
  { balances, setAside, listings }: LedgerChanges,
  now: string,
): Promise<void> => {
  const columns: readonly Column<Balance>[] = [
    (row) => row.sku,
    (row) => row.locationId,
    (row) => row.onHand,
    (row) => row.reserved,
    (row) => row.safetyStock,
    (row) => row.version,
    (row) => row.uncounted,
    (row) => row.leadTimeDays,
    (row) => row.belowBuffer,
  ];
  const isNew = ({ version }: Balance): boolean => version === 1;
  await write(tx, 'new-balances', NEW_BALANCES, balances.filter(isNew), columns, now);
  const known = balances.filter((row) => !isNew(row));
  await write(tx, 'balances', BALANCES, known, columns, now);
  await write(
    tx,
    'history',
    HISTORY,
    balances,
    [
      (row) => row.sku,
      (row) => row.locationId,
      (row) => row.version,
      (row) => row.onHand,
      (row) => row.reserved,
      (row) => row.safetyStock,
      (row) => row.uncounted,
    ],
    now,
  );
  await write(tx, 'set-aside', SET_ASIDE, setAside, [
    (row) => row.sku,
    (row) => row.locationId,
    (row) => row.condition,
    (row) => row.quantity,
    (row) => row.version,
  ]);
  await write(tx, 'listings', LISTINGS, listings, [
    (row) => row.channel,
    (row) => row.sku,
    (row) => row.taken,
  ]);
};

const MOVEMENT_COLUMNS: readonly Column<Movement>[] = [
  (row) => row.type,
  (row) => row.sku,
  (row) => row.locationId,
  (row) => row.condition,
  (row) => row.quantity,
  (row) => row.before,
  (row) => row.after,
  (row) => row.reason,
  (row) => row.reference,
  (row) => row.cause,
  (row) => row.actor,
  (row) => row.actorId,
];
const REQUESTED_COLUMNS: readonly Column<Movement>[] = [
  ...MOVEMENT_COLUMNS,
  (row) => row.movementId,
  (row) => row.requestId,
  (row) => row.contentHash,
  (row) => json(row.answer),
];

/** Movements in the order in which they happened; most batches have none that a client asked for. */
const writeMovements = async (
  tx: PoolClient,
  { movements }: LedgerChanges,
  now: string,
): Promise<void> => {
  const followed = movements.every(({ answer }) => answer === null);
  const text = followed ? MOVEMENTS : REQUESTED_MOVEMENTS;
  const columns = followed ? MOVEMENT_COLUMNS : REQUESTED_COLUMNS;
  const name = followed ? 'movements' : 'requested-movements';
  await write(tx, name, text, movements, columns, now);
};

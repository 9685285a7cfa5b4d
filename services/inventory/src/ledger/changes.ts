import type { PoolClient } from 'pg';
import type { LedgerChanges } from './domain/ledger.decider.js';

const BALANCES = `
  insert into balances (sku, location_id, on_hand, reserved, safety_stock, version)
  select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
  on conflict (sku, location_id) do update set on_hand = excluded.on_hand,
    reserved = excluded.reserved, safety_stock = excluded.safety_stock, version = excluded.version`;

// A second answer to one attempt breaks the key: whoever comes later tries again and finds the first.
const ATTEMPTS = `
  insert into attempts (order_id, attempt, outcome, priority, accepted_at, correlation_id, at)
  select *, $7::timestamptz
  from unnest($1::text[], $2::integer[], $3::text[], $4::integer[], $5::timestamptz[], $6::text[])`;
const CLOSED = `${ATTEMPTS} on conflict (order_id, attempt) do update set outcome = 'closed'`;

const RESERVATIONS = `
  insert into reservations
    (order_id, attempt, line_id, location_id, sku, quantity, consumed, released)
  select * from unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[],
    $6::bigint[], $7::bigint[], $8::bigint[])
  on conflict (order_id, attempt, line_id, location_id, sku) do update set
    quantity = excluded.quantity, consumed = excluded.consumed, released = excluded.released`;

const BACKORDERS = `
  insert into backorders (order_id, line_id, sku, quantity, offered, priority, since,
    only_location_id, promised_on, correlation_id, declined)
  select order_id, line_id, sku, quantity, offered, priority, since, only_location_id, promised_on,
    correlation_id, array(select jsonb_array_elements_text(declined))
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::integer[],
    $7::timestamptz[], $8::text[], $9::timestamptz[], $10::text[], $11::jsonb[])
    as row (order_id, line_id, sku, quantity, offered, priority, since, only_location_id,
      promised_on, correlation_id, declined)
  on conflict (order_id, line_id, sku) do update set quantity = excluded.quantity,
    offered = excluded.offered, declined = excluded.declined, priority = excluded.priority,
    since = excluded.since, only_location_id = excluded.only_location_id,
    promised_on = excluded.promised_on, correlation_id = excluded.correlation_id`;

const SERVED = `
  delete from backorders b using unnest($1::text[], $2::text[], $3::text[])
    as served (order_id, line_id, sku)
  where b.order_id = served.order_id and b.line_id = served.line_id and b.sku = served.sku`;

const OFFERS = `
  insert into offers (offer_id, order_id, location_id, state, expires_at, made_at)
  select *, $6::timestamptz
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
  on conflict (offer_id) do update set state = excluded.state`;

const OFFER_LINES = `
  insert into offer_lines (offer_id, line_id, sku, quantity)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
  on conflict (offer_id, line_id, sku) do update set quantity = excluded.quantity`;

const MOVEMENTS = `
  insert into movements (movement_id, request_id, content_hash, answer, type, sku, location_id,
    quantity, before, after, reason, reference, cause, actor, at)
  select *, $15::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::text[],
    $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[],
    $13::text[], $14::text[])`;

const DISPOSALS = `
  insert into disposals
    (disposal_id, return_id, order_id, line_id, sku, location_id, disposition, quantity, at)
  select *, $9::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
    $6::text[], $7::text[], $8::bigint[])`;

const HANDLED = `insert into handled (cause, at) select *, $2::timestamptz from unnest($1::text[])`;

type Column<Row> = (row: Row) => unknown;

/** One statement for all rows, a column at a time; none for no rows. */
const write = async <Row>(
  tx: PoolClient,
  name: string,
  text: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  ...last: readonly unknown[]
): Promise<void> => {
  if (rows.length === 0) return;
  const values = [...columns.map((column) => rows.map(column)), ...last];
  await tx.query({ name: `ledger-write-${name}`, text, values });
};

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** Writes what a batch changed: one statement per table, whatever the number of rows. */
export const writeChanges = async (
  tx: PoolClient,
  changes: LedgerChanges,
  now: string,
): Promise<void> => {
  await write(tx, 'balances', BALANCES, changes.balances, [
    (row) => row.sku,
    (row) => row.locationId,
    (row) => row.onHand,
    (row) => row.reserved,
    (row) => row.safetyStock,
    (row) => row.version,
  ]);
  await writeAttempts(tx, changes, now);
  await write(tx, 'reservations', RESERVATIONS, changes.reservations, [
    (row) => row.orderId,
    (row) => row.attempt,
    (row) => row.lineId,
    (row) => row.locationId,
    (row) => row.sku,
    (row) => row.quantity,
    (row) => row.consumed,
    (row) => row.released,
  ]);
  await writeQueue(tx, changes, now);
  await writeFacts(tx, changes, now);
  await write(tx, 'handled', HANDLED, changes.handled, [(cause) => cause], now);
};

const writeAttempts = async (
  tx: PoolClient,
  { attempts }: LedgerChanges,
  now: string,
): Promise<void> => {
  for (const [name, text, isClosed] of [
    ['attempts', ATTEMPTS, false],
    ['closed-attempts', CLOSED, true],
  ] as const)
    await write(
      tx,
      name,
      text,
      attempts.filter(({ outcome }) => (outcome === 'closed') === isClosed),
      [
        (row) => row.orderId,
        (row) => row.attempt,
        (row) => row.outcome,
        (row) => row.priority,
        (row) => row.acceptedAt,
        (row) => row.correlationId,
      ],
      now,
    );
};

const writeQueue = async (
  tx: PoolClient,
  { backorders, offers, offerLines }: LedgerChanges,
  now: string,
): Promise<void> => {
  const waiting = backorders.filter(({ quantity }) => quantity > 0);
  await write(tx, 'backorders', BACKORDERS, waiting, [
    (row) => row.orderId,
    (row) => row.lineId,
    (row) => row.sku,
    (row) => row.quantity,
    (row) => row.offered,
    (row) => row.priority,
    (row) => row.since,
    (row) => row.onlyLocationId,
    (row) => row.promisedOn,
    (row) => row.correlationId,
    (row) => json(row.declined),
  ]);
  const served = backorders.filter(({ quantity }) => quantity === 0);
  await write(tx, 'served', SERVED, served, [
    (row) => row.orderId,
    (row) => row.lineId,
    (row) => row.sku,
  ]);
  await write(
    tx,
    'offers',
    OFFERS,
    offers,
    [
      (row) => row.offerId,
      (row) => row.orderId,
      (row) => row.locationId,
      (row) => row.state,
      (row) => row.expiresAt,
    ],
    now,
  );
  await write(tx, 'offer-lines', OFFER_LINES, offerLines, [
    (row) => row.offerId,
    (row) => row.lineId,
    (row) => row.sku,
    (row) => row.quantity,
  ]);
};

const writeFacts = async (
  tx: PoolClient,
  { movements, disposals }: LedgerChanges,
  now: string,
): Promise<void> => {
  await write(
    tx,
    'movements',
    MOVEMENTS,
    movements,
    [
      (row) => row.movementId,
      (row) => row.requestId,
      (row) => row.contentHash,
      (row) => json(row.answer),
      (row) => row.type,
      (row) => row.sku,
      (row) => row.locationId,
      (row) => row.quantity,
      (row) => row.before,
      (row) => row.after,
      (row) => row.reason,
      (row) => row.reference,
      (row) => row.cause,
      (row) => row.actor,
    ],
    now,
  );
  await write(
    tx,
    'disposals',
    DISPOSALS,
    disposals,
    [
      (row) => row.disposalId,
      (row) => row.returnId,
      (row) => row.orderId,
      (row) => row.lineId,
      (row) => row.sku,
      (row) => row.locationId,
      (row) => row.disposition,
      (row) => row.quantity,
    ],
    now,
  );
};

import type { PoolClient, QueryResultRow } from 'pg';
import { arrayLiteral } from './array-literal.js';
import { keyOf } from './domain/books.js';
import type { LedgerChanges } from './domain/ledger.decider.js';
import type { Attempt, Balance, Movement } from './domain/rows.js';
import type { AttemptIds } from './ledger-rows.js';

const NEW_BALANCES = `
  insert into balances (sku, location_id, on_hand, reserved, safety_stock, version)
  select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])`;
const BALANCES = `
  update balances b set on_hand = row.on_hand, reserved = row.reserved,
    safety_stock = row.safety_stock, version = row.version
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
    as row (sku, location_id, on_hand, reserved, safety_stock, version)
  where b.sku = row.sku and b.location_id = row.location_id`;

// A second answer to one attempt breaks the key: whoever comes later tries again and finds the first.
const ATTEMPTS = `
  insert into attempts (order_id, attempt, outcome, priority, accepted_at, correlation_id, at)
  select *, $7::timestamptz
  from unnest($1::text[], $2::integer[], $3::text[], $4::integer[], $5::timestamptz[], $6::text[])`;
const CLOSED = `${ATTEMPTS} on conflict (order_id, attempt) do update set outcome = 'closed'`;
const RETURNING = 'returning order_id, attempt, attempt_id';

const NEW_RESERVATIONS = `
  insert into reservations (attempt_id, line_id, location_id, sku, quantity, consumed, released)
  select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
    $7::bigint[])`;
const RESERVATIONS = `
  update reservations r set consumed = row.consumed, released = row.released
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
    as row (attempt_id, line_id, location_id, sku, quantity, consumed, released)
  where r.attempt_id = row.attempt_id and r.line_id = row.line_id
    and r.location_id = row.location_id and r.sku = row.sku`;

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
  insert into movements (type, sku, location_id, quantity, before, after, reason, reference, cause,
    actor, at)
  select *, $11::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::bigint[],
    $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[])`;
const REQUESTED_MOVEMENTS = `
  insert into movements (type, sku, location_id, quantity, before, after, reason, reference, cause,
    actor, movement_id, request_id, content_hash, answer, at)
  select *, $15::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::bigint[],
    $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
    $12::text[], $13::text[], $14::jsonb[])`;

const DISPOSALS = `
  insert into disposals
    (disposal_id, return_id, order_id, line_id, sku, location_id, disposition, quantity, at)
  select *, $9::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
    $6::text[], $7::text[], $8::bigint[])`;

const HANDLED = `insert into handled (cause, at) select *, $2::timestamptz from unnest($1::text[])`;

type AttemptIdRow = { order_id: string; attempt: number; attempt_id: number };
type Column<Row> = (row: Row) => unknown;

/** One statement for all rows, a column at a time; none for no rows. */
const write = async <Row, Answer extends QueryResultRow = never>(
  tx: PoolClient,
  name: string,
  text: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  ...last: readonly unknown[]
): Promise<Answer[]> => {
  if (rows.length === 0) return [];
  const values = [...columns.map((column) => arrayLiteral(rows.map(column))), ...last];
  return (await tx.query<Answer>({ name: `ledger-write-${name}`, text, values })).rows;
};

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** Writes what a batch changed: one or two statements per table, whatever the number of rows. */
export const writeChanges = async (
  tx: PoolClient,
  changes: LedgerChanges,
  attemptIds: AttemptIds,
  now: string,
): Promise<void> => {
  await writeBalances(tx, changes);
  await writeReservations(tx, changes, attemptIds, await writeAttempts(tx, changes, now));
  await writeQueue(tx, changes, now);
  await writeFacts(tx, changes, now);
  await write(tx, 'handled', HANDLED, changes.handled, [(cause) => cause], now);
};

const writeBalances = async (tx: PoolClient, { balances }: LedgerChanges): Promise<void> => {
  const columns: readonly Column<Balance>[] = [
    (row) => row.sku,
    (row) => row.locationId,
    (row) => row.onHand,
    (row) => row.reserved,
    (row) => row.safetyStock,
    (row) => row.version,
  ];
  const isNew = ({ version }: Balance): boolean => version === 1;
  await write(tx, 'new-balances', NEW_BALANCES, balances.filter(isNew), columns);
  const known = balances.filter((row) => !isNew(row));
  await write(tx, 'balances', BALANCES, known, columns);
};

/** Answers the numbers of the attempts written. */
const writeAttempts = async (
  tx: PoolClient,
  { attempts }: LedgerChanges,
  now: string,
): Promise<AttemptIds> => {
  const columns: readonly Column<Attempt>[] = [
    (row) => row.orderId,
    (row) => row.attempt,
    (row) => row.outcome,
    (row) => row.priority,
    (row) => row.acceptedAt,
    (row) => row.correlationId,
  ];
  const isClosed = ({ outcome }: Attempt): boolean => outcome === 'closed';
  const settled = attempts.filter((row) => !isClosed(row));
  const closed = attempts.filter(isClosed);
  const rows = [
    ...(await write<Attempt, AttemptIdRow>(
      tx,
      'attempts',
      `${ATTEMPTS} ${RETURNING}`,
      settled,
      columns,
      now,
    )),
    ...(await write<Attempt, AttemptIdRow>(
      tx,
      'closed-attempts',
      `${CLOSED} ${RETURNING}`,
      closed,
      columns,
      now,
    )),
  ];
  return new Map(rows.map((row) => [keyOf(row.order_id, row.attempt), row.attempt_id]));
};

/** A reservation whose attempt was not read but is written now is as new as its attempt. */
const writeReservations = async (
  tx: PoolClient,
  { reservations }: LedgerChanges,
  read: AttemptIds,
  written: AttemptIds,
): Promise<void> => {
  const numbered = reservations.map((row) => {
    const key = keyOf(row.orderId, row.attempt);
    const known = read.get(key);
    return { row, isNew: known === undefined, attemptId: known ?? written.get(key) };
  });
  const columns: readonly Column<(typeof numbered)[number]>[] = [
    ({ attemptId }) => attemptId,
    ({ row }) => row.lineId,
    ({ row }) => row.locationId,
    ({ row }) => row.sku,
    ({ row }) => row.quantity,
    ({ row }) => row.consumed,
    ({ row }) => row.released,
  ];
  const made = numbered.filter(({ isNew }) => isNew);
  await write(tx, 'new-reservations', NEW_RESERVATIONS, made, columns);
  const changed = numbered.filter(({ isNew }) => !isNew);
  await write(tx, 'reservations', RESERVATIONS, changed, columns);
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

const MOVEMENT_COLUMNS: readonly Column<Movement>[] = [
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
];
const REQUESTED_COLUMNS: readonly Column<Movement>[] = [
  ...MOVEMENT_COLUMNS,
  (row) => row.movementId,
  (row) => row.requestId,
  (row) => row.contentHash,
  (row) => json(row.answer),
];

/** Movements in the order in which they happened; most batches have none that a client asked for. */
const writeFacts = async (
  tx: PoolClient,
  { movements, disposals }: LedgerChanges,
  now: string,
): Promise<void> => {
  const followed = movements.every(({ answer }) => answer === null);
  const text = followed ? MOVEMENTS : REQUESTED_MOVEMENTS;
  const columns = followed ? MOVEMENT_COLUMNS : REQUESTED_COLUMNS;
  const name = followed ? 'movements' : 'requested-movements';
  await write(tx, name, text, movements, columns, now);
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

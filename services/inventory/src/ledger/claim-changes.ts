import type { PoolClient } from 'pg';
import { keyOf, partsOf } from './domain/books.js';
import type { LedgerChanges } from './domain/ledger.decider.js';
import type { Part } from './domain/ledger.js';
import type { Attempt } from './domain/rows.js';
import type { AttemptIds } from './ledger-rows.js';
import { json, write, type Column } from './write.js';

// A second answer to one attempt breaks the key: whoever comes later tries again and finds the first.
const ATTEMPTS = `
  insert into attempts (order_id, attempt, outcome, priority, accepted_at, correlation_id, channel,
    owner, expires_at, request_id, content_hash, at)
  select *, $12::timestamptz
  from unnest($1::text[], $2::integer[], $3::text[], $4::integer[], $5::timestamptz[], $6::text[],
    $7::text[], $8::text[], $9::timestamptz[], $10::text[], $11::text[])`;
const KNOWN_ATTEMPTS = `${ATTEMPTS} on conflict (order_id, attempt) do update
  set outcome = excluded.outcome, expires_at = excluded.expires_at`;
const RETURNING = 'returning order_id, attempt, attempt_id';

const NEW_RESERVATIONS = `
  insert into reservations (attempt_id, line_id, location_id, sku, quantity, consumed, released,
    kit_sku, per_kit)
  select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::text[], $9::bigint[])`;
const RESERVATIONS = `
  update reservations r set consumed = row.consumed, released = row.released
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::text[], $9::bigint[])
    as row (attempt_id, line_id, location_id, sku, quantity, consumed, released, kit_sku, per_kit)
  where r.attempt_id = row.attempt_id and r.line_id = row.line_id
    and r.location_id = row.location_id and r.sku = row.sku`;

const BACKORDERS = `
  insert into backorders (order_id, line_id, sku, quantity, offered, priority, since,
    only_location_id, promised_on, correlation_id, channel, declined)
  select order_id, line_id, sku, quantity, offered, priority, since, only_location_id, promised_on,
    correlation_id, channel, array(select jsonb_array_elements_text(declined))
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::integer[],
    $7::timestamptz[], $8::text[], $9::timestamptz[], $10::text[], $11::text[], $12::jsonb[])
    as row (order_id, line_id, sku, quantity, offered, priority, since, only_location_id,
      promised_on, correlation_id, channel, declined)
  on conflict (order_id, line_id, sku) do update set quantity = excluded.quantity,
    offered = excluded.offered, declined = excluded.declined, priority = excluded.priority,
    since = excluded.since, only_location_id = excluded.only_location_id,
    promised_on = excluded.promised_on, correlation_id = excluded.correlation_id,
    channel = excluded.channel`;

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
  insert into offer_lines (offer_id, line_id, sku, quantity, kit_sku, per_kit)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
  on conflict (offer_id, line_id, sku) do update set quantity = excluded.quantity`;

type AttemptIdRow = { order_id: string; attempt: number; attempt_id: number };

const ATTEMPT_COLUMNS: readonly Column<Attempt>[] = [
  (row) => row.orderId,
  (row) => row.attempt,
  (row) => row.outcome,
  (row) => row.priority,
  (row) => row.acceptedAt,
  (row) => row.correlationId,
  (row) => row.channel,
  (row) => row.owner,
  (row) => row.expiresAt,
  (row) => row.requestId,
  (row) => row.contentHash,
];

/**
 * Writes attempts with what they hold, and the queue with what is offered to it. `read`: the numbers of the
 * attempts that were read.
 */
export const writeClaims = async (
  tx: PoolClient,
  changes: LedgerChanges,
  read: AttemptIds,
  now: string,
): Promise<void> => {
  await writeReservations(tx, changes, read, await writeAttempts(tx, changes, read, now));
  await writeQueue(tx, changes);
  await writeOffers(tx, changes, now);
};

/** Answers the numbers of the attempts written. */
const writeAttempts = async (
  tx: PoolClient,
  { attempts }: LedgerChanges,
  read: AttemptIds,
  now: string,
): Promise<AttemptIds> => {
  const insert = (name: string, text: string, rows: readonly Attempt[]) =>
    write<Attempt, AttemptIdRow>(tx, name, `${text} ${RETURNING}`, rows, ATTEMPT_COLUMNS, now);
  // What is closed before it is known may be told of by somebody else at the same time.
  const mayBeKnown = (row: Attempt): boolean =>
    row.outcome === 'closed' || read.has(keyOf(row.orderId, row.attempt));
  const rows = [
    ...(await insert(
      'attempts',
      ATTEMPTS,
      attempts.filter((row) => !mayBeKnown(row)),
    )),
    ...(await insert('known-attempts', KNOWN_ATTEMPTS, attempts.filter(mayBeKnown))),
  ];
  return new Map(rows.map((row) => [keyOf(row.order_id, row.attempt), row.attempt_id]));
};

/** A row for each part: a kit has several, anything else is its own. */
const inParts = <Row extends { readonly sku: string; readonly parts: readonly Part[] | null }>(
  rows: readonly Row[],
): { readonly row: Row; readonly sku: string; readonly perKit: number }[] =>
  rows.flatMap((row) => partsOf(row).map(({ sku, perKit }) => ({ row, sku, perKit })));

/** A reservation whose attempt was not read but is written now is as new as its attempt. */
const writeReservations = async (
  tx: PoolClient,
  { reservations }: LedgerChanges,
  read: AttemptIds,
  written: AttemptIds,
): Promise<void> => {
  const numbered = inParts(reservations).map((part) => {
    const key = keyOf(part.row.orderId, part.row.attempt);
    const known = read.get(key);
    return { ...part, isNew: known === undefined, attemptId: known ?? written.get(key) };
  });
  const columns: readonly Column<(typeof numbered)[number]>[] = [
    ({ attemptId }) => attemptId,
    ({ row }) => row.lineId,
    ({ row }) => row.locationId,
    ({ sku }) => sku,
    ({ row, perKit }) => row.quantity * perKit,
    ({ row, perKit }) => row.consumed * perKit,
    ({ row, perKit }) => row.released * perKit,
    ({ row }) => (row.parts ? row.sku : null),
    ({ row, perKit }) => (row.parts ? perKit : null),
  ];
  const made = numbered.filter(({ isNew }) => isNew);
  await write(tx, 'new-reservations', NEW_RESERVATIONS, made, columns);
  const changed = numbered.filter(({ isNew }) => !isNew);
  await write(tx, 'reservations', RESERVATIONS, changed, columns);
};

const writeQueue = async (tx: PoolClient, { backorders }: LedgerChanges): Promise<void> => {
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
    (row) => row.channel,
    (row) => json(row.declined),
  ]);
  const served = backorders.filter(({ quantity }) => quantity === 0);
  await write(tx, 'served', SERVED, served, [
    (row) => row.orderId,
    (row) => row.lineId,
    (row) => row.sku,
  ]);
};

const writeOffers = async (
  tx: PoolClient,
  { offers, offerLines }: LedgerChanges,
  now: string,
): Promise<void> => {
  const columns: readonly Column<(typeof offers)[number]>[] = [
    (row) => row.offerId,
    (row) => row.orderId,
    (row) => row.locationId,
    (row) => row.state,
    (row) => row.expiresAt,
  ];
  await write(tx, 'offers', OFFERS, offers, columns, now);
  await write(tx, 'offer-lines', OFFER_LINES, inParts(offerLines), [
    ({ row }) => row.offerId,
    ({ row }) => row.lineId,
    ({ sku }) => sku,
    ({ row, perKit }) => row.quantity * perKit,
    ({ row }) => (row.parts ? row.sku : null),
    ({ row, perKit }) => (row.parts ? perKit : null),
  ]);
};

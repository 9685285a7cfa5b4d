import { appendInTransaction } from '@throughline/event-store';
import { derivedId, instantAt, newId } from '@throughline/kernel';
import type { Runtime, Task } from '@throughline/service-kit';
import type { PoolClient } from 'pg';
import { lockSkus } from '../ledger/locks.query.js';
import { RESERVATION_CATEGORY, reservationCodec } from '../ledger/reservation.codec.js';
import { write } from '../ledger/write.js';
import { datesInTurn, type Dated } from './domain/turns.js';
import { nextRound, type Round, type WaitingLine } from './promises.query.js';

/** How long a promise may be out of date. */
export const MOVE_PROMISES_EVERY_MS = 1_000;
/** Lines that one transaction promises for another time. */
const CHANGES_MAX = 1_000;
/** Rounds of one run; what is left comes with the next. */
const ROUNDS_MAX = 50;

/** Promises that came due while supply did not: a passed ETA is no promise. */
const MARK_PASSED = `
  insert into promises_due (sku)
  select distinct sku from backorders
  where offered < quantity and promised_on > $1 and promised_on <= $2`;

/** Only where nothing but the time has changed since the promise was told; whoever changed more marked it again. */
const MOVE = `
  update backorders b set promised_on = row.promised_on, uncovered_since = row.uncovered_since
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[],
    $7::timestamptz[], $8::timestamptz[]) as row (order_id, line_id, sku, quantity, offered, was,
      promised_on, uncovered_since)
  where b.order_id = row.order_id and b.line_id = row.line_id and b.sku = row.sku
    and b.quantity = row.quantity and b.offered = row.offered
    and b.promised_on is not distinct from row.was
  returning b.order_id as "orderId", b.line_id as "lineId", b.sku, b.quantity,
    b.correlation_id as "correlationId", b.promised_on, row.was`;

const DONE = 'delete from promises_due where sequence = any($1)';

type Change = WaitingLine & { readonly dated: Dated };
type MovedRow = Pick<WaitingLine, 'orderId' | 'lineId' | 'sku' | 'quantity' | 'correlationId'> & {
  readonly promised_on: Date | null;
  readonly was: Date | null;
};

/**
 * Promises those who wait what supply, lead times and their turn in the queue tell, and says so in the story of
 * each order whose dates moved. Told outside the locks, written under them. On several replicas the first one does it.
 */
export const promiseMoves = ({
  database,
  now,
  committed,
}: Pick<Runtime, 'database' | 'now' | 'committed'>): Task => {
  let passedUntil = timeOf(0)!;
  return {
    name: 'move-promises',
    everyMs: MOVE_PROMISES_EVERY_MS,
    run: async () => {
      const until = now();
      await database.query(MARK_PASSED, [passedUntil, until], 'promises-passed');
      passedUntil = until;
      for (let count = 0; count < ROUNDS_MAX; count += 1) {
        const round = await nextRound(database);
        if (!round) return;
        const at = now();
        const changes = changesOf(round, Date.parse(at));
        const wasTold = await database.transaction((tx) => carryOut(tx, round, changes, at));
        if (wasTold) committed();
      }
    },
  };
};

const timeOf = (time: number | null): string | null => (time === null ? null : instantAt(time));

const changesOf = ({ lines, supplies }: Round, now: number): Change[] => {
  const dates = datesInTurn(lines, supplies, now);
  return lines.flatMap((line, index) => {
    const dated = dates[index]!;
    const isSame =
      dated.promisedOn === line.promisedOn && dated.uncoveredSince === line.uncoveredSince;
    return isSame ? [] : [{ ...line, dated }];
  });
};

/** Answers whether anything was told. What is too much for one transaction stays marked. */
const carryOut = async (
  tx: PoolClient,
  { marks }: Round,
  changes: readonly Change[],
  at: string,
): Promise<boolean> => {
  const first = changes.slice(0, CHANGES_MAX);
  // The ledger writes a waiting line only while it holds its SKU.
  await lockSkus(tx, [...new Set(first.map(({ sku }) => sku))]);
  const rows = await write<Change, MovedRow>(tx, 'promises', MOVE, first, [
    (row) => row.orderId,
    (row) => row.lineId,
    (row) => row.sku,
    (row) => row.quantity,
    (row) => row.offered,
    (row) => timeOf(row.promisedOn),
    (row) => timeOf(row.dated.promisedOn),
    (row) => timeOf(row.dated.uncoveredSince),
  ]);
  if (first.length === changes.length) await tx.query(DONE, [marks]);
  const moved = rows.filter((row) => row.promised_on?.getTime() !== row.was?.getTime());
  if (moved.length === 0) return false;
  await appendInTransaction(tx, eventsOf(moved, at));
  return true;
};

const eventsOf = (moved: readonly MovedRow[], at: string) => {
  const causationId = newId();
  const byOrder = Map.groupBy(moved, ({ orderId }) => orderId);
  return [...byOrder].sort().map(([orderId, rows]) => {
    const stream = `${RESERVATION_CATEGORY}-${orderId}`;
    const lines = rows.sort(byLine).map(({ lineId, sku, quantity, promised_on: promisedOn }) => ({
      lineId,
      sku,
      quantity,
      promisedOn: promisedOn?.toISOString() ?? null,
    }));
    const event = { type: 'BackorderPromiseMoved' as const, data: { orderId, lines } };
    const metadata = { at, causationId, correlationId: rows[0]!.correlationId };
    const id = derivedId(stream, causationId, 0);
    return { stream, events: [{ id, ...reservationCodec.encode(event), metadata }] };
  });
};

const byLine = (a: MovedRow, b: MovedRow): number =>
  `${a.lineId} ${a.sku}` < `${b.lineId} ${b.sku}` ? -1 : 1;

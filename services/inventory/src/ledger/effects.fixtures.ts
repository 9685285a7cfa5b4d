import type { Database } from '@throughline/service-kit';
import type { Warehouse } from '../inventory.fixtures.js';
import { keyOf, reservationKey } from './domain/books.js';
import type {
  Condition,
  InspectedReturn,
  LedgerCommand,
  LedgerOutcome,
  LedgerRequest,
  Line,
  MovementRequest,
  Shelf,
} from './domain/ledger.js';
import type { LedgerRows, Movement } from './domain/rows.js';
import { START } from './histories.fixtures.js';

/** A command that was acknowledged, with the first answer. */
export type Acknowledged = LedgerRequest & { readonly outcome: LedgerOutcome };

type Effect = Shelf & {
  readonly type: string;
  readonly condition: Condition;
  readonly quantity: number;
};

const partsOf = ({ sku }: Line) =>
  START.kits.find((kit) => kit.sku === sku)?.parts ?? [{ sku, perKit: 1 }];

const usualAt = (locationId: string): Condition =>
  START.locations.find((one) => one.locationId === locationId)?.type === 'marketplace'
    ? 'marketplace-held'
    : 'sellable';

const returned = ({ lines, locationId }: InspectedReturn): Effect[] =>
  lines.flatMap((line) =>
    partsOf(line).flatMap(({ sku, perKit }): Effect[] => {
      const quantity = line.quantity * perKit;
      const effect = { sku, locationId, type: 'return', quantity };
      if (line.disposition === 'restock') return [{ ...effect, condition: 'sellable' }];
      if (line.disposition === 'refurbish' || line.disposition === 'repair')
        return [{ ...effect, condition: line.disposition }];
      const gone = { ...effect, type: 'disposition', quantity: -quantity };
      return [effect, gone].map((one) => ({ ...one, condition: 'quarantine' }));
    }),
  );

const moved = (request: MovementRequest): Effect[] => {
  const { type, sku, locationId, quantity, toLocationId, toCondition } = request;
  const condition = request.condition ?? usualAt(locationId);
  const here = { type, sku, locationId, condition };
  const away = { ...here, quantity: -quantity };
  switch (type) {
    case 'receipt':
    case 'adjustment':
      return [{ ...here, quantity }];
    case 'damage':
      return [away, { ...here, condition: 'damaged', quantity }];
    case 'transfer-out':
      if (toLocationId === null) return [away];
      return [away, { ...here, locationId: toLocationId, condition: 'in-transit', quantity }];
    case 'transfer-in':
      // What arrives of the goods on their way depends on what else happened.
      return condition === 'in-transit' ? [] : [{ ...here, quantity }];
    case 'disposition':
      return toCondition === null ? [away] : [away, { ...here, condition: toCondition, quantity }];
    case 'count':
    case 'feed':
      return [];
  }
};

/** What a command that took effect moved, once, whatever else happened before or at the same time. */
export const effectsOf = ({ type, data }: LedgerCommand): Effect[] => {
  switch (type) {
    case 'HandOverGoods':
      return data.lines.flatMap((line) =>
        partsOf(line).map(({ sku, perKit }) => ({
          type: 'issue',
          sku,
          locationId: data.locationId,
          condition: 'sellable' as const,
          quantity: -line.quantity * perKit,
        })),
      );
    case 'TakeBackGoods':
      return returned(data);
    case 'MoveStock':
      return moved(data);
    default:
      return [];
  }
};

const sums = (rows: readonly (Effect & { readonly cause: string })[]): Map<string, number> => {
  const sum = new Map<string, number>();
  for (const { cause, type, sku, locationId, condition, quantity } of rows) {
    const key = keyOf(cause, type, sku, locationId, condition);
    sum.set(key, (sum.get(key) ?? 0) + quantity);
  }
  return sum;
};

/** Commands whose goods moved another time than once; and goods that nobody moved. */
export const wronglyMoved = (
  acknowledged: readonly Acknowledged[],
  movements: readonly Movement[],
): string[] => {
  const expected = sums(
    acknowledged.flatMap(({ command, cause, outcome }) =>
      outcome.ok ? effectsOf(command).map((effect) => ({ ...effect, cause: cause.id })) : [],
    ),
  );
  const found = sums(movements);
  const wrong = [...expected]
    .filter(([key, quantity]) => (found.get(key) ?? 0) !== quantity)
    .map(([key, quantity]) => `${key}: ${found.get(key) ?? 0} moved, ${quantity} expected`);
  const rows = Map.groupBy(movements, ({ cause }) => cause);
  for (const { command, cause, outcome } of acknowledged) {
    const own = rows.get(cause.id) ?? [];
    if (!outcome.ok && own.length > 0) wrong.push(`${cause.id} was refused and moved goods`);
    if (command.type !== 'MoveStock' || !outcome.ok) continue;
    const asked = own.filter(({ movementId }) => movementId === command.data.movementId);
    if (asked.length !== 1) wrong.push(`${cause.id} is written down ${asked.length} times`);
    if (command.data.type === 'count' && asked[0]?.after !== command.data.quantity)
      wrong.push(`${cause.id} counted ${command.data.quantity} and left ${asked[0]?.after}`);
  }
  return wrong;
};

/** Units per SKU that the acknowledged commands leave, beside what only the ledger knows; and those that are there. */
export const unitsOf = (
  acknowledged: readonly Acknowledged[],
  movements: readonly Movement[],
  rows: LedgerRows,
): { readonly expected: Record<string, number>; readonly there: Record<string, number> } => {
  const total = (all: readonly { readonly sku: string; readonly quantity: number }[]) => {
    const units: Record<string, number> = {};
    for (const { sku, quantity } of all) units[sku] = (units[sku] ?? 0) + quantity;
    return units;
  };
  const effects = acknowledged.flatMap(({ command, outcome }) =>
    outcome.ok ? effectsOf(command) : [],
  );
  const known = new Set(
    acknowledged.flatMap(({ command, cause }) =>
      effectsOf(command).map((one) => keyOf(cause.id, one.type, one.locationId, one.condition)),
    ),
  );
  const others = movements.filter(
    (one) => !known.has(keyOf(one.cause, one.type, one.locationId, one.condition)),
  );
  const onHand = rows.balances.map(({ sku, onHand: quantity }) => ({ sku, quantity }));
  return { expected: total([...effects, ...others]), there: total([...onHand, ...rows.setAside]) };
};

type Told = Awaited<ReturnType<Warehouse['told']>>[number];
type Place = { readonly locationId: string; readonly lines: readonly Line[] };

/** Attempts that were answered another time than once, or otherwise than the ledger's rows say. */
export const wronglyAnswered = (
  acknowledged: readonly Acknowledged[],
  told: readonly Told[],
  rows: LedgerRows,
): string[] => {
  const answers = new Map<string, Told[]>();
  for (const one of told) {
    if (one.type !== 'StockReserved' && one.type !== 'StockRefused') continue;
    const key = keyOf(String(one.data.orderId), Number(one.data.attempt));
    answers.set(key, [...(answers.get(key) ?? []), one]);
  }
  const outcomes = new Map(rows.attempts.map((row) => [keyOf(row.orderId, row.attempt), row]));
  const reserved = Map.groupBy(rows.reservations, (row) => keyOf(row.orderId, row.attempt));
  const wrong: string[] = [];
  for (const { command } of acknowledged) {
    if (command.type !== 'ProposeSourcing') continue;
    const key = keyOf(command.data.orderId, command.data.attempt);
    const [answer, ...more] = answers.get(key) ?? [];
    if (more.length > 0) wrong.push(`${key} was answered ${more.length + 1} times`);
    if (!answer && outcomes.get(key)?.outcome !== 'closed') wrong.push(`${key} was not answered`);
    const places = (answer?.data.allocations ?? []) as readonly Place[];
    const lines = places.flatMap(({ locationId, lines: ofPlace }) =>
      ofPlace.map((line) => keyOf(line.lineId, line.sku, locationId, line.quantity)),
    );
    const stored = (reserved.get(key) ?? []).map((row) =>
      keyOf(row.lineId, row.sku, row.locationId, row.quantity),
    );
    if (lines.sort().join() !== stored.sort().join())
      wrong.push(`${key} was told ${lines.join()}, and ${stored.join()} is reserved`);
  }
  return [...new Set(wrong)];
};

/** Reservations of orders that gave back more than was asked of them, revoked and closed. */
export const releasedTwice = (
  acknowledged: readonly Acknowledged[],
  told: readonly Told[],
  rows: LedgerRows,
): string[] => {
  const asked = new Map<string, number>();
  const closed = new Set<string>();
  const add = (key: string, quantity: number): void =>
    void asked.set(key, (asked.get(key) ?? 0) + quantity);
  for (const { command } of acknowledged) {
    if (command.type !== 'ReleaseSourcing') continue;
    const { orderId, closesAttempt, reservations } = command.data;
    if (closesAttempt !== null) closed.add(keyOf(orderId, closesAttempt));
    for (const row of reservations) add(reservationKey({ ...row, orderId }), row.quantity);
  }
  for (const { type, data } of told) {
    if (type !== 'ReservationRevoked') continue;
    const { lines, ...head } = data as unknown as Place & { orderId: string; attempt: number };
    for (const line of lines) add(reservationKey({ ...head, ...line }), line.quantity);
  }
  return rows.reservations
    .filter(
      (row) =>
        row.owner === 'order' &&
        !closed.has(keyOf(row.orderId, row.attempt)) &&
        row.released > (asked.get(reservationKey(row)) ?? 0),
    )
    .map((row) => `${reservationKey(row)}: ${row.released} released`);
};

/** Holds without an expiry, and requests that became more than one hold. */
export const wronglyHeld = (database: Database): Promise<{ order_id: string }[]> =>
  database.query(`
    select order_id from attempts where owner = 'checkout' and expires_at is null
    union all
    select min(order_id) from attempts where owner = 'checkout' and request_id is not null
    group by request_id having count(*) > 1`);

import type { Cause, Position } from '@throughline/event-store';
import { contentHash, derivedId, gatherer, TransientError } from '@throughline/kernel';
import {
  invalidRequest,
  keyReused,
  notFound,
  ProblemException,
  type Database,
} from '@throughline/service-kit';
import type { Condition, MovementRequest } from '../ledger/domain/ledger.js';
import type { Ledger } from '../ledger/ledger.js';
import { ledgerProblem } from '../ledger/ledger-problem.js';
import { arrivedOf, type Supply, type SupplyLine } from './domain/supply.js';
import type { SuppliesQuery } from './supplies.query.js';

/** What came or left, as it is stated. */
export type Departure = { readonly lineId: string; readonly quantity: number };
export type Arrival = Departure & { readonly condition?: Condition | null };

/** Of the supply with this id. They throw what is refused. */
export type SupplyMoves = {
  /** Goods come in. What comes was sent off before, said or not: a transfer takes it from where it comes from. */
  receive(id: string, arrivals: readonly Arrival[], cause: Cause): Promise<Moved>;
  /** Goods of a transfer leave, and are in transit to where they go. */
  dispatch(id: string, departures: readonly Departure[], cause: Cause): Promise<Moved>;
  /** What a closed transfer lost on its way leaves the stock. Safe to repeat. */
  writeOff(id: string, cause: Cause): Promise<Moved>;
};
export type Moved = Position | undefined;

type Movement = Pick<
  MovementRequest,
  'type' | 'locationId' | 'quantity' | 'condition' | 'toLocationId'
> & { readonly line: SupplyLine; readonly movementId: string };

const KNOWN = `
  select movement_id as "movementId", content_hash as "contentHash" from movements
  where movement_id = any($1) and answer is not null`;

/** Supplies whose movements are under way at the same time. */
const SUPPLIES_AT_ONCE = 100;

/**
 * Movements of supplies, through the ledger like all others. One request's go together, and those of one supply
 * one after the other: what was not said to have left is told from what has left so far.
 */
export const supplyMovesOf = (
  ledger: Ledger,
  database: Database,
  supplies: SuppliesQuery,
): SupplyMoves => {
  type Turn = { readonly id: string; readonly work: (supply: Supply) => Promise<Moved> };
  const inTurn = gatherer<Turn, Moved>({
    batchMax: 1,
    concurrentMax: SUPPLIES_AT_ONCE,
    keyOf: ({ id }) => id,
    run: async ([turn]) => {
      try {
        const found = await supplies.one(turn!.id);
        if (!found) throw notFound('supply', turn!.id);
        return [{ result: await turn!.work(found.supply) }];
      } catch (error) {
        // Those who wait behind it have another request.
        return [{ error }];
      }
    },
  });
  return {
    receive: (id, arrivals, cause) =>
      inTurn({
        id,
        work: async (supply) => {
          const lines = inLines(supply, arrivals);
          const hash = hashOf(supply, cause);
          const ids = lines.map((_, index) => derivedId('supply', cause.id, index));
          const known = await knownOf(database, ids, hash);
          const fresh = lines.filter((_, index) => !known.has(ids[index]!));
          const made = lines.map((arrival, index) => arrived(supply, arrival, ids[index]!));
          return carryOut(ledger, supply, [...unsaid(supply, fresh, cause), ...made], cause, hash);
        },
      }),

    dispatch: (id, departures, cause) =>
      inTurn({
        id,
        work: async (supply) => {
          if (supply.kind !== 'transfer') throw notATransfer();
          const lines = inLines(supply, departures);
          const hash = hashOf(supply, cause);
          const ids = lines.map((_, index) => derivedId('supply', cause.id, index));
          await knownOf(database, ids, hash);
          const made = lines.map(({ line, quantity }, index) =>
            sentOff(supply, line, quantity, ids[index]!),
          );
          return carryOut(ledger, supply, made, cause, hash);
        },
      }),

    writeOff: (id, cause) =>
      inTurn({
        id,
        work: (supply) => carryOut(ledger, supply, lost(supply), cause, contentHash(id)),
      }),
  };
};

const carryOut = async (
  ledger: Ledger,
  supply: Supply,
  movements: readonly Movement[],
  cause: Cause,
  hash: string,
): Promise<Moved> => {
  const carried = await Promise.all(
    movements.map((movement) => {
      const data = requestOf(supply, movement, hash);
      const own = { ...cause, id: derivedId('movement', movement.movementId) };
      return ledger.carryOut({ type: 'MoveStock', data }, own).catch((error: unknown) => {
        throw notNow(error);
      });
    }),
  );
  for (const { outcome } of carried) if (!outcome.ok) throw ledgerProblem(outcome.rejection);
  return carried.reduce<Moved>(
    (last, { position = last }) => (last === undefined || position! > last ? position : last),
    undefined,
  );
};

/** The movements that were made before. Throws when they came of another request. */
const knownOf = async (
  database: Database,
  ids: readonly string[],
  hash: string,
): Promise<ReadonlySet<string>> => {
  type Row = { movementId: string; contentHash: string };
  const rows = await database.query<Row>(KNOWN, [ids], 'supply-moves-known');
  if (rows.some((row) => row.contentHash !== hash)) throw keyReused();
  return new Set(rows.map(({ movementId }) => movementId));
};

const hashOf = ({ supplyId }: Supply, cause: Cause): string =>
  contentHash([supplyId, cause.contentHash]);

const arrived = (
  { kind, locationId }: Supply,
  { line, quantity, condition }: InLine<Arrival>,
  movementId: string,
): Movement => ({
  type: kind === 'transfer' ? 'transfer-in' : 'receipt',
  line,
  locationId,
  quantity,
  condition: condition ?? null,
  toLocationId: null,
  movementId,
});

const sentOff = (
  supply: Supply,
  line: SupplyLine,
  quantity: number,
  movementId: string,
): Movement => ({
  type: 'transfer-out',
  line,
  locationId: supply.fromLocationId!,
  quantity,
  condition: null,
  toLocationId: supply.locationId,
  movementId,
});

/** Of a transfer, what arrives although nobody said that it had left. */
const unsaid = (supply: Supply, arrivals: readonly InLine<Arrival>[], cause: Cause): Movement[] => {
  if (supply.kind !== 'transfer') return [];
  return supply.lines.flatMap((line) => {
    const arriving = arrivals
      .filter((arrival) => arrival.lineId === line.lineId)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    const missing = arriving > 0 ? arrivedOf(line) + arriving - line.dispatched : 0;
    const movementId = derivedId('supply', cause.id, 'sent', line.lineId, line.dispatched);
    return missing > 0 ? [sentOff(supply, line, missing, movementId)] : [];
  });
};

const lost = ({ supplyId, locationId, lines }: Supply): Movement[] =>
  lines.flatMap((line) => {
    const quantity = line.dispatched - arrivedOf(line);
    const movementId = derivedId('supply-lost', supplyId, line.lineId);
    const condition = 'in-transit';
    const type = 'disposition';
    const movement: Movement = {
      type,
      line,
      locationId,
      quantity,
      condition,
      toLocationId: null,
      movementId,
    };
    return quantity > 0 ? [movement] : [];
  });

type InLine<Stated> = Stated & { readonly line: SupplyLine };

/** Each of what is stated with the line that it names. Throws what is refused of lines that there are not. */
const inLines = <Stated extends { readonly lineId: string }>(
  supply: Supply,
  stated: readonly Stated[],
): InLine<Stated>[] => {
  const lines = new Map(supply.lines.map((line) => [line.lineId, line]));
  const unknown = stated.flatMap(({ lineId }, index) =>
    lines.has(lineId)
      ? []
      : [
          {
            field: `lines[${index}].lineId`,
            code: 'unknown-line',
            message: 'is not in the supply',
          },
        ],
  );
  if (unknown.length > 0) throw invalidRequest(unknown);
  return stated.map((one) => ({ ...one, line: lines.get(one.lineId)! }));
};

const notATransfer = (): ProblemException =>
  new ProblemException({
    code: 'not-a-transfer',
    title: 'Only goods of a transfer leave one of our locations',
    status: 409,
  });

/** Another replica moved goods of the same line meanwhile: told again from what has left now, it may fit. */
const notNow = (error: unknown): unknown =>
  (error as { constraint?: string }).constraint === 'nothing_arrives_that_has_not_left'
    ? new TransientError('Goods of this line are moved elsewhere at the same time', {
        cause: error,
      })
    : error;

const requestOf = (
  { supplyId, kind }: Supply,
  { line, type, ...movement }: Movement,
  hash: string,
): MovementRequest => ({
  ...movement,
  type,
  sku: line.sku,
  contentHash: hash,
  toCondition: null,
  supply: type === 'disposition' ? null : { supplyId, lineId: line.lineId },
  reason: type === 'disposition' ? 'lost on its way' : kind,
  reference: supplyId,
});

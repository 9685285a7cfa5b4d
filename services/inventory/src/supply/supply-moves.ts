import type { Cause, Position } from '@throughline/event-store';
import { contentHash, derivedId } from '@throughline/kernel';
import { keyReused, type Database } from '@throughline/service-kit';
import type { Condition, MovementRequest } from '../ledger/domain/ledger.js';
import type { Ledger } from '../ledger/ledger.js';
import { movementProblem } from '../ledger/movement-body.js';
import { arrivedOf, type Supply, type SupplyLine } from './domain/supply.js';

export type Arrival = {
  readonly line: SupplyLine;
  readonly quantity: number;
  readonly condition: Condition | null;
};
export type Departure = { readonly line: SupplyLine; readonly quantity: number };

export type SupplyMoves = {
  /** Goods come in. What comes was sent off before, said or not: a transfer takes it from where it comes from. */
  receive(supply: Supply, arrivals: readonly Arrival[], cause: Cause): Promise<Moved>;
  /** Goods of a transfer leave, and are in transit to where they go. */
  dispatch(supply: Supply, departures: readonly Departure[], cause: Cause): Promise<Moved>;
  /** What a closed transfer lost on its way leaves the stock. Safe to repeat. */
  writeOff(supply: Supply, cause: Cause): Promise<Moved>;
};
export type Moved = Position | undefined;

type Movement = Pick<
  MovementRequest,
  'type' | 'locationId' | 'quantity' | 'condition' | 'toLocationId'
> & { readonly line: SupplyLine; readonly movementId: string };

const KNOWN = `
  select movement_id as "movementId", content_hash as "contentHash" from movements
  where movement_id = any($1) and answer is not null`;

/** Movements of supplies, through the ledger like all others. One request's go together. */
export const supplyMovesOf = (ledger: Ledger, database: Database): SupplyMoves => ({
  receive: async (supply, arrivals, cause) => {
    const hash = hashOf(supply, cause);
    const ids = arrivals.map((_, index) => derivedId('supply', cause.id, index));
    const known = await knownOf(database, ids, hash);
    const made = arrivals.map(({ line, quantity, condition }, index) => ({
      type: supply.kind === 'transfer' ? ('transfer-in' as const) : ('receipt' as const),
      line,
      locationId: supply.locationId,
      quantity,
      condition,
      toLocationId: null,
      movementId: ids[index]!,
    }));
    const fresh = arrivals.filter((_, index) => !known.has(ids[index]!));
    return carryOut(ledger, supply, [...unsaid(supply, fresh, cause), ...made], cause, hash);
  },

  dispatch: async (supply, departures, cause) => {
    const hash = hashOf(supply, cause);
    const made = departures.map(({ line, quantity }, index) => ({
      ...sentOff(supply, line, quantity),
      movementId: derivedId('supply', cause.id, index),
    }));
    await knownOf(
      database,
      made.map(({ movementId }) => movementId),
      hash,
    );
    return carryOut(ledger, supply, made, cause, hash);
  },

  writeOff: async (supply, cause) => {
    const { supplyId, locationId } = supply;
    const made = supply.lines.flatMap((line) => {
      const quantity = line.dispatched - arrivedOf(line);
      const movementId = derivedId('supply-lost', supplyId, line.lineId);
      const condition = 'in-transit' as const;
      const move = { type: 'disposition' as const, locationId, toLocationId: null, condition };
      return quantity > 0 ? [{ ...move, line, quantity, movementId }] : [];
    });
    return carryOut(ledger, supply, made, cause, contentHash(supplyId));
  },
});

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
      return ledger.carryOut({ type: 'MoveStock', data }, own);
    }),
  );
  for (const { outcome } of carried) if (!outcome.ok) throw movementProblem(outcome.rejection);
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

const sentOff = (supply: Supply, line: SupplyLine, quantity: number) => ({
  type: 'transfer-out' as const,
  line,
  locationId: supply.fromLocationId!,
  quantity,
  condition: null,
  toLocationId: supply.locationId,
});

/** Of a transfer, what arrives although nobody said that it had left. */
const unsaid = (supply: Supply, arrivals: readonly Arrival[], cause: Cause): Movement[] => {
  if (supply.kind !== 'transfer') return [];
  return supply.lines.flatMap((line) => {
    const arriving = arrivals
      .filter((arrival) => arrival.line.lineId === line.lineId)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    const missing = arriving > 0 ? arrivedOf(line) + arriving - line.dispatched : 0;
    const movementId = derivedId('supply', cause.id, 'sent', line.lineId);
    return missing > 0 ? [{ ...sentOff(supply, line, missing), movementId }] : [];
  });
};

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

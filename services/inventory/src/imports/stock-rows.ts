import { askerOf } from '@throughline/event-store';
import type { Database } from '@throughline/service-kit';
import { arrayLiteral } from '../ledger/array-literal.js';
import type { Condition, LedgerRejection, Pile } from '../ledger/domain/ledger.js';
import type { Carried, Ledger } from '../ledger/ledger.js';
import { ledgerProblem } from '../ledger/ledger-problem.js';
import type { Carrier, Job } from './carrying.js';
import type { RowError, StockRow } from './import.js';

const REASON = 'stock file';
const SEPARATOR = '\u001f';

const KNOWN = `
  select 'sku' as what, i.sku as id,
    exists (select from kit_components k where k.kit_sku = i.sku) as special
  from items i where i.sku = any($1)
  union all
  select 'location', location_id, document ->> 'type' = 'marketplace'
  from locations where location_id = any($2)`;
const UNITS = `
  select b.sku, b.location_id as "locationId", 'sellable' as condition, b.on_hand as units
  from unnest($1::text[], $2::text[], $3::text[]) as pile (sku, location_id, condition)
  join balances b using (sku, location_id) where pile.condition = 'sellable'
  union all
  select s.sku, s.location_id, s.condition, s.quantity
  from unnest($1::text[], $2::text[], $3::text[]) as pile (sku, location_id, condition)
  join set_aside s using (sku, location_id, condition)`;

type KnownRow = { what: 'sku' | 'location'; id: string; special: boolean };
/** What the catalogue knows: whether a SKU is a kit, and whether a location is a marketplace. */
type Known = {
  readonly skus: ReadonlyMap<string, boolean>;
  readonly locations: ReadonlyMap<string, boolean>;
};

/** Rows of stock files become movements: a count of what lies there, or a receipt of what comes to it. */
export const stockCarrier = (ledger: Ledger, database: Database): Carrier<StockRow> => ({
  plan: async ({ mode }, rows) => {
    const known = await knownOf(database, rows);
    const refused = rows.flatMap((row) =>
      rejectionsOf(row, known).map((rejection) => errorOf(row, rejection)),
    );
    const isRefused = new Set(refused.map(({ row }) => row));
    const others = rows.filter(({ row }) => !isRefused.has(row));
    const unchanged = mode === 'set' ? await standing(database, others, known) : [];
    return { unchanged, refused };
  },

  carryOut: async (job, rows) => {
    // At once, so that the ledger gathers them.
    const settled = await Promise.allSettled(rows.map((row) => moved(ledger, job, row)));
    return settled.flatMap((one, index) => {
      if (one.status === 'rejected') throw one.reason;
      const { outcome } = one.value;
      return outcome.ok ? [] : [errorOf(rows[index]!, outcome.rejection)];
    });
  },
});

const knownOf = async (database: Database, rows: readonly StockRow[]): Promise<Known> => {
  const skus = new Set(rows.map(({ sku }) => sku));
  const locationIds = new Set(rows.map(({ locationId }) => locationId));
  const found = await database.query<KnownRow>(KNOWN, [[...skus], [...locationIds]]);
  const ofKind = (kind: KnownRow['what']) =>
    new Map(found.filter(({ what }) => what === kind).map(({ id, special }) => [id, special]));
  return { skus: ofKind('sku'), locations: ofKind('location') };
};

/** The rows that say what stands there already. */
const standing = async (
  database: Database,
  rows: readonly StockRow[],
  { locations }: Known,
): Promise<readonly number[]> => {
  const piles = rows.map((row) => {
    // As the ledger reads a movement that leaves it open.
    const usual: Condition = locations.get(row.locationId) ? 'marketplace-held' : 'sellable';
    return { ...row, condition: row.condition ?? usual };
  });
  const keyOf = (pile: Pile): string => [pile.sku, pile.locationId, pile.condition].join(SEPARATOR);
  // Without a name: planned for the tables as they are now, which a file may have made many times larger.
  const found = await database.query<Pile & { units: number }>(UNITS, [
    arrayLiteral(piles.map(({ sku }) => sku)),
    arrayLiteral(piles.map(({ locationId }) => locationId)),
    arrayLiteral(piles.map(({ condition }) => condition)),
  ]);
  const units = new Map(found.map((pile) => [keyOf(pile), pile.units]));
  return piles
    .filter((pile) => (units.get(keyOf(pile)) ?? 0) === pile.quantity)
    .map(({ row }) => row);
};

/** A row's movement has an id of its own, so that it is made once, however often the row is carried out. */
const moved = (ledger: Ledger, job: Job, row: StockRow): Promise<Carried> => {
  const { importId, fileHash, mode } = job;
  const { sku, locationId, quantity, condition, reason, reference } = row;
  const movementId = `${importId}/${row.row}`;
  const data = {
    movementId,
    // The id stands for this row of this file already.
    contentHash: fileHash,
    type: mode === 'set' ? ('count' as const) : ('receipt' as const),
    sku,
    locationId,
    quantity,
    condition,
    toCondition: null,
    toLocationId: null,
    supply: null,
    reason: reason ?? REASON,
    reference: reference ?? movementId,
  };
  const cause = { id: movementId, correlationId: importId, ...askerOf(job) };
  return ledger.carryOut({ type: 'MoveStock', data }, cause);
};

const rejectionsOf = (
  { sku, locationId }: StockRow,
  { skus, locations }: Known,
): LedgerRejection[] => [
  ...(skus.has(sku) ? [] : [{ code: 'unknown-sku' as const, sku }]),
  ...(skus.get(sku) ? [{ code: 'kit-has-no-stock' as const, sku }] : []),
  ...(locations.has(locationId) ? [] : [{ code: 'unknown-location' as const, locationId }]),
];

/** What the route for single movements would have said. */
const errorOf = ({ row, sku, locationId }: StockRow, rejection: LedgerRejection): RowError => {
  const { code, title, errors } = ledgerProblem(rejection).problem;
  const error = errors?.[0] ?? { field: 'row', code, message: title };
  return { row, sku, locationId, ...error };
};

import type { Database } from '@throughline/service-kit';
import { arrayLiteral } from '../ledger/array-literal.js';
import type { LedgerOutcome, LedgerRejection } from '../ledger/domain/ledger.js';
import type { Carried, Ledger } from '../ledger/ledger.js';
import { movementProblem } from '../ledger/movement-body.js';
import type { Carrier, Job } from './carrying.js';
import type { RowError, StockRow } from './import.js';

const REASON = 'stock file';

// Which goods a row means where it does not say: as the ledger reads a movement.
const FOUND = `
  select row.has_sku as "hasSku", row.has_location as "hasLocation",
    exists (select from kit_components k where k.kit_sku = row.sku) as "isKit",
    coalesce(case row.condition when 'sellable' then b.on_hand else s.quantity end, 0) as "units"
  from (
    select asked.*, i.sku is not null as has_sku, l.location_id is not null as has_location,
      coalesce(asked.stated, case l.document ->> 'type'
        when 'marketplace' then 'marketplace-held' else 'sellable' end) as condition
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality
      as asked (sku, location_id, stated, place)
    left join items i on i.sku = asked.sku
    left join locations l on l.location_id = asked.location_id
  ) as row
  left join balances b on b.sku = row.sku and b.location_id = row.location_id
  left join set_aside s on s.sku = row.sku and s.location_id = row.location_id
    and s.condition = row.condition
  order by row.place`;
type Found = { hasSku: boolean; hasLocation: boolean; isKit: boolean; units: number };

/** Rows of stock files become movements: a count of what lies there, or a receipt of what comes to it. */
export const stockCarrier = (ledger: Ledger, database: Database): Carrier<StockRow> => ({
  plan: async ({ mode }, rows) => {
    const values = [
      arrayLiteral(rows.map(({ sku }) => sku)),
      arrayLiteral(rows.map(({ locationId }) => locationId)),
      arrayLiteral(rows.map(({ condition }) => condition)),
    ];
    const found = await database.query<Found>(FOUND, values, 'import-stock-found');
    const refused = rows.flatMap((row, index) =>
      rejectionsOf(row, found[index]!).map((rejection) => errorOf(row, rejection)),
    );
    const isUnknown = new Set(refused.map(({ row }) => row));
    const unchanged = rows
      .filter(({ quantity }, index) => mode === 'set' && found[index]!.units === quantity)
      .map(({ row }) => row)
      .filter((row) => !isUnknown.has(row));
    return { unchanged, refused };
  },

  carryOut: async (job, rows) => {
    // At once, so that the ledger gathers them.
    const settled = await Promise.allSettled(rows.map((row) => moved(ledger, job, row)));
    return settled.flatMap((one, index) => {
      if (one.status === 'rejected') throw one.reason;
      const outcome: LedgerOutcome = one.value.outcome;
      return outcome.ok ? [] : [errorOf(rows[index]!, outcome.rejection)];
    });
  },
});

/** A row's movement has an id of its own, so that it is made once, however often the row is carried out. */
const moved = (ledger: Ledger, job: Job, row: StockRow): Promise<Carried> => {
  const { importId, fileHash, mode, actor } = job;
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
  const cause = { id: movementId, correlationId: importId, actor };
  return ledger.carryOut({ type: 'MoveStock', data }, cause);
};

const rejectionsOf = ({ sku, locationId }: StockRow, found: Found): LedgerRejection[] => [
  ...(found.hasSku ? [] : [{ code: 'unknown-sku' as const, sku }]),
  ...(found.hasLocation ? [] : [{ code: 'unknown-location' as const, locationId }]),
  ...(found.isKit ? [{ code: 'kit-has-no-stock' as const, sku }] : []),
];

/** What the route for single movements would have said. */
const errorOf = ({ row, sku, locationId }: StockRow, rejection: LedgerRejection): RowError => {
  const { code, title, errors } = movementProblem(rejection).problem;
  const error = errors?.[0] ?? { field: 'row', code, message: title };
  return { row, sku, locationId, ...error };
};

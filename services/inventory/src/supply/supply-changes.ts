import type { PoolClient } from 'pg';
import { arrayLiteral } from '../ledger/array-literal.js';
import type { SupplyProgress } from '../ledger/domain/rows.js';

/** Also tells the triggers when it happens. */
const LOCK = `
  select set_config('throughline.at', $2, true) from supplies
  where supply_id = any($1) order by supply_id for update`;

/** What comes beyond what is still expected is surplus: it came all the same. */
const PROGRESS = `
  with progress as (
    select supply_id, line_id,
      coalesce(sum(units) filter (where step = 'dispatched'), 0)::bigint as dispatched,
      coalesce(sum(units) filter (where step = 'received'), 0)::bigint as arrived
    from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
      as row (supply_id, line_id, step, units)
    group by 1, 2
  ), expected as (
    select p.*, l.ordered - l.received - l.lost - l.cancelled as units
    from progress p join supply_lines l using (supply_id, line_id)
  )
  update supply_lines l set dispatched = l.dispatched + e.dispatched,
    received = l.received + least(e.arrived, e.units),
    surplus = l.surplus + greatest(0, e.arrived - e.units)
  from expected e where l.supply_id = e.supply_id and l.line_id = e.line_id`;

const PROGRESSED = `
  update supplies s set version = version + 1, updated_at = $2,
    state = case when state = 'open' and not exists (
      select from supply_lines l where l.supply_id = s.supply_id
        and l.received + l.lost + l.cancelled < l.ordered
    ) then 'closed' else state end
  where supply_id = any($1)`;

/**
 * Writes down what movements brought in or sent off of supplies, in the transaction of the ledger that moves the
 * goods; a supply of which nothing more is expected is closed.
 */
export const writeSupplyProgress = async (
  tx: PoolClient,
  rows: readonly SupplyProgress[],
  now: string,
): Promise<void> => {
  if (rows.length === 0) return;
  const supplyIds = arrayLiteral([...new Set(rows.map(({ supplyId }) => supplyId))]);
  await tx.query({ name: 'supply-lock', text: LOCK, values: [supplyIds, now] });
  const values = [
    arrayLiteral(rows.map(({ supplyId }) => supplyId)),
    arrayLiteral(rows.map(({ lineId }) => lineId)),
    arrayLiteral(rows.map(({ step }) => step)),
    arrayLiteral(rows.map(({ quantity }) => quantity)),
  ];
  await tx.query({ name: 'supply-progress', text: PROGRESS, values });
  await tx.query({ name: 'supply-progressed', text: PROGRESSED, values: [supplyIds, now] });
};

import { derivedId } from '@throughline/kernel';
import type { Difference } from '../checks/check.js';
import { shelfKey } from '../ledger/domain/books.js';
import type { Condition, Shelf } from '../ledger/domain/ledger.js';
import { touch } from './claim-repairs.query.js';
import { nameOf, type Repairing, type RowRepair, type RowRepairs } from './repair.js';

const SET_ASIDE = `
  insert into set_aside (sku, location_id, condition, quantity, version) values ($1, $2, $3, $4, 1)
  on conflict (sku, location_id, condition) do update
  set quantity = excluded.quantity, version = set_aside.version + 1`;

const TAKEN = `
  update listings set taken = $3, ceiling = case when $3 > quota then greatest(ceiling, $3) else ceiling end
  where channel = $1 and sku = $2`;
const CEILING = 'update listings set ceiling = taken where channel = $1 and sku = $2';

const FORGET_PARTS = 'delete from kit_components where kit_sku = $1';
const STATED_PARTS = `
  insert into kit_components (kit_sku, sku, quantity)
  select i.sku, part ->> 'sku', sum((part ->> 'quantity')::bigint)
  from items i
  cross join lateral jsonb_array_elements(coalesce(i.document -> 'components', '[]')) as part
  where i.sku = $1 group by 1, 2`;

const LINE = `
  update supply_lines l set received = came.units, lost = gone.units,
    cancelled = least(greatest(l.cancelled, 0), l.ordered - came.units - gone.units),
    surplus = more.units,
    dispatched = case when l.is_transfer then greatest(l.dispatched, came.units + more.units)
      else greatest(l.dispatched, 0) end
  from supply_lines old
  cross join lateral (select least(greatest(old.received, 0), old.ordered) as units) as came
  cross join lateral (
    select least(greatest(old.lost, 0), old.ordered - came.units) as units
  ) as gone
  cross join lateral (
    select greatest(old.surplus, 0) + greatest(0, old.received - old.ordered) as units
  ) as more
  where l.supply_id = $1 and l.line_id = $2 and old.supply_id = $1 and old.line_id = $2`;

const LINES = `
  select line_id as "lineId", ordered, lost, cancelled, received, surplus, dispatched, is_transfer as "isTransfer"
  from supply_lines where supply_id = $1 and sku = $2 order by ordinal`;
const PROGRESS = `
  update supply_lines set received = $3, surplus = $4, dispatched = $5
  where supply_id = $1 and line_id = $2`;
const LOCK_SUPPLY = 'select from supplies where supply_id = $1 for update';
const STATE = `
  update supplies set state = case when state = 'open' then 'closed' else 'open' end,
    closed_because = case when state = 'open' then $3 end, version = version + 1, updated_at = $2
  where supply_id = $1`;
const CHANGED = 'update supplies set version = version + 1, updated_at = $2 where supply_id = $1';

const ISSUED = `
  update issued_kits set quantity = greatest(quantity, 1),
    returned = least(greatest(returned, 0), greatest(quantity, 1))
  where issue_id = $1`;
// The parts are those that the reservation names, as it was when issued kits began to be kept.
const ISSUE = `
  insert into issued_kits (issue_id, order_id, line_id, sku, parts, quantity)
  select $1, $2, $3, $4,
    jsonb_agg(jsonb_build_object('sku', part.sku, 'perKit', part.per_kit) order by part.sku), $6
  from (
    select distinct on (sku) sku, per_kit from reservations
    where attempt_id = $5 and line_id = $3 and kit_sku = $4 order by sku
  ) as part`;

/** The units that a pile keeps, and the movement that makes them the sum of its movements. */
const settled = ({ expected, actual, facts }: Difference) => {
  const units = facts.believed === 'pile' ? Math.max(0, actual) : expected;
  return { units, missing: units - expected };
};

const move = (repairing: Repairing, difference: Difference): number => {
  const { cause, reason, movements } = repairing;
  const { sku, locationId, facts } = difference;
  const { units, missing } = settled(difference);
  // Movements that add up to less than nothing cannot be shown to begin there.
  const before = Math.max(0, units - missing);
  if (missing !== 0)
    movements.push({
      movementId: null,
      requestId: null,
      contentHash: null,
      answer: null,
      type: 'adjustment',
      sku,
      locationId: locationId!,
      condition: facts.condition as Condition,
      quantity: missing,
      before,
      after: before + missing,
      reason: `repair: ${reason}`,
      reference: nameOf(difference),
      cause: cause.id,
      actor: cause.actor ?? null,
      actorId: cause.actorId ?? null,
    });
  return units;
};

const shelfOf = ({ sku, locationId }: Difference): Shelf => ({ sku, locationId: locationId! });

const onHand: RowRepair = async (repairing, difference) => {
  const shelf = shelfOf(difference);
  repairing.onHand.set(shelfKey(shelf), move(repairing, difference));
  touch(repairing, [shelf]);
};

const setAside: RowRepair = async (repairing, difference) => {
  const { sku, locationId, facts } = difference;
  const units = move(repairing, difference);
  await repairing.tx.query(SET_ASIDE, [sku, locationId, facts.condition, units]);
};

const count: RowRepair = async (repairing, difference) => touch(repairing, [shelfOf(difference)]);

const taken: RowRepair = async ({ tx }, { sku, expected, facts }) => {
  await tx.query(TAKEN, [facts.channel, sku, expected + Number(facts.offered)]);
};

const share: RowRepair = async ({ tx }, { sku, facts }) => {
  await tx.query(CEILING, [facts.channel, sku]);
};

const kit: RowRepair = async ({ tx }, { sku }) => {
  await tx.query(FORGET_PARTS, [sku]);
  await tx.query(STATED_PARTS, [sku]);
};

const issuedKit: RowRepair = async ({ tx }, { facts }) => {
  await tx.query(ISSUED, [facts.issueId]);
};

const issueKits: RowRepair = async ({ tx, cause }, difference) => {
  const { orderId, lineId, sku, expected, actual, facts } = difference;
  const issueId = derivedId('repaired kit', cause.id, nameOf(difference));
  await tx.query(ISSUE, [issueId, orderId, lineId, sku, facts.attemptId, expected - actual]);
};

const supplyLine: RowRepair = async ({ tx, now }, { lineId, facts }) => {
  await tx.query(LOCK_SUPPLY, [facts.supplyId]);
  await tx.query(LINE, [facts.supplyId, lineId]);
  await tx.query(CHANGED, [facts.supplyId, now]);
};

type SupplyLine = {
  readonly lineId: string;
  readonly ordered: number;
  readonly lost: number;
  readonly cancelled: number;
  received: number;
  surplus: number;
  dispatched: number;
  readonly isTransfer: boolean;
};

/** What came beyond what is expected is surplus; what did not come was none of the surplus first. */
const receive = (lines: readonly SupplyLine[], units: number): void => {
  let open = units;
  for (const [index, line] of lines.entries()) {
    const room = Math.max(0, line.ordered - line.lost - line.cancelled);
    const isLast = index === lines.length - 1;
    line.received = Math.min(open, room);
    line.surplus = isLast ? open - line.received : 0;
    open -= line.received + line.surplus;
    if (line.isTransfer) line.dispatched = Math.max(line.dispatched, line.received + line.surplus);
  }
};

const dispatch = (lines: readonly SupplyLine[], units: number): void => {
  let open = units - lines.reduce((sum, line) => sum + line.received + line.surplus, 0);
  for (const [index, line] of lines.entries()) {
    const arrived = line.received + line.surplus;
    const isLast = index === lines.length - 1;
    const way = isLast ? Math.max(0, open) : Math.max(0, Math.min(open, line.ordered - arrived));
    line.dispatched = arrived + way;
    open -= way;
  }
};

const supplyMoved: RowRepair = async ({ tx, now }, { sku, expected, facts }) => {
  const { supplyId, step } = facts;
  await tx.query(LOCK_SUPPLY, [supplyId]);
  const { rows } = await tx.query<SupplyLine>(LINES, [supplyId, sku]);
  if (step === 'received') receive(rows, expected);
  else dispatch(rows, expected);
  for (const { lineId, received, surplus, dispatched } of rows)
    await tx.query(PROGRESS, [supplyId, lineId, received, surplus, dispatched]);
  await tx.query(CHANGED, [supplyId, now]);
};

const supplyState: RowRepair = async ({ tx, now, reason }, { facts }) => {
  await tx.query(STATE, [facts.supplyId, now, reason]);
};

export const STOCK_REPAIRS: RowRepairs = {
  'on-hand-is-the-sum-of-movements': onHand,
  'set-aside-is-the-sum-of-movements': setAside,
  'reserved-is-what-is-held': count,
  'promised-is-on-hand': count,
  'history-ends-where-the-shelf-stands': count,
  'alert-is-as-the-shelf-stands': count,
  'taken-covers-what-is-held': taken,
  'taken-is-within-the-share': share,
  'kit-is-as-in-the-catalogue': kit,
  'issued-kit-adds-up': issuedKit,
  'issued-kits-cover-what-left': issueKits,
  'supply-line-adds-up': supplyLine,
  'supply-is-what-movements-brought': supplyMoved,
  'supply-state-fits-its-lines': supplyState,
};

import type { Difference } from '../checks/check.js';
import { shelfKey } from '../ledger/domain/books.js';
import type { Shelf } from '../ledger/domain/ledger.js';
import type { Repairing, RowRepair, RowRepairs } from './repair.js';

const RELEASE = `
  update reservations set released = quantity - consumed
  where attempt_id = $1 and line_id = $2 and location_id = $3 and coalesce(kit_sku, sku) = $4
    and consumed + released < quantity
  returning sku, location_id as "locationId"`;

// A share that began after the promise was made has not counted it.
const UNCOUNT = `
  update listings l set taken = greatest(0, taken - $3)
  from attempts a where a.attempt_id = $1 and l.channel = a.channel and l.sku = $2`;

const END_HOLD = `
  update attempts a set outcome = 'expired', expires_at = least(coalesce(expires_at, $2), $2)
  where attempt_id = $1 and not exists (
    select from reservations r where r.attempt_id = a.attempt_id and consumed + released < quantity
  )`;
// Its constraint holds for every row that is written, so a hold gets its end before anything else.
const LIMIT_HOLD = `
  update attempts set expires_at = least(coalesce(expires_at, $2), $2) where attempt_id = $1`;

const MEND = `
  update reservations r
  set quantity = whole.units, consumed = gone.units,
    released = case when r.quantity < 1 then whole.units - gone.units
      else least(greatest(r.released, 0), whole.units - gone.units) end
  from (select greatest($5::bigint, 0) as units) as gone
  cross join lateral (select greatest($6::bigint, gone.units, 1) as units) as whole
  where attempt_id = $1 and line_id = $2 and location_id = $3 and sku = $4
  returning sku, location_id as "locationId"`;

const MEND_KIT = `
  with parts as (
    select max(ceil(quantity::numeric / per_kit))::bigint as units,
      max(ceil(consumed::numeric / per_kit))::bigint as gone,
      greatest(0, min(floor((quantity - consumed - released)::numeric / per_kit)))::bigint as open
    from reservations
    where attempt_id = $1 and line_id = $2 and location_id = $3 and kit_sku = $4
  )
  update reservations r set quantity = greatest(units, gone + open) * per_kit,
    consumed = gone * per_kit, released = (greatest(units, gone + open) - gone - open) * per_kit
  from parts where attempt_id = $1 and line_id = $2 and location_id = $3 and kit_sku = $4
  returning sku, location_id as "locationId"`;

const HOLDER = `
  select order_id as "orderId", attempt, correlation_id as "correlationId" from attempts
  where attempt_id = $1 and owner = 'order' and outcome = 'reserved'`;

const OFFERED = `
  select distinct o.offer_id, o.location_id from offers o join offer_lines l using (offer_id)
  where o.state = 'open' and o.order_id = $1 and l.line_id = $2 and coalesce(l.kit_sku, l.sku) = $3
    and ($4::text is null or o.offer_id = $4)`;
const EMPTY_LINES = `
  update offer_lines l set quantity = 0 from offers o
  where o.offer_id = l.offer_id and l.offer_id = any($1) and l.line_id = $2
    and coalesce(l.kit_sku, l.sku) = $3
  returning l.sku, o.location_id as "locationId"`;
const WITHDRAW = `
  update offers o set state = 'withdrawn' where offer_id = any($1) and not exists (
    select from offer_lines l where l.offer_id = o.offer_id and l.quantity > 0
  )`;

const WAITS = `
  update backorders b set offered = least(b.quantity, (
    select coalesce(sum(units), 0) from (
      select max(l.quantity / coalesce(l.per_kit, 1)) as units
      from offers o join offer_lines l using (offer_id)
      where o.state = 'open' and o.order_id = b.order_id and l.line_id = b.line_id
        and coalesce(l.kit_sku, l.sku) = b.sku
      group by o.offer_id
    ) as offers
  ))
  where order_id = $1 and line_id = $2 and sku = $3`;
const LEAVE =
  'delete from backorders where order_id = $1 and line_id = $2 and sku = $3 and quantity < 1';
const LEAVE_TWICE = `
  delete from backorders where ctid in (
    select ctid from backorders where order_id = $1 and line_id = $2 and sku = $3
    order by priority desc, since, quantity desc offset 1
  )`;
const COUNTED = `
  update listings l set taken = greatest(0, taken - $4) from backorders b
  where b.order_id = $1 and b.line_id = $2 and b.sku = $3 and l.channel = b.channel and l.sku = b.sku`;

/** These shelves are told, and counted from what claims hold of them. */
export const touch = ({ touched }: Repairing, shelves: readonly Shelf[]): void => {
  for (const shelf of shelves) touched.set(shelfKey(shelf), shelf);
};

const claimKey = ({ facts, lineId, locationId, sku }: Difference) => [
  facts.attemptId,
  lineId,
  locationId,
  sku,
];
const lineKey = ({ orderId, lineId, sku }: Difference) => [orderId, lineId, sku];

const release: RowRepair = async (repairing, difference) => {
  const { tx } = repairing;
  const { rows } = await tx.query<Shelf>(RELEASE, claimKey(difference));
  touch(repairing, rows);
  await tx.query(UNCOUNT, [difference.facts.attemptId, difference.sku, difference.actual]);
};

const endHold: RowRepair = async (repairing, difference) => {
  const values = [difference.facts.attemptId, repairing.now];
  await repairing.tx.query(LIMIT_HOLD, values);
  await release(repairing, difference);
  await repairing.tx.query(END_HOLD, values);
};

const mend: RowRepair = async (repairing, difference) => {
  const { facts, expected } = difference;
  const values = [...claimKey(difference), facts.consumed, expected];
  touch(repairing, (await repairing.tx.query<Shelf>(MEND, values)).rows);
};

/** Kits that are not whole are none: whose order counted on them hears that they are gone. */
const mendKit: RowRepair = async (repairing, difference) => {
  const { tx, cause, messages } = repairing;
  const { sku, lineId, locationId, expected, actual, facts } = difference;
  touch(repairing, (await tx.query<Shelf>(MEND_KIT, claimKey(difference))).rows);
  type Holder = { orderId: string; attempt: number; correlationId: string };
  const [holder] = (await tx.query<Holder>(HOLDER, [facts.attemptId])).rows;
  if (!holder || actual === expected) return;
  const { orderId, attempt, correlationId } = holder;
  const lines = [{ lineId: lineId!, sku, quantity: actual - expected }];
  const data = { orderId, attempt, locationId: locationId!, lines };
  messages.push({
    orderId,
    event: { type: 'ReservationRevoked', data },
    cause: { id: cause.id, correlationId },
  });
};

/** What is withdrawn is free again, and offered to who waits within seconds. */
const withdraw = async (repairing: Repairing, difference: Difference): Promise<void> => {
  const { tx } = repairing;
  const { lineId, sku, facts } = difference;
  const { rows } = await tx.query<{ offer_id: string }>(OFFERED, [
    ...lineKey(difference),
    facts.offerId ?? null,
  ]);
  const offerIds = rows.map((row) => row.offer_id);
  touch(repairing, (await tx.query<Shelf>(EMPTY_LINES, [offerIds, lineId, sku])).rows);
  await tx.query(WITHDRAW, [offerIds]);
};

const countOffered: RowRepair = async (repairing, difference) => {
  const { expected, facts } = difference;
  if (facts.waits === null || expected > Number(facts.waits)) await withdraw(repairing, difference);
  await repairing.tx.query(WAITS, lineKey(difference));
};

const mendPlace: RowRepair = async (repairing, difference) => {
  const { tx } = repairing;
  await withdraw(repairing, difference);
  await tx.query(LEAVE, lineKey(difference));
  await tx.query(WAITS, lineKey(difference));
};

const keepFirst: RowRepair = async ({ tx }, difference) => {
  await tx.query(LEAVE_TWICE, lineKey(difference));
  await tx.query(WAITS, lineKey(difference));
};

const endOffer: RowRepair = async (repairing, difference) => {
  const { tx } = repairing;
  await withdraw(repairing, difference);
  await tx.query(WAITS, lineKey(difference));
  await tx.query(COUNTED, [...lineKey(difference), difference.actual]);
};

export const CLAIM_REPAIRS: RowRepairs = {
  'claim-adds-up': mend,
  'parts-of-a-kit-agree': mendKit,
  'claim-has-an-attempt': release,
  'ended-attempt-holds-nothing': release,
  'every-hold-ends': endHold,
  'offered-is-what-offers-hold': countOffered,
  'queue-place-adds-up': mendPlace,
  'one-place-per-line': keepFirst,
  'every-offer-ends': endOffer,
};

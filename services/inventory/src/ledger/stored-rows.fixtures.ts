import type { Database } from '@throughline/service-kit';
import type { QueryResultRow } from 'pg';
import type { LedgerRows, Movement } from './domain/rows.js';
import {
  attemptOf,
  backorderOf,
  knownMovementOf,
  offersOfLines,
  reservationsOf,
  type AttemptRow,
  type BackorderRow,
  type ClaimRow,
  type MovementRow,
  type OfferRow,
} from './ledger-rows.js';

const BALANCES = `
  select sku, location_id as "locationId", on_hand as "onHand", reserved, safety_stock as "safetyStock",
    uncounted, lead_time_days as "leadTimeDays", below_buffer_since is not null as "belowBuffer", version
  from balances order by sku, location_id`;
const SET_ASIDE = `
  select sku, location_id as "locationId", condition, quantity, version from set_aside
  order by sku, location_id, condition`;
const KITS = `
  select kit_sku as sku, json_agg(json_build_object('sku', sku, 'perKit', quantity) order by sku) as parts
  from kit_components group by kit_sku`;
const LISTINGS = 'select channel, sku, quota, taken, buffer from listings order by channel, sku';
const LOCATIONS = `
  select location_id as "locationId", active, document ->> 'type' as type from locations
  order by location_id`;
const RESERVATIONS = `
  select r.*, a.order_id, a.attempt, a.priority, a.accepted_at, a.correlation_id, a.channel, a.owner
  from reservations r join attempts a using (attempt_id)
  order by attempt_id, line_id, location_id, kit_sku, sku`;
const OFFERS = `
  select o.offer_id, o.order_id, o.location_id, o.state, o.expires_at, l.line_id, l.sku, l.quantity,
    l.kit_sku, l.per_kit
  from offers o join offer_lines l using (offer_id)
  order by o.made_at, o.offer_id, l.line_id, l.kit_sku, l.sku`;
const ISSUED_KITS = `
  select issue_id as "issueId", order_id as "orderId", line_id as "lineId", sku, parts, quantity, returned
  from issued_kits order by sequence`;
const MOVEMENTS = `
  select movement_id as "movementId", request_id as "requestId", content_hash as "contentHash", answer, type,
    sku, location_id as "locationId", condition, quantity, before, after, reason, reference, cause, actor,
    actor_id as "actorId"
  from movements order by sequence`;

/** Everything that the ledger's tables hold, as the rules know it. */
export const storedRows = async (database: Database): Promise<LedgerRows> => {
  const all = <Row extends QueryResultRow>(text: string): Promise<Row[]> => database.query(text);
  const items = await all<{ sku: string }>('select sku from items order by sku');
  const claims = await all<ClaimRow>(RESERVATIONS);
  const handled = await all<{ cause: string }>('select cause from handled');
  const attempts = await all<AttemptRow>('select * from attempts order by attempt_id');
  const backorders = await all<BackorderRow>('select * from backorders');
  const known = `select movement_id, request_id, content_hash, answer from movements
    where answer is not null`;
  return {
    balances: await all(BALANCES),
    setAside: await all(SET_ASIDE),
    kits: await all(KITS),
    listings: await all(LISTINGS),
    skus: items.map(({ sku }) => sku),
    locations: await all(LOCATIONS),
    attempts: attempts.map(attemptOf),
    reservations: reservationsOf(claims, (row) => row),
    backorders: backorders.map(backorderOf),
    longQueues: [],
    offers: offersOfLines(await all<OfferRow>(OFFERS)),
    issuedKits: await all(ISSUED_KITS),
    heldKits: [],
    movements: (await all<MovementRow>(known)).map(knownMovementOf),
    handled: handled.map(({ cause }) => cause),
  };
};

/** Every movement, in the order in which they were written. */
export const storedMovements = (database: Database): Promise<Movement[]> =>
  database.query<Movement & QueryResultRow>(MOVEMENTS);

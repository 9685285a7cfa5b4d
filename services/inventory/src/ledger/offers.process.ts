import { newId } from '@throughline/kernel';
import { allOrEach, type Database, type Task } from '@throughline/service-kit';
import type { Ledger } from './ledger.js';

/** How long an offer may be overdue, or stock stand beside somebody who waits, before it is seen to. */
export const EXPIRY_EVERY_MS = 2_000;
export const LOOK_THROUGH_EVERY_MS = 2_000;
const OFFERS_MAX = 500;
const SHELVES_MAX = 100;
/** Rounds of one run; what is left comes with the next. */
const ROUNDS_MAX = 50;

const DUE = `
  select offer_id from offers where state = 'open' and expires_at <= $1
  order by expires_at, offer_id limit ${OFFERS_MAX}`;

/**
 * Shelves that could serve somebody who waits: at a location that the order may use, with more than the
 * buffer of its channel, whose share is not used up; of a kit with enough of every part.
 */
const STAYED_BEHIND = `
  with wanted as (
    select distinct sku from backorders where offered < quantity
  ), parts as (
    select w.sku as wanted, coalesce(k.sku, w.sku) as sku, coalesce(k.quantity, 1) as per_kit,
      count(*) over (partition by w.sku) as of_kit
    from wanted w left join kit_components k on k.kit_sku = w.sku
  ), free as (
    select p.wanted, b.location_id, min(p.sku collate "C") as sku, min(b.available / p.per_kit) as units
    from parts p join balances b using (sku) join locations l using (location_id)
    where b.available >= p.per_kit and l.active
    group by p.wanted, p.of_kit, b.location_id having count(*) = p.of_kit
  )
  select distinct free.sku, free.location_id as "locationId" from free
  where exists (
    select from backorders w left join listings s on s.channel = w.channel and s.sku = w.sku
    where w.sku = free.wanted and w.offered < w.quantity
      and (w.only_location_id is null or w.only_location_id = free.location_id)
      and not free.location_id = any(w.declined)
      and (s.quota is null or s.taken < s.quota) and free.units > coalesce(s.buffer, 0)
  )
  order by 1, 2 limit ${SHELVES_MAX}`;

/** Offers that nobody took in time go to the next in the queue. On several replicas the first one does it. */
export const offerExpiry = (ledger: Ledger, database: Database, now: () => string): Task => ({
  name: 'expire-offers',
  everyMs: EXPIRY_EVERY_MS,
  run: async () => {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const rows = await database.query<{ offer_id: string }>(DUE, [now()], 'offers-due');
      if (rows.length === 0) return;
      const due = rows.map(({ offer_id: offerId }) => offerId);
      await allOrEach(due, (offerIds) =>
        ledger.carryOut({ type: 'ExpireOffers', data: { offerIds } }, { id: newId() }),
      );
    }
  },
});

/**
 * Offers stock that stands beside somebody who waits for it: a receipt for more orders than one transaction
 * serves, a location that became active again. Newcomers are refused such stock meanwhile.
 */
export const queueLookThrough = (ledger: Ledger, database: Database): Task => ({
  name: 'look-through-queue',
  everyMs: LOOK_THROUGH_EVERY_MS,
  run: async () => {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const found = await database.query<{ sku: string; locationId: string }>(
        STAYED_BEHIND,
        [],
        'stayed-behind',
      );
      if (found.length === 0) return;
      await allOrEach(found, (shelves) =>
        ledger.carryOut({ type: 'OfferWaiting', data: { shelves } }, { id: newId() }),
      );
    }
  },
});

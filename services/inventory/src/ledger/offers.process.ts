import { newId } from '@throughline/kernel';
import type { Database, Task } from '@throughline/service-kit';
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

const STAYED_BEHIND = `
  select b.sku, b.location_id as "locationId"
  from balances b join locations l using (location_id)
  where b.available > 0 and l.active
    and b.sku in (select sku from backorders where offered < quantity)
    and exists (
      select from backorders w
      where w.sku = b.sku and w.offered < w.quantity
        and (w.only_location_id is null or w.only_location_id = b.location_id)
        and not b.location_id = any(w.declined)
    )
  order by b.sku, b.location_id limit ${SHELVES_MAX}`;

/** Offers that nobody took in time go to the next in the queue. On several replicas the first one does it. */
export const offerExpiry = (ledger: Ledger, database: Database, now: () => string): Task => ({
  name: 'expire-offers',
  everyMs: EXPIRY_EVERY_MS,
  run: async () => {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const rows = await database.query<{ offer_id: string }>(DUE, [now()], 'offers-due');
      if (rows.length === 0) return;
      const offerIds = rows.map(({ offer_id: offerId }) => offerId);
      await ledger.carryOut({ type: 'ExpireOffers', data: { offerIds } }, { id: newId() });
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
      const shelves = await database.query<{ sku: string; locationId: string }>(
        STAYED_BEHIND,
        [],
        'stayed-behind',
      );
      if (shelves.length === 0) return;
      await ledger.carryOut({ type: 'OfferWaiting', data: { shelves } }, { id: newId() });
    }
  },
});

import { newId } from '@throughline/kernel';
import type { Database, Task } from '@throughline/service-kit';
import type { Ledger } from '../ledger/ledger.js';

/** How long a hold may be overdue before its stock can be sold again. */
export const HOLD_EXPIRY_EVERY_MS = 1_000;
const HOLDS_MAX = 500;
/** Rounds of one run; what is left comes with the next. */
const ROUNDS_MAX = 50;

const DUE = `
  select order_id from attempts
  where owner = 'checkout' and outcome = 'reserved' and expires_at <= $1
  order by expires_at limit ${HOLDS_MAX}`;

/** Holds whose time is up can be sold again. On several replicas the first one does it. */
export const holdExpiry = (ledger: Ledger, database: Database, now: () => string): Task => ({
  name: 'expire-holds',
  everyMs: HOLD_EXPIRY_EVERY_MS,
  run: async () => {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const rows = await database.query<{ order_id: string }>(DUE, [now()], 'holds-due');
      if (rows.length === 0) return;
      const reservationIds = rows.map(({ order_id: id }) => id);
      await ledger.carryOut({ type: 'ExpireHolds', data: { reservationIds } }, { id: newId() });
    }
  },
});

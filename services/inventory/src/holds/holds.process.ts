import { newId } from '@throughline/kernel';
import { allOrEach, type Database, type Task } from '@throughline/service-kit';
import type { Ledger } from '../ledger/ledger.js';

/** How long a hold may be overdue before its stock can be sold again, unless somebody asks for it earlier. */
export const HOLD_EXPIRY_EVERY_MS = 1_000;
const HOLDS_MAX = 500;
/** Rounds of one run; what is left comes with the next. */
const ROUNDS_MAX = 50;

const DUE = `
  select order_id from attempts
  where owner = 'checkout' and outcome = 'reserved' and expires_at <= $1
  order by expires_at limit ${HOLDS_MAX}`;

/** Lets go of holds whose time is up, some hundreds of them. Answers whether there were any. */
export type ExpireDue = () => Promise<boolean>;

export const expireDue =
  (ledger: Ledger, database: Database, now: () => string): ExpireDue =>
  async () => {
    const rows = await database.query<{ order_id: string }>(DUE, [now()], 'holds-due');
    if (rows.length === 0) return false;
    const reservationIds = rows.map(({ order_id: id }) => id);
    await allOrEach(reservationIds, (ids) =>
      ledger.carryOut({ type: 'ExpireHolds', data: { reservationIds: ids } }, { id: newId() }),
    );
    return true;
  };

/** What is overdue can be sold again, and goes to who waits. On several replicas the first one does it. */
export const holdExpiry = (expire: ExpireDue): Task => ({
  name: 'expire-holds',
  everyMs: HOLD_EXPIRY_EVERY_MS,
  run: async () => {
    for (let round = 0; round < ROUNDS_MAX; round += 1) if (!(await expire())) return;
  },
});

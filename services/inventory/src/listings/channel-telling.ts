import type { ListingState } from '@throughline/contracts';
import { appendInTransaction, type EventMetadata } from '@throughline/event-store';
import type { PoolClient } from 'pg';
import { sellable, STATE_NOW } from './sellable.query.js';
import { appendsOf } from './told.js';
import type { Telling } from './telling.js';

export type ListingKey = { readonly channel: string; readonly sku: string };

const LISTINGS_MAX = 500;

/** Listings of these SKUs, and of kits that they are parts of, whose channel was told something else last. */
const STALE = `
  select channel, sku from (${sellable(`
    select * from listings where sku = any(array(
      select unnest($1::text[]) union select kit_sku from kit_components where sku = any($1)
    ))`)}) as listing
  where state is distinct from ${STATE_NOW}
  order by channel, sku limit ${LISTINGS_MAX}`;

// As the ledger locks them: whoever else tells, or promises, is done then.
const LOCK = `
  select from unnest($1::text[], $2::text[]) as key (channel, sku) join listings l using (channel, sku)
  order by l.channel, l.sku for update of l`;

const TELL = `
  update listings l
  set state = ${STATE_NOW}, available = sellable, version = l.version + 1
  from (${sellable(`
    select l.* from unnest($1::text[], $2::text[]) as key (channel, sku)
    join listings l using (channel, sku)`)}) as listing
  where l.channel = listing.channel and l.sku = listing.sku
    and l.state is distinct from ${STATE_NOW}
  returning l.channel, l.sku, l.state, l.available, l.version`;

type Told = ListingKey & { state: ListingState; available: number; version: number };

/** Channels hear when they can sell none of what they list any more, and when there is some again. */
export const channelTelling: Telling<ListingKey> = {
  stale: (database, skus) => database.query<ListingKey>(STALE, [skus], 'listings-stale'),

  tell: async (tx: PoolClient, keys, metadata: EventMetadata) => {
    const values = [keys.map(({ channel }) => channel), keys.map(({ sku }) => sku)];
    await tx.query({ name: 'listings-lock', text: LOCK, values });
    const { rows } = await tx.query<Told>({ name: 'listings-tell', text: TELL, values });
    if (rows.length === 0) return false;
    await appendInTransaction(tx, appendsOf(rows, metadata));
    return true;
  },
};

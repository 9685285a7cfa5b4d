import type { ListingState } from '@throughline/contracts';
import {
  sortValues,
  pageOf,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { conditionsOf, nameOf, whereOf } from '../listing.js';
import type { Listing } from './listing.js';
import { sellable } from './sellable.query.js';

export type ListingsQuery = {
  /** What the channel lists, by SKU. */
  list(
    filter: { readonly channel: string; readonly state?: ListingState | null },
    page: PageRequest,
  ): Promise<Page<Listing>>;
  one(channel: string, sku: string): Promise<Listing | undefined>;
};

type Row = Omit<Listing, 'available'> & { readonly sellable: number };

const COLUMNS = { channel: 'channel', state: 'state' } as const;
const ONE = sellable('select * from listings where channel = $1 and sku = $2');

const listingOf = (row: Row): Listing => ({
  channel: row.channel,
  sku: row.sku,
  quota: row.quota,
  buffer: row.buffer,
  taken: row.taken,
  available: row.sellable,
  state: row.state,
  version: row.version,
});

/** Listings as they stand now. */
export const listingsQuery = (database: Database): ListingsQuery => ({
  list: async (filter, { limit, after }) => {
    const conditions = conditionsOf(COLUMNS, filter, [limit + 1]);
    const { sql, values } = conditions;
    if (after) {
      values.push(...sortValues(after, ['text']));
      sql.push(`sku > $${values.length}`);
    }
    const listed = `select * from listings ${whereOf(conditions)} order by sku limit $1`;
    const text = `${sellable(listed)} order by l.sku`;
    const rows = await database.query<Row>(text, values, nameOf('listings', conditions, after));
    return pageOf(rows, limit, ({ sku }) => [sku], listingOf);
  },

  one: async (channel, sku) => {
    const [row] = await database.query<Row>(ONE, [channel, sku], 'listing');
    return row && listingOf(row);
  },
});

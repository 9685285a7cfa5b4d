import { appendInTransaction, askerOf, type Cause, type Position } from '@throughline/event-store';
import type { Runtime } from '@throughline/service-kit';
import type { PoolClient } from 'pg';
import type { Share } from './listing.js';
import { appendsOf } from './told.js';

export type Listings = {
  /** Sets a channel's share of an item. Undefined where the catalogue does not know the item. */
  set(channel: string, sku: string, share: Share): Promise<{ readonly isNew: boolean } | undefined>;
  /** Ends a listing; who was told last that there is some is told that there is none. False where there is none. */
  remove(
    channel: string,
    sku: string,
    cause: Cause,
  ): Promise<false | { readonly position?: Position }>;
};

const LOCK_ITEM = 'select from items where sku = $1 for no key update';
const LOCK_LISTING = 'select from listings where channel = $1 and sku = $2 for update';

const CHANGE = `
  update listings set quota = $3, buffer = $4, updated_at = $5,
    ceiling = case when taken > $3 then taken else 0 end
  where channel = $1 and sku = $2
    and (quota is distinct from $3 or buffer <> $4)`;

// Those that open claims of the SKU, or of its parts where it is a kit, lie on.
const LOCK_SHELVES = `
  select from balances where sku in (
    select $1 union select sku from kit_components where kit_sku = $1
    union
    select sku from reservations where kit_sku = $1 and consumed + released < quantity
  ) order by sku, location_id for update`;

const BEGIN = `
  insert into listings (channel, sku, quota, buffer, taken, ceiling, version, updated_at)
  select $1, $2, $3::bigint, $4::bigint, taken, case when taken > $3 then taken else 0 end,
    coalesce((select version from former_listings where channel = $1 and sku = $2), 0), $5::timestamptz
  from (
    select coalesce(sum(units), 0)::bigint as taken from (
      select max((r.quantity - r.consumed - r.released) / coalesce(r.per_kit, 1)) as units
      from reservations r join attempts a using (attempt_id)
      where a.channel = $1 and r.consumed + r.released < r.quantity
        and ((r.sku = $2 and r.kit_sku is null) or r.kit_sku = $2)
      group by r.attempt_id, r.line_id, r.location_id
      union all
      select max(l.quantity / coalesce(l.per_kit, 1))
      from offers o join offer_lines l using (offer_id)
      join backorders b
        on b.order_id = o.order_id and b.line_id = l.line_id and b.sku = coalesce(l.kit_sku, l.sku)
      where o.state = 'open' and b.channel = $1 and b.sku = $2
      group by o.offer_id, l.line_id
    ) as claims
  ) as claimed`;

const END = `
  delete from listings where channel = $1 and sku = $2 returning channel, sku, state, version`;
const REMEMBER = `
  insert into former_listings (channel, sku, version) values ($1, $2, $3)
  on conflict (channel, sku) do update set version = excluded.version`;

type Ended = { channel: string; sku: string; state: string | null; version: number };

/**
 * What channels list. A share begins with what the channel has promised of the item already, counted while nobody
 * can promise more; from then on the ledger counts.
 */
export const listingsOf = ({
  database,
  now,
  committed,
}: Pick<Runtime, 'database' | 'now' | 'committed'>): Listings => {
  const isListed = async (tx: PoolClient, channel: string, sku: string): Promise<boolean> =>
    (await tx.query(LOCK_LISTING, [channel, sku])).rowCount === 1;

  return {
    set: (channel, sku, { quota, buffer }) =>
      database.transaction(async (tx) => {
        if ((await tx.query(LOCK_ITEM, [sku])).rowCount === 0) return undefined;
        const values = [channel, sku, quota, buffer, now()];
        if (await isListed(tx, channel, sku)) {
          await tx.query(CHANGE, values);
          return { isNew: false };
        }
        await tx.query(LOCK_SHELVES, [sku]);
        await tx.query(BEGIN, values);
        return { isNew: true };
      }),

    remove: async (channel, sku, { id, correlationId, ...cause }) => {
      const done = await database.transaction(async (tx) => {
        await tx.query(LOCK_ITEM, [sku]);
        if (!(await isListed(tx, channel, sku))) return false;
        const { state, version } = (await tx.query<Ended>(END, [channel, sku])).rows[0]!;
        const isTold = state === 'in-stock';
        await tx.query(REMEMBER, [channel, sku, isTold ? version + 1 : version]);
        if (!isTold) return {};
        const last = {
          channel,
          sku,
          state: 'out-of-stock' as const,
          available: 0,
          version: version + 1,
        };
        const metadata = {
          at: now(),
          causationId: id,
          correlationId: correlationId ?? id,
          ...askerOf(cause),
        };
        return { position: await appendInTransaction(tx, appendsOf([last], metadata)) };
      });
      if (done && done.position !== undefined) committed();
      return done;
    },
  };
};

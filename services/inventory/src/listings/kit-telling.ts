import { appendInTransaction } from '@throughline/event-store';
import { derivedId } from '@throughline/kernel';
import {
  AVAILABILITY_CATEGORY,
  availabilityCodec,
  type ShelfChange,
} from '../ledger/availability.codec.js';
import type { Shelf } from '../ledger/domain/ledger.js';
import type { Telling } from './telling.js';

const SHELVES_MAX = 1_000;

/**
 * Where these kits, and kits that these SKUs are parts of, can be made in another number than routing was told last. An
 * item that is a kit no longer stands for itself, since routing heeds only higher versions than those of the kit.
 */
const DIFFERENT = `
  with wanted as (
    select sku from (
      select unnest($1::text[]) as sku
      union
      select kit_sku from kit_components where sku = any($1)
    ) as asked
    where exists (select from kit_components k where k.kit_sku = asked.sku)
      or exists (select from kit_availability a where a.sku = asked.sku)
  ), parts as (
    select w.sku as kit_sku, coalesce(k.sku, w.sku) as sku, coalesce(k.quantity, 1) as per_kit,
      count(*) over (partition by w.sku) as of_kit
    from wanted w left join kit_components k on k.kit_sku = w.sku
  ), free as (
    select p.kit_sku as sku, b.location_id, min(b.available / p.per_kit) as units
    from parts p join balances b using (sku)
    where b.available >= p.per_kit
    group by p.kit_sku, p.of_kit, b.location_id having count(*) = p.of_kit
  ), told as (
    select a.* from wanted join kit_availability a using (sku)
  )
  select sku, location_id, coalesce(free.units, 0) as units
  from free full join told using (sku, location_id)
  where coalesce(free.units, 0) <> coalesce(told.available, 0)`;

const STALE = `
  select sku, location_id as "locationId" from (${DIFFERENT}) as kit
  order by sku, location_id limit ${SHELVES_MAX}`;

// An item that becomes a kit goes on where its own shelves stopped.
const BEGIN = `
  insert into kit_availability (sku, location_id, available, version)
  select sku, location_id, 0, coalesce(b.version, 0)
  from unnest($1::text[], $2::text[]) as key (sku, location_id)
  left join balances b using (sku, location_id)
  order by sku, location_id
  on conflict do nothing`;

const LOCK = `
  select from unnest($1::text[], $2::text[]) as key (sku, location_id)
  join kit_availability a using (sku, location_id)
  order by a.sku, a.location_id for update of a`;

const TELL = `
  update kit_availability a set available = kit.units, version = a.version + 1
  from (${DIFFERENT}) as kit
  join unnest($2::text[], $3::text[]) as key (sku, location_id) using (sku, location_id)
  where a.sku = kit.sku and a.location_id = kit.location_id
  returning a.sku, a.location_id as "locationId", a.available, a.version`;

type Told = Shelf & { available: number; version: number };

/** Routing hears how many of each kit can be made where, as it hears of what lies on shelves. */
export const kitTelling: Telling<Shelf> = {
  stale: (database, skus) => database.query<Shelf>(STALE, [skus], 'kits-stale'),

  tell: async (tx, keys, metadata) => {
    const skus = keys.map(({ sku }) => sku);
    const values = [skus, keys.map(({ locationId }) => locationId)];
    await tx.query({ name: 'kits-begin', text: BEGIN, values });
    await tx.query({ name: 'kits-lock', text: LOCK, values });
    const named = [[...new Set(skus)], ...values];
    const { rows } = await tx.query<Told>({ name: 'kits-tell', text: TELL, values: named });
    if (rows.length === 0) return false;
    const shelves = rows.map(({ sku, locationId, available, version }): ShelfChange => [
      sku,
      locationId,
      available,
      version,
    ]);
    const stream = `${AVAILABILITY_CATEGORY}-${derivedId('kits', metadata.causationId)}`;
    const stored = availabilityCodec.encode({ type: 'AvailabilityChanged', data: { shelves } });
    const event = { id: derivedId(stream, 0), ...stored, metadata };
    await appendInTransaction(tx, [{ stream, events: [event] }]);
    return true;
  },
};

import type { GeoPoint } from '@throughline/kernel';
import type { Database } from '@throughline/service-kit';
import type { Inbound, Share, Shelf, Waiting } from './domain/goods.js';
import type { Supplied } from './domain/promise.js';

/** What bears on a SKU's availability, and where its locations are. */
export type Asked = Supplied & {
  readonly sku: string;
  readonly isKit: boolean;
  readonly places: ReadonlyMap<string, GeoPoint | null>;
};

export type AvailabilityQuery = {
  /** As it stands now, for a channel where one is named. In the order asked. */
  now(skus: readonly string[], channel: string | null): Promise<Asked[]>;
  /**
   * As the shelves stood at a time (ISO 8601, UTC), at the locations that are active now; kits by what they
   * consist of now. What was expected, and who waited, is not known any more.
   */
  at(skus: readonly string[], at: string): Promise<Asked[]>;
};

/** What is asked for, what it consists of, and at which of its locations goods count. */
const PARTS = `
  asked as (
    select sku, ordinal from unnest($1::text[]) with ordinality as asked (sku, ordinal)
  ), part as (
    select a.ordinal, a.sku as wished, coalesce(k.sku, a.sku) as sku,
      coalesce(k.quantity, 1) as per_kit, k.kit_sku is not null as is_kit
    from asked a left join kit_components k on k.kit_sku = a.sku
  ), needed as (select distinct sku from part)`;

const ASKED = `
  select coalesce(json_agg(json_build_object('sku', a.sku,
    'parts', (
      select json_agg(json_build_object('sku', p.sku, 'perKit', p.per_kit) order by p.sku)
      from part p where p.ordinal = a.ordinal
    ),
    'isKit', (select bool_or(p.is_kit) from part p where p.ordinal = a.ordinal),
    'leadTimeDays', coalesce(
      (select (i.document ->> 'leadTimeDays')::integer from items i where i.sku = a.sku),
      -- A kit without one is there once the slowest of its parts is, if all of them have one.
      (select case when count(*) = count(i.document ->> 'leadTimeDays')
        then max((i.document ->> 'leadTimeDays')::integer) end
       from part p left join items i on i.sku = p.sku where p.ordinal = a.ordinal)
    ),
    'share', (
      select json_build_object('quota', l.quota, 'taken', l.taken, 'buffer', l.buffer)
      from listings l where l.sku = a.sku and l.channel = $2
    )) order by a.ordinal), '[]')
  from asked a`;

const arrayOf = (select: string): string =>
  `select coalesce(json_agg(row), '[]') from (${select}) as row`;

// `offset 0` has rows looked up SKU by SKU: the planner, not knowing how few are asked for, would read all.
const SHELVES = arrayOf(`
  select shelf.*, l.document -> 'geo' as geo
  from needed cross join lateral (
    select b.sku, b.location_id as "locationId", b.on_hand as "onHand", b.reserved,
      b.safety_stock as "safetyStock", b.uncounted, b.lead_time_days as "leadTimeDays"
    from balances b where b.sku = needed.sku offset 0
  ) as shelf
  join locations l on l.location_id = shelf."locationId" where l.active`);

const INBOUND = arrayOf(`
  select needed.sku, due.location_id as "locationId", due.units,
    floor(extract(epoch from due.eta) * 1000)::bigint as eta, l.document -> 'geo' as geo
  from needed cross join lateral (
    select i.location_id, i.eta, sum(i.units)::bigint as units
    from inbound_supply i where i.sku = needed.sku group by i.location_id, i.eta
  ) as due
  join locations l using (location_id) where l.active`);

// Per SKU, so that a long queue is only read by those who ask for it.
const WAITING = arrayOf(`
  select n.sku, waiting.only_location_id as "onlyLocationId", waiting.declined,
    (waiting.units * wanted.per_kit)::bigint as units
  from needed n
  cross join lateral (
    select n.sku as wanted, 1 as per_kit
    union all
    select k.kit_sku, k.quantity from kit_components k where k.sku = n.sku
  ) as wanted
  cross join lateral (
    select b.only_location_id, b.declined, sum(b.quantity - b.offered) as units
    from backorders b where b.sku = wanted.wanted and b.offered < b.quantity
    group by b.only_location_id, b.declined
  ) as waiting`);

// One statement, so one moment: what is received meanwhile counts either as expected or as there.
const NOW = `
  with ${PARTS}
  select (${ASKED}) as asked, (${SHELVES}) as shelves, (${INBOUND}) as inbound,
    (${WAITING}) as waiting`;

const STOOD = arrayOf(`
  select shelf.*, l.document -> 'geo' as geo
  from needed cross join lateral (
    select b.sku, b.location_id as "locationId", h.on_hand as "onHand", h.reserved,
      h.safety_stock as "safetyStock", h.uncounted, b.lead_time_days as "leadTimeDays"
    from balances b cross join lateral (
      select * from shelf_history h
      where h.sku = b.sku and h.location_id = b.location_id and h.at <= $3
      order by h.at desc, h.version desc limit 1
    ) as h
    where b.sku = needed.sku offset 0
  ) as shelf
  join locations l on l.location_id = shelf."locationId" where l.active`);

const EXPECTED_THEN = arrayOf(`
  select needed.sku, due.location_id as "locationId", due.units,
    floor(extract(epoch from due.eta) * 1000)::bigint as eta, l.document -> 'geo' as geo
  from needed cross join lateral (
    select location_id, eta, sum(units)::bigint as units from (
      select distinct on (supply_id, line_id) i.location_id, i.eta, i.units from inbound_history i
      where i.sku = needed.sku and i.at <= $3
      order by supply_id, line_id, i.at desc, i.sequence desc
    ) as line where units > 0 group by location_id, eta
  ) as due
  join locations l using (location_id) where l.active`);

const THEN = `
  with ${PARTS}
  select (${ASKED}) as asked, (${STOOD}) as shelves, (${EXPECTED_THEN}) as inbound,
    '[]'::json as waiting`;

type Located = { readonly geo: GeoPoint | null };
type Row = {
  asked: {
    sku: string;
    parts: Supplied['parts'];
    isKit: boolean;
    leadTimeDays: number | null;
    share: Share | null;
  }[];
  shelves: (Shelf & Located)[];
  inbound: (Inbound & Located)[];
  waiting: Waiting[];
};

const bySku = <Entry extends { readonly sku: string }>(
  entries: readonly Entry[],
): ((skus: readonly { readonly sku: string }[]) => Entry[]) => {
  const known = new Map<string, Entry[]>();
  for (const entry of entries) {
    const ofSku = known.get(entry.sku) ?? [];
    ofSku.push(entry);
    known.set(entry.sku, ofSku);
  }
  return (skus) => skus.flatMap(({ sku }) => known.get(sku) ?? []);
};

const askedOf = ({ asked, ...row }: Row): Asked[] => {
  const shelvesOf = bySku(row.shelves);
  const inboundOf = bySku(row.inbound);
  const waitingOf = bySku(row.waiting);
  return asked.map(({ parts, ...one }) => {
    const shelves = shelvesOf(parts);
    const inbound = inboundOf(parts);
    const places = new Map(
      [...shelves, ...inbound].map(({ locationId, geo }) => [locationId, geo]),
    );
    return { ...one, parts, shelves, inbound, waiting: waitingOf(parts), places };
  });
};

/** Reads all that bears on the availability of SKUs: one statement, however many. */
export const availabilityQuery = (database: Database): AvailabilityQuery => ({
  now: async (skus, channel) => {
    const [row] = await database.query<Row>(NOW, [skus, channel], 'availability-now');
    return askedOf(row!);
  },
  at: async (skus, at) => {
    const [row] = await database.query<Row>(THEN, [skus, null, at], 'availability-then');
    return askedOf(row!);
  },
});

import type { Database } from '@throughline/service-kit';
import type { PoolClient } from 'pg';
import { ask } from '../ledger/ask.js';
import type { Inbound, Part, Shelf } from './domain/goods.js';
import type { Place, Supplies } from './domain/turns.js';

/** SKUs that one round begins with; those whose kits or parts they share come on top. */
const SKUS_MAX = 50;
const MARKS_MAX = 1_000;
/** Places in the queues of one round. Who stands behind them is promised nothing yet. */
export const PLACES_MAX = 10_000;

/** A waiting line, as it was when its promise was told from it. */
export type WaitingLine = Place & {
  readonly orderId: string;
  readonly lineId: string;
  readonly quantity: number;
  readonly offered: number;
  readonly correlationId: string;
};
/** What one round works on: the queues of SKUs that have to do with each other, in turn. */
export type Round = {
  /** Marks that this round sees to. */
  readonly marks: readonly number[];
  readonly lines: readonly WaitingLine[];
  readonly supplies: Supplies;
};

const MARKED = `
  select sku from (
    select sku from promises_due order by sequence limit ${MARKS_MAX}
  ) as oldest group by sku order by sku limit ${SKUS_MAX}`;

/** Who waits for a kit waits for its parts, and so for what others leave of them. */
const RELATED = `
  with recursive related as (
    select sku collate "C" from unnest($1::text[]) as sku
    union
    select other.sku from related r cross join lateral (
      select k.sku from kit_components k where k.kit_sku = r.sku
      union all
      select k.kit_sku from kit_components k where k.sku = r.sku and exists (
        select from backorders b where b.sku = k.kit_sku and b.offered < b.quantity
      )
    ) as other
  )
  select sku from related`;

const MARKS = 'select sequence from promises_due where sku = any($1)';

const PLACES = `
  select order_id as "orderId", line_id as "lineId", sku, quantity, offered,
    only_location_id as "onlyLocationId", declined, promised_on, uncovered_since,
    correlation_id as "correlationId"
  from backorders where sku = any($1) and offered < quantity
  order by -priority, since, order_id, line_id limit ${PLACES_MAX}`;

const KITS = `
  select kit_sku as kit, sku, quantity as "perKit" from kit_components
  where kit_sku = any($1) order by kit_sku, sku`;

const SHELVES = `
  select b.sku, b.location_id as "locationId", b.on_hand as "onHand", b.reserved,
    b.safety_stock as "safetyStock", b.uncounted, b.lead_time_days as "leadTimeDays"
  from balances b join locations l using (location_id) where b.sku = any($1) and l.active`;

const INBOUND = `
  select i.sku, i.location_id as "locationId", i.units, i.eta
  from inbound_supply i join locations l using (location_id)
  where i.sku = any($1) and l.active and i.eta is not null`;

const LEAD_TIMES = `
  select sku, (document ->> 'leadTimeDays')::integer as days from items
  where sku = any($1) and document ->> 'leadTimeDays' is not null`;

type PlaceRow = Omit<WaitingLine, 'parts' | 'units' | 'promisedOn' | 'uncoveredSince'> & {
  readonly promised_on: Date | null;
  readonly uncovered_since: Date | null;
};

/** What has to be looked at next; undefined when nothing is marked. All of it is of one moment. */
export const nextRound = (database: Database): Promise<Round | undefined> =>
  database.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    const marked = await tx.query<{ sku: string }>({ name: 'promises-marked', text: MARKED });
    if (marked.rows.length === 0) return undefined;
    const named = [marked.rows.map(({ sku }) => sku)];
    const skus = (await ask<{ sku: string }>(tx, 'promises-related', RELATED, named)).map(
      ({ sku }) => sku,
    );
    const marks = await ask<{ sequence: number }>(tx, 'promises-marks', MARKS, [skus]);
    return {
      marks: marks.map(({ sequence }) => sequence),
      lines: await linesOf(tx, skus),
      supplies: await suppliesOf(tx, skus),
    };
  });

const linesOf = async (tx: PoolClient, skus: readonly string[]): Promise<WaitingLine[]> => {
  const rows = await ask<PlaceRow>(tx, 'promises-places', PLACES, [skus]);
  const parts = await ask<Part & { kit: string }>(tx, 'promises-kits', KITS, [skus]);
  const kits = Map.groupBy(parts, ({ kit }) => kit);
  return rows.map(({ promised_on: promisedOn, uncovered_since: since, ...row }) => ({
    ...row,
    parts: kits.get(row.sku) ?? [{ sku: row.sku, perKit: 1 }],
    units: row.quantity - row.offered,
    promisedOn: promisedOn?.getTime() ?? null,
    uncoveredSince: since?.getTime() ?? null,
  }));
};

const suppliesOf = async (tx: PoolClient, skus: readonly string[]): Promise<Supplies> => {
  type Lot = Omit<Inbound, 'eta'> & { eta: Date };
  const shelves = await ask<Shelf>(tx, 'promises-shelves', SHELVES, [skus]);
  const inbound = await ask<Lot>(tx, 'promises-inbound', INBOUND, [skus]);
  const leads = await ask<{ sku: string; days: number }>(tx, 'promises-leads', LEAD_TIMES, [skus]);
  return {
    shelves,
    inbound: inbound.map((lot) => ({ ...lot, eta: lot.eta.getTime() })),
    leadTimeDays: new Map(leads.map(({ sku, days }) => [sku, days])),
  };
};

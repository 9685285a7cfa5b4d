import {
  sortValues,
  invalidRequest,
  pageOf,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { conditionsOf } from '../listing.js';

export const CLAIM_STATES = [
  'held',
  'offered',
  'committed',
  'consumed',
  'released',
  'expired',
] as const;
export type ClaimState = (typeof CLAIM_STATES)[number];

/**
 * What holds stock for an order, or for a checkout: then `orderId` is its reservation. An offer belongs to no
 * attempt yet: it shows attempt 0. Of a kit, every part of it is shown.
 */
export type Claim = {
  readonly orderId: string;
  readonly attempt: number;
  readonly lineId: string;
  readonly sku: string;
  readonly locationId: string;
  readonly quantity: number;
  readonly consumed: number;
  readonly released: number;
  readonly state: ClaimState;
  /** The kit that it is a part of. */
  readonly kitSku: string | null;
  readonly channel: string | null;
  /** When a hold or an offer ends. */
  readonly expiresAt: string | null;
  readonly offerId: string | null;
};

export type ClaimFilter = {
  readonly orderId?: string | null;
  readonly sku?: string | null;
  readonly state?: ClaimState | null;
};

/** A page of claims by order. Of a SKU without an order only those that hold stock now. */
export type ReservationsQuery = (filter: ClaimFilter, page: PageRequest) => Promise<Page<Claim>>;

type Row = Omit<Claim, 'orderId' | 'lineId' | 'locationId' | 'offerId' | 'kitSku' | 'expiresAt'> & {
  kit_sku: string | null;
  expires_at: Date | null;
  order_id: string;
  line_id: string;
  location_id: string;
  offer_id: string;
};

const COLUMNS = { orderId: 'order_id', sku: 'sku' } as const;
const KEY = 'order_id, attempt, line_id, location_id, sku, offer_id';
const RESERVATIONS = `
  select a.order_id, a.attempt, line_id, location_id, sku, '' as offer_id, quantity, consumed, released,
    kit_sku, a.channel, a.expires_at, a.owner, a.outcome,
    case when consumed + released < quantity and owner = 'checkout' then 'held'
         when consumed + released < quantity then 'committed'
         when consumed > 0 then 'consumed'
         when outcome = 'expired' then 'expired' else 'released' end as state
  from reservations r join attempts a using (attempt_id)`;
const OFFERS = `
  select o.order_id, 0 as attempt, l.line_id, o.location_id, l.sku, o.offer_id, l.quantity,
    0::bigint as consumed, 0::bigint as released, l.kit_sku, b.channel, o.expires_at,
    'order' as owner, '' as outcome, 'offered' as state
  from offers o join offer_lines l using (offer_id)
  left join backorders b on b.order_id = o.order_id and b.line_id = l.line_id
    and b.sku = coalesce(l.kit_sku, l.sku)
  where o.state = 'open' and l.quantity > 0`;

const STATES: Readonly<Record<Exclude<ClaimState, 'offered'>, string>> = {
  held: "consumed + released < quantity and owner = 'checkout'",
  committed: "consumed + released < quantity and owner = 'order'",
  consumed: 'consumed + released = quantity and consumed > 0',
  released: "released = quantity and outcome <> 'expired'",
  expired: "released = quantity and outcome = 'expired'",
};

const claimOf = (row: Row): Claim => ({
  orderId: row.order_id,
  attempt: Math.abs(row.attempt),
  lineId: row.line_id,
  sku: row.sku,
  locationId: row.location_id,
  quantity: row.quantity,
  consumed: row.consumed,
  released: row.released,
  state: row.state,
  kitSku: row.kit_sku,
  channel: row.channel,
  expiresAt: row.expires_at?.toISOString() ?? null,
  offerId: row.offer_id === '' ? null : row.offer_id,
});

const stateOf = ({ orderId, sku, state }: ClaimFilter): ClaimState | 'open' | null => {
  if (!sku || orderId) return state ?? null;
  if (state === 'consumed' || state === 'released' || state === 'expired')
    throw invalidRequest([
      { field: 'orderId', code: 'required', message: `is required for what is ${state} of a SKU` },
    ]);
  return state ?? 'open';
};

/** One half of the list with its conditions, each sorted and limited by itself so that it can use its index. */
const halfOf = (select: string, conditions: readonly string[], limit: string): string => {
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  return `(select * from (${select}) as claim ${where} order by ${KEY} limit ${limit})`;
};

export const reservationsQuery =
  (database: Database): ReservationsQuery =>
  async (filter, { limit, after }) => {
    const state = stateOf(filter);
    const { sql: conditions, values } = conditionsOf(COLUMNS, filter);
    const place = (value: unknown): string => `$${values.push(value)}`;
    if (after) {
      const kinds = ['text', 'int4', 'text', 'text', 'text', 'text'] as const;
      const places = sortValues(after, kinds).map(place);
      // The first alone lets the index begin there; the key as a whole spans two tables.
      conditions.push(`order_id >= ${places[0]}`, `(${KEY}) > (${places.join()})`);
    }
    const last = place(limit + 1);
    const halves: string[] = [];
    if (state !== 'offered') {
      const own = state === 'open' ? 'consumed + released < quantity' : state && STATES[state];
      const all = own ? [...conditions, own] : conditions;
      halves.push(halfOf(RESERVATIONS, all, last));
    }
    if (state === null || state === 'open' || state === 'offered')
      halves.push(halfOf(OFFERS, conditions, last));
    const text = `select * from (${halves.join(' union all ')}) as claims order by ${KEY} limit ${last}`;
    const rows = await database.query<Row>(text, values);
    return pageOf(
      rows,
      limit,
      (row) => [row.order_id, row.attempt, row.line_id, row.location_id, row.sku, row.offer_id],
      claimOf,
    );
  };

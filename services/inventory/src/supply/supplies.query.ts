import {
  sortValues,
  pageOf,
  type Database,
  type KnowsLocations,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { conditionsOf, whereOf } from '../listing.js';
import type { EtaChange, Supply, SupplyKind, SupplyState } from './domain/supply.js';
import { headOf, supplyOf, type LineRow, type SupplyRow } from './supply-rows.js';

export type RecordedEtaChange = EtaChange & {
  readonly at: string;
  /** Who said so: the id of a key or of a token's holder, and its name. */
  readonly actor: string | null;
  readonly actorName: string | null;
};
/** A supply in a list: of its lines only the sums, where a SKU was asked for of that SKU's. */
export type SupplySummary = Omit<Supply, 'lines'> & {
  readonly ordered: number;
  readonly received: number;
  readonly surplus: number;
  readonly inbound: number;
  /** When the first of what is still to come is expected. */
  readonly expectedAt: string | null;
};
export type SupplyFilter = {
  readonly sku?: string | null;
  readonly locationId?: string | null;
  readonly state?: SupplyState | null;
  readonly kind?: SupplyKind | null;
  /** Only what goes to or comes from these. */
  readonly locations?: readonly string[];
};

export type SuppliesQuery = KnowsLocations & {
  one(
    supplyId: string,
  ): Promise<{ readonly supply: Supply; readonly etaChanges: RecordedEtaChange[] } | undefined>;
  list(filter: SupplyFilter, page: PageRequest): Promise<Page<SupplySummary>>;
};

const ONE = `
  select s.*, (
    select coalesce(json_agg(l order by l.ordinal), '[]') from supply_lines l
    where l.supply_id = s.supply_id
  ) as lines, (
    select coalesce(json_agg(c order by c.sequence), '[]') from supply_eta_changes c
    where c.supply_id = s.supply_id
  ) as changes
  from supplies s where supply_id = $1`;

type ChangeRow = {
  line_id: string;
  eta_before: string | null;
  eta_after: string | null;
  actor: string | null;
  actor_id: string | null;
  at: string;
};

type SumRow = SupplyRow & {
  ordered: number;
  received: number;
  surplus: number;
  inbound: number;
  expected_at: Date | null;
};

const COLUMNS = { locationId: 's.location_id', state: 's.state', kind: 's.kind' } as const;

const timeOf = (time: string | null): string | null =>
  time === null ? null : new Date(time).toISOString();

const changeOf = (row: ChangeRow): RecordedEtaChange => ({
  lineId: row.line_id,
  before: timeOf(row.eta_before),
  after: timeOf(row.eta_after),
  at: timeOf(row.at)!,
  actor: row.actor_id,
  actorName: row.actor,
});

const summaryOf = (row: SumRow): SupplySummary => ({
  ...headOf(row),
  ordered: row.ordered,
  received: row.received,
  surplus: row.surplus,
  inbound: row.inbound,
  expectedAt: row.expected_at?.toISOString() ?? null,
});

/** A page of supplies with the sums of their lines; `$1`: the SKU asked for. */
const listOf = (where: string, limit: string): string => `
  select s.*, sums.* from supplies s cross join lateral (
    select sum(ordered)::bigint as ordered, sum(received)::bigint as received,
      sum(surplus)::bigint as surplus, sum(open)::bigint as inbound,
      min(eta) filter (where open > 0) as expected_at
    from (
      select l.*, l.ordered - l.received - l.lost - l.cancelled as open from supply_lines l
      where l.supply_id = s.supply_id and ($1::text is null or l.sku = $1)
    ) as line
  ) as sums
  ${where} order by s.supply_id limit ${limit}`;

/** Purchase orders and transfers as they stand now. */
export const suppliesQuery = (database: Database): SuppliesQuery => ({
  one: async (supplyId) => {
    type Row = SupplyRow & { lines: LineRow[]; changes: ChangeRow[] };
    const [row] = await database.query<Row>(ONE, [supplyId], 'supply-one');
    return row && { supply: supplyOf(row, row.lines), etaChanges: row.changes.map(changeOf) };
  },

  locationsOf: async (supplyId) => {
    const text = 'select location_id, from_location_id from supplies where supply_id = $1';
    type Row = Pick<SupplyRow, 'location_id' | 'from_location_id'>;
    const [row] = await database.query<Row>(text, [supplyId], 'supply-locations');
    return row && [row.location_id, row.from_location_id].filter((one) => one !== null);
  },

  list: async ({ sku, locations, ...filter }, { limit, after }) => {
    const conditions = conditionsOf(COLUMNS, filter, [sku ?? null]);
    const { sql, values } = conditions;
    if (sku) sql.push('s.supply_id in (select supply_id from supply_lines where sku = $1)');
    if (locations) {
      const own = `any($${values.push(locations)})`;
      sql.push(`(s.location_id = ${own} or s.from_location_id = ${own})`);
    }
    if (after) {
      values.push(...sortValues(after, ['text']));
      sql.push(`s.supply_id > $${values.length}`);
    }
    values.push(limit + 1);
    const text = listOf(whereOf(conditions), `$${values.length}`);
    const rows = await database.query<SumRow>(text, values);
    return pageOf(rows, limit, ({ supply_id: id }) => [id], summaryOf);
  },
});

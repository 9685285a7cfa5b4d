import type { Database } from '@throughline/service-kit';
import fc from 'fast-check';

export const NOW = Date.UTC(2026, 10, 1, 12);
export const HOUR_MS = 3_600_000;
/** Times of a world lie on these steps, midnights among them. */
export const STEP_MS = 6 * HOUR_MS;
export const STEPS_MAX = 40;

const PLAIN = ['A', 'B', 'C', 'D', 'E'];
const KITS = ['K1', 'K2', 'K3'];
export const SKUS = [...PLAIN, ...KITS];
export const LOCATIONS = ['L1', 'L2', 'L3', 'L4'];
export const CHANNELS = ['web', 'app'];

/** Rows as they lie in the tables, in a world of their own: `key` tells its SKUs and locations from others'. */
export type World = {
  readonly locations: readonly { readonly id: string; readonly active: boolean }[];
  readonly items: readonly { readonly sku: string; readonly leadTimeDays: number | null }[];
  readonly kits: readonly { readonly kit: string; readonly sku: string; readonly perKit: number }[];
  readonly shelves: readonly {
    readonly sku: string;
    readonly locationId: string;
    readonly onHand: number;
    readonly reserved: number;
    readonly safetyStock: number;
    readonly uncounted: boolean;
    readonly leadTimeDays: number | null;
  }[];
  readonly supplies: readonly {
    readonly sku: string;
    readonly locationId: string;
    readonly ordered: number;
    readonly received: number;
    readonly lost: number;
    readonly cancelled: number;
    /** Steps from now; null: nobody knows. */
    readonly eta: number | null;
  }[];
  readonly backorders: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly offered: number;
    readonly only: string | null;
    readonly declined: readonly string[];
  }[];
  readonly listings: readonly {
    readonly channel: string;
    readonly sku: string;
    readonly quota: number | null;
    readonly taken: number;
    readonly buffer: number;
  }[];
};

const of = <Value>(...values: Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
const orNull = <Value>(values: fc.Arbitrary<Value>, nulls = 2): fc.Arbitrary<Value | null> =>
  fc.option(values, { freq: nulls });
const distinct = <Entry>(entry: fc.Arbitrary<Entry>, keyOf: (one: Entry) => string, max: number) =>
  fc.uniqueArray(entry, { selector: keyOf, maxLength: max });

const shelf = fc
  .record({
    sku: of(...PLAIN),
    locationId: of(...LOCATIONS),
    onHand: fc.nat(12),
    reservedPart: fc.nat(100),
    safetyStock: of(0, 0, 1, 4, 9),
    uncounted: of(false, false, false, false, true),
    leadTimeDays: orNull(fc.nat(6)),
  })
  .map(({ reservedPart, ...row }) => ({
    ...row,
    // Whoever is never short may have promised more than there is.
    reserved: row.uncounted ? reservedPart % 20 : Math.floor((row.onHand * reservedPart) / 100),
  }));

const supply = fc
  .record({
    sku: of(...PLAIN),
    locationId: of(...LOCATIONS),
    parts: fc.tuple(fc.nat(9), fc.nat(4), fc.nat(2), fc.nat(2)),
    eta: orNull(fc.integer({ min: -8, max: STEPS_MAX }), 6),
  })
  .map(({ parts: [rest, received, lost, cancelled], ...row }) => ({
    ...row,
    received,
    lost,
    cancelled,
    ordered: Math.max(1, rest + received + lost + cancelled),
  }));

const backorder = fc
  .record({
    sku: of(...SKUS),
    quantity: fc.integer({ min: 1, max: 6 }),
    offeredPart: of(0, 0, 0, 1, 2),
    only: orNull(of(...LOCATIONS), 1),
    declined: fc.subarray(LOCATIONS),
  })
  .map(({ offeredPart, ...row }) => ({ ...row, offered: Math.min(offeredPart, row.quantity) }));

const listing = fc
  .record({
    channel: of(...CHANNELS),
    sku: of(...SKUS),
    quota: orNull(fc.nat(15)),
    taken: fc.nat(15),
    buffer: fc.nat(3),
  })
  .map((row) => ({
    ...row,
    taken: row.quota === null ? row.taken : Math.min(row.taken, row.quota),
  }));

export const world: fc.Arbitrary<World> = fc.record({
  locations: fc
    .tuple(...LOCATIONS.map((id) => of(true, true, true, false).map((active) => ({ id, active }))))
    .map((rows) => [...rows]),
  items: fc
    .tuple(...SKUS.map((sku) => orNull(fc.nat(9)).map((leadTimeDays) => ({ sku, leadTimeDays }))))
    .map((rows) => [...rows]),
  kits: distinct(
    fc.record({ kit: of(...KITS), sku: of(...PLAIN), perKit: fc.integer({ min: 1, max: 3 }) }),
    ({ kit, sku }) => `${kit} ${sku}`,
    8,
  ),
  shelves: distinct(shelf, ({ sku, locationId }) => `${sku} ${locationId}`, 20),
  supplies: fc.array(supply, { maxLength: 16 }),
  backorders: fc.array(backorder, { maxLength: 8 }),
  listings: distinct(listing, ({ channel, sku }) => `${channel} ${sku}`, 10),
});

export const timeOf = (steps: number): string => new Date(NOW + steps * STEP_MS).toISOString();

/** Writes a world into the tables, all its names ending in `key`. */
export const store = async (database: Database, rows: World, key: string): Promise<void> => {
  const named = (id: string): string => `${id}.${key}`;
  const insert = async (table: string, columns: string, values: readonly object[]) => {
    const text = `insert into ${table} (${columns})
      select ${columns} from json_populate_recordset(null::${table}, $1)`;
    await database.query(text, [JSON.stringify(values)]);
  };
  const at = timeOf(0);
  const version = 1;
  await insert(
    'items',
    'sku, version, document, updated_at',
    rows.items.map(({ sku, leadTimeDays }) => ({
      sku: named(sku),
      version,
      document: leadTimeDays === null ? {} : { leadTimeDays },
      updated_at: at,
    })),
  );
  await insert(
    'locations',
    'location_id, version, active, document, updated_at',
    rows.locations.map(({ id, active }) => ({
      location_id: named(id),
      version,
      active,
      document: {},
      updated_at: at,
    })),
  );
  await insert(
    'kit_components',
    'kit_sku, sku, quantity',
    rows.kits.map(({ kit, sku, perKit }) => ({
      kit_sku: named(kit),
      sku: named(sku),
      quantity: perKit,
    })),
  );
  await insert(
    'balances',
    'sku, location_id, on_hand, reserved, safety_stock, uncounted, lead_time_days, version',
    rows.shelves.map((row) => ({
      sku: named(row.sku),
      location_id: named(row.locationId),
      on_hand: row.onHand,
      reserved: row.reserved,
      safety_stock: row.safetyStock,
      uncounted: row.uncounted,
      lead_time_days: row.leadTimeDays,
      version,
    })),
  );
  await storeSupplies(insert, rows, named);
  await storeWaiting(insert, rows, named);
};

type Insert = (table: string, columns: string, values: readonly object[]) => Promise<void>;
type Named = (id: string) => string;

const storeSupplies = async (insert: Insert, { supplies }: World, named: Named): Promise<void> => {
  await insert(
    'supplies',
    'supply_id, kind, location_id, state, version, created_at, updated_at',
    supplies.map(({ locationId }, index) => ({
      supply_id: named(String(index)),
      kind: 'purchase-order',
      location_id: named(locationId),
      state: 'open',
      version: 1,
      created_at: timeOf(0),
      updated_at: timeOf(0),
    })),
  );
  await insert(
    'supply_lines',
    'supply_id, line_id, ordinal, sku, ordered, dispatched, received, surplus, lost, cancelled, eta',
    supplies.map((row, index) => ({
      supply_id: named(String(index)),
      line_id: '1',
      ordinal: 0,
      sku: named(row.sku),
      ordered: row.ordered,
      dispatched: 0,
      received: row.received,
      surplus: 0,
      lost: row.lost,
      cancelled: row.cancelled,
      eta: row.eta === null ? null : timeOf(row.eta),
    })),
  );
};

const storeWaiting = async (
  insert: Insert,
  { backorders, listings }: World,
  named: Named,
): Promise<void> => {
  await insert(
    'backorders',
    'order_id, line_id, sku, quantity, offered, priority, since, only_location_id, declined, correlation_id',
    backorders.map((row, index) => ({
      order_id: named(String(index)),
      line_id: '1',
      sku: named(row.sku),
      quantity: row.quantity,
      offered: row.offered,
      priority: 0,
      since: timeOf(0),
      only_location_id: row.only && named(row.only),
      declined: row.declined.map(named),
      correlation_id: 'c',
    })),
  );
  await insert(
    'listings',
    'channel, sku, quota, taken, ceiling, buffer, version, available, updated_at',
    listings.map((row) => ({
      ...row,
      sku: named(row.sku),
      ceiling: 0,
      version: 0,
      available: 0,
      updated_at: timeOf(0),
    })),
  );
};

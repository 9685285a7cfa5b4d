import { Database } from '@throughline/postgres';
import { attemptAll, type Attempt } from './attempts.js';
import { contradictions } from './contention.js';
import { apiOf, type Api } from './load.js';
import { cpuRow, machine, measuredRow, rounded, say } from './report.js';
import type { System } from './system.js';
import { zipf } from './zipf.js';

const SKUS = 10_000;
const UNITS_PER_SHELF = 20;
const LINES = 3;
const UNITS_MAX = 2;
const BATCH = 1_000;
const ZIPF_EXPONENT = 1;
const SHOWN_MAX = 10;
const PLACES = (
  'SW1A M1 B1 LS1 L1 S1 BS1 NE1 NG1 LE1 CF10 EH1 G1 AB10 DD1 IV1 PL1 EX1 TR1 BN1 SO14 PO1 OX1 CB1 NR1 ' +
  'IP1 CO1 CM1 SS1 CT1 ME1 TN1 GU1 RG1 SL1 HP1 LU1 MK9 NN1 PE1 LN1 DN1 HU1 YO1 HG1 BD1 HX1 PR1 CA1 BT1'
).split(' ');

export type MixedOptions = {
  readonly clients: number;
  readonly durationMs: number;
  readonly random: () => number;
};

const skuOf = (rank: number): string => `MIX-${rank}`;

// As one movement per shelf would leave it: half a million of them one by one would take longer than the bench.
const FILL = `
  with filled as (
    insert into balances (sku, location_id, on_hand, reserved, safety_stock, version)
    select 'MIX-' || rank, $1, $2, 0, 0, 1 from generate_series(0, $3 - 1) as rank
    returning *
  ), remembered as (
    insert into shelf_history (sku, location_id, version, on_hand, reserved, safety_stock, uncounted, at)
    select sku, location_id, version, on_hand, reserved, safety_stock, uncounted, now() from filled
  )
  insert into movements (type, sku, location_id, quantity, before, after, reason, cause, at)
  select 'receipt', sku, location_id, on_hand, 0, on_hand, 'bench', 'bench', now() from filled`;

/** Every SKU at every location. Answers how many shelves that makes. */
const seedShelves = async (api: Api, database: Database): Promise<number> => {
  for (const postalCode of PLACES) {
    const address = { lines: [], city: postalCode, region: null, postalCode, country: 'GB' };
    const body = JSON.stringify({ type: 'warehouse', name: postalCode, address });
    await api.call('PUT', `/v1/inventory/locations/${postalCode}`, [200, 201], body);
  }
  for (let start = 0; start < SKUS; start += BATCH) {
    const items = Array.from({ length: BATCH }, (_, index) => ({
      sku: skuOf(start + index),
      name: 'Item',
    }));
    await api.call('POST', '/v1/inventory/items:batch', [200], JSON.stringify({ items }));
  }
  for (const locationId of PLACES)
    await database.query(FILL, [locationId, UNITS_PER_SHELF, SKUS], 'fill');
  await database.query('analyze balances');
  return PLACES.length * SKUS;
};

type Held = {
  readonly allocations: readonly {
    readonly locationId: string;
    readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  }[];
};

/** Shelves of which the ledger holds another number of units than clients were told. */
const wrongShelves = async (
  database: Database,
  told: ReadonlyMap<string, number>,
): Promise<string[]> => {
  const rows = await database.query<{ shelf: string; reserved: number }>(
    `select sku || ' ' || location_id as shelf, reserved from balances where reserved > 0`,
  );
  const stored = new Map(rows.map(({ shelf, reserved }) => [shelf, reserved]));
  const shelves = [...new Set([...stored.keys(), ...told.keys()])];
  return shelves
    .filter((shelf) => stored.get(shelf) !== told.get(shelf))
    .map((shelf) => `${shelf}: ${stored.get(shelf) ?? 0} held, ${told.get(shelf) ?? 0} told`);
};

type Outcome = {
  /** Units held by shelf, as clients were told. */
  readonly told: ReadonlyMap<string, number>;
  readonly strange: readonly string[];
};

const checkouts = ({ random }: MixedOptions): (() => Attempt) => {
  const rank = zipf(SKUS, ZIPF_EXPONENT, random);
  return () => {
    const lines = Array.from({ length: LINES }, () => ({
      sku: skuOf(rank()),
      quantity: 1 + Math.floor(random() * UNITS_MAX),
    }));
    const postalCode = PLACES[Math.floor(random() * PLACES.length)];
    const body = JSON.stringify({ lines, shipTo: { postalCode, country: 'GB' } });
    return { path: '/v1/inventory/reservations', body };
  };
};

/** Has the clients at it for a while, and prints what that came to. */
const measure = async (system: System, options: MixedOptions): Promise<Outcome> => {
  const { clients, durationMs } = options;
  const nextAttempt = checkouts(options);
  const told = new Map<string, number>();
  const strange = new Set<string>();
  const until = performance.now() + durationMs;
  const before = system.usage();
  const attempted = await attemptAll({
    ...system,
    clients,
    next: () => (performance.now() < until ? nextAttempt() : undefined),
    answered: (_, { status, body }) => {
      if (status !== 201 && status !== 409) strange.add(`${status} ${body}`);
      if (status !== 201) return;
      for (const { locationId, lines } of (JSON.parse(body) as Held).allocations)
        for (const { sku, quantity } of lines)
          told.set(`${sku} ${locationId}`, (told.get(`${sku} ${locationId}`) ?? 0) + quantity);
    },
  });
  const after = system.usage();
  const { statuses, seconds, clientCpuSeconds } = attempted;
  const held = statuses.get(201) ?? 0;
  say(measuredRow('decisions', attempted));
  say(`  ${rounded(held / seconds)} held/s, ${held} held, ${statuses.get(409) ?? 0} refused`);
  const node = after.nodeSeconds - before.nodeSeconds;
  const postgres = after.postgresSeconds - before.postgresSeconds;
  say(cpuRow({ seconds, node, postgres, client: clientCpuSeconds }));
  return { told, strange: [...strange] };
};

/** Checkouts of three lines with Zipf demand; answers what was wrong afterwards. */
export const mixed = async (system: System, options: MixedOptions): Promise<readonly string[]> => {
  say(machine);
  const api = apiOf(system, 4);
  const database = new Database({
    connectionString: system.connectionString,
    schema: 'inventory',
    applicationName: 'bench',
    connectionsMax: 1,
  });
  const shelves = await seedShelves(api, database);
  say(`${SKUS} SKUs x ${PLACES.length} locations, ${shelves} shelves of ${UNITS_PER_SHELF} units`);
  say(`${LINES} lines per checkout, Zipf s=${ZIPF_EXPONENT}, ${options.clients} clients`);
  const { told, strange } = await measure(system, options);
  const found = await contradictions(api);
  const wrong = await wrongShelves(database, told);
  await Promise.all([api.close(), database.stop()]);
  return [
    ...strange.slice(0, SHOWN_MAX),
    ...found.slice(0, SHOWN_MAX).map((one) => `the ledger: ${JSON.stringify(one)}`),
    ...wrong.slice(0, SHOWN_MAX),
  ];
};

import { attemptAll, type Attempt, type Attempted } from './attempts.js';
import { apiOf, type Api } from './load.js';
import { cpuRow, machine, measuredRow, rounded, say } from './report.js';
import { familyCpuSeconds, type System } from './system.js';
import { direct, overHttp, type TextbookMeasured } from './textbook-run.js';
import type { WayName } from './textbook.js';

const SKU = 'HOT';
const LOCATION = 'hot';
const OPTIMISTIC_SHARE = 0.2;
const RESERVATIONS = '/v1/inventory/reservations';

export type ContentionOptions = {
  readonly clients: number;
  readonly attempts: number;
  readonly units: number;
  /** Where the bare servers listen. */
  readonly port: number;
};

/** One page of what contradicts itself in the ledger after the other. */
export const contradictions = async (api: Api): Promise<readonly unknown[]> => {
  const found: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const path = `/v1/inventory/checks${cursor && `?cursor=${cursor}`}`;
    const page: { items: unknown[]; nextCursor: string | null } = await api.call(
      'GET',
      path,
      [200],
    );
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
};

const seedHot = async (api: Api, units: number): Promise<void> => {
  const address = { lines: [], city: 'Daventry', region: null, postalCode: 'NN11', country: 'GB' };
  const location = { type: 'warehouse', name: LOCATION, address };
  await api.call(
    'PUT',
    `/v1/inventory/locations/${LOCATION}`,
    [200, 201],
    JSON.stringify(location),
  );
  await api.call('PUT', `/v1/inventory/items/${SKU}`, [200, 201], JSON.stringify({ name: SKU }));
  const receipt = {
    type: 'receipt',
    sku: SKU,
    locationId: LOCATION,
    quantity: units,
    reason: 'bench',
  };
  await api.call('POST', '/v1/inventory/movements', [201], JSON.stringify(receipt));
};

const counted = ({ statuses }: Attempted): string =>
  [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count} x ${status || 'no answer'}`)
    .join(', ');

/** How fast units went while there were any. */
const soldOut = ({ statuses, lastCreatedSeconds }: Attempted): string => {
  const units = statuses.get(201) ?? 0;
  return `${units} units gone after ${lastCreatedSeconds.toFixed(1)} s (${rounded(units / lastCreatedSeconds).trim()}/s)`;
};

const expected = (what: string, found: number, wanted: number): string[] =>
  found === wanted ? [] : [`${found} ${what}, expected ${wanted}`];

type Costs = { readonly node: number; readonly postgres: number };

const shares = ({ seconds, clientCpuSeconds: client }: Attempted, costs: Costs): string =>
  cpuRow({ seconds, client, ...costs });

/** Attempts at the last units of one SKU, against the whole system over HTTP. Answers what went wrong, too. */
const ours = async (system: System, api: Api, options: ContentionOptions) => {
  const { clients, attempts, units } = options;
  const attempt: Attempt = {
    path: RESERVATIONS,
    body: JSON.stringify({ lines: [{ sku: SKU, quantity: 1 }] }),
  };
  const strange = new Set<string>();
  let left = attempts;
  const before = system.usage();
  const attempted = await attemptAll({
    ...system,
    clients,
    next: () => ((left -= 1) < 0 ? undefined : attempt),
    answered: (_, { status, body }) => {
      const isClean =
        status === 201 || (status === 409 && body.includes('urn:oms:problem:insufficient-stock'));
      if (!isClean && strange.size < 3) strange.add(`${status} ${body}`);
    },
  });
  const after = system.usage();
  const { items } = await api.call<{ items: readonly { reserved: number; onHand: number }[] }>(
    'GET',
    `/v1/inventory/stock?sku=${SKU}`,
    [200],
  );
  const problems = [
    ...strange,
    ...expected('reserved answers', attempted.statuses.get(201) ?? 0, Math.min(units, attempts)),
    ...expected('refusals', attempted.statuses.get(409) ?? 0, Math.max(0, attempts - units)),
    ...expected('units reserved in the ledger', items[0]?.reserved ?? 0, Math.min(units, attempts)),
    ...(await contradictions(api)).map((one) => `the ledger: ${JSON.stringify(one)}`),
  ];
  const costs = {
    node: after.nodeSeconds - before.nodeSeconds,
    postgres: after.postgresSeconds - before.postgresSeconds,
  };
  return { attempted, costs, problems };
};

const textbookRow = (way: WayName, measured: TextbookMeasured, mine: Attempted): void => {
  const { retries, reserved, perSecond } = measured;
  say(measuredRow(`textbook: ${way}, over HTTP`, measured));
  say(
    `  ${counted(measured)}; ${reserved.join(' / ')} units reserved (stock / reservations), ` +
      `${retries} races lost; ${soldOut(measured)}`,
  );
  const units = mine.statuses.get(201)! / mine.lastCreatedSeconds;
  const theirs = measured.statuses.get(201)! / measured.lastCreatedSeconds;
  say(
    `  ours is ${(mine.perSecond / perSecond).toFixed(1)} times as fast, ` +
      `${(units / theirs).toFixed(1)} times while there are units`,
  );
};

/** What takes minutes is measured on a fifth, at the same odds. */
const textbookShare = ({ attempts, units }: ContentionOptions, way: WayName) => {
  const share = way === 'optimistic' ? OPTIMISTIC_SHARE : 1;
  return { attempts: Math.ceil(attempts * share), units: Math.ceil(units * share) };
};

/** Runs all ways one after the other and prints their figures; answers what was wrong with ours. */
export const contention = async (
  system: System,
  options: ContentionOptions,
): Promise<readonly string[]> => {
  say(machine);
  const { clients, attempts, units } = options;
  say(`1 SKU, ${units} units, ${attempts} attempts of 1 unit by ${clients} clients`);
  const api = apiOf(system, 4);
  const { connectionString } = system;
  await seedHot(api, units);
  const mine = await ours(system, api, options);
  say(measuredRow('Throughline, over HTTP', mine.attempted));
  say(`  ${counted(mine.attempted)}; ${soldOut(mine.attempted)}`);
  say(shares(mine.attempted, mine.costs));
  await api.close();
  // The textbook ways get the machine to themselves.
  process.kill(system.pid, 'SIGSTOP');
  try {
    for (const way of ['for-update', 'optimistic'] as const) {
      const run = { ...options, ...textbookShare(options, way), sku: SKU, connectionString };
      const postgresBefore = familyCpuSeconds(system.postgresPid());
      const measured = await overHttp(way, run);
      const postgres = familyCpuSeconds(system.postgresPid()) - postgresBefore;
      textbookRow(way, measured, mine.attempted);
      say(shares(measured, { node: measured.serverCpuSeconds, postgres }));
      const bare = await direct(way, { ...run, ...textbookShare(options, 'optimistic') });
      say(measuredRow(`textbook: ${way}, without HTTP`, bare));
      say(`  ${bare.retries} races lost`);
    }
  } finally {
    process.kill(system.pid, 'SIGCONT');
  }
  return mine.problems;
};

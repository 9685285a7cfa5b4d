import { contradictions } from './contention.js';
import { apiOf, percentile, type Api } from './load.js';
import { machine, rounded, say } from './report.js';
import type { System } from './system.js';

const SKUS = 10_000;
const LOCATIONS = 10;
const BAD_EVERY = 100;
const LOOK_EVERY_MS = 100;
/** Somebody else's movements meanwhile: one after the other, so many apart. */
const BYSTANDER_EVERY_MS = 50;
const MILLISECONDS = 1000;
const ASIDE = 'import-aside';
const ROUTE = '/v1/inventory/imports';

type Job = {
  readonly importId: string;
  readonly state: string;
  readonly rows: number;
  readonly applied: number;
  readonly unchanged: number;
  readonly rejected: number;
};
type Ended = { readonly status: number; readonly job: Job; readonly takenMs: number };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const locationOf = (index: number): string => `import-${index}`;
const skuOf = (index: number): string => `IMPORT-${String(index).padStart(5, '0')}`;

const itemFile = (): string =>
  ['sku,name', ...Array.from({ length: SKUS }, (_, index) => `${skuOf(index)},Item ${index}`)].join(
    '\n',
  );

/** A row per shelf, all locations of a SKU together. */
const stockFile = (quantityOf: (row: number) => number, skuAt = skuOf): string => {
  const lines = ['sku,locationId,quantity'];
  for (let row = 0; row < SKUS * LOCATIONS; row += 1) {
    const [sku, location] = [Math.floor(row / LOCATIONS), row % LOCATIONS];
    lines.push(`${skuAt(sku)},${locationOf(location)},${quantityOf(row)}`);
  }
  return lines.join('\n');
};

/** Uploads a file, and waits until it has been carried out. */
const carryOut = async (
  { origin, key }: System,
  api: Api,
  query: string,
  body: string,
): Promise<Ended> => {
  const startedAt = performance.now();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/csv' };
  const answer = await fetch(`${origin}${ROUTE}${query}`, { method: 'POST', headers, body });
  const takenMs = performance.now() - startedAt;
  let job = (await answer.json()) as Job;
  if (!answer.ok) throw new Error(`${answer.status}: ${JSON.stringify(job)}`);
  while (job.state === 'running') {
    await pause(LOOK_EVERY_MS);
    job = await api.call('GET', `${ROUTE}/${job.importId}`, [200]);
  }
  return { status: answer.status, job, takenMs };
};

type Bystander = { readonly latencies: readonly number[]; readonly turnedAway: number };

/** What a movement of somebody else takes, in milliseconds, until `isOver`. */
const bystander = async (api: Api, isOver: () => boolean): Promise<Bystander> => {
  const latencies: number[] = [];
  let turnedAway = 0;
  const movement = { type: 'receipt', sku: ASIDE, locationId: ASIDE, quantity: 1, reason: 'bench' };
  const body = JSON.stringify(movement);
  while (!isOver()) {
    const before = performance.now();
    const answer = await api.call<{ code?: string }>(
      'POST',
      '/v1/inventory/movements',
      [201, 503],
      body,
    );
    if (answer.code !== undefined) turnedAway += 1;
    latencies.push(performance.now() - before);
    await pause(BYSTANDER_EVERY_MS);
  }
  return { latencies, turnedAway };
};

const putLocations = async (api: Api): Promise<void> => {
  const address = { lines: [], city: 'Daventry', region: null, postalCode: 'NN11', country: 'GB' };
  const ids = Array.from({ length: LOCATIONS }, (_, index) => locationOf(index));
  for (const id of [...ids, ASIDE]) {
    const body = JSON.stringify({ type: 'warehouse', name: id, address });
    await api.call('PUT', `/v1/inventory/locations/${id}`, [200, 201], body);
  }
};

type Expected = Partial<Job> & { readonly status: number };

/**
 * Files of 100,000 rows over 10,000 SKUs and 10 locations: taken in, carried out, sent again. Answers what did
 * not come out as it should.
 */
export const importFiles = async (system: System): Promise<readonly string[]> => {
  const api = apiOf(system, 4);
  const problems: string[] = [];
  const shelves = SKUS * LOCATIONS;
  const measure = async (name: string, query: string, file: string, expected: Expected) => {
    const before = system.usage();
    const startedAt = performance.now();
    let isOver = false;
    const others = bystander(api, () => isOver);
    const { status, job, takenMs } = await carryOut(system, api, query, file);
    const seconds = (performance.now() - startedAt) / MILLISECONDS;
    isOver = true;
    const { latencies, turnedAway } = await others;
    const after = system.usage();
    say(
      `${name.padEnd(40)}${rounded(seconds, 2)} s  answered in ${rounded(takenMs)} ms ` +
        `${rounded(job.rows / seconds)} rows/s  node ${rounded(after.nodeSeconds - before.nodeSeconds, 1)} s ` +
        `postgres ${rounded(after.postgresSeconds - before.postgresSeconds, 1)} s ` +
        `peak ${after.nodePeakMegabytes} MB  others' movements p50 ` +
        `${rounded(percentile(latencies, 0.5))} ms p99 ${rounded(percentile(latencies, 0.99))} ms, ` +
        `${turnedAway} of ${latencies.length} turned away`,
    );
    for (const [what, wanted] of Object.entries(expected)) {
      const found = { ...job, status }[what as keyof Job];
      if (found !== wanted) problems.push(`${name}: ${what} is ${found}, expected ${wanted}`);
    }
  };

  say(machine);
  await putLocations(api);
  // What is moved aside meanwhile must be known.
  await api.call('PUT', `/v1/inventory/items/${ASIDE}`, [201], JSON.stringify({ name: ASIDE }));
  const done = { state: 'done', status: 202 };
  await measure('10,000 items', '/items', itemFile(), { ...done, applied: SKUS });
  const delivery = stockFile((row) => 1 + (row % 7));
  const all = { ...done, applied: shelves, rejected: 0 };
  await measure('100,000 receipts, new shelves', '?mode=add', delivery, all);
  await measure('the same file again', '?mode=add', delivery, { ...all, status: 200 });
  await measure(
    '100,000 receipts',
    '?mode=add',
    stockFile(() => 3),
    all,
  );
  const bad = shelves / BAD_EVERY;
  const counts = stockFile(
    (row) => 10 + (row % 7),
    (sku) => (sku % BAD_EVERY === 0 ? `UNKNOWN-${sku}` : skuOf(sku)),
  );
  const counted = { ...done, applied: shelves - bad, rejected: bad };
  await measure('100,000 counts, 1 % of them bad', '?mode=set', counts, counted);
  const unchanged = { ...done, applied: 0, unchanged: shelves - bad, rejected: bad };
  await measure('the same counts in other bytes', '?mode=set', `${counts}\n`, unchanged);
  const found = await contradictions(api);
  if (found.length > 0) problems.push(`the ledger contradicts itself: ${JSON.stringify(found)}`);
  await api.close();
  return problems;
};

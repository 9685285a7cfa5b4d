import fc from 'fast-check';
import { warehouse, type Warehouse } from '../inventory.fixtures.js';
import { Replicas, seeded, shuffled, type Phase } from './crashes.fixtures.js';
import { openOf } from './domain/books.js';
import { contradictions, move, release } from './domain/ledger.fixtures.js';
import type { LedgerRequest } from './domain/ledger.js';
import type { LedgerRows } from './domain/rows.js';
import {
  releasedTwice,
  unitsOf,
  wronglyAnswered,
  wronglyHeld,
  wronglyMoved,
  type Acknowledged,
} from './effects.fixtures.js';
import { commandOf, LOCATIONS, RUSHING, step, type Step } from './histories.fixtures.js';
import { ledgerOf } from './ledger.js';
import { queueLookThrough } from './offers.process.js';
import { settled } from './histories-stock.fixtures.js';
import { storedMovements, storedRows } from './stored-rows.fixtures.js';

const COMMANDS = 10_000;
const CRASHES = 5;
const WAVE = 100;
const REPLICAS = 3;
/** Of a wave that somebody crashes in, at most so long after its begin. */
const CRASH_WITHIN_MS = 40;
/** Waves of nothing but wishes, which do not hold a whole SKU, so that batches of several replicas really meet. */
const RUSH_EVERY = 3;
/** Share of commands that are sent twice at once, and of earlier ones that come again. */
const TWICE = 0.15;
const AGAIN = 0.05;
/** Those of the crashes, in turn. */
const PHASES: readonly Phase[] = ['writing', 'telling', 'any', 'reading'];
/** Each wave brings goods in, and lines that no longer wait: otherwise nothing would be left for newcomers. */
const RESTOCKED_UNITS = 100;
const TIRED_LINES = 40;
const RECENT = 31;

/** `npm run soak` sets both. */
const SOAK_MS = Number(process.env.SOAK_MINUTES ?? 0) * 60_000;
const SEED = Number(process.env.SOAK_SEED ?? Date.now() % 2 ** 31);
const PATIENCE_MS = SOAK_MS + 180_000;
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

/** What commands are chosen from: the newest of what is still open. */
const recent = (rows: LedgerRows, random: () => number): LedgerRows => ({
  ...rows,
  reservations: shuffled(
    rows.reservations.filter((row) => openOf(row) > 0).slice(-2 * RECENT),
    random,
  ),
  offers: shuffled(rows.offers.filter(({ state }) => state === 'open').slice(-RECENT), random),
});

type Run = {
  readonly inventory: Warehouse;
  readonly replicas: Replicas;
  readonly random: () => number;
  readonly acknowledged: Map<string, Acknowledged>;
};

/** Sends the commands at once, in any order, some of them twice; the first answer is the one that counts. */
const send = async (
  { replicas, random, acknowledged }: Run,
  requests: readonly LedgerRequest[],
): Promise<void> => {
  const twice = requests.filter(() => random() < TWICE);
  const before = [...acknowledged.values()];
  const again = requests.filter(() => random() < AGAIN && before.length > 0);
  const old = again.map(() => before[Math.floor(random() * before.length)]!);
  const all = shuffled([...requests, ...twice, ...old], random);
  await Promise.all(
    all.map(async (request) => {
      const outcome = await replicas.carryOut(request);
      const known = acknowledged.get(request.cause.id);
      // Only goods that came back before they left are refused at first and taken later.
      if (!known?.outcome.ok) acknowledged.set(request.cause.id, { ...request, outcome });
      else if (request.command.type === 'MoveStock') expect(outcome).toEqual(known.outcome);
    }),
  );
};

const wave = async (run: Run, number: number, steps: readonly Step[]): Promise<void> => {
  const { inventory, random } = run;
  const now = new Date(Date.UTC(2026, 10, 1, 10, number)).toISOString();
  inventory.at(now);
  const rows = recent(await storedRows(inventory.runtime.database), random);
  const isRush = number % RUSH_EVERY === 0;
  const requests = steps.map((planned, index): LedgerRequest => {
    const one = isRush ? { ...planned, kind: RUSHING[planned.kind % RUSHING.length]! } : planned;
    const part = `${number}-${index % 3}-`;
    const id = `${number}-${index}`;
    return { command: commandOf(one, rows, { now, part }), cause: { id } };
  });
  const tired = shuffled(rows.backorders, random).slice(0, TIRED_LINES);
  const cancellations = tired.map((row, index): LedgerRequest => {
    const { orderId } = row;
    const command = release(orderId, { backorders: [row] });
    return { command, cause: { id: `${number}-no-${index}` } };
  });
  const deliveries = ['A', 'B'].map((sku): LedgerRequest => {
    const locationId = LOCATIONS[Math.floor(random() * LOCATIONS.length)]!;
    const units = Math.ceil(random() * RESTOCKED_UNITS);
    const command = move('receipt', sku, locationId, units, { condition: 'sellable' });
    return { command, cause: { id: `${number}-${sku}` } };
  });
  await send(run, [...requests, ...(isRush ? [] : [...cancellations, ...deliveries])]);
};

/** Everything that has to hold whenever nothing is on its way, and the task has looked through the queue. */
const isSoundAtRest = async ({ inventory, acknowledged }: Run): Promise<void> => {
  const { database } = inventory.runtime;
  await queueLookThrough(ledgerOf(inventory.runtime), database).run();
  const rows = await storedRows(database);
  const movements = await storedMovements(database);
  const told = await inventory.told();
  const commands = [...acknowledged.values()];
  expect(contradictions(rows, movements)).toEqual([]);
  expect(wronglyMoved(commands, movements)).toEqual([]);
  expect(wronglyAnswered(commands, told, rows)).toEqual([]);
  expect(releasedTwice(commands, told, rows)).toEqual([]);
  expect(await wronglyHeld(database)).toEqual([]);
  const { expected, there } = unitsOf(commands, movements, rows);
  expect(there).toEqual(expected);
};

const crash = async ({ replicas, random }: Run, phase: Phase): Promise<boolean> => {
  await new Promise((resolve) => setTimeout(resolve, random() * CRASH_WITHIN_MS));
  const killed = await replicas.crash(phase);
  for (const { query } of killed)
    say(`  crashed in ${query.trim().replace(/\s+/g, ' ').slice(0, 80)}`);
  return killed.length > 0;
};

/** What became of the commands, to see that the run was about something. */
const summaryOf = async ({ inventory, acknowledged }: Run): Promise<string> => {
  const { told, runtime } = inventory;
  const { database } = runtime;
  const kinds = Map.groupBy(await told(), ({ type }) => type);
  const holds = await database.query<{ outcome: string; count: number }>(
    `select outcome, count(*) from attempts where owner = 'checkout' group by outcome order by 1`,
  );
  const asked = [...acknowledged.values()].filter(({ command }) => command.type === 'HoldStock');
  return [
    `${asked.filter(({ outcome }) => outcome.ok).length} of ${asked.length} checkouts served`,
    ...[...kinds].map(([type, list]) => `${list.length} ${type}`),
    ...holds.map(({ outcome, count }) => `${count} holds ${outcome}`),
  ].join(', ');
};

const oneRun = async (seed: number): Promise<void> => {
  const random = seeded(seed);
  const inventory = await warehouse();
  const replicas = new Replicas(inventory, REPLICAS, random);
  const run: Run = { inventory, replicas, random, acknowledged: new Map() };
  try {
    await settled(inventory);
    const steps = fc.sample(step, { seed, numRuns: COMMANDS });
    const waves = COMMANDS / WAVE;
    let crashes = 0;
    for (let number = 0; number < waves; number += 1) {
      const working = wave(run, number, steps.slice(number * WAVE, (number + 1) * WAVE));
      const isTime = number >= ((crashes + 0.5) * waves) / CRASHES;
      if (isTime && (await crash(run, PHASES[crashes % PHASES.length]!))) {
        crashes += 1;
        await inventory.isSound();
        await working;
        await isSoundAtRest(run);
      }
      await working;
    }
    expect(crashes).toBe(CRASHES);
    await inventory.isSound();
    await isSoundAtRest(run);
    say(`  ${await summaryOf(run)}`);
  } finally {
    await replicas.stop();
    await inventory.stop();
  }
};

it(
  `stays sound through ${COMMANDS} commands that come twice and in any order, and ${CRASHES} crashes`,
  async () => {
    const startedAt = performance.now();
    let seed = SEED;
    do {
      say(`seed ${seed}`);
      await oneRun(seed);
      seed += 1;
    } while (performance.now() - startedAt < SOAK_MS);
  },
  PATIENCE_MS,
);

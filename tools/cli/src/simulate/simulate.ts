import { setTimeout as delay } from 'node:timers/promises';
import type { Api } from '../api/api.js';
import { openSession } from '../api/session.js';
import type { ServerOptions } from '../config.js';
import { progress, type Progress } from '../terminal/progress.js';
import { say as sayAloud, type Say } from '../terminal/say.js';
import { grouped, table } from '../terminal/table.js';
import type { Shipment } from './carrier.js';
import { runLane, type LaneRun, type Tally } from './lane.js';
import { lanesOf, pendingReturns } from './lanes.js';
import { movingOrders } from './moving.js';
import { ACTS, type Plan } from './play.js';

export type SimulateOptions = ServerOptions &
  Plan & {
    readonly connections: number;
    /** End when nothing was left to do for so many seconds. */
    readonly untilIdle?: number;
    /** With `untilIdle`: give up when orders move, but nothing could be done for so many seconds. */
    readonly stuckAfter: number;
    readonly say?: Say;
    readonly signal?: AbortSignal;
  };

const CHECK_EVERY_MS = 500;
const STUCK_SHOWN = 20;

type Location = { readonly locationId: string; readonly type: string; readonly active?: boolean };

const factsOf = ({ acts, refusals }: Tally): string => {
  const parts = ACTS.filter((act) => acts.has(act)).map(
    (act) => `${act} ${grouped(acts.get(act)!)}`,
  );
  const refused = [...refusals.values()].reduce((sum, count) => sum + count, 0);
  return [...parts, ...(refused > 0 ? [`refused ${grouped(refused)}`] : [])].join(', ');
};

const summaryOf = ({ acts, refusals }: Tally): string =>
  table([
    ['', ''],
    ...ACTS.map((act) => [act, acts.get(act) ?? 0]),
    ...[...refusals].map(([reason, count]) => [`refused ${reason}`, count]),
  ]);

type Watch = {
  readonly api: Api;
  readonly tally: Tally;
  readonly runs: readonly LaneRun[];
  readonly pending: ReadonlyMap<string, unknown>;
  readonly options: SimulateOptions;
  readonly say: Say;
};

/** Waits for the end: told to stop, idle, or stuck. Answers false when orders are stuck. */
const watch = async ({ api, tally, runs, pending, options, say }: Watch): Promise<boolean> => {
  const { untilIdle, stuckAfter, signal } = options;
  let passes = runs.map(() => 0);
  while (!signal?.aborted) {
    await delay(CHECK_EVERY_MS);
    if (untilIdle === undefined) continue;
    const idleSeconds = (performance.now() - tally.progressAt) / 1_000;
    const isWaiting = pending.size > 0 || runs.some(({ waiting }) => waiting > 0);
    // Every lane must have looked at everything once more, or a long pass would be taken for idleness.
    const isLooked = runs.every((run, index) => run.passes > passes[index]! + 1);
    if (idleSeconds < untilIdle) passes = runs.map((run) => run.passes);
    if (idleSeconds < untilIdle || !isLooked) continue;
    const isStuck = idleSeconds > stuckAfter;
    if (isWaiting && !(isStuck && options.speed === Infinity)) continue;
    const moving = await movingOrders(api, STUCK_SHOWN);
    if (moving.length === 0) return true;
    if (!isStuck) continue;
    say(`\nNothing could be done for ${Math.round(idleSeconds)} s, but orders are still moving:`);
    say(
      table(
        moving.map(({ orderNumber, status, units }) => [
          orderNumber,
          status,
          JSON.stringify(units),
        ]),
      ),
    );
    return false;
  }
  return true;
};

/**
 * Plays warehouse staff, carriers and customers through the API alone. What happens to each thing depends on
 * the seed and its id, so a repeat after a crash does the same. Answers false when orders got stuck.
 */
export const simulate = async (options: SimulateOptions): Promise<boolean> => {
  const { connections, say = sayAloud, signal } = options;
  const tally: Tally = { acts: new Map(), refusals: new Map(), progressAt: performance.now() };
  const show: { progress?: Progress } = {};
  const api = await openSession(options, (what, ms) => show.progress?.trouble(what, ms));
  const over = { is: false };
  const isOver = (): boolean => over.is || (signal?.aborted ?? false);
  show.progress = progress('steps', say, () => ({
    count: [...tally.acts.values()].reduce((sum, count) => sum + count, 0),
    facts: factsOf(tally),
  }));
  try {
    const locations: string[] = [];
    for await (const { locationId, active } of api.list<Location>('/v1/inventory/locations'))
      if (active !== false) locations.push(locationId);
    const returning = pendingReturns(options);
    // Customers of an earlier run may not have got round to it before that run ended.
    for await (const shipment of api.list<Shipment>('/v1/shipments', { status: 'delivered' }))
      returning.delivered(shipment);
    const lanes = lanesOf(api, options, locations, returning);
    const runs = lanes.map((): LaneRun => ({ waiting: 0, passes: 0 }));
    const running = lanes.map((lane, index) =>
      runLane(api, lane, { workers: connections, tally, isOver, run: runs[index]! }),
    );
    const watching = watch({ api, tally, runs, pending: returning.pending, options, say });
    const isDone = await Promise.race([watching, Promise.all(running).then(() => true)]);
    over.is = true;
    await Promise.all(running);
    return isDone;
  } finally {
    over.is = true;
    show.progress.stop();
    say(summaryOf(tally));
    await api.close();
  }
};

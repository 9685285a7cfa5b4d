import { setTimeout as delay } from 'node:timers/promises';
import type { Api, Problem } from '../api/api.js';
import { inParallel } from '../api/parallel.js';
import type { Act, Step, Work } from './play.js';

const PAUSE_MS = 300;
/** A list may lag behind what was just done; asking again so soon would only repeat it. */
const RECENT_MS = 2_000;
const REFUSED_MS = 10_000;

/** What all lanes report to. */
export type Tally = {
  readonly acts: Map<Act, number>;
  readonly refusals: Map<string, number>;
  /** When something was last accepted, by `performance.now()`. */
  progressAt: number;
};

/** One kind of work: what there is, what to do with each, and what follows from what was accepted. */
export type Lane<Thing> = {
  readonly things: () => AsyncIterable<Thing> | Iterable<Thing>;
  readonly idOf: (thing: Thing) => string;
  readonly workOn: (thing: Thing) => Work | undefined;
  readonly done?: (thing: Thing, act: Act) => void;
  /** True for a refusal that only says "not yet"; it is not counted. */
  readonly isEarly?: (thing: Thing, status: number) => boolean;
};

export type LaneRun = {
  /** Things that are not due yet, as of the last pass. */
  waiting: number;
  /** Passes that were made from the first thing to the last. */
  passes: number;
};

const count = <Name>(counts: Map<Name, number>, name: Name): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);

type Circumstances = {
  readonly workers: number;
  readonly tally: Tally;
  readonly run: LaneRun;
  readonly isOver: () => boolean;
};

/** Goes over everything in a lane again and again until `isOver`. */
export const runLane = async <Thing>(
  api: Api,
  lane: Lane<Thing>,
  { workers, tally, run, isOver }: Circumstances,
): Promise<void> => {
  const restUntil = new Map<string, number>();
  /** While one works on a thing, nobody else does: another page of the same pass may show it too. */
  const inHand = new Set<string>();

  /** Sends one step; a refusal ends the work on this thing for now. */
  const take = async (thing: Thing, { act, path, body, key }: Step): Promise<boolean> => {
    const { status, body: answer } = await api.send<Problem>('POST', path, body, key);
    const isTaken = status < 400;
    const restMs = isTaken ? RECENT_MS : REFUSED_MS;
    if (isTaken) {
      count(tally.acts, act);
      tally.progressAt = performance.now();
      lane.done?.(thing, act);
    }
    const isEarly = !isTaken && (lane.isEarly?.(thing, status) ?? false);
    if (!isTaken && !isEarly) count(tally.refusals, `${act}: ${status} ${answer?.code ?? ''}`);
    restUntil.set(lane.idOf(thing), performance.now() + (isEarly ? PAUSE_MS : restMs));
    return isTaken;
  };

  const carryOut = async (thing: Thing, steps: readonly Step[]): Promise<void> => {
    inHand.add(lane.idOf(thing));
    try {
      for (const step of steps) if (!(await take(thing, step))) return;
    } finally {
      inHand.delete(lane.idOf(thing));
    }
  };

  const attend = async (thing: Thing): Promise<'done' | 'waits' | 'rests'> => {
    const id = lane.idOf(thing);
    if (isOver() || inHand.has(id) || (restUntil.get(id) ?? 0) > performance.now()) return 'rests';
    const work = lane.workOn(thing);
    if (!work || work.steps.length === 0) return 'rests';
    if (work.dueAt > Date.now()) return 'waits';
    await carryOut(thing, work.steps);
    return 'done';
  };

  while (!isOver()) {
    const pass = { done: 0, waits: 0, rests: 0 };
    await inParallel(lane.things(), workers, async (thing) => {
      pass[await attend(thing)] += 1;
    });
    run.waiting = pass.waits;
    run.passes += 1;
    for (const [id, until] of restUntil) if (until < performance.now()) restUntil.delete(id);
    if (pass.done === 0 || pass.waits > 0) await delay(PAUSE_MS);
  }
};

import type { Method } from './picture.js';

/** A candidate, by its rank, and how much of one SKU it can give (never more than the target). */
export type Holder = { readonly candidate: number; readonly quantity: number };
/** How much of one SKU is to be covered, and who can; holders stand in rank order. */
export type Want = { readonly target: number; readonly holders: readonly Holder[] };
/** A candidate as the search sees it: what choosing it costs, and its name to break ties. */
export type Option = { readonly locationId: string; readonly cost: number };
export type Cover = {
  /** Ranks of the chosen candidates, lowest first. */
  readonly chosen: readonly number[];
  readonly method: Method;
  readonly steps: number;
};

/** Touches of one candidate's stock of one SKU that the exact search may make; about a millisecond. */
const STEPS_MAX = 50_000;

type Part = { readonly want: number; readonly quantity: number };
type Problem = {
  readonly wants: readonly Want[];
  readonly options: readonly Option[];
  /** What each candidate gives, by rank. */
  readonly parts: readonly (readonly Part[])[];
};

/**
 * The fewest candidates that together cover every want, and among as few the nearest, ties to the smaller
 * location ids. First greedy (most units, then nearest; Chvatal 1979), then an exact search by iterative deepening
 * for something better, bounded by counted steps so that equal inputs give equal plans.
 */
export const chooseLocations = (wants: readonly Want[], options: readonly Option[]): Cover => {
  const parts: Part[][] = options.map(() => []);
  wants.forEach(({ holders }, want) => {
    for (const { candidate, quantity } of holders) parts[candidate]!.push({ want, quantity });
  });
  const problem: Problem = { wants, options, parts };
  const greedy = chosenGreedily(problem);
  // One location that has everything was taken for its units, and the nearest of its kind.
  if (greedy.chosen.length <= 1) return { ...greedy, method: 'exact' };
  return improved(problem, greedy);
};

const openTargets = ({ wants }: Problem): number[] => wants.map(({ target }) => target);
const unitsOf = ({ wants }: Problem): number => wants.reduce((sum, { target }) => sum + target, 0);

/** What a candidate adds where `open` is still uncovered. */
const gainOf = (parts: readonly Part[], open: readonly number[]): number => {
  let gain = 0;
  for (const { want, quantity } of parts) gain += Math.max(0, Math.min(open[want]!, quantity));
  return gain;
};

const chosenGreedily = (problem: Problem): { chosen: number[]; steps: number } => {
  const { parts } = problem;
  const open = openTargets(problem);
  // Gains only fall, so an old gain is an upper bound: few candidates need a new look per round.
  const bounds = parts.map((own) => gainOf(own, open));
  let steps = parts.reduce((sum, own) => sum + own.length, 0);
  const chosen: number[] = [];
  for (let left = unitsOf(problem); left > 0;) {
    let best = -1;
    let most = 0;
    for (let candidate = 0; candidate < bounds.length; candidate += 1) {
      if (bounds[candidate]! <= most) continue;
      bounds[candidate] = gainOf(parts[candidate]!, open);
      steps += parts[candidate]!.length;
      if (bounds[candidate]! <= most) continue;
      best = candidate;
      most = bounds[candidate]!;
    }
    chosen.push(best);
    left -= most;
    bounds[best] = 0;
    for (const { want, quantity } of parts[best]!) open[want]! -= quantity;
  }
  return { chosen: withoutSpare(problem, chosen, open).sort((a, b) => a - b), steps };
};

/** Drops what later choices made unnecessary, the latest first. */
const withoutSpare = ({ parts }: Problem, chosen: readonly number[], open: number[]): number[] =>
  chosen.toReversed().filter((candidate) => {
    const spare = parts[candidate]!.every(({ want, quantity }) => open[want]! + quantity <= 0);
    if (spare) for (const { want, quantity } of parts[candidate]!) open[want]! += quantity;
    return !spare;
  });

/** Looks for fewer candidates, then for nearer ones, as long as the steps last. */
const improved = (problem: Problem, greedy: { chosen: number[]; steps: number }): Cover => {
  const budget = { left: STEPS_MAX };
  const stepsOf = (): number => greedy.steps + STEPS_MAX - Math.max(0, budget.left);
  // A single one that has everything would have been the greedy choice.
  for (let size = 2; size <= greedy.chosen.length; size += 1) {
    const known = size === greedy.chosen.length ? greedy.chosen : undefined;
    const chosen = bestOfSize(problem, size, known, budget);
    const exhausted = budget.left <= 0;
    if (chosen) return { chosen, method: exhausted ? 'bounded' : 'exact', steps: stepsOf() };
    if (exhausted) break;
  }
  return { chosen: greedy.chosen, method: 'greedy', steps: stepsOf() };
};

type Best = { readonly chosen: readonly number[]; readonly cost: number };

const costOf = ({ options }: Problem, chosen: readonly number[]): number =>
  chosen.reduce((cost, candidate) => cost + options[candidate]!.cost, 0);

const namesOf = ({ options }: Problem, chosen: readonly number[]): string =>
  JSON.stringify(chosen.map((candidate) => options[candidate]!.locationId).sort());

const isBetter = (problem: Problem, found: Best, best: Best | undefined): boolean => {
  if (!best || found.cost !== best.cost) return !best || found.cost < best.cost;
  return namesOf(problem, found.chosen) < namesOf(problem, best.chosen);
};

/**
 * The cheapest cover of at most `size` candidates, if there is one. Any cover must hold a candidate of the first
 * want that is still open, so only those are tried; one that was tried is not tried again beside it.
 */
const bestOfSize = (
  problem: Problem,
  size: number,
  known: readonly number[] | undefined,
  budget: { left: number },
): readonly number[] | undefined => {
  const { wants, options, parts } = problem;
  const open = openTargets(problem);
  const order = wants.map((_, want) => want);
  order.sort((a, b) => wants[a]!.holders.length - wants[b]!.holders.length || a - b);
  const most = parts.reduce((units, own) => Math.max(units, gainOf(own, open)), 0);
  const barred = new Set<number>();
  const chosen: number[] = [];
  let best: Best | undefined = known && { chosen: known, cost: costOf(problem, known) };

  const give = (candidate: number, sign: 1 | -1): void => {
    for (const { want, quantity } of parts[candidate]!) open[want]! -= sign * quantity;
  };
  const visit = (from: number, left: number, cost: number): void => {
    if (left === 0) {
      const found = { chosen: chosen.toSorted((a, b) => a - b), cost };
      if (isBetter(problem, found, best)) best = found;
      return;
    }
    // Even the best candidate, as often as there is room, would leave something open.
    if (left > (size - chosen.length) * most) return;
    let next = from;
    while (open[order[next]!]! <= 0) next += 1;
    budget.left -= next - from;
    const tried: number[] = [];
    for (const { candidate } of wants[order[next]!]!.holders) {
      if (barred.has(candidate)) continue;
      const own = parts[candidate]!;
      const costWith = cost + options[candidate]!.cost;
      budget.left -= own.length;
      // Holders stand in rank order, so the next one costs no less.
      if ((best && costWith > best.cost) || budget.left <= 0) break;
      barred.add(candidate);
      tried.push(candidate);
      chosen.push(candidate);
      const gain = gainOf(own, open);
      give(candidate, 1);
      visit(next, left - gain, costWith);
      give(candidate, -1);
      chosen.pop();
    }
    for (const candidate of tried) barred.delete(candidate);
  };

  visit(0, unitsOf(problem), 0);
  return best?.chosen;
};

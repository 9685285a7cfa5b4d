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
const STEPS_MAX = 100_000;

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

const chosenGreedily = (problem: Problem): { chosen: number[]; steps: number } => {
  const open = openTargets(problem);
  let steps = 0;
  const gainOf = (candidate: number): number => {
    const parts = problem.parts[candidate]!;
    steps += parts.length;
    return parts.reduce(
      (gain, { want, quantity }) => gain + Math.max(0, Math.min(open[want]!, quantity)),
      0,
    );
  };
  // Gains only fall, so an old gain is an upper bound: few candidates need a new look per round.
  const bounds = problem.options.map((_, candidate) => ({ candidate, gain: gainOf(candidate) }));
  const chosen: number[] = [];
  while (open.some((target) => target > 0)) {
    bounds.sort((a, b) => b.gain - a.gain || a.candidate - b.candidate);
    let best = bounds[0]!;
    best.gain = gainOf(best.candidate);
    for (const bound of bounds) {
      if (bound.gain < best.gain) break;
      if (bound !== best) bound.gain = gainOf(bound.candidate);
      if (bound.gain === best.gain ? bound.candidate < best.candidate : bound.gain > best.gain)
        best = bound;
    }
    chosen.push(best.candidate);
    bounds.splice(bounds.indexOf(best), 1);
    for (const { want, quantity } of problem.parts[best.candidate]!) open[want]! -= quantity;
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
  for (let size = 1; size <= greedy.chosen.length; size += 1) {
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
  const barred = new Set<number>();
  const chosen: number[] = [];
  let best: Best | undefined = known && { chosen: known, cost: costOf(problem, known) };

  const give = (candidate: number, sign: 1 | -1): void => {
    for (const { want, quantity } of parts[candidate]!) open[want]! -= sign * quantity;
  };
  const visit = (from: number, cost: number): void => {
    let next = from;
    while (next < order.length && open[order[next]!]! <= 0) next += 1;
    if (next === order.length) {
      const found = { chosen: chosen.toSorted((a, b) => a - b), cost };
      if (isBetter(problem, found, best)) best = found;
      return;
    }
    if (chosen.length === size) return;
    const tried: number[] = [];
    for (const { candidate } of wants[order[next]!]!.holders) {
      if (barred.has(candidate)) continue;
      const costWith = cost + options[candidate]!.cost;
      budget.left -= parts[candidate]!.length;
      // Holders stand in rank order, so the next one costs no less.
      if ((best && costWith > best.cost) || budget.left <= 0) break;
      barred.add(candidate);
      tried.push(candidate);
      chosen.push(candidate);
      give(candidate, 1);
      visit(next, costWith);
      give(candidate, -1);
      chosen.pop();
    }
    for (const candidate of tried) barred.delete(candidate);
  };

  visit(0, 0);
  return best?.chosen;
};

import { chance } from '../chance.js';
import type { Plan } from './play.js';

const MINUTE_MS = 60_000;
/** Shortest and longest time in life, in minutes. */
export type Span = readonly [from: number, to: number];

/** When something is due that takes `span` from `since` (ISO 8601) on, at the plan's speed. */
export const dueAfter = (
  since: string,
  [from, to]: Span,
  { seed, speed }: Pick<Plan, 'seed' | 'speed'>,
  ...parts: readonly string[]
): number => {
  if (speed === Infinity) return 0;
  const minutes = from + (to - from) * chance(seed, 'pace', ...parts);
  return Date.parse(since) + (minutes * MINUTE_MS) / speed;
};

import { chance } from '../chance.js';
import type { Plan } from './play.js';

/** A plan in which everything goes well. */
export const smooth: Plan = {
  seed: '1',
  speed: Infinity,
  shortRate: 0,
  deliveryFailureRate: 0,
  lostRate: 0,
  returnRate: 0,
};

/** The first id of a row of candidates for which the seed throws below (or above) a half. */
export const idWhere = (what: string, isLow: boolean): string => {
  for (let index = 0; ; index += 1)
    if (chance(smooth.seed, `id-${index}`, what) < 0.3 === isLow) return `id-${index}`;
};

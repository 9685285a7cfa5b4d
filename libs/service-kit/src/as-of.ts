import { instantOf } from '@throughline/kernel';
import { invalidRequest } from './problem.js';

/** The instant of an `asOf` that was checked to be a time. Throws the refusal of one that has not come yet. */
export const pastInstant = (asOf: string, now: string): string => {
  const at = instantOf(asOf)!;
  if (at <= now) return at;
  throw invalidRequest([
    { field: 'asOf', code: 'future', message: `must not be later than now, which is ${now}` },
  ]);
};

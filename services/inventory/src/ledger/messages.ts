import type { Carried } from './ledger.js';
import { parkedAs } from './ledger-problem.js';

/** A message is a fact: where the catalogue does not know what it speaks of, it is parked and not lost. */
export const done = ({ outcome }: Carried): void => {
  if (!outcome.ok) throw parkedAs(outcome.rejection);
};

/** The instant in UTC with milliseconds, as the ledger compares them. */
export const utcOf = (time: string): string => new Date(time).toISOString();

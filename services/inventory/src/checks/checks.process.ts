import type { Task } from '@throughline/service-kit';
import { invariantBreaches } from '@throughline/telemetry';
import type { Logger } from 'pino';
import { CHECK_NAMES, type CheckName, type Difference } from './check.js';
import type { CheckedPage } from './checks.query.js';

export const CHECK_EVERY_MS = 30_000;

type Breaches = Record<CheckName, number>;

const NONE = Object.fromEntries(CHECK_NAMES.map((name) => [name, 0])) as Breaches;

const show = (breaches: Breaches): void => {
  for (const [invariant, count] of Object.entries(breaches))
    invariantBreaches.set({ service: 'inventory', invariant }, count);
};

const add = (breaches: Breaches, differences: readonly Difference[]): Breaches => {
  const sum = { ...breaches };
  for (const { check } of differences) sum[check] += 1;
  return sum;
};

/** What is found alarms at once; it is gone only when a whole look through has not found it again. */
const worseOf = (one: Breaches, other: Breaches): Breaches => {
  const worse = { ...one };
  for (const check of Object.keys(worse) as CheckName[])
    worse[check] = Math.max(one[check], other[check]);
  return worse;
};

/**
 * Looks through the ledger page by page (`look` answers the one after a SKU), for ever, and alarms when it
 * contradicts itself. It repairs nothing.
 */
export const ledgerWatch = (
  look: (after: string) => Promise<CheckedPage>,
  logger: Logger,
): Task => {
  let after = '';
  let before = NONE;
  let found = NONE;
  return {
    name: 'watch-ledger',
    everyMs: CHECK_EVERY_MS,
    run: async () => {
      const { differences, last } = await look(after);
      after = last ?? '';
      found = add(found, differences);
      show(last === null ? found : worseOf(before, found));
      if (last === null) [before, found] = [found, NONE];
      if (differences.length > 0)
        logger.error({ differences }, 'the ledger contradicts itself: see /v1/inventory/checks');
    },
  };
};

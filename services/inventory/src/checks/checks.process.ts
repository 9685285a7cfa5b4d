import type { Database, Task } from '@throughline/service-kit';
import type { Logger } from 'pino';
import { checkSkus } from './checks.query.js';

export const CHECK_EVERY_MS = 30_000;

/** Looks through the ledger bit by bit, for ever, and alarms when it contradicts itself. It repairs nothing. */
export const ledgerWatch = (database: Database, logger: Logger): Task => {
  let after = '';
  return {
    name: 'watch-ledger',
    everyMs: CHECK_EVERY_MS,
    run: async () => {
      const { differences, last } = await checkSkus(database, after);
      after = last ?? '';
      if (differences.length > 0)
        logger.error({ differences }, 'the ledger contradicts itself: see /v1/inventory/checks');
    },
  };
};

import { gatherer } from '@throughline/kernel';
import { StoreAwayError } from './event-store-db-connection.js';

/** Streams that a process reads at a time: a server has few threads for that, and appends wait behind them too. */
const READS_MAX = 8;

/** Carries reads out in the order in which they come, so many at a time. */
export const inTurn = <Result>(): ((read: () => Promise<Result>) => Promise<Result>) =>
  gatherer<() => Promise<Result>, Result>({
    batchMax: 1,
    concurrentMax: READS_MAX,
    run: async ([read]) => {
      try {
        return [{ result: await read!() }];
      } catch (error) {
        // Of a store that is away all who wait are told; what is wrong with one stream is no matter of others.
        if (error instanceof StoreAwayError && !error.isLate) throw error;
        return [{ error }];
      }
    },
  });

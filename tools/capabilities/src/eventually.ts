import { AssertionError } from 'node:assert';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;
const WITHIN_MS = 20_000;

/** Looks again and again until every assertion in it holds; what the last look found is thrown when none did in time. */
export const eventually = async <Found>(
  look: () => Promise<Found>,
  withinMs = WITHIN_MS,
): Promise<Found> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      // Realms of test runners differ: an assertion's class may be another one of that name.
      const isAssertion =
        error instanceof AssertionError || (error as Error).name === 'AssertionError';
      if (!isAssertion || performance.now() > deadline) throw error;
    }
    await delay(LOOK_EVERY_MS);
  }
};

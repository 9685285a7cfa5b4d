import type { Task } from '@throughline/service-kit';
import type { Catalog } from './catalog.js';

/** How late a location may begin to take part, or cease to. */
export const TURN_EVERY_MS = 1_000;
/** Rounds of one run; what is left comes with the next. */
const ROUNDS_MAX = 50;

/** Pop-up stores open and close when their time comes. On several replicas the first one does it. */
export const locationTurns = (catalog: Pick<Catalog, 'turnLocations'>): Task => ({
  name: 'turn-locations',
  everyMs: TURN_EVERY_MS,
  run: async () => {
    for (let round = 0; round < ROUNDS_MAX; round += 1)
      if ((await catalog.turnLocations()) === 0) return;
  },
});

import { derivedId } from '@throughline/kernel';
import { eachOnItsOwn, type Database, type Task } from '@throughline/service-kit';
import type { FulfillmentHandler } from './fulfillment-handler.js';

const EVERY_MS = 2_000;
/** Work released in one run; what is left comes with the next. */
const RELEASED_MAX = 200;

const DUE = `
  select id from fulfillments where status = 'scheduled' and released_at <= $1
  order by released_at, id limit ${RELEASED_MAX}`;

/**
 * Releases scheduled work when its time has come. The rows are where to look; the stream decides, so that a row that is
 * stale does nothing.
 */
export const releaseDue =
  (handle: FulfillmentHandler, database: Database, now: () => string) =>
  async (): Promise<void> => {
    const at = now();
    const due = await database.query<{ id: string }>(DUE, [at], 'fulfillments-due');
    await eachOnItsOwn(due, async ({ id }) => {
      const command = { type: 'ReleaseDue', data: { at } } as const;
      const result = await handle(id, command, { id: derivedId(id, 'due') });
      if (!result.ok)
        throw new Error(`Fulfillment ${id} refused: ${JSON.stringify(result.rejection)}`);
    });
  };

/** On several replicas the first one does it. */
export const scheduleTask = (release: () => Promise<void>): Task => ({
  name: 'fulfillment.schedule',
  everyMs: EVERY_MS,
  run: release,
});

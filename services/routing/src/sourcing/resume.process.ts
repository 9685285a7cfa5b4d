import { newId } from '@throughline/kernel';
import { eachOnItsOwn, type Task } from '@throughline/service-kit';
import type { ReadPicture } from '../picture/picture.query.js';
import { planOpen, type SourcingHandler } from './sourcing-handler.js';
import { isBarFailure } from './domain/bars.js';
import { retryAfter, type StalledOrders } from './stalled-orders.query.js';

const EVERY_MS = 2_000;

/**
 * Sources again what had to wait for its location, for an item, or until a bar ends. Looking twice
 * does no harm: an order that is under way, or that still cannot be sourced, is left as it is.
 */
export const resumeTask = (
  handle: SourcingHandler,
  read: ReadPicture,
  stalled: StalledOrders,
  now: () => string,
): Task => ({
  name: 'routing.resume',
  everyMs: EVERY_MS,
  run: async () =>
    eachOnItsOwn(await stalled.resumable(now()), async (order) => {
      const { orderId, retryAt } = order;
      const { state } = await handle.load(orderId);
      const { failure } = await planOpen(handle, read, orderId, state, { id: newId() }, now());
      if (failure === null || (retryAt !== null && !isBarFailure(failure)))
        await stalled.remove(order);
      else if (retryAt !== null)
        await stalled.add(orderId, { ...order, retryAt: retryAfter(now()) });
    }),
});

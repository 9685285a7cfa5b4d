import { newId } from '@throughline/kernel';
import type { Task } from '@throughline/service-kit';
import type { ReadPicture } from '../picture/picture.query.js';
import { planOpen, type SourcingHandler } from './sourcing-handler.js';
import type { StalledOrders } from './stalled-orders.query.js';

const EVERY_MS = 2_000;

/**
 * Sources again what had to wait for its location or for an item. Looking twice does no harm: an order that is under way, or
 * that still cannot be sourced, is left as it is.
 */
export const resumeTask = (
  handle: SourcingHandler,
  read: ReadPicture,
  stalled: StalledOrders,
): Task => ({
  name: 'routing.resume',
  everyMs: EVERY_MS,
  run: async () => {
    for (const order of await stalled.resumable()) {
      const { orderId } = order;
      const { state } = await handle.load(orderId);
      const { failure } = await planOpen(handle, read, orderId, state, { id: newId() });
      if (failure === null) await stalled.remove(order);
    }
  },
});

import { accept, type Decider } from '@throughline/kernel';
import type { Disowned, DisownedCommand, DisownedEvent } from './disowned.js';

/**
 * News of an order that was never given out. Others must take back what they do for it; what follows from that is told
 * here too, and needs no further answer.
 */
export const disowned: Decider<DisownedCommand, DisownedEvent, Disowned, never> = {
  initialState: { isHeardOf: false, attempts: new Set(), fulfillments: new Set() },

  decide: ({ data }, { isHeardOf, attempts, fulfillments }) => {
    const work = data.work.filter(({ fulfillmentId }) => !fulfillments.has(fulfillmentId));
    const isNewAttempt = data.attempt !== null && !attempts.has(data.attempt);
    if (isHeardOf && !isNewAttempt && work.length === 0) return accept();
    return accept({ type: 'OrderDisowned', data: { ...data, work } });
  },

  evolve: ({ attempts, fulfillments }, { data }) => ({
    isHeardOf: true,
    attempts: data.attempt === null ? attempts : new Set(attempts).add(data.attempt),
    fulfillments: new Set([
      ...fulfillments,
      ...data.work.map(({ fulfillmentId }) => fulfillmentId),
    ]),
  }),
};

import { AvailabilityChanged } from '@throughline/contracts';
import { gatherer } from '@throughline/kernel';
import { consumer, on, type Consumer } from '@throughline/messaging';
import type { Tell } from './telling.js';

const MESSAGES_MAX = 1_000;

/**
 * Whenever a shelf can promise more or less, channels that list its goods, and routing where these are parts of kits, may
 * have to be told. What they are told follows from the ledger as it is by then, so a message that comes again tells
 * nothing new.
 */
export const listingConsumer = (tell: Tell): Consumer => {
  const look = gatherer<string, void>({
    batchMax: MESSAGES_MAX,
    run: async (skus) => {
      await tell([...new Set(skus)]);
      return skus.map(() => ({ result: undefined }));
    },
  });
  return consumer({
    group: 'inventory.oms.availability',
    topic: 'oms.availability',
    handlers: [on(AvailabilityChanged, ({ data }) => look(data.sku))],
  });
};

import { SafetyStockChanged } from '@throughline/contracts';
import { publish, publisher } from '@throughline/messaging';
import { SHELF_CATEGORY, shelfCodec } from './safety-stock.codec.js';

/** Who keeps how many units of a shelf back. */
export const safetyStockPublisher = publisher({
  service: 'inventory',
  topic: 'oms.catalog',
  category: SHELF_CATEGORY,
  codec: shelfCodec,
  map: ({ data }, { metadata: { actor } }) => [
    publish(SafetyStockChanged, data.sku, {
      ...data,
      ...(actor !== undefined && { changedBy: actor }),
    }),
  ],
});

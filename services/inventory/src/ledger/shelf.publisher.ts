import { BufferCrossed, SafetyStockChanged } from '@throughline/contracts';
import { publish, publisher } from '@throughline/messaging';
import { changedBy } from '../changed-by.js';
import { SHELF_CATEGORY, shelfCodec } from './shelf.codec.js';

/** Who keeps how many units of a shelf back. */
export const safetyStockPublisher = publisher({
  service: 'inventory',
  topic: 'oms.catalog',
  category: SHELF_CATEGORY,
  codec: shelfCodec,
  map: ({ type, data }, { metadata }) =>
    type === 'SafetyStockChanged'
      ? [
          publish(SafetyStockChanged, data.sku, {
            ...data,
            ...changedBy(metadata),
          }),
        ]
      : [],
});

/** That little is left on a shelf, and that there is enough again. */
export const bufferPublisher = publisher({
  service: 'inventory',
  topic: 'oms.availability',
  category: SHELF_CATEGORY,
  codec: shelfCodec,
  map: ({ type, data }) =>
    type === 'BufferCrossed' ? [publish(BufferCrossed, data.sku, { ...data })] : [],
});

import { AvailabilityChanged } from '@throughline/contracts';
import { publish, publisher } from '@throughline/messaging';
import { AVAILABILITY_CATEGORY, availabilityCodec } from './availability.codec.js';

/** What a batch changed becomes one message per SKU and location; whoever reads them keeps the highest version. */
export const availabilityPublisher = publisher({
  service: 'inventory',
  topic: 'oms.availability',
  category: AVAILABILITY_CATEGORY,
  codec: availabilityCodec,
  map: ({ data }) =>
    data.shelves.map(([sku, locationId, available, version]) =>
      publish(AvailabilityChanged, sku, { sku, locationId, available, version }),
    ),
});

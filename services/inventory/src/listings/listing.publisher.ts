import { ListingAvailabilityChanged } from '@throughline/contracts';
import { publish, publisher } from '@throughline/messaging';
import { LISTING_CATEGORY, listingCodec } from './listing.codec.js';

/** That a channel can sell none of a SKU any more, or some again. */
export const listingPublisher = publisher({
  service: 'inventory',
  topic: 'oms.availability',
  category: LISTING_CATEGORY,
  codec: listingCodec,
  map: ({ data }) => [publish(ListingAvailabilityChanged, data.sku, { ...data })],
});

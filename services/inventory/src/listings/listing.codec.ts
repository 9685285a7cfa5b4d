import type { ListingState } from '@throughline/contracts';
import { codecOf } from '@throughline/event-store';
import type { Message } from '@throughline/kernel';

/** Category of the streams `listing-<channel>/<sku>`: what a channel was told of a SKU that it lists. */
export const LISTING_CATEGORY = 'listing';

export type ListingEvent = Message<
  'ListingAvailabilityChanged',
  {
    readonly channel: string;
    readonly sku: string;
    readonly state: ListingState;
    readonly available: number;
    readonly version: number;
  }
>;

export const listingCodec = codecOf<ListingEvent>({
  ListingAvailabilityChanged: { version: 1 },
});

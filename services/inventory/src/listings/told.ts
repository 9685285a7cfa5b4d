import type { EventMetadata, NewEvent } from '@throughline/event-store';
import { derivedId } from '@throughline/kernel';
import { LISTING_CATEGORY, listingCodec, type ListingEvent } from './listing.codec.js';

/** What channels are told, as events of the listings' own streams. */
export const appendsOf = (
  told: readonly ListingEvent['data'][],
  metadata: EventMetadata,
): { readonly stream: string; readonly events: readonly NewEvent[] }[] =>
  told.map((data) => {
    const stream = `${LISTING_CATEGORY}-${data.channel}/${data.sku}`;
    const stored = listingCodec.encode({ type: 'ListingAvailabilityChanged', data });
    return { stream, events: [{ id: derivedId(stream, data.version), ...stored, metadata }] };
  });

import { contractOf, ListingAvailabilityChanged } from '@throughline/contracts';
import { goldenEvent, goldenSuite } from '@throughline/testing';
import { listingCodec } from './listing.codec.js';
import { listingPublisher } from './listing.publisher.js';

const GOLDEN = new URL('golden/', import.meta.url);

describe('stored events of listings', () => {
  goldenSuite(GOLDEN, listingCodec);

  it('are published as the contract says', () => {
    const messages = listingPublisher.map(goldenEvent(GOLDEN, 'ListingAvailabilityChanged'));
    expect(messages.map(({ key, data }) => [key, data])).toEqual([
      [
        '85123A',
        { channel: 'web', sku: '85123A', state: 'out-of-stock', available: 0, version: 2 },
      ],
    ]);
    expect(contractOf(ListingAvailabilityChanged).validate(messages[0]!.data)).toEqual([]);
  });
});

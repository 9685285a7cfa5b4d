import { contractOf, ListingAvailabilityChanged } from '@throughline/contracts';
import type { RecordedEvent } from '@throughline/event-store';
import { readFileSync } from 'node:fs';
import { listingCodec } from './listing.codec.js';
import { listingPublisher } from './listing.publisher.js';

const goldenOf = (type: string, version: number): unknown =>
  JSON.parse(readFileSync(new URL(`golden/${type}.${version}.json`, import.meta.url), 'utf8'));

const versions = Object.entries(listingCodec.types).flatMap(([type, { version }]) =>
  Array.from({ length: version }, (_, index) => [type, index + 1] as const),
);

it.each(versions)('%s, version %i, can be read and published for ever', (type, version) => {
  const event: RecordedEvent = {
    id: '6f0d3c1e-8a4b-5e0f-9b7a-2d5c41e6a973',
    type,
    version,
    data: goldenOf(type, version),
    stream: 'listing-web/85123A',
    revision: 1,
    position: 1n,
    metadata: { at: '2026-11-01T10:00:00.000Z', causationId: 'c', correlationId: 's' },
  };
  const messages = listingPublisher.map(event);
  expect(messages.map(({ key, data }) => [key, data])).toEqual([
    ['85123A', { channel: 'web', sku: '85123A', state: 'out-of-stock', available: 0, version: 2 }],
  ]);
  expect(contractOf(ListingAvailabilityChanged).validate(messages[0]!.data)).toEqual([]);
});

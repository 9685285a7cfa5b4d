import type { RecordedEvent } from '@throughline/event-store';
import { readFileSync } from 'node:fs';
import { catalogPublisher } from './catalog.publisher.js';

it('tells whether a location takes part now, and from when to when it does', () => {
  const golden = new URL('golden/LocationChanged.1.for-a-time.json', import.meta.url);
  const event: RecordedEvent = {
    id: '6f0d3c1e-8a4b-5e0f-9b7a-2d5c41e6a973',
    type: 'LocationChanged',
    version: 1,
    data: JSON.parse(readFileSync(golden, 'utf8')),
    stream: 'catalog-location-market',
    revision: 1,
    position: 1n,
    metadata: {
      at: '2026-11-01T10:00:00.000Z',
      causationId: 'c',
      correlationId: 's',
      actor: 'schedule',
      actorId: 'system',
    },
  };
  expect(catalogPublisher.map(event).map(({ data }) => data)).toEqual([
    {
      locationId: 'market',
      version: 2,
      locationType: 'store',
      name: 'Christmas market',
      country: 'GB',
      postalCode: 'LS1 6NP',
      geo: { lat: 53.8, lng: -1.55 },
      active: false,
      activeFrom: '2026-11-27T08:00:00.000Z',
      activeTo: '2026-12-24T20:00:00.000Z',
      changedBy: 'schedule',
      changedById: 'system',
    },
  ]);
});

import { goldenEvent } from '@throughline/testing';
import { catalogPublisher } from './catalog.publisher.js';

it('tells whether a location takes part now, and from when to when it does', () => {
  const event = goldenEvent(new URL('golden/', import.meta.url), 'LocationChanged.1.for-a-time');
  const bySchedule = {
    ...event,
    metadata: { ...event.metadata, actor: 'schedule', actorId: 'system' },
  };
  expect(catalogPublisher.map(bySchedule).map(({ data }) => data)).toEqual([
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

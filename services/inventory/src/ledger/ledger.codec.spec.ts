import { contractOf, contracts } from '@throughline/contracts';
import type { Codec, RecordedEvent } from '@throughline/event-store';
import type { Message } from '@throughline/kernel';
import type { Publisher } from '@throughline/messaging';
import { readFileSync } from 'node:fs';
import { catalogCodec } from '../catalog/catalog.codec.js';
import { catalogPublisher } from '../catalog/catalog.publisher.js';
import { repairCodec } from '../repairs/repair.codec.js';
import { repairPublisher } from '../repairs/repair.publisher.js';
import { availabilityCodec } from './availability.codec.js';
import { availabilityPublisher } from './availability.publisher.js';
import { reservationCodec } from './reservation.codec.js';
import { reservationPublisher } from './reservation.publisher.js';
import { shelfCodec } from './shelf.codec.js';
import { bufferPublisher, safetyStockPublisher } from './shelf.publisher.js';

const goldenOf = (folder: string, type: string, version: number): unknown =>
  JSON.parse(
    readFileSync(new URL(`../${folder}/golden/${type}.${version}.json`, import.meta.url), 'utf8'),
  );

const recorded = (stream: string, type: string, version: number, data: unknown): RecordedEvent => ({
  id: '6f0d3c1e-8a4b-5e0f-9b7a-2d5c41e6a973',
  type,
  version,
  data,
  stream,
  revision: 0,
  position: 1n,
  metadata: { at: '2026-11-01T10:00:00.000Z', causationId: 'c', correlationId: 's' },
});

const categories: readonly (readonly [string, Codec<Message>, Publisher])[] = [
  ['ledger', reservationCodec as Codec<Message>, reservationPublisher],
  ['ledger', availabilityCodec as Codec<Message>, availabilityPublisher],
  ['ledger', shelfCodec as Codec<Message>, safetyStockPublisher],
  ['catalog', catalogCodec as Codec<Message>, catalogPublisher],
  ['repairs', repairCodec as Codec<Message>, repairPublisher],
];

describe.each(categories)('events stored by the %s', (folder, codec, { map }) => {
  const versions = Object.entries(codec.types).flatMap(([type, { version }]) =>
    Array.from({ length: version }, (_, index) => [type, index + 1] as const),
  );

  it.each(versions)('%s, version %i, can be read and published for ever', (type, version) => {
    const event = recorded('any-1', type, version, goldenOf(folder, type, version));
    expect(codec.decode(event).type).toBe(type);
    const messages = [map, ...(type === 'BufferCrossed' ? [bufferPublisher.map] : [])].flatMap(
      (each) => each(event),
    );
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages)
      expect(contractOf(contracts().get(message.type)!).validate(message.data)).toEqual([]);
  });
});

it('tells one availability per shelf, keyed by SKU, with ids of their own', () => {
  const data = goldenOf('ledger', 'AvailabilityChanged', 1);
  const messages = availabilityPublisher.map(
    recorded('availability-1', 'AvailabilityChanged', 1, data),
  );
  expect(messages.map(({ key, data }) => [key, data])).toEqual([
    ['85123A', { sku: '85123A', locationId: 'leeds', available: 2, version: 7 }],
    ['22423', { sku: '22423', locationId: 'bristol', available: 0, version: 3 }],
  ]);
  expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
});

it('tells of a location only what others need', () => {
  const data = goldenOf('catalog', 'LocationChanged', 1);
  const [message] = catalogPublisher.map(
    recorded('catalog-location-leeds', 'LocationChanged', 1, data),
  );
  expect([message!.key, message!.data]).toEqual([
    'leeds',
    {
      locationId: 'leeds',
      version: 1,
      locationType: 'store',
      name: 'Leeds',
      country: 'GB',
      postalCode: 'LS1 6NP',
      geo: { lat: 53.8, lng: -1.55 },
      active: true,
    },
  ]);
});

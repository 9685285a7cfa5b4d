import { contractOf, contracts } from '@throughline/contracts';
import type { Codec } from '@throughline/event-store';
import type { Message } from '@throughline/kernel';
import type { Publisher } from '@throughline/messaging';
import { goldenEvent, goldenSuite } from '@throughline/testing';
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

const folderOf = (name: string) => new URL(`../${name}/golden/`, import.meta.url);

describe.each<[string, readonly Codec<Message>[]]>([
  ['ledger', [reservationCodec, availabilityCodec, shelfCodec]],
  ['catalog', [catalogCodec]],
  ['repairs', [repairCodec]],
])('events stored by the %s', (folder, codecs) => goldenSuite(folderOf(folder), ...codecs));

const published: readonly (readonly [string, Codec<Message>, readonly Publisher[]])[] = [
  ['ledger', reservationCodec, [reservationPublisher]],
  ['ledger', availabilityCodec, [availabilityPublisher]],
  ['ledger', shelfCodec, [safetyStockPublisher, bufferPublisher]],
  ['catalog', catalogCodec, [catalogPublisher]],
  ['repairs', repairCodec, [repairPublisher]],
];

it.each(
  published.flatMap(([folder, { types }, publishers]) =>
    Object.entries(types).flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, index) => [type, index + 1, folder, publishers] as const),
    ),
  ),
)('%s, version %i, is published for ever', (type, version, folder, publishers) => {
  const event = goldenEvent(folderOf(folder), `${type}.${version}`);
  const messages = publishers.flatMap(({ map }) => map(event));
  expect(messages.length).toBeGreaterThan(0);
  for (const message of messages)
    expect(contractOf(contracts().get(message.type)!).validate(message.data)).toEqual([]);
});

it('tells one availability per shelf, keyed by SKU, with ids of their own', () => {
  const messages = availabilityPublisher.map(
    goldenEvent(folderOf('ledger'), 'AvailabilityChanged'),
  );
  expect(messages.map(({ key, data }) => [key, data])).toEqual([
    ['85123A', { sku: '85123A', locationId: 'leeds', available: 2, version: 7 }],
    ['22423', { sku: '22423', locationId: 'bristol', available: 0, version: 3 }],
  ]);
  expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
});

it('tells of a location only what others need', () => {
  const [message] = catalogPublisher.map(goldenEvent(folderOf('catalog'), 'LocationChanged'));
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

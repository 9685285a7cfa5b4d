import fc from 'fast-check';
import { warehouse } from '../inventory.fixtures.js';
import type { Availability } from './availability.js';
import { Reference } from './reference.fixtures.js';
import {
  CHANNELS,
  NOW,
  SKUS,
  STEP_MS,
  STEPS_MAX,
  store,
  timeOf,
  world,
  type World,
} from './worlds.fixtures.js';

const WORLDS = 250;
const PATIENCE_MS = 300_000;
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

type Question = {
  readonly channel: string | null;
  readonly step: number;
  readonly quantity: number;
};
const question: fc.Arbitrary<Question> = fc.record({
  channel: fc.constantFrom(null, ...CHANNELS),
  step: fc.integer({ min: -4, max: STEPS_MAX }),
  quantity: fc.integer({ min: 1, max: 12 }),
});

type Told = {
  readonly sku: string;
  readonly available: number;
  readonly earliest: string | null;
  readonly locations: readonly (readonly [string, number])[];
};

const expected = (rows: World, { channel, step, quantity }: Question): Told[] => {
  const reference = new Reference(rows, channel);
  const date = NOW + Math.max(0, step) * STEP_MS;
  return SKUS.map((sku) => {
    const earliest = reference.earliest(sku, quantity, STEPS_MAX + 8);
    const locations = rows.locations
      .filter(({ active }) => active)
      .map(({ id }) => [id, reference.at(sku, id, date)] as const)
      .filter(([, units]) => units > 0);
    return {
      sku,
      available: reference.available(sku, date),
      earliest: earliest === null ? null : new Date(earliest).toISOString(),
      locations,
    };
  });
};

it(
  'is what a slow formula tells of any rows, for every SKU, location, channel, time and quantity',
  async () => {
    process.stderr.write(`seed ${SEED}\n`);
    const inventory = await warehouse();
    inventory.at(new Date(NOW).toISOString());
    let number = 0;
    let told = 0;
    const ask = async ({ channel, step, quantity }: Question, key: string): Promise<Told[]> => {
      const skus = SKUS.map((sku) => `${sku}.${key}`).join();
      const query = `sku=${skus}&date=${timeOf(step)}&quantity=${quantity}`;
      const path = `/v1/inventory/availability?${query}${channel ? `&channel=${channel}` : ''}`;
      const { body } = await inventory.http('GET', path);
      const plain = (id: string): string => id.slice(0, -key.length - 1);
      return (body.items as Availability[]).map(({ sku, available, earliest, locations }) => ({
        sku: plain(sku),
        available,
        earliest: earliest && earliest.date,
        locations: locations
          .filter((location) => location.available > 0)
          .map((location) => [plain(location.locationId), location.available] as const),
      }));
    };
    try {
      await fc.assert(
        fc.asyncProperty(
          world,
          fc.array(question, { minLength: 2, maxLength: 4 }),
          async (rows, asked) => {
            number += 1;
            const key = String(number);
            await store(inventory.runtime.database, rows, key);
            for (const one of asked) {
              const answer = await ask(one, key);
              expect(answer).toEqual(expected(rows, one));
              told += answer.filter(({ available }) => available > 0).length;
            }
          },
        ),
        { numRuns: WORLDS, seed: SEED, endOnFailure: false },
      );
      expect(told).toBeGreaterThan(WORLDS);
    } finally {
      await inventory.stop();
    }
  },
  PATIENCE_MS,
);

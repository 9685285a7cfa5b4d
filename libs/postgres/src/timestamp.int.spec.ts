import { freshDatabase } from '@throughline/testing';
import fc from 'fast-check';
import type { Database } from './database.js';
import { timestampOf } from './timestamp.js';

let database: Database;
beforeAll(async () => {
  database = await freshDatabase({ schema: 'public' });
});
afterAll(() => database.stop());

const readBack = async (instants: readonly string[]): Promise<string[]> => {
  const rows = await database.query<{ at: Date }>(
    'select at from unnest($1::timestamptz[]) with ordinality as x (at, place) order by place',
    [instants.map(timestampOf)],
  );
  return rows.map(({ at }) => at.toISOString());
};

it('holds every instant that earlier releases took, and gives it back', async () => {
  const instants = [
    '-000001-12-31T00:01:00.000Z',
    '0000-01-01T00:00:00.000Z',
    '0000-02-29T23:59:59.999Z',
    '0001-01-01T00:00:00.000Z',
    '0099-12-31T23:59:59.999Z',
    '2026-11-01T09:30:00.000Z',
    '9999-12-31T23:59:59.999Z',
    '+010000-01-01T13:59:59.000Z',
  ];
  expect(await readBack(instants)).toEqual(instants);
  const [row] = await database.query<{ sorted: boolean }>(
    'select $1::timestamptz[] = (select array_agg(x order by x) from unnest($1::timestamptz[]) x) as sorted',
    [instants.map(timestampOf)],
  );
  expect(row).toEqual({ sorted: true });
  expect(await readBack(['0000-01-01T00:00:00+23:59', '9999-12-31T23:59:59-14:00'])).toEqual([
    '-000001-12-31T00:01:00.000Z',
    '+010000-01-01T13:59:59.000Z',
  ]);
});

it('holds any instant of many thousand years', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -1.2e14, max: 4e14 }), { minLength: 1, maxLength: 100 }),
      async (times) => {
        const instants = times.map((time) => new Date(time).toISOString());
        expect(await readBack(instants)).toEqual(instants);
      },
    ),
    { numRuns: 20 },
  ));

import { registry } from '@throughline/telemetry';
import { pino } from 'pino';
import { ledgerWatch } from './checks.process.js';
import type { Difference } from './check.js';
import type { CheckedPage } from './checks.query.js';

const difference: Difference = {
  check: 'reserved-is-what-is-held',
  sku: 'B',
  locationId: 'leeds',
  orderId: null,
  lineId: null,
  expected: 1,
  actual: 2,
  facts: {},
};

/** What the gauge shows after each look at a ledger of two pages, of which the first ones read so. */
const shown = async (pages: readonly (readonly Difference[])[]): Promise<readonly number[]> => {
  const asked: string[] = [];
  const look = async (after: string): Promise<CheckedPage> => {
    asked.push(after);
    return { differences: pages[asked.length - 1] ?? [], last: after === '' ? 'A' : null };
  };
  const task = ledgerWatch(look, pino({ level: 'silent' }));
  const levels: number[] = [];
  for (let run = 0; run < pages.length; run += 1) {
    await task.run();
    const metric = await registry.getSingleMetric('oms_invariant_breaches')?.get();
    const value = metric?.values.find(({ labels }) => labels.invariant === difference.check);
    levels.push(value?.value ?? Number.NaN);
  }
  expect(asked).toEqual(pages.map((_, index) => (index % 2 === 0 ? '' : 'A')));
  return levels;
};

it('shows nothing where there is nothing', async () => {
  expect(await shown([[], [], []])).toEqual([0, 0, 0]);
});

it('shows a contradiction at once, and until a whole look through has not found it again', async () => {
  expect(await shown([[], [difference], [], [], []])).toEqual([0, 1, 1, 0, 0]);
});

it('shows one that stays without a gap, and each once', async () => {
  expect(await shown([[], [difference], [], [difference], []])).toEqual([0, 1, 1, 1, 1]);
});

import type { CanonicalOrder } from '@throughline/contracts';
import { dryRunPoster } from './dry-run.js';

const order = (placedAt: string): CanonicalOrder => ({
  channel: 'web',
  externalId: '1',
  placedAt,
  currency: 'GBP',
  lines: [{ lineId: '1', sku: 'A', quantity: 1, unitPrice: '1.00' }],
  total: '1.00',
});

it('rejects orders whose instants the server would refuse, with field and rule', async () => {
  const post = await dryRunPoster();
  const outcomes = await post(
    ['2026-11-01T09:30:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00'].map(order),
  );
  const fault = expect.objectContaining({ field: 'placedAt', code: 'format' });
  expect(outcomes).toEqual([
    { outcome: 'placed' },
    { outcome: 'rejected', faults: [fault] },
    { outcome: 'rejected', faults: [fault] },
  ]);
});

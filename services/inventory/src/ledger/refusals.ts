import { counter } from '@throughline/telemetry';
import type { LedgerChanges } from './domain/ledger.decider.js';

const refusals = counter(
  { name: 'oms_reservation_refusals_total', help: 'Proposals of routing that stock did not allow' },
  ['reason'],
);

/** Counts the proposals that a committed batch refused: `too-few` units where routing looked, or `none` at all. */
export const countRefusals = ({ messages }: LedgerChanges): void => {
  for (const { event } of messages) {
    if (event.type !== 'StockRefused') continue;
    const isEmpty = event.data.shortages.every(({ available }) => available <= 0);
    refusals.inc({ reason: isEmpty ? 'none' : 'too-few' });
  }
};

import { derivedId } from '@throughline/kernel';
import fc from 'fast-check';
import { openOf } from './books.js';
import type { Attempt, LedgerRows } from './rows.js';
import { commandOf, history, START, type Step } from '../histories.fixtures.js';
import { contradictions, ledger, request } from './ledger.fixtures.js';
import type { LedgerRequest } from './ledger.js';

const RUNS = { numRuns: 500 };
/** Each batch a minute after the other: some offers expire, some are taken before. */
const clockOf = (batch: number) => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 10, 1, 10, minute)).toISOString();
  return { now: at(batch), offersExpireAt: at(batch + 3) };
};
const requestsOf = (steps: readonly Step[], rows: LedgerRows, batch: number): LedgerRequest[] =>
  steps.map((step, index) =>
    request(commandOf(step, rows, { now: clockOf(batch).now, part: '' }), {
      id: derivedId('history', batch, index),
    }),
  );

const isSame =
  (row: Attempt) =>
  (other: Attempt): boolean =>
    JSON.stringify(row) === JSON.stringify(other);

/** Amounts alone: which offer holds them, and how often a shelf changed, may differ. */
const amountsOf = ({ balances, reservations, backorders }: LedgerRows) => ({
  balances: balances
    .map(({ sku, locationId, onHand, reserved }) => `${sku} ${locationId} ${onHand} ${reserved}`)
    .filter((text) => !text.endsWith(' 0 0'))
    .sort(),
  reservations: reservations
    .map((row) => `${row.orderId} ${row.attempt} ${row.lineId} ${row.locationId} ${openOf(row)}`)
    .sort(),
  backorders: backorders
    .map(({ orderId, lineId, quantity, offered }) => `${orderId} ${lineId} ${quantity} ${offered}`)
    .sort(),
});

describe('after any history', () => {
  it('nothing is promised twice, lost, unexplained, over-offered or taken before its turn', () =>
    fc.assert(
      fc.property(history, (batches) => {
        const books = ledger(START);
        batches.forEach((steps, batch) => {
          books.batch(requestsOf(steps, books.rows, batch), clockOf(batch));
          expect(contradictions(books.rows, books.movements)).toEqual([]);
        });
      }),
      RUNS,
    ));

  it('what comes again changes nothing', () =>
    fc.assert(
      fc.property(history, (batches) => {
        const books = ledger(START);
        batches.forEach((steps, batch) => {
          // A shelf and a hold are named by what they are, not by who asked: the last one to ask is right.
          const requests = requestsOf(steps, books.rows, batch).filter(
            ({ command }) => command.type !== 'KeepShelf' && command.type !== 'GiveBackHold',
          );
          const { outcomes } = books.batch(requests, clockOf(batch));
          // A refusal is not remembered: what was refused may be asked for again, and be there.
          const done = requests.filter((_, index) => outcomes[index]!.ok);
          const before = books.rows;
          const { changes } = books.batch(done, clockOf(batch));
          // Who holds the same for longer is written down again, as it was.
          expect(changes.attempts.filter((row) => !before.attempts.some(isSame(row)))).toEqual([]);
          for (const rows of Object.values({ ...changes, attempts: [] })) expect(rows).toEqual([]);
        });
      }),
      RUNS,
    ));

  it('a batch decides what its commands decide one by one', () =>
    fc.assert(
      fc.property(history, (batches) => {
        const together = ledger(START);
        const alone = ledger(START);
        batches.forEach((steps, batch) => {
          // Which offer a command names differs between the two, so both leave offers out.
          const requests = requestsOf(steps, { ...together.rows, offers: [] }, batch);
          together.batch(requests, clockOf(batch));
          for (const one of requests) alone.batch([one], clockOf(batch));
        });
        expect(amountsOf(together.rows)).toEqual(amountsOf(alone.rows));
      }),
      RUNS,
    ));
});

describe('an attempt', () => {
  it('reserves or queues every unit that it wants, or nothing at all', () =>
    fc.assert(
      fc.property(history, (batches) => {
        const books = ledger(START);
        const waitingOf = (orderId: string): number =>
          books.rows.backorders
            .filter((row) => row.orderId === orderId)
            .reduce((sum, { quantity }) => sum + quantity, 0);
        batches.flat().forEach((step, index) => {
          const [one] = requestsOf([step], books.rows, index);
          if (one!.command.type !== 'ProposeSourcing' || one!.command.data.offerId) {
            books.batch([one!], clockOf(index));
            return;
          }
          const { orderId, allocations, backorders, held } = one!.command.data;
          const lines = [...allocations.flatMap((each) => each.lines), ...backorders, ...held];
          const wanted = lines.reduce((sum, { quantity }) => sum + quantity, 0);
          const before = waitingOf(orderId);
          const { changes } = books.batch([one!], clockOf(index));
          const [answer] = changes.messages.map(({ event }) => event);
          const reserved =
            answer?.type === 'StockReserved'
              ? answer.data.allocations
                  .flatMap(({ lines }) => lines)
                  .reduce((sum, { quantity }) => sum + quantity, 0)
              : 0;
          const queued = waitingOf(orderId) - before;
          expect(reserved + queued).toBe(answer?.type === 'StockReserved' ? wanted : 0);
        });
      }),
      RUNS,
    ));
});

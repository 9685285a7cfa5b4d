import fc from 'fast-check';
import { warehouse } from '../inventory.fixtures.js';
import { contradictions, ledger, request } from './domain/ledger.fixtures.js';
import type { LedgerRows } from './domain/rows.js';
import { commandOf, history, START } from './histories.fixtures.js';
import { settled } from './histories-stock.fixtures.js';
import { ledgerOf } from './ledger.js';
import { storedMovements, storedRows } from './stored-rows.fixtures.js';

const RUNS = 8;
const PATIENCE_MS = 120_000;
const timeOf = (minute: number): string =>
  new Date(Date.UTC(2026, 10, 1, 10, minute)).toISOString();

/** Fields in one order, whatever they were written in. */
const inOrder = (_: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
const sorted = (rows: readonly object[]): string[] =>
  rows.map((row) => JSON.stringify(row, inOrder)).sort();

/** All rows that a history changes, whole, in an order that is the same everywhere. */
const comparable = (rows: LedgerRows) => ({
  balances: sorted(rows.balances),
  setAside: sorted(rows.setAside),
  listings: sorted(rows.listings),
  attempts: sorted(rows.attempts),
  reservations: sorted(rows.reservations),
  backorders: sorted(rows.backorders),
  offers: sorted(
    rows.offers.map((offer) => ({
      ...offer,
      lines: sorted(offer.lines),
    })),
  ),
  issuedKits: sorted(rows.issuedKits),
  movements: sorted(rows.movements),
  handled: [...rows.handled].sort(),
});

it(
  'any history leaves in Postgres what it leaves in memory, and a sound ledger',
  async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const inventory = await warehouse();
        const { database } = inventory.runtime;
        try {
          await settled(inventory);
          run += 1;
          const stored = ledgerOf(inventory.runtime);
          const memory = ledger(START);
          for (const [batch, steps] of batches.entries()) {
            const clock = { now: timeOf(batch * 3), offersExpireAt: timeOf(batch * 3 + 10) };
            const moment = { now: clock.now, part: '' };
            const requests = steps.map((step, index) =>
              request(commandOf(step, memory.rows, moment), { id: `${run}-${batch}-${index}` }),
            );
            const { outcomes } = memory.batch(requests, clock);
            inventory.at(clock.now);
            const carried = await Promise.all(
              requests.map(({ command, cause }) => stored.carryOut(command, cause)),
            );
            expect(carried.map(({ outcome }) => outcome)).toEqual(outcomes);
            const rows = await storedRows(database);
            expect(comparable(rows)).toEqual(comparable(memory.rows));
            expect(contradictions(memory.rows, memory.movements)).toEqual([]);
            await inventory.isSound();
          }
          expect(sorted(await storedMovements(database))).toEqual(sorted(memory.movements));
          const told = (await inventory.told()).map(({ type, data }) => ({ type, data }));
          const byOrder = (events: readonly { data: { orderId?: unknown } }[]) =>
            [...events].sort((a, b) => (String(a.data.orderId) < String(b.data.orderId) ? -1 : 1));
          expect(told.length).toBe(memory.told.length);
          expect(byOrder(told)).toEqual(byOrder(memory.told));
        } finally {
          await inventory.stop();
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  },
  PATIENCE_MS,
);

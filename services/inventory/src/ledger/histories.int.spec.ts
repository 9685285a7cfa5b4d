import fc from 'fast-check';
import { warehouse } from '../inventory.fixtures.js';
import { contradictions, ledger, request } from './domain/ledger.fixtures.js';
import { commandOf, history } from './histories.fixtures.js';
import { ledgerOf } from './ledger.js';

const RUNS = 8;
const PATIENCE_MS = 120_000;
const timeOf = (minute: number): string =>
  new Date(Date.UTC(2026, 10, 1, 10, minute)).toISOString();

/** Amounts, states and versions, as the tables hold them. */
const AMOUNTS = `
  select json_build_object(
    'balances', (select json_agg(concat_ws(' ', sku, location_id, on_hand, reserved, safety_stock, version)
      order by sku, location_id) from balances),
    'reservations', (select json_agg(concat_ws(' ', order_id, attempt, line_id, location_id, sku, quantity,
      consumed, released) order by order_id, attempt, line_id, location_id, sku) from reservations join attempts using (attempt_id)),
    'backorders', (select json_agg(concat_ws(' ', order_id, line_id, sku, quantity, offered, priority,
      extract(epoch from since)::bigint, array_to_string(declined, '+')) order by order_id, line_id, sku) from backorders),
    'attempts', (select json_agg(concat_ws(' ', order_id, attempt, outcome) order by order_id, attempt)
      from attempts),
    'offers', (select json_agg(concat_ws(' ', offer_id, line_id, sku, state, quantity)
      order by offer_id, line_id, sku) from offers join offer_lines using (offer_id))
  ) as amounts`;

const amountsOf = ({
  balances,
  reservations,
  backorders,
  attempts,
  offers,
}: ReturnType<typeof ledger>['rows']) => {
  const sorted = (texts: readonly (readonly (string | number)[])[]): string[] | null =>
    texts.length === 0
      ? null
      : [...texts]
          .sort((a, b) => {
            const at = a.findIndex((value, index) => value !== b[index]);
            return at < 0 || a[at]! < b[at]! ? -1 : 1;
          })
          .map((text) => text.join(' '));
  return {
    balances: sorted(
      balances.map((row) => [
        row.sku,
        row.locationId,
        row.onHand,
        row.reserved,
        row.safetyStock,
        row.version,
      ]),
    ),
    reservations: sorted(
      reservations.map((row) => [
        row.orderId,
        row.attempt,
        row.lineId,
        row.locationId,
        row.sku,
        row.quantity,
        row.consumed,
        row.released,
      ]),
    ),
    backorders: sorted(
      backorders.map((row) => [
        row.orderId,
        row.lineId,
        row.sku,
        row.quantity,
        row.offered,
        row.priority,
        Date.parse(row.since) / 1_000,
        row.declined.join('+'),
      ]),
    ),
    attempts: sorted(attempts.map((row) => [row.orderId, row.attempt, row.outcome])),
    offers: sorted(
      offers.flatMap((offer) =>
        offer.lines.map((held) => [
          offer.offerId,
          held.lineId,
          held.sku,
          offer.state,
          held.quantity,
        ]),
      ),
    ),
  };
};

it(
  'any history leaves in Postgres what it leaves in memory, and a sound ledger',
  async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const inventory = await warehouse();
        try {
          await inventory.catalogue(['A', 'B'], ['L1', 'L2', 'L3']);
          run += 1;
          const stored = ledgerOf(inventory.runtime);
          const memory = ledger();
          for (const [batch, steps] of batches.entries()) {
            const requests = steps.map((step, index) =>
              request(commandOf(step, memory.rows), { id: `${run}-${batch}-${index}` }),
            );
            const clock = { now: timeOf(batch * 3), offersExpireAt: timeOf(batch * 3 + 10) };
            const { outcomes } = memory.batch(requests, clock);
            inventory.at(clock.now);
            const carried = await Promise.all(
              requests.map(({ command, cause }) => stored.carryOut(command, cause)),
            );
            expect(carried.map(({ outcome }) => outcome)).toEqual(outcomes);
            const [row] = await inventory.runtime.database.query<{ amounts: object }>(AMOUNTS);
            expect(row!.amounts).toEqual(amountsOf(memory.rows));
            expect(contradictions(memory.rows, memory.movements)).toEqual([]);
            await inventory.isSound();
          }
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

import fc from 'fast-check';
import { warehouse } from '../inventory.fixtures.js';

const RUNS = 40;
const PATIENCE_MS = 300_000;
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const AT_FIRST = 500;

/** What happens to a supply; steps of one wave come at the same time, and each comes twice. */
type Step = { readonly kind: 'dispatches' | 'receipts' | 'put'; readonly quantity: number };
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('dispatches', 'receipts', 'receipts', 'put'),
  quantity: fc.integer({ min: 1, max: 9 }),
});
const waves = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 5,
});

const MOVED = `
  select coalesce(sum(quantity) filter (where location_id = 'L1'), 0)::bigint as arrived,
    coalesce(-sum(quantity) filter (where location_id = 'L2'), 0)::bigint as left
  from movements where reference = $1 and condition = 'sellable'`;

it(
  'counts every receipt once, and a transfer conserves the total, whatever comes twice and at once',
  async () => {
    process.stderr.write(`seed ${SEED}\n`);
    const inventory = await warehouse();
    await inventory.catalogue([], ['L1', 'L2']);
    let number = 0;
    const send = (
      id: string,
      { kind, quantity }: Step,
      sku: string,
      key: string,
      from?: string,
    ) => {
      const path = `/v1/inventory/supplies/${id}`;
      if (kind !== 'put') {
        const lines = [{ lineId: '1', quantity }];
        return inventory.http('POST', `${path}/${kind}`, { lines }, { 'idempotency-key': key });
      }
      const lines = [{ lineId: '1', sku, quantity: quantity * 4 }];
      const where = from === undefined ? {} : { fromLocationId: from };
      const type = from === undefined ? 'purchase-order' : 'transfer';
      return inventory.http('PUT', path, { kind: type, locationId: 'L1', ...where, lines });
    };
    const check = async (id: string, sku: string): Promise<void> => {
      const [line] = (await inventory.http('GET', `/v1/inventory/supplies/${id}`)).body.lines;
      const [moved] = await inventory.runtime.database.query<{ arrived: number; left: number }>(
        MOVED,
        [id],
      );
      expect(line.received + line.surplus).toBe(moved!.arrived);
      expect(line.dispatched).toBe(moved!.left);
      expect(line.received + line.lost + line.cancelled + line.inbound).toBe(line.quantity);
      type Shelf = { onHand: number; setAside: Record<string, number> };
      const shelves = (await inventory.items(`stock?sku=${sku}`)) as Shelf[];
      const units = shelves.reduce(
        (sum, shelf) => sum + shelf.onHand + (shelf.setAside['in-transit'] ?? 0),
        0,
      );
      const isTransfer = (await inventory.http('GET', `/v1/inventory/supplies/${id}`)).body
        .fromLocationId;
      const onItsWay = line.dispatched - line.received - line.surplus;
      expect(units).toBe(isTransfer ? AT_FIRST : AT_FIRST + moved!.arrived);
      expect(shelves[0]!.setAside['in-transit'] ?? 0).toBe(isTransfer ? onItsWay : 0);
    };
    try {
      await fc.assert(
        fc.asyncProperty(waves, fc.boolean(), async (steps, isTransfer) => {
          number += 1;
          const [id, sku] = [`s-${number}`, `sku-${number}`];
          await inventory.catalogue([sku], []);
          await inventory.receive(sku, 'L2', AT_FIRST);
          await inventory.receive(sku, 'L1', 1);
          await inventory.http('POST', '/v1/inventory/movements', {
            type: 'count',
            sku,
            locationId: 'L1',
            quantity: 0,
            reason: 'none',
          });
          const from = isTransfer ? 'L2' : undefined;
          await send(id, { kind: 'put', quantity: 5 }, sku, 'first', from);
          for (const [wave, together] of steps.entries()) {
            const sent = [...together, ...together].map((one, index) => {
              const key = `${id}-${wave}-${index % together.length}`;
              return send(id, one, sku, key, from);
            });
            const statuses = new Set((await Promise.all(sent)).map(({ status }) => status));
            // A closed supply changes no more, and goods of an order are sent by others.
            expect([...statuses].filter((status) => status !== 200 && status !== 409)).toEqual([]);
            await check(id, sku);
          }
          const { body } = await inventory.http('POST', `/v1/inventory/supplies/${id}/closure`, {
            reason: 'lost',
          });
          expect([body.state === 'open', body.lines[0].inbound]).toEqual([false, 0]);
          const shelf = (await inventory.stock(sku, 'L1')) as { setAside: object };
          expect(shelf.setAside).toEqual({});
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
      await inventory.isSound();
    } finally {
      await inventory.stop();
    }
  },
  PATIENCE_MS,
);

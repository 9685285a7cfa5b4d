import fc from 'fast-check';
import { at, line, type Warehouse } from '../inventory.fixtures.js';

export const DAY_MS = 86_400_000;
const START = Date.parse('2024-01-01T08:00:00.000Z');
export const SKUS = ['A', 'B', 'C', 'NEVER-SOLD'];
export const PLACES = ['L1', 'L2'];

/** Something that happens to a shelf, so many days after what happened before. */
export type Step = {
  readonly days: number;
  readonly kind: 'receipt' | 'count' | 'damage' | 'sale' | 'return';
  readonly sku: string;
  readonly locationId: string;
  readonly quantity: number;
};

export const steps = (length: number) =>
  fc.array(
    fc.record({
      days: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 15 })),
      kind: fc.constantFrom('receipt', 'receipt', 'count', 'damage', 'sale', 'sale', 'return'),
      sku: fc.constantFrom(...SKUS),
      locationId: fc.constantFrom(...PLACES),
      quantity: fc.integer({ min: 1, max: 12 }),
    }) as fc.Arbitrary<Step>,
    { minLength: length, maxLength: length },
  );

/** Lets it all happen, and answers when the last of it did. */
export const play = async (inventory: Warehouse, all: readonly Step[]): Promise<string> => {
  let now = START;
  for (const [index, { days, kind, sku, locationId, quantity }] of all.entries()) {
    // Within the day too, so that borders between buckets are met from both sides.
    now += days * DAY_MS + (index % 3) * 1_000;
    inventory.at(new Date(now).toISOString());
    const wanted = line('1', sku, quantity);
    if (kind === 'sale') {
      if (sku === 'NEVER-SOLD') continue;
      await inventory.propose(`o${index}`, 1, [at(locationId, wanted)]);
      const [answer] = (await inventory.told()).slice(-1);
      if (answer!.type === 'StockReserved')
        await inventory.handOver(`o${index}`, 1, locationId, [wanted]);
    } else if (kind === 'return')
      await inventory.takeBack(`o${index}`, locationId, [{ ...wanted, disposition: 'restock' }]);
    else {
      const body = { type: kind, sku, locationId, quantity, reason: 'test' };
      const { status } = await inventory.http('POST', '/v1/inventory/movements', body);
      if (status >= 300) throw new Error(`${kind}: ${status}`);
    }
  }
  return new Date(now).toISOString();
};

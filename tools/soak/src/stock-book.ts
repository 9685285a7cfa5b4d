import type { MovementView, StockView } from './views.js';

/** What facts of the floor made of a shelf, as only the ledger can tell. */
const TOLD_TYPES = ['count', 'damage', 'short', 'discrepancy', 'adjustment'];

const keyOf = (sku: string, locationId: string): string => `${sku} at ${locationId}`;

/**
 * Units that were brought to each shelf and taken from it, by what was sent. Only counts and the like, whose effect
 * depends on what lay there at that moment, are taken from the ledger's own list.
 */
export class StockBook {
  readonly #units = new Map<string, number>();

  add(sku: string, locationId: string, units: number): void {
    const key = keyOf(sku, locationId);
    this.#units.set(key, (this.#units.get(key) ?? 0) + units);
  }

  copy(): StockBook {
    const copied = new StockBook();
    for (const [key, units] of this.#units) copied.#units.set(key, units);
    return copied;
  }

  /** Shelves that hold something else than they must, and what is still promised of them. */
  compare(shelves: readonly StockView[], movements: readonly MovementView[]): string[] {
    const expected = new Map(this.#units);
    for (const { type, sku, locationId, condition, before, after } of movements)
      if (condition === 'sellable' && TOLD_TYPES.includes(type)) {
        const key = keyOf(sku, locationId);
        expected.set(key, (expected.get(key) ?? 0) + after - before);
      }
    const problems: string[] = [];
    for (const { sku, locationId, onHand, reserved } of shelves) {
      const key = keyOf(sku, locationId);
      const wanted = expected.get(key) ?? 0;
      expected.delete(key);
      if (onHand !== wanted)
        problems.push(`${key}: ${onHand} on hand, ${wanted} by what was moved`);
      if (reserved !== 0)
        problems.push(`${key}: ${reserved} reserved, although nothing is to come`);
    }
    for (const [key, wanted] of expected)
      if (wanted !== 0) problems.push(`${key}: not listed, ${wanted} by what was moved`);
    return problems;
  }
}

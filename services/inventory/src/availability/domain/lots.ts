import { dueOf, type Inbound, type Shelf } from './goods.js';

/** Units that can be had from a time on. */
type Lot = { readonly due: number; units: number };

/** Goods that lie there already. */
export const THERE = -Infinity;

/**
 * What of one SKU is left to give at one location: what lies there, then what comes, in the order in which it
 * comes. What the location has too little of to keep back is filled up first.
 */
export class Lots {
  readonly #lots: Lot[] = [];

  constructor(shelf: Shelf | undefined, inbound: readonly Inbound[], now: number) {
    const free = shelf ? shelf.onHand - shelf.reserved - shelf.safetyStock : 0;
    if (free > 0) this.#lots.push({ due: THERE, units: free });
    let missing = Math.max(0, -free);
    const coming = inbound.flatMap(({ eta, units }) =>
      eta === null ? [] : [{ due: dueOf(eta, now), units }],
    );
    for (const { due, units } of coming.sort((a, b) => a.due - b.due)) {
      const left = units - Math.min(units, missing);
      missing -= units - left;
      if (left > 0) this.#lots.push({ due, units: left });
    }
  }

  /** From when on so many can be had; undefined where never. */
  dueFor(units: number): number | undefined {
    let had = 0;
    for (const lot of this.#lots) {
      had += lot.units;
      if (had >= units) return lot.due;
    }
    return undefined;
  }

  /** How many can be had at a time. */
  by(date: number): number {
    return this.#lots.reduce((sum, { due, units }) => (due <= date ? sum + units : sum), 0);
  }

  /** Gives the first units away. */
  take(units: number): void {
    let open = units;
    while (open > 0) {
      const [first] = this.#lots;
      if (!first) throw new Error('More was taken than there is');
      const taken = Math.min(open, first.units);
      first.units -= taken;
      open -= taken;
      if (first.units === 0) this.#lots.shift();
    }
  }
}

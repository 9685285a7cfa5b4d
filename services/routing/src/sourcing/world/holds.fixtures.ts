import type { HeldLine, HeldStock, LineQuantity } from '@throughline/contracts';

/** Units of a SKU that a checkout's hold has at a location. */
export type HoldRow = {
  readonly reservationId: string;
  readonly sku: string;
  readonly locationId: string;
  readonly quantity: number;
};
/** Units of a hold that a line of an order takes over. */
export type Takeover = { readonly line: LineQuantity; readonly locationId: string };

/** Holds of checkouts as the contracts describe them: the order that names them takes them over. */
export class SimulatedHolds {
  rows: HoldRow[] = [];

  /** Units that nobody else may have. */
  unitsAt(locationId: string, sku: string): number {
    return this.rows
      .filter((row) => row.locationId === locationId && row.sku === sku)
      .reduce((sum, { quantity }) => sum + quantity, 0);
  }

  expire(reservationId: string): void {
    this.rows = this.rows.filter((row) => row.reservationId !== reservationId);
  }

  loseAll(locationId: string, sku: string): void {
    this.rows = this.rows.filter((row) => row.locationId !== locationId || row.sku !== sku);
  }

  /** The checkout wants less of it now, or a fact took some. */
  shrink(index: number, quantity: number): void {
    const row = this.rows[index % this.rows.length];
    if (!row) return;
    const left = Math.max(0, row.quantity - quantity);
    this.rows = this.rows.flatMap((one) => {
      if (one !== row) return [one];
      return left > 0 ? [{ ...row, quantity: left }] : [];
    });
  }

  /** What the holds that are named have of what is asked of them, where the order may use it. */
  told(held: readonly HeldLine[], onlyLocationId: string | null): HeldStock[] {
    const asked = new Map(held.map((line) => [`${line.reservationId} ${line.sku}`, line]));
    return [...asked.values()].flatMap(({ reservationId, sku }): HeldStock[] => {
      const rows = this.#usable(reservationId, sku, onlyLocationId);
      return rows.length > 0 ? rows : [{ reservationId, sku, locationId: null, quantity: 0 }];
    });
  }

  /** Whether every hold has what is wanted of it. */
  has(held: readonly HeldLine[], onlyLocationId: string | null): boolean {
    return this.#takeoversOf(held, onlyLocationId) !== null;
  }

  /** Ends the holds that are named, and answers what their lines get of them. */
  takeOver(held: readonly HeldLine[], onlyLocationId: string | null): Takeover[] {
    const takeovers = this.#takeoversOf(held, onlyLocationId);
    if (!takeovers) throw new Error('A hold has less than is taken over');
    for (const { reservationId } of held) this.expire(reservationId);
    return takeovers;
  }

  #takeoversOf(held: readonly HeldLine[], onlyLocationId: string | null): Takeover[] | null {
    const left = new Map(this.rows.map((row) => [row, row.quantity]));
    const takeovers: Takeover[] = [];
    for (const { lineId, sku, quantity, reservationId } of held) {
      let missing = quantity;
      for (const row of this.#usable(reservationId, sku, onlyLocationId)) {
        const units = Math.min(missing, left.get(row)!);
        left.set(row, left.get(row)! - units);
        missing -= units;
        const { locationId } = row;
        if (units > 0) takeovers.push({ line: { lineId, sku, quantity: units }, locationId });
      }
      if (missing > 0) return null;
    }
    return takeovers;
  }

  #usable(reservationId: string, sku: string, onlyLocationId: string | null): HoldRow[] {
    return this.rows.filter(
      (row) =>
        row.reservationId === reservationId &&
        row.sku === sku &&
        (onlyLocationId ?? row.locationId) === row.locationId,
    );
  }
}

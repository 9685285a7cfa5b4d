import type { BackorderedLine, LineQuantity } from '@throughline/contracts';
import { summed } from '../domain/lines.js';
import { less, sumOf } from './quantities.fixtures.js';

/** What of one order waits for stock, and when that is expected. */
export class SimulatedQueue {
  #lines: readonly LineQuantity[] = [];
  readonly #promises = new Map<string, string>();

  units(lineId: string): number {
    return sumOf(this.#lines.filter((line) => line.lineId === lineId));
  }

  add(line: LineQuantity): void {
    if (line.quantity > 0) this.#lines = [...this.#lines, { ...line }];
  }

  drop({ lineId, quantity }: LineQuantity): void {
    this.#lines = less(this.#lines, lineId, quantity);
    if (this.units(lineId) === 0) this.#promises.delete(lineId);
  }

  /** One entry per line, whatever it is made of. */
  lines(): readonly LineQuantity[] {
    return summed(this.#lines);
  }

  promise(promisedOn: string): void {
    for (const { lineId } of this.#lines) this.#promises.set(lineId, promisedOn);
  }

  /** When a line that waits is expected; null where nobody said. */
  promisedOn(lineId: string): string | null {
    return this.#promises.get(lineId) ?? null;
  }

  told(): BackorderedLine[] {
    return this.lines().map((line) => ({ ...line, promisedOn: this.promisedOn(line.lineId) }));
  }
}

import type { Position } from '@throughline/event-store';

type Waiter = { readonly position: Position; readonly resolve: () => void };

/** Those who wait until rows hold everything up to a position. */
export class Waiters {
  #waiting = new Set<Waiter>();

  /** True once `reached` was told of the position; false when that takes longer than `timeoutMs`. */
  wait(position: Position, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiter = {
        position,
        resolve: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        resolve(false);
      }, timeoutMs);
      this.#waiting.add(waiter);
    });
  }

  reached(position: Position): void {
    for (const waiter of this.#waiting) {
      if (waiter.position > position) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }
}

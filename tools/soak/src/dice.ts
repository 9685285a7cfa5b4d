import { createHash } from 'node:crypto';

const RANGE = 2 ** 32;

/**
 * Chances of one story, drawn one after the other from a seed and a name: two stories never share
 * their draws, so what one decides does not depend on how fast the others are.
 */
export class Dice {
  #drawn = 0;

  constructor(
    private readonly seed: number,
    private readonly name: string,
  ) {}

  /** A number from 0 up to 1. */
  next(): number {
    this.#drawn += 1;
    const text = `${this.seed}\u001f${this.name}\u001f${this.#drawn}`;
    return createHash('sha1').update(text).digest().readUInt32BE(0) / RANGE;
  }

  /** True in this share of the cases. */
  is(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number from `from` to `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** One of them, each as likely. Throws when there is none. */
  one<Thing>(things: readonly Thing[]): Thing {
    if (things.length === 0) throw new Error('There is nothing to choose from');
    return things[this.between(0, things.length - 1)]!;
  }

  /** One of them, as likely as its weight says; undefined when no weight is above 0. */
  weighted<Thing>(things: readonly (readonly [number, Thing])[]): Thing | undefined {
    let left = this.next() * things.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, thing] of things) {
      if (left < weight) return thing;
      left -= weight;
    }
    return undefined;
  }
}

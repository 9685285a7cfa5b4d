import { Dice } from '../dice.js';
import { bytesOf, Drafts, type Draft } from './draft.js';
import type { Known } from './known.js';
import type { Credentials } from './keys.js';
import { MUTATIONS } from './mutations.js';
import type { Api } from './operations.js';
import { spoilBytes } from './raw.js';
import { Values } from './values.js';
import type { Sent } from './verdict.js';

/** A request as it is sent, and what is known of it. */
export type Shot = Sent & {
  readonly index: number;
  /** Of the operation that it was made for. */
  readonly operation: string;
  readonly spoilt: readonly string[];
  readonly bytes: Buffer;
};

const UNSPOILT_SHARE = 0.3;
const MORE_SHARE = 0.3;
const RAW_SHARE = 0.03;

/** Draws one request after another: each follows from the seed, its number and the ids that are known. */
export class Shots {
  readonly #values: Values;
  readonly #drafts: Drafts;
  readonly #kinds = Object.entries(MUTATIONS).map(([name, [weight]]) => [weight, name] as const);

  constructor(
    private readonly seed: number,
    api: Api,
    known: Known,
    private readonly credentials: Credentials,
  ) {
    this.#values = new Values(api.schemas, known);
    this.#drafts = new Drafts(api, this.#values, known);
  }

  draw(index: number): Shot {
    const dice = new Dice(this.seed, `request ${index}`);
    const draft = this.#drafts.draw(dice, index);
    if (!dice.is(UNSPOILT_SHARE))
      do this.#spoil(draft, dice);
      while (dice.is(MORE_SHARE));
    const whole = bytesOf(draft, this.credentials.draw(dice));
    const isRaw = dice.is(RAW_SHARE);
    const bytes = isRaw ? spoilBytes(whole, dice) : whole;
    const isBroken = isRaw || draft.spoilt.some((name) => FRAMING.has(name));
    return {
      index,
      operation: `${draft.operation.method} ${draft.operation.path}`,
      spoilt: isRaw ? [...draft.spoilt, 'raw bytes'] : draft.spoilt,
      isHead: draft.method === 'HEAD',
      isBroken,
      bytes,
    };
  }

  #spoil(draft: Draft, dice: Dice): void {
    const name = dice.weighted(this.#kinds)!;
    MUTATIONS[name]![1](draft, dice, this.#values);
    draft.spoilt.push(name);
  }
}

/** Where a request may end otherwise than it says. */
const FRAMING = new Set(['a header of framing']);

import { reject } from '@throughline/kernel';
import type {
  Fulfillment,
  FulfillmentRejection,
  LineProgress,
  LineQuantity,
  LineWork,
  MovedLine,
  Surplus,
} from './fulfillment.js';

/** Units that this location still has to do with. */
export const activeOf = ({ released, shorted, cancelled }: LineProgress): number =>
  released - shorted - cancelled;

export const toPickOf = (line: LineProgress): number => activeOf(line) - line.picked;
export const toPackOf = ({ picked, packed }: LineProgress): number => picked - packed;

/** A line on which nothing has happened yet. */
export const startOf = ({ lineId, sku, quantity }: LineQuantity): LineProgress => ({
  lineId,
  sku,
  released: quantity,
  picked: 0,
  packed: 0,
  handedOver: 0,
  shorted: 0,
  cancelled: 0,
});

/** One entry per line: what names a line twice adds up, so that it is judged as a whole. */
export const summed = <Line extends LineWork>(lines: readonly Line[]): Line[] => {
  const byLine = new Map<string, Line>();
  for (const line of lines) {
    const before = byLine.get(line.lineId);
    byLine.set(
      line.lineId,
      before ? { ...before, quantity: before.quantity + line.quantity } : line,
    );
  }
  return [...byLine.values()];
};

export const quantityOf = ({ quantity, after: { lineId, sku } }: MovedLine): LineQuantity => ({
  lineId,
  sku,
  quantity,
});

/** One kind of work on lines: how much is open to it, what it does, and how it says that more was asked. */
export type Step = {
  readonly openOf: (line: LineProgress) => number;
  readonly move: (line: LineProgress, quantity: number) => LineProgress;
  readonly surplus: (surplus: Surplus) => FulfillmentRejection;
};

export const PICK: Step = {
  openOf: toPickOf,
  move: (line, quantity) => ({ ...line, picked: line.picked + quantity }),
  surplus: (surplus) => ({ code: 'over-pick', ...surplus }),
};

export const SHORT: Step = {
  openOf: toPickOf,
  move: (line, quantity) => ({ ...line, shorted: line.shorted + quantity }),
  surplus: (surplus) => ({ code: 'over-short', ...surplus }),
};

export const PACK: Step = {
  openOf: toPackOf,
  move: (line, quantity) => ({ ...line, packed: line.packed + quantity }),
  surplus: (surplus) => ({ code: 'over-pack', ...surplus }),
};

export type Movement =
  | { readonly ok: true; readonly lines: readonly MovedLine[] }
  | { readonly ok: false; readonly rejection: FulfillmentRejection };

/** Does one step on some lines, all or none: the first line that has too little open refuses it. */
export const moved = (
  { lines }: Pick<Fulfillment, 'lines'>,
  work: readonly LineWork[],
  { openOf, move, surplus }: Step,
): Movement => {
  const done: MovedLine[] = [];
  for (const { lineId, quantity } of work) {
    const line = lines.get(lineId);
    if (!line) return reject({ code: 'unknown-line', lineId });
    const open = openOf(line);
    if (quantity > open)
      return { ok: false, rejection: surplus({ lineId, requested: quantity, open }) };
    done.push({ quantity, after: move(line, quantity) });
  }
  return { ok: true, lines: done };
};

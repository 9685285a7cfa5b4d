import { createHash } from 'node:crypto';

const RANGE = 2 ** 32;

/**
 * A number from 0 up to 1 that looks random and is always the same for the same parts: choices made with it
 * depend neither on timing nor on what was chosen before, and a repeat chooses the same.
 */
export const chance = (...parts: readonly (string | number)[]): number =>
  createHash('sha1').update(parts.join('\u001f')).digest().readUInt32BE(0) / RANGE;

/** A whole number from `from` to `to`, chosen by `chance`. */
export const chosenBetween = (
  from: number,
  to: number,
  ...parts: readonly (string | number)[]
): number => from + Math.floor(chance(...parts) * (to - from + 1));

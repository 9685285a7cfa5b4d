import { derivedId } from '@throughline/kernel';

const PREFIX = 'TL';
const DIGITS = 17;
/** Two pieces of a UUIDv5 that hold neither its version nor its variant: 60 bits. */
const RANDOM_PART = /^(\w{8})-(\w{4})-\w(\w{3})-/;
const S10_WEIGHTS = [8, 6, 4, 2, 3, 5, 9, 7] as const;

/**
 * The check digit of UPU standard S10 (Identification of postal items, 13-character identifier): 11 minus the
 * weighted sum modulo 11, where 10 becomes 0 and 11 becomes 5. S10 numbers have eight digits; for
 * longer ones the eight weights begin again.
 */
export const s10CheckDigit = (digits: string): number => {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1)
    sum += Number(digits[index]) * S10_WEIGHTS[index % S10_WEIGHTS.length]!;
  const check = 11 - (sum % 11);
  if (check === 10) return 0;
  return check === 11 ? 5 : check;
};

/**
 * The tracking number of a shipment: `TL`, 17 digits drawn from its id and their check digit. The same id always
 * gives the same number, and two ids practically never share one (S10's own eight digits would soon repeat).
 */
export const trackingNumberOf = (shipmentId: string): string => {
  const [, high, middle, low] = RANDOM_PART.exec(derivedId('tracking-number', shipmentId))!;
  const number = BigInt(`0x${high}${middle}${low}`) % 10n ** BigInt(DIGITS);
  const digits = number.toString().padStart(DIGITS, '0');
  return `${PREFIX}${digits}${s10CheckDigit(digits)}`;
};

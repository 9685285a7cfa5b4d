/** ISO 4217 currencies whose minor unit is not a hundredth; every other code has two decimals. */
const DECIMALS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};
const UNIT_PRICE_DECIMALS = 6;
const AMOUNT = /^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/;

/** Number of decimals of a currency's minor unit (ISO 4217). */
export const decimalsOf = (currency: string): number => DECIMALS[currency] ?? 2;

const scaled = (text: string, decimals: number): number | undefined => {
  const match = AMOUNT.exec(text);
  if (!match) return undefined;
  const [, sign, whole, fraction = ''] = match;
  if (fraction.length > decimals) return undefined;
  const value = Number(whole + fraction.padEnd(decimals, '0'));
  if (!Number.isSafeInteger(value)) return undefined;
  return sign && value !== 0 ? -value : value;
};

/**
 * A decimal string of a currency as integer minor units ("12.34" GBP is 1234). `undefined` when it is
 * no amount or does not have exactly the currency's number of decimals.
 */
export const parseAmount = (text: string, currency: string): number | undefined => {
  const decimals = decimalsOf(currency);
  const written = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
  return written === decimals ? scaled(text, decimals) : undefined;
};

/** Integer minor units as a decimal string of the currency (1234 GBP is "12.34"). */
export const formatAmount = (amountMinor: number, currency: string): string => {
  const decimals = decimalsOf(currency);
  const digits = Math.abs(amountMinor)
    .toString()
    .padStart(decimals + 1, '0');
  const sign = amountMinor < 0 ? '-' : '';
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
};

/**
 * Unit price (decimal string, up to 6 decimals) times quantity in minor units, rounded half up
 * (away from zero). `undefined` when the price is no such decimal or the product is not exact.
 */
export const extendedAmount = (
  unitPrice: string,
  quantity: number,
  currency: string,
): number | undefined => {
  const micro = scaled(unitPrice, UNIT_PRICE_DECIMALS);
  if (micro === undefined) return undefined;
  const divisor = 10n ** BigInt(UNIT_PRICE_DECIMALS - decimalsOf(currency));
  const product = BigInt(micro) * BigInt(quantity);
  const half = divisor / 2n;
  const rounded = product >= 0n ? (product + half) / divisor : -((-product + half) / divisor);
  const value = Number(rounded);
  return Number.isSafeInteger(value) ? value : undefined;
};

/**
 * Splits `totalMinor` in proportion to `weights` by largest remainder (Hamilton's method), ties to the
 * earlier weight; the parts always add up to the total. With no positive weight all goes to the first.
 */
export const allocate = (totalMinor: number, weights: readonly number[]): number[] => {
  if (weights.length === 0) return [];
  const sum = weights.reduce((total, weight) => total + Math.max(0, weight), 0);
  if (sum === 0) return weights.map((_, index) => (index === 0 ? totalMinor : 0));
  const sign = totalMinor < 0 ? -1 : 1;
  const total = BigInt(Math.abs(totalMinor));
  const shares = weights.map((weight, index) => {
    const product = total * BigInt(Math.max(0, weight));
    return { index, part: Number(product / BigInt(sum)), rest: product % BigInt(sum) };
  });
  let left = Math.abs(totalMinor) - shares.reduce((given, { part }) => given + part, 0);
  const byRest = [...shares].sort((a, b) =>
    a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1,
  );
  for (const share of byRest) {
    if (left === 0) break;
    share.part += 1;
    left -= 1;
  }
  // 0 stays 0: a negative zero is another value to strict equality.
  return shares.map(({ part }) => (part === 0 ? 0 : sign * part));
};

/**
 * The value of the first `quantity` units of a line worth `totalMinor` for `ordered` units. Differences of
 * this function price partial shipments and refunds so that all parts add up to the total.
 */
export const valueOfFirst = (totalMinor: number, ordered: number, quantity: number): number =>
  Number((BigInt(totalMinor) * BigInt(Math.min(quantity, ordered))) / BigInt(ordered));

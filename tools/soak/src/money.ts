/**
 * The amounts of an order, reckoned apart from the system's own code: all in minor units, with whole
 * numbers alone.
 */

export type PricedLine = { readonly lineId: string; readonly quantity: number };

/** A line as it is priced: `unitMicro` is the unit price in millionths of the currency's unit. */
export type LinePrice = PricedLine & {
  readonly unitMicro: number;
  readonly discountMinor: number;
  readonly taxMinor: number;
};

/** Units of a line that were handed over, cancelled, and taken back with their money. */
export type LineFate = PricedLine & {
  readonly valueMinor: number;
  readonly cancelled: number;
  readonly handedOver: number;
  readonly givenBack: number;
};

const MICRO_DIGITS = 6;

/** Unit price times quantity, rounded half up. */
export const goodsMinor = (unitMicro: number, quantity: number, decimals: number): number => {
  const divisor = 10n ** BigInt(MICRO_DIGITS - decimals);
  return Number((BigInt(unitMicro) * BigInt(quantity) + divisor / 2n) / divisor);
};

/** Splits an amount in proportion to weights; what is left over goes to the largest remainders. */
export const split = (amount: number, weights: readonly number[]): readonly number[] => {
  const all = BigInt(weights.reduce((sum, weight) => sum + weight, 0));
  if (all === 0n) return weights.map((_, index) => (index === 0 ? amount : 0));
  const size = BigInt(Math.abs(amount));
  const shares = weights.map((weight, index) => ({
    index,
    whole: Number((size * BigInt(weight)) / all),
    rest: (size * BigInt(weight)) % all,
  }));
  const left = Math.abs(amount) - shares.reduce((sum, { whole }) => sum + whole, 0);
  const favoured = new Set(
    [...shares]
      .sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1))
      .slice(0, left)
      .map(({ index }) => index),
  );
  const sign = amount < 0 ? -1 : 1;
  return shares.map(({ index, whole }) => sign * (whole + (favoured.has(index) ? 1 : 0)) || 0);
};

export type Priced = {
  /** What the parts of the order add up to. */
  readonly computedMinor: number;
  /** Each line's share of the total that the channel says. */
  readonly valuesMinor: readonly number[];
};

/** Shares a total out: lines by their own value, what lies beyond in proportion to it. */
export const priced = (
  lines: readonly LinePrice[],
  shippingMinor: number,
  discountMinor: number,
  decimals: number,
  totalOf: (computedMinor: number) => number,
): Priced => {
  const own = lines.map(
    ({ unitMicro, quantity, discountMinor: less, taxMinor }) =>
      goodsMinor(unitMicro, quantity, decimals) - less + taxMinor,
  );
  const goods = own.reduce((sum, value) => sum + value, 0);
  const computedMinor = goods + shippingMinor - discountMinor;
  const beyond = split(totalOf(computedMinor) - goods, own);
  return { computedMinor, valuesMinor: own.map((value, index) => value + beyond[index]!) };
};

/** What the first units of a line are worth: its value is fixed by their place in the row. */
export const worth = ({ valueMinor, quantity }: LineFate, units: number): number =>
  units >= quantity
    ? valueMinor
    : Number((BigInt(valueMinor) * BigInt(Math.max(0, units))) / BigInt(quantity));

export type Funds = { readonly paidMinor: number; readonly authorizedMinor: number };
export type Settled = { readonly capturedMinor: number; readonly refundedMinor: number };

/**
 * What must have been captured and given back once everything of an order is done: each unit was
 * handed over or cancelled. `byHandMinor` is what a person gave back on top.
 */
export const settledMoney = (
  lines: readonly LineFate[],
  { paidMinor, authorizedMinor }: Funds,
  byHandMinor: number,
): Settled => {
  let wanted = 0;
  let cancelled = 0;
  let givenBack = 0;
  for (const line of lines) {
    const kept = worth(line, line.quantity - line.cancelled);
    wanted += kept;
    cancelled += line.valueMinor - kept;
    givenBack += worth(line, Math.min(line.givenBack, line.handedOver));
  }
  const drawn = Math.max(0, Math.min(wanted - paidMinor, authorizedMinor));
  const capturedMinor = paidMinor + drawn;
  const owed = Math.max(0, wanted - paidMinor - authorizedMinor);
  const forCancelled = Math.min(Math.max(0, paidMinor - wanted), cancelled);
  const forReturned = Math.max(0, givenBack - owed);
  return {
    capturedMinor,
    refundedMinor: Math.min(capturedMinor, forCancelled + forReturned + byHandMinor),
  };
};

/** Minor units as the API writes them. */
export const written = (minor: number, decimals: number): string => {
  if (decimals === 0) return String(minor);
  const digits = String(Math.abs(minor)).padStart(decimals + 1, '0');
  const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return minor < 0 ? `-${text}` : text;
};

/** An amount of the API in minor units. */
export const read = (text: string): number => Number(text.replace('.', ''));

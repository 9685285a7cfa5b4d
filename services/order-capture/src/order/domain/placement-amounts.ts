import {
  allocate,
  decimalsOf,
  extendedAmount,
  formatAmount,
  parseAmount,
} from '@throughline/kernel';
import type { FieldProblem } from './order.js';
import type { OrderRequest, PlacedOrder, RequestedLine } from './placed-order.js';

export type PlacedAmounts = Pick<PlacedOrder, 'shipping' | 'totalMinor'> & {
  readonly lines: readonly LineAmounts[];
  readonly discountsMinor: readonly number[];
  readonly paymentsMinor: readonly number[];
  /** What the lines, shipping and discounts add up to; the channel's total stands all the same. */
  readonly computedMinor: number;
};
type LineAmounts = {
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly valueMinor: number;
};
type Read = (text: string | null | undefined, field: string) => number;

const reader =
  (currency: string, problems: FieldProblem[]): Read =>
  (text, field) => {
    if (text === null || text === undefined) return 0;
    const amountMinor = parseAmount(text, currency);
    if (amountMinor !== undefined && amountMinor >= 0) return amountMinor;
    problems.push({ field, ...(amountMinor === undefined ? malformed(text, currency) : NEGATIVE) });
    return 0;
  };

const NEGATIVE = { code: 'minimum', message: 'must not be negative' } as const;
const TOO_LARGE = { code: 'maximum', message: 'is too large' } as const;

const malformed = (text: string, currency: string): { code: string; message: string } => {
  const decimals = decimalsOf(currency);
  const written = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
  if (written === decimals) return TOO_LARGE;
  const count = decimals === 0 ? 'no decimals' : `exactly ${decimals} decimals`;
  return { code: 'decimals', message: `must have ${count}, as ${currency} has` };
};

/**
 * Unit price times quantity, less the line's discount, plus its tax where prices are without it.
 */
const lineOf = (
  line: RequestedLine,
  field: string,
  { currency, taxIncluded }: OrderRequest,
  read: Read,
  problems: FieldProblem[],
): LineAmounts => {
  const discountMinor = read(line.discount, `${field}.discount`);
  const taxMinor = read(line.tax, `${field}.tax`);
  const goodsMinor = extendedAmount(line.unitPrice, line.quantity, currency);
  if (goodsMinor === undefined || goodsMinor < 0)
    problems.push({
      field: `${field}.unitPrice`,
      ...(goodsMinor === undefined ? TOO_LARGE : NEGATIVE),
    });
  const valueMinor = (goodsMinor ?? 0) - discountMinor + (taxIncluded ? 0 : taxMinor);
  return { discountMinor, taxMinor, valueMinor };
};

/** Spreads what the total has beyond the lines' own values over them, by largest remainder. */
const spread = (lines: readonly LineAmounts[], beyondMinor: number): readonly LineAmounts[] => {
  if (beyondMinor === 0) return lines;
  const shares = allocate(
    beyondMinor,
    lines.map(({ valueMinor }) => valueMinor),
  );
  return lines.map((line, index) => ({
    ...line,
    valueMinor: line.valueMinor + shares[index]!,
  }));
};

/**
 * Reads every amount of an order into minor units and gives each line its share of the total. Adds
 * to `problems` what is not an amount of the order's currency, is negative or cannot be counted
 * exactly.
 */
export const placedAmounts = (request: OrderRequest, problems: FieldProblem[]): PlacedAmounts => {
  const { currency, taxIncluded, shipping, discounts, payments } = request;
  const read = reader(currency, problems);
  const own = request.lines.map((line, index) =>
    lineOf(line, `lines[${index}]`, request, read, problems),
  );
  const placedShipping = shipping
    ? {
        priceMinor: read(shipping.price, 'shipping.price'),
        taxMinor: read(shipping.tax, 'shipping.tax'),
      }
    : null;
  const discountsMinor = (discounts ?? []).map(({ amount }, index) =>
    read(amount, `discounts[${index}].amount`),
  );
  const paymentsMinor = (payments ?? []).map(({ amount }, index) =>
    read(amount, `payments[${index}].amount`),
  );
  const totalMinor = read(request.total, 'total');
  const goodsMinor = own.reduce((sum, { valueMinor }) => sum + valueMinor, 0);
  const shippingMinor = placedShipping
    ? placedShipping.priceMinor + (taxIncluded ? 0 : placedShipping.taxMinor)
    : 0;
  const computedMinor =
    goodsMinor + shippingMinor - discountsMinor.reduce((sum, amount) => sum + amount, 0);
  if (!Number.isSafeInteger(computedMinor)) problems.push({ field: 'lines', ...TOO_LARGE });
  const lines = problems.length > 0 ? own : spread(own, totalMinor - goodsMinor);
  return {
    lines,
    shipping: placedShipping,
    discountsMinor,
    paymentsMinor,
    totalMinor,
    computedMinor,
  };
};

/** Says in words by how much the channel's total differs from what its parts add up to. */
export const differenceOf = (
  { totalMinor, computedMinor }: PlacedAmounts,
  currency: string,
): string => {
  const money = (amountMinor: number) => `${formatAmount(amountMinor, currency)} ${currency}`;
  return (
    `The total of ${money(totalMinor)} differs by ${money(totalMinor - computedMinor)} ` +
    `from the ${money(computedMinor)} that lines, shipping and discounts add up to`
  );
};

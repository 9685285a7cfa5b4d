import type { CanonicalOrder } from '@throughline/contracts';
import { extendedAmount, formatAmount, parseAmount } from '@throughline/kernel';

type Priced = Pick<CanonicalOrder, 'currency' | 'lines' | 'taxIncluded' | 'shipping' | 'discounts'>;

/**
 * What the server expects as an order's total, as a decimal string: per line unit price x quantity,
 * rounded half up, - discount + tax, plus shipping, minus discounts of the order; tax only where prices
 * do not include it. `undefined` when an amount does not fit the currency.
 */
export const totalOf = (order: Priced): string | undefined => {
  const { currency, lines, taxIncluded, shipping, discounts } = order;
  const amount = (text: string | null | undefined): number =>
    text === null || text === undefined ? 0 : (parseAmount(text, currency) ?? Number.NaN);
  const tax = (text: string | null | undefined): number => (taxIncluded ? 0 : amount(text));
  let totalMinor = amount(shipping?.price) + tax(shipping?.tax);
  for (const { unitPrice, quantity, discount, tax: lineTax } of lines) {
    const goods = extendedAmount(unitPrice, quantity, currency) ?? Number.NaN;
    totalMinor += goods - amount(discount) + tax(lineTax);
  }
  for (const discount of discounts ?? []) totalMinor -= amount(discount.amount);
  return Number.isSafeInteger(totalMinor) ? formatAmount(totalMinor, currency) : undefined;
};

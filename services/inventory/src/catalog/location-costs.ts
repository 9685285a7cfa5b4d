import { CURRENCIES, TEXT_MAX, type FieldError } from '@throughline/contracts';
import { formatAmount, parseAmount } from '@throughline/kernel';

const COSTS_MAX = 50;
const NAME_MAX = 100;

type Money = { readonly amountMinor: number; readonly currency: string };
/** Plain numbers, such as a weight or a rate, or money. */
export type Costs = Readonly<Record<string, number | Money>>;
type StatedMoney = { readonly amount: string; readonly currency: string };

const minorOf = (value: unknown): number | undefined => {
  const { amount, currency, ...others } = (value ?? {}) as Partial<StatedMoney>;
  const isMoney =
    typeof amount === 'string' &&
    typeof currency === 'string' &&
    CURRENCIES.has(currency) &&
    Object.keys(others).length === 0;
  return isMoney ? parseAmount(amount, currency) : undefined;
};

const isCost = (value: unknown): boolean =>
  typeof value === 'number' ? Number.isFinite(value) : minorOf(value) !== undefined;

/** What is wrong with costs as they were stated. */
export const costFaults = (costs: Readonly<Record<string, unknown>>): FieldError[] => {
  const names = Object.keys(costs);
  if (names.length > COSTS_MAX || names.some((name) => name === '' || name.length > NAME_MAX)) {
    const message = `must have at most ${COSTS_MAX} names of 1 to ${NAME_MAX} characters`;
    return [{ field: 'costs', code: 'max-length', message }];
  }
  return names
    .filter((name) => !isCost(costs[name]))
    .map((name) => ({
      field: `costs.${name}`.slice(0, TEXT_MAX),
      code: 'cost',
      message: 'must be a number, or { amount, currency } with the decimals of the currency',
    }));
};

/** Costs that have no faults, with money in minor units. */
export const costsOf = (costs: Readonly<Record<string, unknown>>): Costs =>
  Object.fromEntries(
    Object.entries(costs).map(([name, value]) =>
      typeof value === 'number'
        ? [name, value]
        : [name, { amountMinor: minorOf(value)!, currency: (value as StatedMoney).currency }],
    ),
  );

/** Costs as they are answered: money as decimal strings. */
export const costsAnswer = (costs: Costs): Record<string, number | StatedMoney> =>
  Object.fromEntries(
    Object.entries(costs).map(([name, value]) =>
      typeof value === 'number'
        ? [name, value]
        : [
            name,
            {
              amount: formatAmount(value.amountMinor, value.currency),
              currency: value.currency,
            },
          ],
    ),
  );

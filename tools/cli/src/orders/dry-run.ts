import type { CanonicalOrder } from '@throughline/contracts';
import type { Outcome } from './order-posting.js';

/** Stands in for the server: checks each order against the contract that the server's edge checks, posts nothing. */
export const dryRunPoster = async (): Promise<
  (orders: readonly CanonicalOrder[]) => Promise<readonly Outcome[]>
> => {
  const { CanonicalOrder: Contract, validatorOf } = await import('@throughline/contracts');
  const faultsOf = validatorOf(Contract, { strict: true });
  return (orders) =>
    Promise.resolve(
      orders.map((order): Outcome => {
        const faults = faultsOf(order);
        return faults.length === 0 ? { outcome: 'placed' } : { outcome: 'rejected', faults };
      }),
    );
};

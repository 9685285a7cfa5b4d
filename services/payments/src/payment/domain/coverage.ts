import type { Agreement, DeclineReason, Means, PaymentEvent } from './payment.js';

/** What the customer's means of payment amount to, in minor units. */
export type Funds = {
  readonly paid: number;
  readonly authorized: number;
  /** Payable later by agreement: cash on delivery and invoice. */
  readonly deferred: number;
  readonly pending: number;
  readonly failed: boolean;
};

const NO_FUNDS: Funds = { paid: 0, authorized: 0, deferred: 0, pending: 0, failed: false };

const isDeferred = ({ method }: Means): boolean => method === 'cod' || method === 'invoice';

/** Adds up the means of payment by what they are worth to us now. */
export const fundsOf = (payments: readonly Means[]): Funds =>
  payments.reduce((funds, means) => {
    const { status, amountMinor } = means;
    if (status === 'failed') return { ...funds, failed: true };
    if (status === 'paid') return { ...funds, paid: funds.paid + amountMinor };
    // Cash on delivery and invoices are agreed, whether the channel calls them pending or authorized.
    if (isDeferred(means)) return { ...funds, deferred: funds.deferred + amountMinor };
    if (status === 'authorized') return { ...funds, authorized: funds.authorized + amountMinor };
    return { ...funds, pending: funds.pending + amountMinor };
  }, NO_FUNDS);

const reasonOf = ({ payments, totalMinor }: Agreement, funds: Funds): DeclineReason => {
  if (funds.failed) return 'failed';
  if (payments.length === 0) return 'missing';
  const { paid, authorized, deferred, pending } = funds;
  return paid + authorized + deferred + pending >= totalMinor ? 'pending' : 'insufficient';
};

/** Authorized when payments received, authorizations and agreed receivables cover the order's total. */
export const verified = (agreement: Agreement): PaymentEvent => {
  const { currency, totalMinor, payments, lines } = agreement;
  const funds = fundsOf(payments);
  const coveredMinor = funds.paid + funds.authorized + funds.deferred;
  const data = { currency, totalMinor, payments, lines, coveredMinor };
  return coveredMinor >= totalMinor
    ? { type: 'PaymentAuthorized', data }
    : { type: 'PaymentDeclined', data: { ...data, reason: reasonOf(agreement, funds) } };
};

import type { Payment } from './payment.js';

/** An order's money in minor units: captured + receivable = earned + refunded + liability, always. */
export type Balance = {
  /** Received: paid when the order was placed, or taken from authorizations. */
  readonly captured: number;
  /** Owed by the customer for goods handed over. */
  readonly receivable: number;
  /** The value of what was handed over and kept, less what was given back on it by hand. */
  readonly earned: number;
  readonly refunded: number;
  /** Received, neither earned nor given back: goods to come, or money to return. */
  readonly liability: number;
};

const clamp = (value: number, min: number, max: number): number =>
  Math.max(min, Math.min(max, value));

/** What the customer owes: goods handed over and not returned, beyond the money that we took for them. */
export const receivableOf = ({ agreed, values, booked }: Payment): number => {
  const received = (agreed?.paidMinor ?? 0) + booked.fromAuthorization;
  return Math.max(0, values.handedOver - received - values.returned);
};

export const balanceOf = (payment: Payment): Balance => {
  const { agreed, values, booked } = payment;
  const captured = (agreed?.paidMinor ?? 0) + booked.fromAuthorization;
  const receivable = receivableOf(payment);
  const { refunded } = booked;
  const remaining = captured + receivable - refunded;
  const earned = clamp(values.handedOver - values.returned, 0, Math.max(0, remaining));
  return { captured, receivable, earned, refunded, liability: remaining - earned };
};

/** What a refund may still give back: all money received and not given back yet. */
export const refundableOf = (payment: Payment): number => {
  const { captured, refunded } = balanceOf(payment);
  return Math.max(0, captured - refunded);
};

/**
 * What has to be moved so that the money fits the facts: amounts in minor units, none below zero.
 *
 * Money pays for the order in a fixed sequence: first what was paid, then authorizations, then what is owed
 * by agreement (or without one, when an uncovered order was let through). All three amounts follow from the
 * sums of the facts alone, never from their order, and never fall while facts come in:
 * - Goods handed over are captured from authorizations beyond what was paid.
 * - Goods cancelled release what paid for them from the far end of that sequence: the receivable that would
 *   have come, then the authorization (void), then the money paid (refund).
 * - Goods returned lower what the customer owes *or will owe* for the rest of the order; only beyond that is
 *   money given back. Otherwise a refund made early could not be undone when the rest ships and is owed.
 * - Goods that were lost and are to be sent again are not earned until they have left again. What was captured for them
 *   stays, and is given back where they are cancelled instead.
 * - Refunds by hand come on top, but all refunds together never exceed what was captured.
 */
export const dueOf = ({ agreed, values, booked }: Payment) => {
  if (!agreed) return { fromAuthorization: 0, voided: 0, refunded: 0 };
  const { totalMinor, paidMinor: paid, authorizedMinor: authorized } = agreed;
  const wanted = totalMinor - values.cancelled;
  const needed = (valueMinor: number): number => clamp(valueMinor - paid, 0, authorized);

  const captured = Math.min(needed(values.handedOver), authorized - booked.voided);
  // Captured for goods that were lost, and cancelled before they were sent again.
  const overtaken = Math.max(0, booked.fromAuthorization - needed(wanted));
  const cancelledPaid = clamp(paid - wanted, 0, Math.max(0, values.cancelled));
  const owedInAll = Math.max(0, wanted - paid - authorized);
  const returnedPaid = Math.max(0, values.returned - owedInAll);
  const received = paid + Math.max(captured, booked.fromAuthorization);
  return {
    fromAuthorization: Math.max(0, captured - booked.fromAuthorization),
    voided: Math.max(
      0,
      Math.min(needed(totalMinor) - needed(wanted), authorized - booked.fromAuthorization) -
        booked.voided,
    ),
    refunded: Math.max(
      0,
      Math.min(received, cancelledPaid + returnedPaid + overtaken + booked.manual) -
        booked.refunded,
    ),
  };
};

import { accept, assertNever, parseAmount, reject, type Decider } from '@throughline/kernel';
import { dueOf, receivableOf, refundableOf } from './balance.js';
import { fundsOf, verified } from './coverage.js';
import type {
  Agreement,
  HandOver,
  Payment,
  PaymentCommand,
  PaymentEvent,
  PaymentRejection,
} from './payment.js';
import { counting, countingParcel, NO_VALUES, pricing } from './units.js';

type Step = (payment: Payment) => readonly PaymentEvent[];

/** The events of several steps, each taken on the state that the earlier ones leave behind. */
const inTurn = (payment: Payment, steps: readonly Step[]): readonly PaymentEvent[] => {
  const events: PaymentEvent[] = [];
  let current = payment;
  for (const step of steps) {
    const caused = step(current);
    events.push(...caused);
    current = caused.reduce(evolve, current);
  }
  return events;
};

const charging =
  (handOver: HandOver): Step =>
  (payment) => {
    const { agreed, booked } = payment;
    if (!agreed) return [{ type: 'HandOverNoted', data: handOver }];
    const counted = { ...payment, ...counting(payment, 'handedOver', handOver.lines) };
    const { fromAuthorization } = dueOf(counted);
    const amountMinor = Math.max(0, counted.values.handedOver - booked.charged);
    const charged = withCapture(counted, fromAuthorization, amountMinor);
    const data = {
      ...handOver,
      currency: agreed.currency,
      amountMinor,
      fromAuthorizationMinor: fromAuthorization,
      receivableMinor: receivableOf(charged) - receivableOf(payment),
    };
    return [{ type: 'PaymentCaptured', data }];
  };

/** Gives back what the customer has too much of: the authorization first, money where it was taken. */
const givingBack: Step = (payment) => {
  const { agreed, givenBack } = payment;
  if (!agreed || !givenBack) return [];
  const { voided, refunded } = dueOf(payment);
  const { reason, referenceId } = givenBack;
  const events: PaymentEvent[] = [];
  if (voided > 0)
    events.push({ type: 'AuthorizationVoided', data: { amountMinor: voided, referenceId } });
  if (refunded > 0) {
    const { currency } = agreed;
    const data = { currency, amountMinor: refunded, reason, referenceId, note: null };
    events.push({ type: 'PaymentRefunded', data });
  }
  return events;
};

const refund = (
  { refundId, amount, note }: Extract<PaymentCommand, { type: 'RefundPayment' }>['data'],
  payment: Payment,
) => {
  if (!payment.agreed) return reject({ code: 'payment-unknown' as const });
  const { currency } = payment.agreed;
  const amountMinor = parseAmount(amount, currency);
  if (amountMinor === undefined || amountMinor <= 0)
    return reject({ code: 'amount-malformed' as const, currency });
  const refundableMinor = refundableOf(payment);
  if (amountMinor > refundableMinor) {
    const facts = { requestedMinor: amountMinor, refundableMinor, currency };
    return reject({ code: 'refund-exceeds-captured' as const, ...facts });
  }
  const data = { currency, amountMinor, reason: 'manual' as const, referenceId: refundId, note };
  return accept<PaymentEvent>({ type: 'PaymentRefunded', data });
};

const decide: Decider<PaymentCommand, PaymentEvent, Payment, PaymentRejection>['decide'] = (
  { type, data },
  payment,
) => {
  switch (type) {
    case 'VerifyPayment':
      // An order is placed once; what it was placed with stands.
      if (payment.agreed) return accept();
      return accept(
        ...inTurn(payment, [() => [verified(data)], ...payment.noted.map(charging), givingBack]),
      );
    case 'SettleHandOver':
      // The return of these goods may have been heard of before the hand-over itself.
      return accept(...inTurn(payment, [charging(data), givingBack]));
    case 'SettleCancellation':
      return accept(...inTurn(payment, [() => [{ type: 'UnitsCancelled', data }], givingBack]));
    case 'SettleReturn':
      return accept(...inTurn(payment, [() => [{ type: 'UnitsReturned', data }], givingBack]));
    case 'SettleLoss':
      return accept(...inTurn(payment, [() => [{ type: 'UnitsLost', data }], givingBack]));
    case 'SendAgain':
      // They may have left, and been charged, before this was heard of, and the rest be cancelled.
      return accept(...inTurn(payment, [() => [{ type: 'UnitsSentAgain', data }], givingBack]));
    case 'RefundPayment':
      return refund(data, payment);
    default:
      return assertNever(type);
  }
};

const agreeing = (
  payment: Payment,
  { currency, totalMinor, payments, lines }: Agreement,
): Payment => {
  const { paid, authorized } = fundsOf(payments);
  return {
    ...payment,
    ...pricing(payment.lines, lines),
    agreed: { currency, totalMinor, paidMinor: paid, authorizedMinor: authorized },
    // They are charged by the events that were appended together with this one.
    noted: [],
  };
};

const withCapture = (payment: Payment, takenMinor: number, amountMinor: number): Payment => {
  const { booked } = payment;
  const fromAuthorization = booked.fromAuthorization + takenMinor;
  const charged = booked.charged + amountMinor;
  return { ...payment, booked: { ...booked, fromAuthorization, charged } };
};

const evolve = (payment: Payment, { type, data }: PaymentEvent): Payment => {
  const { booked } = payment;
  switch (type) {
    case 'PaymentAuthorized':
    case 'PaymentDeclined':
      return agreeing(payment, data);
    case 'HandOverNoted':
      return { ...payment, noted: [...payment.noted, data] };
    case 'PaymentCaptured': {
      const counted = { ...payment, ...counting(payment, 'handedOver', data.lines) };
      return withCapture(counted, data.fromAuthorizationMinor, data.amountMinor);
    }
    case 'UnitsCancelled': {
      const givenBack = { reason: 'cancellation', referenceId: data.cancellationId } as const;
      return { ...payment, ...counting(payment, 'cancelled', data.lines), givenBack };
    }
    case 'UnitsReturned': {
      const givenBack = { reason: 'return', referenceId: data.returnId } as const;
      const { shipmentId, lines } = data;
      if (shipmentId === undefined)
        return { ...payment, ...counting(payment, 'returned', lines), givenBack };
      return { ...payment, ...countingParcel(payment, 'returned', shipmentId, lines), givenBack };
    }
    case 'UnitsLost': {
      const givenBack = { reason: 'loss', referenceId: data.settlementId } as const;
      const counted = countingParcel(payment, 'lost', data.shipmentId, data.lines);
      return { ...payment, ...counted, givenBack };
    }
    case 'UnitsSentAgain': {
      const counted = { ...payment, ...counting(payment, 'again', data.lines) };
      const { shipmentId, lines } = data;
      if (shipmentId === undefined) return counted;
      return { ...counted, ...countingParcel(counted, 'again', shipmentId, lines) };
    }
    case 'AuthorizationVoided':
      return { ...payment, booked: { ...booked, voided: booked.voided + data.amountMinor } };
    case 'PaymentRefunded': {
      const manual = booked.manual + (data.reason === 'manual' ? data.amountMinor : 0);
      const refunded = booked.refunded + data.amountMinor;
      return { ...payment, booked: { ...booked, refunded, manual } };
    }
    default:
      return assertNever(type);
  }
};

/**
 * The money of one order: what covers it, what was captured for goods handed over, what was voided or given
 * back for goods cancelled or returned. Facts come from topics that know no common order; each is kept when it
 * comes, and what is due then follows from all facts together (see `dueOf`).
 */
export const payment: Decider<PaymentCommand, PaymentEvent, Payment, PaymentRejection> = {
  initialState: {
    agreed: undefined,
    lines: new Map(),
    values: NO_VALUES,
    noted: [],
    parcels: new Map(),
    booked: { charged: 0, fromAuthorization: 0, voided: 0, refunded: 0, manual: 0 },
    givenBack: undefined,
  },
  decide,
  evolve,
};

import type { EventStore, RecordedEvent } from '@throughline/event-store';
import { formatAmount } from '@throughline/kernel';
import { balanceOf } from './domain/balance.js';
import type { DeclineReason, PaymentEvent, Units } from './domain/payment.js';
import { payment } from './domain/payment.decider.js';
import { paymentCodec } from './payment.codec.js';
import { PAYMENT } from './payment.publisher.js';

type CaptureView = {
  readonly fulfillmentId: string;
  readonly at: string;
  readonly amount: string;
  readonly fromAuthorization: string;
  readonly receivable: string;
  readonly lines: readonly Units[];
};

type RefundView = {
  readonly refundId: string;
  readonly at: string;
  readonly amount: string;
  readonly reason: string;
  readonly referenceId: string;
  readonly note: string | null;
};

/** One order's money as people read it: decimal strings in the order's currency. */
export type PaymentView = {
  readonly orderId: string;
  readonly currency: string;
  readonly status: 'authorized' | 'declined';
  readonly declineReason: DeclineReason | null;
  readonly payments: readonly {
    readonly method: string;
    readonly status: string;
    readonly amount: string;
    readonly reference: string | null;
  }[];
  readonly total: string;
  readonly covered: string;
  readonly authorized: string;
  readonly voided: string;
  readonly captured: string;
  readonly receivable: string;
  readonly earned: string;
  readonly refunded: string;
  readonly liability: string;
  readonly captures: readonly CaptureView[];
  readonly refunds: readonly RefundView[];
};

type Told = { readonly event: PaymentEvent; readonly recorded: RecordedEvent };
type Money = (amountMinor: number) => string;

const agreementIn = (told: readonly Told[]) => {
  for (const { event } of told)
    if (event.type === 'PaymentAuthorized' || event.type === 'PaymentDeclined') return event;
  return undefined;
};

const capturesIn = (told: readonly Told[], money: Money): CaptureView[] =>
  told.flatMap(({ event: { type, data }, recorded }) => {
    if (type !== 'PaymentCaptured') return [];
    const { fulfillmentId, lines, amountMinor, fromAuthorizationMinor, receivableMinor } = data;
    const fromAuthorization = money(fromAuthorizationMinor);
    const receivable = money(receivableMinor);
    const { at } = recorded.metadata;
    const amount = money(amountMinor);
    return [{ fulfillmentId, at, amount, fromAuthorization, receivable, lines }];
  });

const refundsIn = (told: readonly Told[], money: Money): RefundView[] =>
  told.flatMap(({ event: { type, data }, recorded }) => {
    if (type !== 'PaymentRefunded') return [];
    const { amountMinor, reason, referenceId, note } = data;
    const refundId = reason === 'manual' ? referenceId : recorded.id;
    const { at } = recorded.metadata;
    return [{ refundId, at, amount: money(amountMinor), reason, referenceId, note }];
  });

/** Folds a payment's stream for reading; undefined while the order itself is not known. */
export const paymentView = (
  orderId: string,
  stored: readonly RecordedEvent[],
): PaymentView | undefined => {
  const told = stored.map((recorded) => ({ event: paymentCodec.decode(recorded), recorded }));
  const agreement = agreementIn(told);
  if (!agreement) return undefined;
  const { type, data } = agreement;
  const money: Money = (amountMinor) => formatAmount(amountMinor, data.currency);
  const state = told.reduce(
    (folded, { event }) => payment.evolve(folded, event),
    payment.initialState,
  );
  const { captured, receivable, earned, refunded, liability } = balanceOf(state);
  return {
    orderId,
    currency: data.currency,
    status: type === 'PaymentAuthorized' ? 'authorized' : 'declined',
    declineReason: type === 'PaymentDeclined' ? data.reason : null,
    payments: data.payments.map(({ method, status, amountMinor, reference }) => ({
      method,
      status,
      amount: money(amountMinor),
      reference,
    })),
    total: money(data.totalMinor),
    covered: money(data.coveredMinor),
    authorized: money(state.agreed?.authorizedMinor ?? 0),
    voided: money(state.booked.voided),
    captured: money(captured),
    receivable: money(receivable),
    earned: money(earned),
    refunded: money(refunded),
    liability: money(liability),
    captures: capturesIn(told, money),
    refunds: refundsIn(told, money),
  };
};

/** Reads one order's money from its stream, always current. */
export type PaymentQuery = (orderId: string) => Promise<PaymentView | undefined>;

export const paymentQuery =
  (store: EventStore): PaymentQuery =>
  async (orderId) =>
    paymentView(orderId, await store.read(`${PAYMENT}-${orderId}`));

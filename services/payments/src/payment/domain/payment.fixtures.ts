import type {
  Agreement,
  DeclineReason,
  Means,
  PaymentCommand,
  PaymentEvent,
  PricedLine,
  RefundReason,
  Units,
} from './payment.js';

export const means = (
  method: Means['method'],
  status: Means['status'],
  amountMinor: number,
): Means => ({ method, status, amountMinor, reference: null });

export const line = (lineId: string, quantity: number, valueMinor: number): PricedLine => ({
  lineId,
  quantity,
  valueMinor,
});

export const units = (lineId: string, quantity: number): Units => ({ lineId, quantity });

/** An order in GBP whose total is the sum of its lines. */
export const agreement = (
  payments: readonly Means[],
  lines: readonly PricedLine[] = [line('a', 3, 1000)],
): Agreement => ({
  currency: 'GBP',
  totalMinor: lines.reduce((total, { valueMinor }) => total + valueMinor, 0),
  payments,
  lines,
});

export const verify = (agreed: Agreement): PaymentCommand => ({
  type: 'VerifyPayment',
  data: agreed,
});
export const handOver = (fulfillmentId: string, ...lines: Units[]): PaymentCommand => ({
  type: 'SettleHandOver',
  data: { fulfillmentId, lines },
});
export const cancel = (cancellationId: string, ...lines: Units[]): PaymentCommand => ({
  type: 'SettleCancellation',
  data: { cancellationId, lines },
});
export const bringBack = (returnId: string, ...lines: Units[]): PaymentCommand => ({
  type: 'SettleReturn',
  data: { returnId, lines },
});
export const lose = (shipmentId: string, ...lines: Units[]): PaymentCommand => ({
  type: 'SettleLoss',
  data: { settlementId: `loss-${shipmentId}`, shipmentId, lines },
});
export const sendAgain = (requestId: string, ...lines: Units[]): PaymentCommand => ({
  type: 'SendAgain',
  data: { requestId, lines },
});
export const sendParcelAgain = (shipmentId: string, ...lines: Units[]): PaymentCommand => ({
  type: 'SendAgain',
  data: { requestId: `again-${shipmentId}`, shipmentId, lines },
});
export const bringToOrigin = (shipmentId: string, ...lines: Units[]): PaymentCommand => ({
  type: 'SettleReturn',
  data: { returnId: `return-${shipmentId}`, shipmentId, lines },
});
export const refund = (refundId: string, amount: string): PaymentCommand => ({
  type: 'RefundPayment',
  data: { refundId, amount, note: 'goodwill' },
});

export const authorized = (agreed: Agreement, coveredMinor = agreed.totalMinor): PaymentEvent => ({
  type: 'PaymentAuthorized',
  data: { ...agreed, coveredMinor },
});
export const declined = (
  agreed: Agreement,
  coveredMinor: number,
  reason: DeclineReason,
): PaymentEvent => ({ type: 'PaymentDeclined', data: { ...agreed, coveredMinor, reason } });
export const noted = (fulfillmentId: string, ...lines: Units[]): PaymentEvent => ({
  type: 'HandOverNoted',
  data: { fulfillmentId, lines },
});
export const captured = (
  fulfillmentId: string,
  lines: readonly Units[],
  amountMinor: number,
  { fromAuthorizationMinor = 0, receivableMinor = 0 } = {},
): PaymentEvent => ({
  type: 'PaymentCaptured',
  data: {
    fulfillmentId,
    lines,
    currency: 'GBP',
    amountMinor,
    fromAuthorizationMinor,
    receivableMinor,
  },
});
export const cancelled = (cancellationId: string, ...lines: Units[]): PaymentEvent => ({
  type: 'UnitsCancelled',
  data: { cancellationId, lines },
});
export const voided = (referenceId: string, amountMinor: number): PaymentEvent => ({
  type: 'AuthorizationVoided',
  data: { amountMinor, referenceId },
});
export const returned = (returnId: string, ...lines: Units[]): PaymentEvent => ({
  type: 'UnitsReturned',
  data: { returnId, lines },
});
export const refunded = (
  amountMinor: number,
  reason: RefundReason,
  referenceId: string,
): PaymentEvent => ({
  type: 'PaymentRefunded',
  data: {
    currency: 'GBP',
    amountMinor,
    reason,
    referenceId,
    note: reason === 'manual' ? 'goodwill' : null,
  },
});

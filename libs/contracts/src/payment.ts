import { Currency, Id, Minor, OneOf, Text } from './rules.js';
import { Contract } from './message.js';

export const DECLINE_REASONS = ['failed', 'missing', 'pending', 'insufficient'] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

/** The order is covered: by authorizations, payments received, or an agreed receivable (COD, invoice). */
@Contract('oms.payment')
export class PaymentAuthorized {
  @Id() orderId!: string;
  @Currency() currency!: string;
  @Minor() coveredMinor!: number;
}

@Contract('oms.payment')
export class PaymentDeclined {
  @Id() orderId!: string;
  @OneOf(DECLINE_REASONS) reason!: DeclineReason;
  @Currency() currency!: string;
  @Minor() coveredMinor!: number;
  @Minor() totalMinor!: number;
}

/** Money taken, or owed by agreement, for what one hand-over delivered. */
@Contract('oms.payment')
export class PaymentCaptured {
  @Id() orderId!: string;
  @Id() fulfillmentId!: string;
  @Currency() currency!: string;
  @Minor() amountMinor!: number;
}

@Contract('oms.payment')
export class PaymentRefunded {
  @Id() orderId!: string;
  @Currency() currency!: string;
  @Minor() amountMinor!: number;
  /** Why: `return`, `cancellation`, `loss` or `manual`, and the id of what caused it. */
  @Text() reason!: string;
  @Id() referenceId!: string;
}

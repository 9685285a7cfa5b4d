import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { Amount, Note } from '@throughline/contracts';
import type { Cause, KeyReused } from '@throughline/event-store';
import { assertNever, decimalsOf, derivedId, formatAmount } from '@throughline/kernel';
import {
  invalidRequest,
  keyReused,
  Needs,
  notFoundById,
  ProblemException,
  RequestCause,
  valid,
  WroteTo,
  type Wrote,
} from '@throughline/service-kit';
import type { PaymentRejection } from './domain/payment.js';
import type { PaymentHandler } from './payment.consumer.js';
import type { PaymentQuery, PaymentView } from './payment.query.js';

export const PAYMENT_HANDLER = Symbol('payment handler');
export const PAYMENT_QUERY = Symbol('payment query');

export class RefundBody {
  @Amount() amount!: string;
  @Note() reason!: string;
}

const problemOf = (orderId: string, rejection: PaymentRejection | KeyReused): ProblemException => {
  const { code } = rejection;
  switch (code) {
    case 'payment-unknown':
      return notFoundById('payment of order', orderId, 'orderId');
    case 'amount-malformed': {
      const { currency } = rejection;
      const message = `must be above zero and have ${decimalsOf(currency)} decimals (${currency})`;
      return invalidRequest([{ field: 'amount', code, message }]);
    }
    case 'refund-exceeds-captured': {
      const { currency, requestedMinor, refundableMinor } = rejection;
      return new ProblemException({
        code,
        title: 'More than the money that was received and not given back yet',
        status: 409,
        currency,
        requested: formatAmount(requestedMinor, currency),
        refundable: formatAmount(refundableMinor, currency),
      });
    }
    case 'idempotency-key-reused':
      return keyReused();
    default:
      return assertNever(code);
  }
};

/** The money of an order: what was authorized, captured and given back, and for which lines. */
@Controller('v1/payments/:orderId')
export class PaymentsController {
  constructor(
    @Inject(PAYMENT_HANDLER) private readonly handle: PaymentHandler,
    @Inject(PAYMENT_QUERY) private readonly read: PaymentQuery,
  ) {}

  @Get()
  @Needs('payments:read')
  async one(@Param('orderId') orderId: string): Promise<PaymentView> {
    const found = await this.read(orderId);
    if (!found) throw notFoundById('payment of order', orderId, 'orderId');
    return found;
  }

  /** Gives money back by hand. Safe to repeat with the same `Idempotency-Key`. */
  @Post('refunds')
  @Needs('payments:refund')
  @HttpCode(201)
  async refund(
    @Param('orderId') orderId: string,
    @Body(valid(RefundBody)) { amount, reason }: RefundBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<{ refundId: string }> {
    const refundId = derivedId(cause.id, 'refund');
    const data = { refundId, amount, note: reason };
    const result = await this.handle(orderId, { type: 'RefundPayment', data }, cause);
    if (!result.ok) throw problemOf(orderId, result.rejection);
    wrote('payments', result.position);
    return { refundId };
  }
}

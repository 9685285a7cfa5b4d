import type { KeyReused } from '@throughline/event-store';
import { assertNever } from '@throughline/kernel';
import {
  invalidRequest,
  keyReused,
  notFound,
  notFoundById,
  ProblemException,
} from '@throughline/service-kit';
import type { OrderRejection } from './domain/order.js';

/** A refusal of the order as the answer of the HTTP edge. */
export const orderProblem = (
  orderId: string,
  rejection: OrderRejection | KeyReused,
): ProblemException => {
  const { code } = rejection;
  switch (code) {
    case 'invalid-order':
      return invalidRequest(rejection.errors);
    case 'order-exists-with-other-content':
      return conflict(code, 'This channel has another order with the same external id', {
        orderId,
        ...differences(rejection.fields),
      });
    case 'unknown-order':
      return notFoundById('order', orderId);
    case 'unknown-line':
      return invalidRequest(
        rejection.lineIds.map((lineId) => ({
          field: 'lines',
          code,
          message: `the order has no line ${lineId}`,
        })),
      );
    case 'unknown-hold':
      return notFoundById('hold', rejection.holdId, 'holdId');
    case 'unknown-exception':
      return notFound('open exception', `${orderId}.${rejection.key}`);
    case 'unknown-cancellation':
      return notFound('cancellation', rejection.cancellationId);
    case 'already-approved':
      return conflict(code, 'The order was approved and others act on it');
    case 'order-cancelled':
      return conflict(code, 'The order was cancelled');
    case 'address-incomplete':
      return conflict(code, `The order cannot be sent while ${rejection.missing} is missing`, {
        missing: rejection.missing,
      });
    case 'delivery-incomplete':
      return invalidRequest([
        { field: `delivery.${rejection.missing}`, code: 'required', message: 'is required' },
      ]);
    case 'loss-settled':
      return conflict(code, `The units of the lost parcel were ${rejection.settled} already`, {
        settled: rejection.settled,
      });
    case 'not-cancellable':
      return conflict(code, 'More than can still be cancelled', {
        open: rejection.open,
        lines: rejection.lines,
      });
    case 'idempotency-key-reused':
      return keyReused();
    default:
      return assertNever(code);
  }
};

/** The fields that differ; none where only the way of writing does, such as a default that one of them states. */
const differences = (fields: readonly string[] = []): object => {
  const message = 'differs from the order that was taken before';
  if (fields.length === 0)
    return { detail: 'It says the same in another way: send it exactly as before' };
  return {
    detail: `${fields.slice(0, 5).join(', ')} ${message}`,
    errors: fields.map((field) => ({ field, code: 'differs', message })),
  };
};

const conflict = (
  code: string,
  title: string,
  facts: Readonly<Record<string, unknown>> = {},
): ProblemException => new ProblemException({ code, title, status: 409, ...facts });

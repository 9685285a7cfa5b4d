import type { KeyReused } from '@throughline/event-store';
import { assertNever } from '@throughline/kernel';
import { keyReused, notFoundById, ProblemException } from '@throughline/service-kit';
import type { ReturnRejection } from './domain/return.js';

const conflict = (
  code: string,
  title: string,
  facts: Readonly<Record<string, unknown>> = {},
): ProblemException => new ProblemException({ code, title, status: 409, ...facts });

/** How each refusal is told over HTTP. */
export const problemOf = (rejection: ReturnRejection | KeyReused): ProblemException => {
  const { code } = rejection;
  switch (code) {
    case 'nothing-delivered':
      return notFoundById('delivery of order', rejection.orderId, 'orderId');
    case 'return-unknown':
      return notFoundById('return', rejection.returnId);
    case 'not-returnable': {
      const { lines } = rejection;
      return conflict(code, 'More than was delivered and is not claimed yet', { lines });
    }
    case 'return-voided':
      return conflict(
        code,
        'The goods of this return came back another way: nothing is left of it',
      );
    case 'not-approved':
      return conflict(code, 'Approve the return before its goods are received');
    case 'over-receipt':
      return conflict(code, 'More than is still expected', { lines: rejection.lines });
    case 'not-received':
      return conflict(code, 'Nothing of this return was received yet');
    case 'over-inspection': {
      const { lines } = rejection;
      return conflict(code, 'More than was received there and is not inspected yet', { lines });
    }
    case 'location-needed': {
      const { locationIds } = rejection;
      return conflict(code, 'Goods wait at several locations; name one', { locationIds });
    }
    case 'idempotency-key-reused':
      return keyReused();
    default:
      return assertNever(code);
  }
};

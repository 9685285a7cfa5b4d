import { assertNever, TransientError } from '@throughline/kernel';
import { invalidRequest, keyReused, notFound, ProblemException } from '@throughline/service-kit';
import type { LedgerRejection } from './domain/ledger.js';

/** What each edge makes of a refusal. */
type Refused = {
  /** For the caller of a route, who names the SKU in `skuField`. */
  readonly answer: (skuField: string) => ProblemException;
  /** Where a message brought the command: it is parked with this, or comes again later. */
  readonly parked: () => Error;
};

const refused = (rejection: LedgerRejection): Refused => {
  const { code } = rejection;
  const fault = (): never => {
    throw new Error(`Nothing that comes this way is refused as ${code}`);
  };
  switch (code) {
    case 'unknown-sku': {
      const { sku } = rejection;
      return {
        answer: (field) => misnamed(field, code, `${sku} is not in the catalogue`),
        parked: () => new Error(`There is no item ${sku}: create it, then replay this message`),
      };
    }
    case 'unknown-location': {
      const { locationId } = rejection;
      return {
        answer: () => misnamed('locationId', code, `${locationId} is not in the catalogue`),
        parked: () =>
          new Error(`There is no location ${locationId}: create it, then replay this message`),
      };
    }
    case 'kit-has-no-stock': {
      const { sku } = rejection;
      return {
        answer: (field) => misnamed(field, code, `${sku} is a kit: move its components`),
        parked: () => new Error(`${sku} is a kit: its parts lie on shelves, not itself`),
      };
    }
    case 'not-handed-over': {
      const { orderId } = rejection;
      return {
        answer: fault,
        // Topics are not in step: the hand-over is on its way.
        parked: () => new TransientError(`Goods of ${orderId} came back before they left`),
      };
    }
    case 'idempotency-key-reused':
      return {
        answer: keyReused,
        parked: () => new Error('This message came before with other content'),
      };
    case 'insufficient-stock': {
      const { shortages } = rejection;
      const title = 'There is less than was asked for';
      return {
        answer: () => new ProblemException({ code, title, status: 409, available: shortages }),
        parked: fault,
      };
    }
    case 'unknown-reservation': {
      const { reservationId } = rejection;
      return { answer: () => notFound('reservation', reservationId), parked: fault };
    }
    default:
      return assertNever(code);
  }
};

const misnamed = (field: string, code: string, message: string): ProblemException =>
  invalidRequest([{ field, code, message }]);

export const ledgerProblem = (rejection: LedgerRejection, skuField = 'sku'): ProblemException =>
  refused(rejection).answer(skuField);

export const parkedAs = (rejection: LedgerRejection): Error => refused(rejection).parked();

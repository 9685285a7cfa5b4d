import { assertNever } from '@throughline/kernel';
import { keyReused, notFoundById, ProblemException } from '@throughline/service-kit';
import type { Refusal } from './shipment-handler.js';

/** Says a refusal in HTTP. */
export const problemOf = (refusal: Refusal, id: string): ProblemException => {
  const { code, ...facts } = refusal;
  switch (code) {
    case 'idempotency-key-reused':
      return keyReused();
    case 'unknown-shipment':
      return notFoundById('shipment', id);
    case 'already-handed-over':
      return new ProblemException({
        code,
        title: 'The parcel has left: its label cannot be voided',
        status: 409,
      });
    case 'shipment-voided':
      return new ProblemException({
        code,
        title: 'The package was opened again: its label is void',
        status: 409,
      });
    case 'event-id-reused':
      return new ProblemException({
        code,
        title: 'This event id was used with another status',
        status: 409,
        ...facts,
      });
    case 'too-many-tracking-events':
      return new ProblemException({
        code,
        title: 'A shipment cannot have more tracking events',
        status: 409,
        ...facts,
      });
    default:
      return assertNever(code);
  }
};

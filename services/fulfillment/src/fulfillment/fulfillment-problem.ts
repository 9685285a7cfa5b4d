import { assertNever } from '@throughline/kernel';
import { keyReused, notFoundById, ProblemException } from '@throughline/service-kit';
import type { Refusal } from './fulfillment-handler.js';

const conflict = (title: string, { code, ...facts }: Refusal): ProblemException =>
  new ProblemException({ code, title, status: 409, ...facts });

/** Says a refusal in HTTP: 404 where there is no such work, 422 where it names what is not in it, else 409. */
export const problemOf = (refusal: Refusal, id: string): ProblemException => {
  switch (refusal.code) {
    case 'idempotency-key-reused':
      return keyReused();
    case 'unknown-fulfillment':
      return notFoundById('fulfillment', id);
    case 'unknown-line': {
      const { code, lineId } = refusal;
      const title = 'This line is not part of the fulfillment';
      return new ProblemException({ code, title, status: 422, lineId });
    }
    case 'unknown-package': {
      const { code, packageId } = refusal;
      const title = 'This package is not part of the fulfillment';
      return new ProblemException({ code, title, status: 422, packageId });
    }
    case 'over-pick':
      return conflict('More than is open on this line', refusal);
    case 'over-short':
      return conflict('More is missing than is open on this line', refusal);
    case 'over-pack':
      return conflict('More than is picked and not packed on this line', refusal);
    case 'nothing-to-pack':
      return conflict('Nothing is picked that is not packed', refusal);
    case 'too-many-packages':
      return conflict('A fulfillment cannot have more packages', refusal);
    case 'package-reopened':
      return conflict('This package was opened for a recall; close a new one', refusal);
    case 'nothing-to-hand-over':
      return conflict('No package is packed and labelled', refusal);
    case 'wrong-receiver':
      return conflict('The delivery method names another receiver', refusal);
    case 'nothing-to-reject':
      return conflict('Everything is packed already', refusal);
    case 'fulfillment-closed':
      return conflict('Nothing of this work is left', refusal);
    case 'not-released-yet':
      return conflict('This work may not begin before its time', refusal);
    case 'scan-reused':
      return conflict('This id was used with other content', refusal);
    default:
      return assertNever(refusal);
  }
};

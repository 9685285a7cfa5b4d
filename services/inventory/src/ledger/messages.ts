import { assertNever, TransientError } from '@throughline/kernel';
import type { LedgerRejection } from './domain/ledger.js';
import type { Carried } from './ledger.js';

const wordsOf = (rejection: LedgerRejection): string => {
  switch (rejection.code) {
    case 'unknown-sku':
      return `There is no item ${rejection.sku}: create it, then replay this message`;
    case 'unknown-location':
      return `There is no location ${rejection.locationId}: create it, then replay this message`;
    case 'kit-has-no-stock':
      return `${rejection.sku} is a kit: its parts lie on shelves, not itself`;
    case 'not-handed-over':
      return `Goods of ${rejection.orderId} came back before they left`;
    case 'idempotency-key-reused':
      return 'This message came before with other content';
    case 'insufficient-stock':
    case 'unknown-reservation':
      return 'No message asks for a hold';
    default:
      return assertNever(rejection);
  }
};

/** A message is a fact: where the catalogue does not know what it speaks of, it is parked and not lost. */
export const done = ({ outcome }: Carried): void => {
  if (outcome.ok) return;
  // Topics are not in step: the hand-over is on its way.
  if (outcome.rejection.code === 'not-handed-over')
    throw new TransientError(wordsOf(outcome.rejection));
  throw new Error(wordsOf(outcome.rejection));
};

/** The instant in UTC with milliseconds, as the ledger compares them. */
export const utcOf = (time: string): string => new Date(time).toISOString();

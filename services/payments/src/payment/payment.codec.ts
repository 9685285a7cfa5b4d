import { codecOf } from '@throughline/event-store';
import type { PaymentEvent } from './domain/payment.js';

/** Stored form of a payment's events. */
export const paymentCodec = codecOf<PaymentEvent>({
  PaymentAuthorized: { version: 1 },
  PaymentDeclined: { version: 1 },
  HandOverNoted: { version: 1 },
  PaymentCaptured: { version: 1 },
  UnitsCancelled: { version: 1 },
  AuthorizationVoided: { version: 1 },
  UnitsReturned: { version: 1 },
  UnitsLost: { version: 1 },
  UnitsSentAgain: { version: 1 },
  PaymentRefunded: { version: 1 },
});

import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
} from '@throughline/contracts';
import { assertNever } from '@throughline/kernel';
import { publish, publisher } from '@throughline/messaging';
import { paymentCodec } from './payment.codec.js';

export const PAYMENT = 'payment';

/** The order that a payment stream belongs to. */
export const orderOf = (stream: string): string => stream.slice(PAYMENT.length + 1);

/** What the world hears: covered or not, charged, given back. Keyed by order. */
export const paymentPublisher = publisher({
  service: 'payments',
  topic: 'oms.payment',
  category: PAYMENT,
  codec: paymentCodec,
  map: ({ type, data }, { stream }) => {
    const orderId = orderOf(stream);
    switch (type) {
      case 'PaymentAuthorized': {
        const { currency, coveredMinor } = data;
        return [publish(PaymentAuthorized, orderId, { orderId, currency, coveredMinor })];
      }
      case 'PaymentDeclined': {
        const { reason, currency, coveredMinor, totalMinor } = data;
        const declined = { orderId, reason, currency, coveredMinor, totalMinor };
        return [publish(PaymentDeclined, orderId, declined)];
      }
      case 'PaymentCaptured': {
        const { fulfillmentId, currency, amountMinor } = data;
        const captured = { orderId, fulfillmentId, currency, amountMinor };
        return [publish(PaymentCaptured, orderId, captured)];
      }
      case 'PaymentRefunded': {
        const { currency, amountMinor, reason, referenceId } = data;
        const refunded = { orderId, currency, amountMinor, reason, referenceId };
        return [publish(PaymentRefunded, orderId, refunded)];
      }
      case 'HandOverNoted':
      case 'UnitsCancelled':
      case 'AuthorizationVoided':
      case 'UnitsReturned':
      case 'UnitsLost':
      case 'UnitsSentAgain':
        return [];
      default:
        return assertNever(type);
    }
  },
});

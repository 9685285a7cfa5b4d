import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
} from '@throughline/contracts';
import { derivedId } from '@throughline/kernel';
import { consumer, on, type Consumer } from '@throughline/messaging';
import type { RecordNews } from './order-news.js';

const DECLINES: Readonly<Record<PaymentDeclined['reason'], string>> = {
  failed: 'The payment failed',
  missing: 'No payment is stated',
  pending: 'The payment is pending',
  insufficient: 'The payments do not cover the total',
};

/** Payment decides whether an order may go on; captures and refunds are part of its story. */
export const paymentConsumer = (record: RecordNews): Consumer =>
  consumer({
    group: 'order-capture.oms.payment',
    topic: 'oms.payment',
    handlers: [
      on(PaymentAuthorized, (message) => {
        const { currency, coveredMinor } = message.data;
        const data = { currency, coveredMinor };
        return record(message, { type: 'RecordAuthorization', data });
      }),
      on(PaymentDeclined, (message) => {
        const { currency, coveredMinor, totalMinor, reason } = message.data;
        const data = {
          currency,
          coveredMinor,
          totalMinor,
          reason: DECLINES[reason],
          at: message.time,
          holdId: derivedId(message.id, 'hold'),
        };
        return record(message, { type: 'RecordDecline', data });
      }),
      on(PaymentCaptured, (message) => {
        const { fulfillmentId, currency, amountMinor } = message.data;
        const data = { fulfillmentId, currency, amountMinor };
        return record(message, { type: 'RecordCapture', data });
      }),
      on(PaymentRefunded, (message) => {
        const { currency, amountMinor, reason, referenceId } = message.data;
        const data = { currency, amountMinor, reason, referenceId };
        return record(message, { type: 'RecordRefund', data });
      }),
    ],
  });

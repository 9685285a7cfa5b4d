import { commandHandler } from '@throughline/event-store';
import { defineService } from '@throughline/service-kit';
import { moneyAddsUp } from './payment/checks.js';
import { payment } from './payment/domain/payment.decider.js';
import { paymentCodec } from './payment/payment.codec.js';
import { paymentConsumers } from './payment/payment.consumer.js';
import { PAYMENT, paymentPublisher } from './payment/payment.publisher.js';
import { paymentQuery } from './payment/payment.query.js';
import {
  PAYMENT_HANDLER,
  PAYMENT_QUERY,
  PaymentsController,
} from './payment/payments.controller.js';

/** Verifies, captures, voids and refunds the money of every order. */
export const payments = defineService({
  name: 'payments',
  schema: 'payments',
  paths: ['/v1/payments'],
  publishers: [paymentPublisher],
  build: ({ store, now }) => {
    const handle = commandHandler({
      store,
      category: PAYMENT,
      decider: payment,
      codec: paymentCodec,
      now,
    });
    return {
      module: {
        module: class PaymentsModule {},
        controllers: [PaymentsController],
        providers: [
          { provide: PAYMENT_HANDLER, useValue: handle },
          { provide: PAYMENT_QUERY, useValue: paymentQuery(store) },
        ],
      },
      consumers: paymentConsumers(handle),
      projections: [],
      checks: [moneyAddsUp],
    };
  },
});

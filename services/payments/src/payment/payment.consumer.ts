import {
  FulfillmentHandedOver,
  LossSettled,
  OrderLinesCancelled,
  OrderPlaced,
  ReturnInspected,
  SourcingRequested,
  type LineQuantity,
} from '@throughline/contracts';
import type { CommandHandler } from '@throughline/event-store';
import { consumer, on, record, type Consumer } from '@throughline/messaging';
import type {
  Payment,
  PaymentCommand,
  PaymentEvent,
  PaymentRejection,
  Units,
} from './domain/payment.js';

export type PaymentHandler = CommandHandler<
  PaymentCommand,
  PaymentEvent,
  Payment,
  PaymentRejection
>;

const unitsOf = (lines: readonly LineQuantity[]): Units[] =>
  lines.map(({ lineId, quantity }) => ({ lineId, quantity }));

/** A placed order is verified; cancelled and lost quantities are voided or refunded, unless they are sent again. */
const orderConsumer = (handle: PaymentHandler): Consumer =>
  consumer({
    group: 'payments.oms.order',
    topic: 'oms.order',
    handlers: [
      on(OrderPlaced, async (message) => {
        const { orderId, currency, totalMinor, payments, lines } = message.data;
        const data = {
          currency,
          totalMinor,
          payments: payments.map(({ method, status, amountMinor, reference }) => ({
            method,
            status,
            amountMinor,
            reference: reference ?? null,
          })),
          lines: lines.map(({ lineId, quantity, valueMinor }) => ({
            lineId,
            quantity,
            valueMinor,
          })),
        };
        const command = { type: 'VerifyPayment', data } as const;
        await record(handle, orderId, message, command, { likelyNew: true });
      }),
      on(OrderLinesCancelled, async (message) => {
        const { orderId, lines } = message.data;
        const data = { cancellationId: message.id, lines: unitsOf(lines) };
        await record(handle, orderId, message, { type: 'SettleCancellation', data });
      }),
      on(LossSettled, async (message) => {
        const { orderId, settlementId, shipmentId, lines } = message.data;
        const data = { settlementId, shipmentId, lines: unitsOf(lines) };
        await record(handle, orderId, message, { type: 'SettleLoss', data });
      }),
      on(SourcingRequested, async (message) => {
        const { orderId, requestId, shipmentId, again } = message.data;
        if (again.length === 0) return;
        const data = { requestId, ...(shipmentId && { shipmentId }), lines: unitsOf(again) };
        await record(handle, orderId, message, { type: 'SendAgain', data });
      }),
    ],
  });

/** Goods left: their value is earned. */
const fulfillmentConsumer = (handle: PaymentHandler): Consumer =>
  consumer({
    group: 'payments.oms.fulfillment',
    topic: 'oms.fulfillment',
    handlers: [
      on(FulfillmentHandedOver, async (message) => {
        const { orderId, fulfillmentId, lines } = message.data;
        const data = { fulfillmentId, lines: unitsOf(lines) };
        await record(handle, orderId, message, { type: 'SettleHandOver', data });
      }),
    ],
  });

/** Goods came back and their value is given back; without `refund` the customer gets none, and nothing moves. */
const returnConsumer = (handle: PaymentHandler): Consumer =>
  consumer({
    group: 'payments.oms.return',
    topic: 'oms.return',
    handlers: [
      on(ReturnInspected, async (message) => {
        const { orderId, returnId, refund, shipmentId, lines } = message.data;
        if (!refund) return;
        const data = { returnId, lines: unitsOf(lines), ...(shipmentId && { shipmentId }) };
        await record(handle, orderId, message, { type: 'SettleReturn', data });
      }),
    ],
  });

/** Everything that payments listens to. */
export const paymentConsumers = (handle: PaymentHandler): readonly Consumer[] => [
  orderConsumer(handle),
  fulfillmentConsumer(handle),
  returnConsumer(handle),
];

import { codecOf } from '@throughline/event-store';
import type { OrderEvent } from './domain/order.js';

/** How an order's events are stored. */
export const orderCodec = codecOf<OrderEvent>({
  OrderPlaced: { version: 1 },
  HoldPlaced: { version: 1 },
  HoldReleased: { version: 1 },
  AddressChanged: { version: 1 },
  PaymentAuthorized: { version: 1 },
  PaymentDeclined: { version: 1 },
  PaymentCaptured: { version: 1 },
  PaymentRefunded: { version: 1 },
  OrderApproved: { version: 1 },
  CancellationRequested: { version: 1 },
  CancellationSettled: { version: 1 },
  LinesCancelled: { version: 1 },
  CancellationRefused: { version: 1 },
  SourcingSettled: { version: 1 },
  SourcingFailed: { version: 1 },
  PromisesMoved: { version: 1 },
  RecallRequested: { version: 1 },
  FulfillmentProgressed: { version: 1 },
  ParcelProgressed: { version: 1 },
  ParcelTrackedEarly: { version: 1 },
  ReturnProgressed: { version: 1 },
  OrderConfirmed: { version: 1 },
  SourcingRequested: { version: 1 },
  DeliveryChanged: { version: 1 },
  ReshipmentRequested: { version: 1 },
  LossSettled: { version: 1 },
  ExceptionAcknowledged: { version: 1 },
});

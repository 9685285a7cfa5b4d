import type { ContractMessage } from '@throughline/contracts';
import { commandHandler, type CommandHandler, type EventStore } from '@throughline/event-store';
import { record as recordFact } from '@throughline/messaging';
import { order } from './domain/order.decider.js';
import type { OrderCommand, OrderEvent, OrderRejection } from './domain/order.js';
import type { Order } from './domain/order-state.js';
import { orderCodec } from './order.codec.js';
import { ORDER_CATEGORY } from './order.publisher.js';

export type OrderHandler = CommandHandler<OrderCommand, OrderEvent, Order, OrderRejection>;

/** Carries out commands on the streams of orders. */
export const orderHandler = (store: EventStore, now: () => string): OrderHandler =>
  commandHandler({ store, category: ORDER_CATEGORY, decider: order, codec: orderCodec, now });

/**
 * Writes down what another service reports of an order. Facts about an order or a line that does
 * not exist can only be a fault of ours or theirs: they throw, so that the message is parked where
 * people see it.
 */
export const record = async (
  handle: OrderHandler,
  message: ContractMessage<{ readonly orderId: string }>,
  command: OrderCommand,
): Promise<void> => {
  await recordFact(handle, message.data.orderId, message, command);
};

import { commandHandler, type CommandHandler, type EventStore } from '@throughline/event-store';
import { order } from './domain/order.decider.js';
import type { OrderCommand, OrderEvent, OrderRejection } from './domain/order.js';
import type { Order } from './domain/order-state.js';
import { orderCodec } from './order.codec.js';
import { ORDER_CATEGORY } from './order.publisher.js';

export type OrderHandler = CommandHandler<OrderCommand, OrderEvent, Order, OrderRejection>;

/** Carries out commands on the streams of orders. */
export const orderHandler = (store: EventStore, now: () => string): OrderHandler =>
  commandHandler({ store, category: ORDER_CATEGORY, decider: order, codec: orderCodec, now });

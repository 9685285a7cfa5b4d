import { defineService } from '@throughline/service-kit';
import { disowner } from './disowned/disown.js';
import { disownedPublisher } from './disowned/disowned.publisher.js';
import { knownLog } from './disowned/known-log.js';
import { locationConsumer } from './location/location.consumer.js';
import { openingQuery } from './location/opening.query.js';
import { unitsAddUp } from './order/checks.js';
import { EXCEPTIONS, ExceptionsController } from './order/exceptions/exceptions.controller.js';
import { exceptionsQuery } from './order/exceptions/exceptions.query.js';
import { RETRY_READER, retryReader } from './order/exceptions/streams-aside.js';
import { fulfillmentConsumer } from './order/fulfillment.consumer.js';
import { OrderBatchController } from './order/order-batch.controller.js';
import {
  ORDER_HANDLER,
  OrderChangesController,
  SETTLEMENT,
} from './order/order-changes.controller.js';
import { orderDifferences } from './order/order-differences.js';
import { orderHandler } from './order/order-handler.js';
import { orderIntake } from './order/order-intake.js';
import { ORDER_LIST, OrderListController } from './order/order-list/order-list.controller.js';
import { orderListProjection } from './order/order-list/order-list.projection.js';
import { orderListQuery } from './order/order-list/order-list.query.js';
import { newsRecorder } from './order/order-news.js';
import { orderPublisher } from './order/order.publisher.js';
import { ORDER_QUERY, orderQuery } from './order/order.query.js';
import { CLOCK, ORDER_INTAKE, OrdersController } from './order/orders.controller.js';
import {
  ORDER_STREAM,
  OrderStreamController,
} from './order/order-stream/order-stream.controller.js';
import { orderStream } from './order/order-stream/order-stream.js';
import { paymentConsumer } from './order/payment.consumer.js';
import { returnConsumer } from './order/return.consumer.js';
import { settlementQuery } from './order/settlement.query.js';
import { shipmentConsumer } from './order/shipment.consumer.js';
import { sourcingConsumer } from './order/sourcing.consumer.js';

/** Takes orders in and keeps each one's whole life, line by line. */
export const orderCapture = defineService({
  name: 'order-capture',
  schema: 'order_capture',
  paths: ['/v1/orders', '/v1/exceptions', '/v1/order-capture'],
  migrations: new URL('../migrations', import.meta.url),
  intake: ['/v1/orders', '/v1/orders:batch'],
  publishers: [orderPublisher, disownedPublisher],
  build: ({ store, database, logger, now }) => {
    const handle = orderHandler(store, now);
    const log = knownLog(store, database);
    const record = newsRecorder(handle, disowner(store, log, logger, now));
    return {
      module: {
        module: class OrderCaptureModule {},
        controllers: [
          OrderListController,
          OrderBatchController,
          OrderStreamController,
          OrdersController,
          OrderChangesController,
          ExceptionsController,
        ],
        providers: [
          { provide: CLOCK, useValue: now },
          { provide: ORDER_HANDLER, useValue: handle },
          { provide: SETTLEMENT, useValue: settlementQuery(store) },
          {
            provide: ORDER_INTAKE,
            useValue: orderIntake(handle, now, openingQuery(database), orderDifferences(store)),
          },
          { provide: ORDER_QUERY, useValue: orderQuery(store, now) },
          { provide: ORDER_LIST, useValue: orderListQuery(database) },
          { provide: ORDER_STREAM, useValue: orderStream(store) },
          { provide: RETRY_READER, useValue: retryReader(database) },
          { provide: EXCEPTIONS, useValue: exceptionsQuery(database) },
        ],
      },
      consumers: [
        paymentConsumer(record),
        sourcingConsumer(record),
        fulfillmentConsumer(record),
        shipmentConsumer(record),
        returnConsumer(record),
        locationConsumer(database),
      ],
      projections: [orderListProjection],
      checks: [unitsAddUp],
      tasks: [log.task],
    };
  },
});

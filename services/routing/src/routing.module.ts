import { defineService } from '@throughline/service-kit';
import { decisionOf } from './decisions/decision.js';
import {
  DECISIONS,
  DecisionsController,
  type DecisionsQuery,
} from './decisions/decisions.controller.js';
import { availabilityConsumer } from './picture/availability.consumer.js';
import { catalogConsumer } from './picture/catalog.consumer.js';
import { pictureReader } from './picture/picture.query.js';
import { PICTURE, QuotesController } from './quotes/quotes.controller.js';
import { fulfillmentConsumer } from './sourcing/fulfillment.consumer.js';
import { orderConsumer } from './sourcing/order.consumer.js';
import { reservationConsumer } from './sourcing/reservation.consumer.js';
import { resumeTask } from './sourcing/resume.process.js';
import { carryOut, CATEGORY, sourcingHandler } from './sourcing/sourcing-handler.js';
import { sourcingPublisher } from './sourcing/sourcing.publisher.js';
import { StalledOrders } from './sourcing/stalled-orders.query.js';

/** Decides which location fulfils what of an order, and why; again whenever that did not work out. */
export const routing = defineService({
  name: 'routing',
  schema: 'routing',
  paths: ['/v1/routing'],
  migrations: new URL('../migrations', import.meta.url),
  publishers: [sourcingPublisher],
  build: ({ store, database, now }) => {
    const handle = sourcingHandler(store, now);
    const read = pictureReader(database);
    const stalled = new StalledOrders(database);
    const carry = carryOut(handle, read, stalled, now);
    const decisions: DecisionsQuery = async (orderId) =>
      decisionOf(await store.read(`${CATEGORY}-${orderId}`));
    return {
      module: {
        module: class RoutingModule {},
        controllers: [DecisionsController, QuotesController],
        providers: [
          { provide: DECISIONS, useValue: decisions },
          { provide: PICTURE, useValue: read },
        ],
      },
      consumers: [
        orderConsumer(carry, read),
        reservationConsumer(carry),
        fulfillmentConsumer(carry, read),
        availabilityConsumer(database),
        catalogConsumer(database),
      ],
      projections: [],
      tasks: [resumeTask(handle, read, stalled, now)],
    };
  },
});

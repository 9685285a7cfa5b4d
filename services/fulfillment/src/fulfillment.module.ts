import { defineService } from '@throughline/service-kit';
import { fulfillmentHandler } from './fulfillment/fulfillment-handler.js';
import { fulfillmentPublisher } from './fulfillment/fulfillment.publisher.js';
import { releaseDue, scheduleTask } from './fulfillment/schedule.process.js';
import { shipmentConsumer } from './fulfillment/shipment.consumer.js';
import { sourcingConsumer } from './fulfillment/sourcing.consumer.js';
import { FULFILLMENT, WorkController } from './fulfillment/work.controller.js';
import { FULFILLMENTS, FulfillmentsController } from './fulfillments/fulfillments.controller.js';
import { fulfillmentsProjection } from './fulfillments/fulfillments.projection.js';
import { fulfillmentsQuery } from './fulfillments/fulfillments.query.js';

/** Picks, packs and hands over what routing gives to a location. */
export const fulfillment = defineService({
  name: 'fulfillment',
  schema: 'fulfillment',
  paths: ['/v1/fulfillments', '/v1/fulfillment'],
  migrations: new URL('../migrations', import.meta.url),
  publishers: [fulfillmentPublisher],
  build: ({ store, database, now }) => {
    const handle = fulfillmentHandler(store, now);
    return {
      module: {
        module: class FulfillmentModule {},
        controllers: [FulfillmentsController, WorkController],
        providers: [
          { provide: FULFILLMENT, useValue: handle },
          { provide: FULFILLMENTS, useValue: fulfillmentsQuery(database, store) },
        ],
      },
      consumers: [sourcingConsumer(handle, now), shipmentConsumer(handle)],
      projections: [fulfillmentsProjection],
      tasks: [scheduleTask(releaseDue(handle, database, now))],
    };
  },
});
